//! Exact sliding-window limits: of `n` calls allowed in a window, `n` pass and the next is refused, wherever the
//! window lies.

use std::{
    collections::HashMap,
    collections::VecDeque,
    hash::Hash,
    sync::{Mutex, PoisonError},
};

use domain::Timestamp;
use http::{HeaderMap, HeaderName, HeaderValue};
use portcullis_domain as domain;

/// The shorter window of per-key limits.
pub(crate) const MINUTE_MS: i64 = 60_000;
/// The longer one.
pub(crate) const QUARTER_HOUR_MS: i64 = 15 * MINUTE_MS;

/// The keys that are remembered at most; beyond that, some are forgotten, and may then call a little more.
const MOST_KEYS: usize = 100_000;

/// Calls by key within a window that slides.
pub(crate) struct SlidingLog<K> {
    window_ms: i64,
    logs: Mutex<Logs<K>>,
}

struct Logs<K> {
    by_key: HashMap<K, Log>,
    sweep_at: usize,
}

/// The passed calls, oldest first, as runs of calls in the same millisecond: at most one entry per millisecond of the
/// window, whatever the limit.
#[derive(Default)]
struct Log {
    runs: VecDeque<(i64, u32)>,
    count: u32,
}

/// What a call was counted against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quota {
    /// Whether the call may go on.
    pub(crate) is_allowed: bool,
    /// Calls allowed in a window.
    pub(crate) limit: u32,
    /// Calls that would pass now.
    pub(crate) remaining: u32,
    /// The window, s.
    pub(crate) window_s: u32,
    /// Until there is room for one more than now, s.
    pub(crate) reset_s: u32,
    /// The same as a time: Unix seconds, rounded up.
    pub(crate) reset_at_s: i64,
}

impl<K: Eq + Hash + Clone> SlidingLog<K> {
    /// A log of the last `window_ms`.
    pub(crate) fn new(window_ms: i64) -> Self {
        Self { window_ms, logs: Mutex::new(Logs { by_key: HashMap::new(), sweep_at: 1_024 }) }
    }

    /// Counts a call of `key`, unless there are `limit` in the window already.
    pub(crate) fn take(&self, key: &K, limit: u32, now: Timestamp) -> Quota {
        let now = now.as_millis();
        let mut logs = self.logs.lock().unwrap_or_else(PoisonError::into_inner);
        logs.make_room(now - self.window_ms);
        let log = logs.by_key.entry(key.clone()).or_default();
        log.forget_until(now - self.window_ms);
        let is_allowed = log.count < limit;
        if is_allowed {
            log.add(now);
        }
        let reset_ms = log.time_of_room(limit.max(1)).map_or(0, |at| at + self.window_ms - now);
        let reset_ms = u64::try_from(reset_ms).unwrap_or(0);
        Quota {
            is_allowed,
            limit,
            remaining: limit.saturating_sub(log.count),
            window_s: u32::try_from(self.window_ms / 1_000).unwrap_or(u32::MAX),
            reset_s: u32::try_from(reset_ms.div_ceil(1_000)).unwrap_or(1).max(1),
            reset_at_s: unix_seconds(now.saturating_add_unsigned(reset_ms)),
        }
    }

    /// Forgets the calls of `key`.
    pub(crate) fn forget(&self, key: &K) {
        self.logs.lock().unwrap_or_else(PoisonError::into_inner).by_key.remove(key);
    }
}

/// Rounded up.
const fn unix_seconds(millis: i64) -> i64 {
    millis.div_euclid(1_000) + (millis.rem_euclid(1_000) != 0) as i64
}

impl<K: Eq + Hash + Clone> Logs<K> {
    /// Drops keys without calls in the window whenever the number of keys has doubled.
    fn make_room(&mut self, window_start: i64) {
        if self.by_key.len() < self.sweep_at {
            return;
        }
        self.by_key.retain(|_, log| log.runs.back().is_some_and(|&(at, _)| at > window_start));
        let excess = self.by_key.len().saturating_sub(MOST_KEYS / 2);
        if self.by_key.len() >= MOST_KEYS {
            let victims: Vec<K> = self.by_key.keys().take(excess).cloned().collect();
            for key in &victims {
                self.by_key.remove(key);
            }
        }
        self.sweep_at = (self.by_key.len() * 2).clamp(1_024, MOST_KEYS);
    }
}

impl Log {
    fn forget_until(&mut self, window_start: i64) {
        while let Some(&(at, calls)) = self.runs.front()
            && at <= window_start
        {
            self.count -= calls;
            self.runs.pop_front();
        }
    }

    fn add(&mut self, now: i64) {
        match self.runs.back_mut() {
            // A clock that went back must not put calls out of order.
            Some((at, calls)) if *at >= now => *calls += 1,
            _ => self.runs.push_back((now, 1)),
        }
        self.count += 1;
    }

    /// The time of the call with whose end there is room for one more call; the first one's when there is room now.
    fn time_of_room(&self, limit: u32) -> Option<i64> {
        let mut must_go = self.count.saturating_sub(limit) + 1;
        self.runs.iter().find_map(|&(at, calls)| {
            let is_enough = calls >= must_go;
            must_go = must_go.saturating_sub(calls);
            is_enough.then_some(at)
        })
    }
}

impl Quota {
    /// Writes the headers of the IETF draft (draft-ietf-httpapi-ratelimit-headers-10), and `Retry-After` on a refusal.
    pub(crate) fn write_to(self, headers: &mut HeaderMap) {
        let policy = format!("\"default\";q={};w={}", self.limit, self.window_s);
        let state = format!("\"default\";r={};t={}", self.remaining, self.reset_s);
        for (name, value) in [("ratelimit-policy", policy), ("ratelimit", state)] {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        if !self.is_allowed {
            headers.insert(http::header::RETRY_AFTER, HeaderValue::from(self.reset_s));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn the_window_slides() {
        let log = SlidingLog::new(1_000);
        let passes = |millis| log.take(&1, 2, at(millis)).is_allowed;
        assert!(passes(0) && passes(900));
        assert!(!passes(999));
        assert!(passes(1_000), "the first call is out of the window");
        assert!(!passes(1_001) && !passes(1_899));
        assert!(passes(1_900));
    }

    #[test]
    fn says_how_long_to_wait() {
        let log = SlidingLog::new(MINUTE_MS);
        assert_eq!(log.take(&1, 2, at(0)).remaining, 1);
        log.take(&1, 2, at(10_000));
        let refused = log.take(&1, 2, at(15_500));
        assert_eq!((refused.is_allowed, refused.remaining, refused.reset_s), (false, 0, 45));
        assert_eq!(refused.reset_at_s, 60);
        // The limit was lowered to 1: both calls have to end first.
        assert_eq!(log.take(&1, 1, at(15_500)).reset_s, 55);
    }

    #[test]
    fn keys_are_counted_apart_and_can_be_forgotten() {
        let log = SlidingLog::new(1_000);
        assert!(log.take(&1, 1, at(0)).is_allowed && log.take(&2, 1, at(0)).is_allowed);
        assert!(!log.take(&1, 1, at(1)).is_allowed);
        log.forget(&1);
        assert!(log.take(&1, 1, at(1)).is_allowed);
    }

    #[test]
    fn memory_is_bounded() {
        let log = SlidingLog::new(1_000);
        for key in 0..MOST_KEYS * 2 {
            log.take(&key, 1, at(0));
        }
        assert!(log.logs.lock().unwrap().by_key.len() <= MOST_KEYS);
        for _ in 0..10_000 {
            log.take(&0, u32::MAX, at(500));
        }
        assert!(log.logs.lock().unwrap().by_key[&0].runs.len() <= 2);
    }

    proptest! {
        #[test]
        fn equals_a_naive_count(steps in prop::collection::vec(0i64..40, 1..200), limit in 1u32..6) {
            let log = SlidingLog::new(100);
            let (mut now, mut passed) = (0, Vec::new());
            for step in steps {
                now += step;
                let in_window = passed.iter().filter(|&&time| time > now - 100).count() as u32;
                let quota = log.take(&(), limit, at(now));
                prop_assert_eq!(quota.is_allowed, in_window < limit);
                if quota.is_allowed {
                    passed.push(now);
                }
            }
        }
    }
}
