//! Deciding what a signal was, and which event it was about.

use std::sync::Arc;

use domain::{Dialect, EventId, Timestamp};
use portcullis_domain as domain;
use rusqlite::Transaction;
use serde_json::{Value, json};

use super::{
    super::{Actor, AssessmentId, Decided, Entry, Finding, VerificationId, audit, finding::conclude},
    Seals, Signal, SignalId, SignalStatus, rows,
};
use crate::{Error, EventQuery, Metric, RealmStore, sqlite::Backend, tally::Tallies};

/// How long before its report a signal's event is looked for: 90 days.
const REACH_MS: i64 = 90 * 24 * 60 * 60 * 1_000;

/// How many of the newest events are looked through for one of the dialect in which signals are reported.
const LOOKED_THROUGH: usize = 20;

impl RealmStore {
    /// Says what the realm's signal with this id turned out to be, and labels the event that it was about, from which
    /// the tenant's later scores learn; durable, and in [`Store::labels`](crate::Store::labels), when this returns.
    /// [`Error::NotFound`] when there is no such signal.
    pub async fn decide_signal(
        &self,
        actor: &Actor,
        id: SignalId,
        finding: Finding,
        notes: Option<String>,
    ) -> Result<Decided<Signal>, Error> {
        let signal = self.signal(id).await?;
        let event = self.event_of(&signal).await?;
        let (realm, at, actor) = (self.realm, self.backend.clock.now(), actor.clone());
        let (backend, seals) = (Arc::clone(&self.backend), Seals::new(&self.backend.key)?);
        let write = move |tx: &Transaction<'_>| {
            let signal = rows::get(tx, &seals, realm, id)?;
            let status = status_of(finding);
            if signal.status != SignalStatus::Pending {
                let is_same = signal.status == status;
                return Ok(if is_same { Decided::Before(signal) } else { Decided::Otherwise(signal) });
            }
            let decided_by = Some(actor.id());
            let signal = Signal { status, notes, event, decided_at: Some(at), decided_by, ..signal };
            rows::decide(tx, &seals, &signal)?;
            follow_up(&backend, tx, &signal, finding, at)?;
            audit::append(tx, &actor, line(&signal), at)?;
            Ok(Decided::Now(signal))
        };
        let labels = Arc::clone(&self.backend.labels);
        let count = move |done: &Decided<Signal>| {
            if let Decided::Now(signal) = done {
                labels.count(signal);
            }
        };
        self.backend.write_then(write, count).await
    }

    /// The event that a pending signal is about: that of its verification, else the newest of its user or else of its
    /// device in the 90 days before the report, preferably one of the dialect in which signals are reported.
    async fn event_of(&self, signal: &Signal) -> Result<Option<EventId>, Error> {
        if signal.status != SignalStatus::Pending {
            return Ok(None);
        }
        if let Some(event) = signal.about.verification.as_deref().and_then(named_event)
            && self.find_event(event).await?.is_some()
        {
            return Ok(Some(event));
        }
        for key in signal.keys.all() {
            let query = EventQuery {
                from: Some(signal.created_at.plus_millis(-REACH_MS)),
                to: Some(signal.created_at.plus_millis(1)),
                entities: [key].into_iter().collect(),
                ..EventQuery::newest(LOOKED_THROUGH)
            };
            let (events, _) = self.list_events(query).await?;
            let of_dialect = events.iter().find(|event| event.decision.dialect == Dialect::Fraudshield);
            if let Some(event) = of_dialect.or(events.first()) {
                return Ok(Some(event.id));
            }
        }
        Ok(None)
    }
}

const fn status_of(finding: Finding) -> SignalStatus {
    match finding {
        Finding::Fraud => SignalStatus::Confirmed,
        Finding::Legitimate => SignalStatus::Dismissed,
    }
}

/// The event that any of its ids names.
fn named_event(text: &str) -> Option<EventId> {
    let verification = text.parse().map(VerificationId::event).ok();
    let assessment = || text.parse().map(AssessmentId::event).ok();
    verification.or_else(assessment).or_else(|| text.parse().ok())
}

/// What follows from a decision, in its transaction.
fn follow_up(
    backend: &Backend,
    tx: &Transaction<'_>,
    signal: &Signal,
    finding: Finding,
    at: Timestamp,
) -> Result<(), Error> {
    if let Some(event) = signal.event {
        conclude(backend, tx, signal.realm, event, finding, at)?;
    }
    let (when_decided, when_reported) = Metric::of_decision(finding == Finding::Fraud);
    let mut tallies = Tallies::default();
    tallies.count(signal.realm, at, when_decided);
    tallies.count(signal.realm, signal.created_at, when_reported);
    tallies.write(tx)
}

/// For the audit log, which keeps things for ever: without whom it is about, and without the notes.
fn line(signal: &Signal) -> Entry {
    let action = match signal.status {
        SignalStatus::Confirmed => "signal.confirm",
        SignalStatus::Pending | SignalStatus::Dismissed => "signal.dismiss",
    };
    Entry {
        action,
        tenant: Some(signal.realm.tenant),
        target: signal.id.to_string(),
        before: Some(shown(signal, SignalStatus::Pending, None)),
        after: Some(shown(signal, signal.status, signal.event)),
    }
}

pub(super) fn shown(signal: &Signal, status: SignalStatus, event: Option<EventId>) -> Value {
    json!({
        "mode": signal.realm.mode,
        "severity": signal.severity,
        "status": status,
        "event": event.map(|event| event.to_string()),
    })
}
