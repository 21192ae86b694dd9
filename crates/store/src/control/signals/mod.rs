//! Signals: what a tenant's backend or people report as fraud, and what it turned out to be. Each is pending until it is
//! decided, once.

mod account;
mod decide;
mod labels;
mod rows;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use domain::{EntityKey, EventId, Realm, Timestamp};
use portcullis_domain as domain;
use rusqlite::Transaction;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use self::decide::shown;
pub(crate) use self::rows::load_labels;
use self::rows::{Bound, Seals};
pub use self::{account::MOST_SIGNALS_OF_ACCOUNT, labels::Labels};
use super::{Actor, Once, Repeatable, WebhookType, short_id::short_id, text_enum, webhooks::Announcement};
use crate::{Error, Metric, RealmStore, Store, tally::Tallies};

short_id!(
    /// The id of a signal.
    SignalId,
    "sig_"
);

impl SignalId {
    /// As the integer the store keeps; fits an `i64`.
    pub(super) const fn as_u64(self) -> u64 {
        self.0
    }

    pub(super) const fn from_u64(raw: u64) -> Self {
        Self(raw)
    }
}

text_enum! {
    /// How bad it is.
    Severity: "severity" {
        /// A nuisance.
        Low = "low",
        /// Worth a look.
        Medium = "medium",
        /// Costs money.
        High = "high",
        /// Somebody else's account or identity, or the law.
        Critical = "critical",
    }
}

text_enum! {
    /// What is known of a signal.
    SignalStatus: "signal status" {
        /// Nobody decided yet.
        Pending = "pending",
        /// It was fraud.
        Confirmed = "confirmed",
        /// It was none.
        Dismissed = "dismissed",
    }
}

/// Whom and what a signal is about, as it was reported: personal data, kept sealed.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct SignalContent {
    /// The tenant's own id of the account.
    pub user: Option<String>,
    /// The device.
    pub device: Option<String>,
    /// The verification, or another event by one of its ids.
    pub verification: Option<String>,
    /// An address.
    pub ip: Option<String>,
    /// What happened, for people.
    pub description: Option<String>,
    /// Whatever the reporter added.
    pub details: Option<Map<String, Value>>,
}

impl std::fmt::Debug for SignalContent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SignalContent(***)")
    }
}

/// The keys under which events of a signal's user and device are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SignalKeys {
    /// The user's.
    pub user: Option<EntityKey>,
    /// That of the device, when it was named by its hash or id.
    pub device: Option<EntityKey>,
    /// That of the device, when it was named as the client itself calls it.
    pub fingerprint: Option<EntityKey>,
}

impl SignalKeys {
    fn all(self) -> impl Iterator<Item = EntityKey> {
        [self.user, self.device, self.fingerprint].into_iter().flatten()
    }
}

/// A signal to be reported.
#[derive(Clone, Debug)]
pub struct NewSignal {
    /// What kind of fraud, in the dialect's or the reporter's word; at most 64 bytes.
    pub kind: String,
    /// How bad it is.
    pub severity: Severity,
    /// Whom and what it is about.
    pub about: SignalContent,
    /// The same as keys.
    pub keys: SignalKeys,
}

/// A signal that was reported.
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    /// Its id.
    pub id: SignalId,
    /// Whose.
    pub realm: Realm,
    /// What kind of fraud.
    pub kind: String,
    /// How bad it is.
    pub severity: Severity,
    /// Whom and what it is about.
    pub about: SignalContent,
    /// The same as keys.
    pub keys: SignalKeys,
    /// What it turned out to be.
    pub status: SignalStatus,
    /// The words of whoever decided.
    pub notes: Option<String>,
    /// The event that it turned out to be about.
    pub event: Option<EventId>,
    /// When it was reported.
    pub created_at: Timestamp,
    /// The id of the API key or user that reported it.
    pub created_by: String,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
    /// The id of the API key or user that decided.
    pub decided_by: Option<String>,
    /// When its reporter took it back; it counts no more then.
    pub withdrawn_at: Option<Timestamp>,
}

impl Signal {
    /// Whether it stands: it was neither dismissed nor taken back.
    pub fn counts(&self) -> bool {
        self.status != SignalStatus::Dismissed && self.withdrawn_at.is_none()
    }
}

/// Which signals; all of them when it is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignalFilter {
    /// Only with this status.
    pub status: Option<SignalStatus>,
    /// Only of this severity.
    pub severity: Option<Severity>,
    /// Only of this kind.
    pub kind: Option<String>,
    /// Only about this user.
    pub user: Option<EntityKey>,
    /// Also those that were taken back.
    pub withdrawn_too: bool,
}

impl Store {
    /// What decided signals say of the users and devices of every realm, for requests.
    pub fn labels(&self) -> &Arc<Labels> {
        &self.backend.labels
    }
}

impl RealmStore {
    /// Keeps a signal, pending, and tells the tenant's webhooks, whose message has it as `show` does; durable when this
    /// returns. With `request` the first call reports it, and the next ones get its answer;
    /// [`Error::IdempotencyConflict`] when the key was used with another body.
    pub async fn report_signal(
        &self,
        actor: &Actor,
        new: NewSignal,
        show: fn(&Signal) -> Value,
        request: Option<Repeatable<Signal>>,
    ) -> Result<Once<Signal>, Error> {
        let (realm, at, author) = (self.realm, self.backend.clock.now(), actor.id());
        let (seals, sealer) = (Seals::new(&self.backend.key)?, self.backend.answer_sealer.clone());
        let (outbox, control) = (self.backend.outbox.clone(), self.backend.control());
        self.backend
            .write(move |tx| {
                let report = || {
                    let signal = report(tx, &seals, realm, at, author, new)?;
                    let (subject, data) = (signal.id.to_string(), show(&signal));
                    let kind = WebhookType::SignalDetected;
                    let announcement = Announcement { realm, kind, subject: &subject, data: &data };
                    outbox.announce(tx, &control, &announcement, at)?;
                    Ok(signal)
                };
                match request {
                    Some(request) => request.answer(tx, &sealer, realm, at, report),
                    None => report().map(Once::Now),
                }
            })
            .await
    }

    /// The realm's signal with this id; [`Error::NotFound`] when there is none.
    pub async fn signal(&self, id: SignalId) -> Result<Signal, Error> {
        let (realm, seals) = (self.realm, Seals::new(&self.backend.key)?);
        self.backend.read(move |connection| rows::get(connection, &seals, realm, id)).await
    }

    /// Up to `limit` signals, newest first, beginning after `after`.
    pub async fn signals(
        &self,
        filter: SignalFilter,
        after: Option<SignalId>,
        limit: u32,
    ) -> Result<Vec<Signal>, Error> {
        self.signals_of(filter, Bound::OlderThan(after), limit).await
    }

    /// The up to `limit` signals that were reported just after `than`, newest first.
    pub async fn signals_newer(
        &self,
        filter: SignalFilter,
        than: SignalId,
        limit: u32,
    ) -> Result<Vec<Signal>, Error> {
        let mut signals = self.signals_of(filter, Bound::NewerThan(than), limit).await?;
        signals.reverse();
        Ok(signals)
    }

    async fn signals_of(&self, filter: SignalFilter, bound: Bound, limit: u32) -> Result<Vec<Signal>, Error> {
        let (realm, seals) = (self.realm, Seals::new(&self.backend.key)?);
        self.backend
            .read(move |connection| rows::page(connection, &seals, realm, &filter, bound, limit))
            .await
    }
}

fn report(
    tx: &Transaction<'_>,
    seals: &Seals,
    realm: Realm,
    at: Timestamp,
    author: String,
    new: NewSignal,
) -> Result<Signal, Error> {
    let signal = Signal {
        id: rows::fresh_id(tx, at)?,
        realm,
        kind: new.kind,
        severity: new.severity,
        about: new.about,
        keys: new.keys,
        status: SignalStatus::Pending,
        notes: None,
        event: None,
        created_at: at,
        created_by: author,
        decided_at: None,
        decided_by: None,
        withdrawn_at: None,
    };
    rows::insert(tx, seals, &signal)?;
    let mut tallies = Tallies::default();
    for metric in Metric::of_report(&signal.kind, signal.severity.as_str()) {
        tallies.count(realm, at, metric);
    }
    tallies.write(tx)?;
    Ok(signal)
}
