//! Sliding windows: how many events a key had in the last minute, hour, day and so on.
//!
//! A window of length w at time t holds the events in (t − w, t]: an event leaves exactly w after it happened.
//! Counts are exact while at most [`EXACT`] events are in the window. Beyond that they come from 60 buckets, and the
//! oldest bucket counts whole: the count is never too low, and too high by at most what one bucket holds.

use domain::{Timestamp, varint};
use portcullis_domain as domain;
use smallvec::SmallVec;

use crate::Error;

/// How many of a key's latest events are remembered one by one.
pub const EXACT: usize = 64;

const BUCKETS: usize = 60;

/// The lengths that are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Window {
    /// One minute.
    M1,
    /// Ten minutes.
    M10,
    /// One hour.
    H1,
    /// 24 hours.
    H24,
    /// Seven days.
    D7,
    /// 30 days.
    D30,
}

impl Window {
    /// Every length, shortest first.
    pub const ALL: [Self; 6] = [Self::M1, Self::M10, Self::H1, Self::H24, Self::D7, Self::D30];

    /// The length in milliseconds.
    pub const fn millis(self) -> i64 {
        const MINUTE: i64 = 60_000;
        match self {
            Self::M1 => MINUTE,
            Self::M10 => 10 * MINUTE,
            Self::H1 => 60 * MINUTE,
            Self::H24 => 24 * 60 * MINUTE,
            Self::D7 => 7 * 24 * 60 * MINUTE,
            Self::D30 => 30 * 24 * 60 * MINUTE,
        }
    }
}

/// Counts one kind of event of one key, over all windows at once.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Counter {
    total: u64,
    /// The latest events, oldest first.
    recent: SmallVec<[i64; 3]>,
    /// What does not fit into `recent`; absent while everything does.
    overflow: Option<Box<Overflow>>,
}

#[derive(Clone, Debug, PartialEq)]
struct Overflow {
    /// The newest event that was dropped from `recent`.
    dropped_until: i64,
    rings: [Ring; Window::ALL.len()],
}

/// The events of one window by sixtieths of it, those in `recent` included.
#[derive(Clone, Debug, PartialEq)]
struct Ring {
    /// The number of the newest bucket, counted from the epoch in sixtieths of the window.
    newest: i64,
    /// One more than a window's worth, because a window rarely starts where a bucket does.
    counts: [u32; BUCKETS + 1],
}

impl Clone for Counter {
    /// The derived one copies element by element, and this is copied for every event.
    fn clone(&self) -> Self {
        Self {
            total: self.total,
            recent: SmallVec::from_slice(&self.recent),
            overflow: self.overflow.clone(),
        }
    }
}

impl Counter {
    /// How many events there ever were.
    pub(crate) const fn total(&self) -> u64 {
        self.total
    }

    /// Counts an event at `at`, which may be earlier than ones counted before.
    pub(crate) fn add(&mut self, at: Timestamp) {
        let at = at.as_millis();
        self.total += 1;
        if let Some(overflow) = &mut self.overflow {
            overflow.add(at);
        }
        let place = self.recent.iter().rposition(|&earlier| earlier <= at).map_or(0, |index| index + 1);
        self.recent.insert(place, at);
        if self.recent.len() > EXACT {
            let recent = &self.recent;
            let overflow = self.overflow.get_or_insert_with(|| Box::new(Overflow::of(recent)));
            overflow.dropped_until = overflow.dropped_until.max(recent[0]);
            self.recent.remove(0);
        }
    }

    /// How many events were in (`at` − `window`, `at`].
    pub(crate) fn count(&self, window: Window, at: Timestamp) -> u64 {
        let at = at.as_millis();
        let start = at.saturating_sub(window.millis());
        match &self.overflow {
            Some(overflow) if overflow.dropped_until > start => {
                overflow.rings[window as usize].count(window, at)
            }
            _ => self.recent.iter().filter(|&&event| event > start && event <= at).count() as u64,
        }
    }

    /// How many of the last [`EXACT`] events were in (`at` − `millis`, `at`].
    pub(crate) fn count_recent(&self, millis: i64, at: Timestamp) -> u64 {
        let at = at.as_millis();
        let start = at.saturating_sub(millis);
        self.recent.iter().filter(|&&event| event > start && event <= at).count() as u64
    }

    pub(crate) fn encode(&self, base: i64, out: &mut Vec<u8>) {
        varint::put(out, self.total);
        varint::put(out, (self.recent.len() as u64) << 1 | u64::from(self.overflow.is_some()));
        let mut previous = base;
        for &event in &self.recent {
            varint::put_signed(out, event - previous);
            previous = event;
        }
        if let Some(overflow) = &self.overflow {
            varint::put_signed(out, overflow.dropped_until);
            for ring in &overflow.rings {
                varint::put_signed(out, ring.newest);
                ring.counts.iter().for_each(|&count| varint::put(out, u64::from(count)));
            }
        }
    }

    pub(crate) fn decode(base: i64, bytes: &mut &[u8]) -> Result<Self, Error> {
        let total = varint::take(bytes)?;
        let head = varint::take(bytes)?;
        let length = (head >> 1) as usize;
        if length > EXACT {
            return Err(Error::Damaged("window"));
        }
        let mut recent = SmallVec::with_capacity(length);
        let mut previous = base;
        for _ in 0..length {
            previous = previous.wrapping_add(varint::take_signed(bytes)?);
            recent.push(previous);
        }
        let overflow = if head & 1 == 1 { Some(Box::new(Overflow::decode(bytes)?)) } else { None };
        Ok(Self { total, recent, overflow })
    }
}

impl Overflow {
    fn of(events: &[i64]) -> Self {
        let mut overflow = Self { dropped_until: i64::MIN, rings: std::array::from_fn(|_| Ring::new()) };
        for &event in events {
            overflow.add(event);
        }
        overflow
    }

    fn add(&mut self, at: i64) {
        for (ring, window) in self.rings.iter_mut().zip(Window::ALL) {
            ring.add(bucket_of(window, at));
        }
    }

    fn decode(bytes: &mut &[u8]) -> Result<Self, Error> {
        let dropped_until = varint::take_signed(bytes)?;
        let mut rings = std::array::from_fn(|_| Ring::new());
        for ring in &mut rings {
            ring.newest = varint::take_signed(bytes)?;
            for count in &mut ring.counts {
                *count = u32::try_from(varint::take(bytes)?).map_err(|_| Error::Damaged("window"))?;
            }
        }
        Ok(Self { dropped_until, rings })
    }
}

impl Ring {
    const fn new() -> Self {
        Self { newest: i64::MIN, counts: [0; BUCKETS + 1] }
    }

    fn add(&mut self, bucket: i64) {
        let length = self.counts.len() as i64;
        if bucket > self.newest {
            let steps = bucket.saturating_sub(self.newest).min(length);
            for step in 0..steps {
                self.counts[(bucket - step).rem_euclid(length) as usize] = 0;
            }
            self.newest = bucket;
        }
        if self.newest - bucket < length {
            let count = &mut self.counts[bucket.rem_euclid(length) as usize];
            *count = count.saturating_add(1);
        }
    }

    fn count(&self, window: Window, at: i64) -> u64 {
        let length = self.counts.len() as i64;
        let last = bucket_of(window, at).min(self.newest);
        let first = bucket_of(window, at - window.millis() + 1).max(self.newest.saturating_sub(length - 1));
        (first..=last).map(|bucket| u64::from(self.counts[bucket.rem_euclid(length) as usize])).sum()
    }
}

const fn bucket_of(window: Window, at: i64) -> i64 {
    at.div_euclid(window.millis() / BUCKETS as i64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn an_event_leaves_exactly_one_window_later() {
        let mut counter = Counter::default();
        counter.add(at(5_000));
        assert_eq!(counter.count(Window::H1, at(5_000)), 1);
        assert_eq!(counter.count(Window::H1, at(5_000 + 3_599_999)), 1);
        assert_eq!(counter.count(Window::H1, at(5_000 + 3_600_000)), 0);
        assert_eq!(counter.count(Window::H1, at(4_999)), 0);
    }

    #[test]
    fn sixty_four_in_the_window_are_exact_however_many_came_before() {
        let mut counter = Counter::default();
        for event in 0..1_000 {
            counter.add(at(event * 60_000));
        }
        // The 60 events of the last hour are among the 64 remembered.
        assert_eq!(counter.count(Window::H1, at(999 * 60_000)), 60);
        assert_eq!(counter.total(), 1_000);
    }

    /// Times in order with some late ones, spread so that every window is tried.
    fn times() -> impl Strategy<Value = Vec<i64>> {
        let gap = prop_oneof![0..500i64, 0..60_000i64, 0..4_000_000i64, -30_000..0i64];
        prop::collection::vec(gap, 1..400).prop_map(|gaps| {
            gaps.iter()
                .scan(1_700_000_000_000i64, |now, gap| {
                    *now += gap;
                    Some(*now)
                })
                .collect()
        })
    }

    proptest! {
        #[test]
        fn windows_equal_a_naive_recount(times in times(), probe in 0..10_000_000i64) {
            let mut counter = Counter::default();
            for &time in &times {
                counter.add(at(time));
            }
            let newest = *times.iter().max().unwrap();
            for now in [newest, newest + probe] {
                for window in Window::ALL {
                    let start = now - window.millis();
                    let exact = times.iter().filter(|&&time| time > start && time <= now).count() as u64;
                    let bucket = window.millis() / BUCKETS as i64;
                    let with_bucket = times.iter().filter(|&&time| time > start - bucket && time <= now).count() as u64;
                    let counted = counter.count(window, at(now));
                    prop_assert!(counted >= exact && counted <= with_bucket, "{window:?}: {counted} not in {exact}..={with_bucket}");
                    let remembered = times.len() <= EXACT;
                    prop_assert!(!remembered || counted == exact);
                }
            }
        }

        #[test]
        fn the_stored_form_reads_back(times in times()) {
            let mut counter = Counter::default();
            for &time in &times {
                counter.add(at(time));
            }
            let mut out = Vec::new();
            counter.encode(times[0], &mut out);
            let mut rest = out.as_slice();
            prop_assert_eq!(Counter::decode(times[0], &mut rest).unwrap(), counter);
            prop_assert!(rest.is_empty());
        }

        #[test]
        fn decoding_never_panics(bytes: Vec<u8>) {
            if let Ok(counter) = Counter::decode(0, &mut bytes.as_slice()) {
                let _ = counter.count(Window::H1, at(0));
            }
        }
    }
}
