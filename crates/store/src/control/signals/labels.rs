//! What decided signals say of users and devices, in memory: a request finds it with one hash probe.

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
};

use domain::{EntityKey, Realm};
use foldhash::fast::RandomState;
use portcullis_domain as domain;

use super::{Signal, SignalStatus};

/// How many signals about each user and device of every realm were confirmed, and how many dismissed. Keys are keyed
/// hashes, so there is nothing personal in it.
#[derive(Default)]
pub struct Labels(RwLock<HashMap<(Realm, EntityKey), Counts, RandomState>>);

#[derive(Clone, Copy, Default)]
struct Counts {
    confirmed: u32,
    dismissed: u32,
}

impl std::fmt::Debug for Labels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Labels")
    }
}

impl Labels {
    /// How many signals about this user or device of `realm` were confirmed, and how many dismissed.
    pub fn of(&self, realm: Realm, key: EntityKey) -> (u32, u32) {
        let counts = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let counts = counts.get(&(realm, key)).copied().unwrap_or_default();
        (counts.confirmed, counts.dismissed)
    }

    /// Counts a signal that was decided.
    pub(super) fn count(&self, signal: &Signal) {
        self.add(signal.realm, signal.status, signal.keys.all());
    }

    pub(super) fn add(&self, realm: Realm, status: SignalStatus, keys: impl Iterator<Item = EntityKey>) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for key in keys {
            let counts = all.entry((realm, key)).or_default();
            match status {
                SignalStatus::Pending => {}
                SignalStatus::Confirmed => counts.confirmed = counts.confirmed.saturating_add(1),
                SignalStatus::Dismissed => counts.dismissed = counts.dismissed.saturating_add(1),
            }
        }
    }
}
