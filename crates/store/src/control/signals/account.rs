//! What was reported of one account and its devices, and reports that are taken back.

use domain::EntityKey;
use portcullis_domain as domain;
use rusqlite::Transaction;

use super::{
    super::{Actor, Entry, audit},
    Bound, Seals, Signal, SignalFilter, SignalId, rows, shown,
};
use crate::{Error, RealmStore};

/// The most signals that are told of one account, the newest.
pub const MOST_SIGNALS_OF_ACCOUNT: u32 = 10_000;

impl RealmStore {
    /// The newest [`MOST_SIGNALS_OF_ACCOUNT`] signals about the user with this key, newest first, also those that were
    /// taken back.
    pub async fn signals_of_account(&self, user: EntityKey) -> Result<Vec<Signal>, Error> {
        let filter = SignalFilter { user: Some(user), withdrawn_too: true, ..SignalFilter::default() };
        self.signals_of(filter, Bound::OlderThan(None), MOST_SIGNALS_OF_ACCOUNT).await
    }

    /// How many signals there are about any of these devices that were neither dismissed nor taken back.
    pub async fn count_signals_of_devices(&self, devices: Vec<EntityKey>) -> Result<u64, Error> {
        let realm = self.realm;
        self.backend.read(move |connection| rows::count_of_devices(connection, realm, &devices)).await
    }

    /// Takes back a signal of this kind about the user: the one with this id, or the newest that counts. It counts no
    /// more, and is found by [`Self::signals_of_account`] only. [`Error::NotFound`] when there is none that counts.
    pub async fn withdraw_signal(
        &self,
        actor: &Actor,
        user: EntityKey,
        kind: &str,
        id: Option<SignalId>,
    ) -> Result<Signal, Error> {
        let (realm, at, actor, kind) = (self.realm, self.backend.clock.now(), actor.clone(), kind.to_owned());
        let seals = Seals::new(&self.backend.key)?;
        self.backend
            .write(move |tx: &Transaction<'_>| {
                let id = match id {
                    Some(id) => id,
                    None => rows::newest(tx, realm, user, &kind)?,
                };
                let signal = rows::get(tx, &seals, realm, id)?;
                if signal.keys.user != Some(user) || signal.kind != kind || !signal.counts() {
                    return Err(Error::NotFound("signal"));
                }
                rows::withdraw(tx, id, at)?;
                let entry = Entry {
                    action: "signal.withdraw",
                    tenant: Some(realm.tenant),
                    target: id.to_string(),
                    before: Some(shown(&signal, signal.status, signal.event)),
                    after: None,
                };
                audit::append(tx, &actor, entry, at)?;
                Ok(Signal { withdrawn_at: Some(at), ..signal })
            })
            .await
    }
}
