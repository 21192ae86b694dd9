//! Who waits for the next event of a realm, and telling them that it came.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use domain::Realm;
use portcullis_domain as domain;
use tokio::sync::watch;

/// How many may wait for the events of one realm at a time.
const MOST_WAITING: usize = 20;

/// Everybody who waits.
#[derive(Debug, Default)]
pub(crate) struct Arrivals {
    /// How many wait: most of the time nobody does, and telling nobody costs nothing.
    waiting: AtomicUsize,
    realms: Mutex<HashMap<Realm, watch::Sender<()>>>,
}

/// Somebody who waits for the events of one realm.
#[derive(Debug)]
pub struct Waiting {
    arrivals: Arc<Arrivals>,
    realm: Realm,
    receiver: watch::Receiver<()>,
}

impl Arrivals {
    fn lock(&self) -> MutexGuard<'_, HashMap<Realm, watch::Sender<()>>> {
        self.realms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins to wait; `None` when there are too many who do.
    pub(crate) fn wait(self: &Arc<Self>, realm: Realm) -> Option<Waiting> {
        let mut realms = self.lock();
        let sender = realms.entry(realm).or_insert_with(|| watch::Sender::new(()));
        if sender.receiver_count() >= MOST_WAITING {
            return None;
        }
        self.waiting.fetch_add(1, Ordering::Relaxed);
        Some(Waiting { arrivals: Arc::clone(self), realm, receiver: sender.subscribe() })
    }

    /// Tells that an event of this realm was recorded.
    pub(crate) fn tell(&self, realm: Realm) {
        if self.waiting.load(Ordering::Relaxed) > 0
            && let Some(sender) = self.lock().get(&realm)
        {
            sender.send_replace(());
        }
    }
}

impl Waiting {
    /// Resolves when events were recorded since this resolved last.
    pub async fn next(&mut self) {
        // The sender stays for as long as somebody waits.
        let _ = self.receiver.changed().await;
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut realms = self.arrivals.lock();
        if realms.get(&self.realm).is_some_and(|sender| sender.receiver_count() <= 1) {
            realms.remove(&self.realm);
        }
        self.arrivals.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use domain::{Mode, TenantId};

    use super::*;

    const OURS: Realm = Realm { tenant: TenantId(1), mode: Mode::Live };
    const THEIRS: Realm = Realm { tenant: TenantId(2), mode: Mode::Live };

    #[test]
    fn who_waits_is_told_of_their_realm_and_forgotten_when_they_leave() {
        let arrivals = Arc::new(Arrivals::default());
        arrivals.tell(OURS);
        let waiting = arrivals.wait(OURS).unwrap();
        arrivals.tell(THEIRS);
        assert!(!waiting.receiver.has_changed().unwrap());
        arrivals.tell(OURS);
        assert!(waiting.receiver.has_changed().unwrap());
        drop(waiting);
        assert!(arrivals.lock().is_empty());
        assert_eq!(arrivals.waiting.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn only_so_many_of_a_realm_may_wait() {
        let arrivals = Arc::new(Arrivals::default());
        let mut all: Vec<_> = (0..MOST_WAITING).map(|_| arrivals.wait(OURS).unwrap()).collect();
        assert!(arrivals.wait(OURS).is_none() && arrivals.wait(THEIRS).is_some());
        all.pop();
        assert!(arrivals.wait(OURS).is_some());
    }
}
