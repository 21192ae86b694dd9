//! How long decisions took, until they are counted in the store by the hour.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use domain::Realm;
use portcullis_domain as domain;
use portcullis_store::latency_range_end_us;

/// How many decisions took so long, by realm and by the end of the range, µs.
#[derive(Debug, Default)]
pub(crate) struct Latencies(Mutex<HashMap<Realm, HashMap<u32, u32>>>);

impl Latencies {
    fn lock(&self) -> MutexGuard<'_, HashMap<Realm, HashMap<u32, u32>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a decision that took so long.
    pub(crate) fn note(&self, realm: Realm, latency_us: u32) {
        let within_us = latency_range_end_us(latency_us);
        *self.lock().entry(realm).or_default().entry(within_us).or_default() += 1;
    }

    /// Everything that was noted since this was called last.
    pub(crate) fn take(&self) -> HashMap<Realm, HashMap<u32, u32>> {
        std::mem::take(&mut *self.lock())
    }

    /// Keeps for the next time what was taken and could not be counted.
    pub(crate) fn put_back(&self, taken: impl Iterator<Item = (Realm, HashMap<u32, u32>)>) {
        let mut all = self.lock();
        for (realm, counts) in taken {
            let known = all.entry(realm).or_default();
            for (within_us, n) in counts {
                *known.entry(within_us).or_default() += n;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{Mode, TenantId};

    use super::*;

    #[test]
    fn what_is_put_back_counts_with_what_came_since() {
        let (one, two) = (TenantId(1), TenantId(2));
        let [one, two] = [one, two].map(|tenant| Realm { tenant, mode: Mode::Live });
        let latencies = Latencies::default();
        for latency_us in [1_000, 1_001, 5_000] {
            latencies.note(one, latency_us);
        }
        let taken = latencies.take();
        assert_eq!(taken[&one], HashMap::from([(1_023, 2), (5_119, 1)]));
        latencies.note(one, 1_000);
        latencies.note(two, 7);
        latencies.put_back(taken.into_iter());
        let all = latencies.take();
        assert_eq!(
            all,
            HashMap::from([(one, HashMap::from([(1_023, 3), (5_119, 1)])), (two, HashMap::from([(7, 1)]))])
        );
        assert!(latencies.take().is_empty());
    }
}
