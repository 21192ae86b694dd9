//! Distinct counts: how many different users, devices or addresses a key was seen with.
//!
//! Each value is remembered with the time it was last seen, so one set answers every window. It holds the
//! [`CAPACITY`] values seen last: a count is exact up to there, and never higher than that.

use domain::{EntityKey, Timestamp, varint};
use portcullis_domain as domain;
use smallvec::SmallVec;

use crate::Error;

/// How many values are remembered.
pub const CAPACITY: usize = 1_024;

/// Values with the time each was last seen, ordered by value.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Distinct {
    entries: SmallVec<[(u64, i64); 1]>,
}

impl Clone for Distinct {
    /// The derived one copies element by element, and this is copied for every event.
    fn clone(&self) -> Self {
        Self { entries: SmallVec::from_slice(&self.entries) }
    }
}

impl Distinct {
    pub(crate) fn add(&mut self, value: EntityKey, at: Timestamp) {
        let (value, at) = (value.as_u64(), at.as_millis());
        match self.find(value) {
            Ok(place) => self.entries[place].1 = self.entries[place].1.max(at),
            Err(place) => {
                self.entries.insert(place, (value, at));
                self.forget_oldest_beyond_capacity();
            }
        }
    }

    fn forget_oldest_beyond_capacity(&mut self) {
        if self.entries.len() > CAPACITY
            && let Some(oldest) = (0..self.entries.len()).min_by_key(|&index| self.entries[index].1)
        {
            self.entries.remove(oldest);
        }
    }

    fn find(&self, value: u64) -> Result<usize, usize> {
        self.entries.binary_search_by_key(&value, |&(known, _)| known)
    }

    pub(crate) fn contains(&self, value: EntityKey) -> bool {
        self.find(value.as_u64()).is_ok()
    }

    /// How many values were seen after `start`, not counting `except`.
    pub(crate) fn count_since(&self, start: i64, except: EntityKey) -> u64 {
        self.entries.iter().filter(|&&(value, at)| at > start && value != except.as_u64()).count() as u64
    }

    /// The values, in ascending order.
    pub(crate) fn values(&self) -> impl Iterator<Item = u64> {
        self.entries.iter().map(|&(value, _)| value)
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(crate) fn encode(&self, base: i64, out: &mut Vec<u8>) {
        varint::put(out, self.entries.len() as u64);
        for &(value, at) in &self.entries {
            out.extend_from_slice(&value.to_le_bytes());
            varint::put_signed(out, at - base);
        }
    }

    pub(crate) fn decode(base: i64, bytes: &mut &[u8]) -> Result<Self, Error> {
        let length = varint::take_length(bytes)?;
        let mut entries = SmallVec::with_capacity(length);
        for _ in 0..length {
            let value = u64::from_le_bytes(varint::take_array(bytes)?);
            entries.push((value, base.wrapping_add(varint::take_signed(bytes)?)));
        }
        Ok(Self { entries })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    const NOBODY: EntityKey = EntityKey::from_u64(u64::MAX);

    #[test]
    fn repeats_do_not_raise_the_count() {
        let mut set = Distinct::default();
        for (value, at) in [(7, 10), (7, 20), (8, 15)] {
            set.add(EntityKey::from_u64(value), Timestamp::from_millis(at));
        }
        assert_eq!(set.count_since(i64::MIN, NOBODY), 2);
        assert_eq!(set.count_since(15, NOBODY), 1);
        assert_eq!(set.count_since(i64::MIN, EntityKey::from_u64(7)), 1);
    }

    #[test]
    fn the_oldest_values_are_forgotten_first() {
        let mut set = Distinct::default();
        for value in 0..2 * CAPACITY as u64 {
            set.add(EntityKey::from_u64(value), Timestamp::from_millis(value as i64));
        }
        assert_eq!(set.count_since(i64::MIN, NOBODY), CAPACITY as u64);
        assert!(!set.contains(EntityKey::from_u64(CAPACITY as u64 - 1)));
        assert!(set.contains(EntityKey::from_u64(CAPACITY as u64)));
    }

    proptest! {
        #[test]
        fn counts_equal_a_naive_recount(seen in prop::collection::vec((0..50u64, 0..1_000i64), 0..300), start in 0..1_000i64) {
            let mut set = Distinct::default();
            let mut naive = HashMap::new();
            for (value, at) in seen {
                set.add(EntityKey::from_u64(value), Timestamp::from_millis(at));
                let last = naive.entry(value).or_insert(at);
                *last = at.max(*last);
            }
            prop_assert_eq!(set.count_since(start, NOBODY), naive.values().filter(|&&at| at > start).count() as u64);
            let mut out = Vec::new();
            set.encode(500, &mut out);
            prop_assert_eq!(Distinct::decode(500, &mut out.as_slice()).unwrap(), set);
        }

        #[test]
        fn decoding_never_panics(bytes: Vec<u8>) {
            let _ = Distinct::decode(0, &mut bytes.as_slice());
        }
    }
}
