//! Shedding: past a fixed number of requests in hand, new ones are told at once to come back.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// Counts the requests in hand and refuses those over the limit. Clones share the count.
#[derive(Clone, Debug)]
pub struct Overload {
    in_flight: Arc<AtomicUsize>,
    limit: usize,
}

/// The place a request takes up until it is answered.
#[derive(Debug)]
pub(crate) struct Ticket<'a>(&'a AtomicUsize);

impl Overload {
    /// At most `limit` requests at a time.
    pub fn new(limit: usize) -> Self {
        Self { in_flight: Arc::default(), limit }
    }

    /// Requests in hand right now, those of the operational pages included.
    pub fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// A ticket for a request to `path`, or `None` when there are too many. Operational pages are always let in.
    pub(crate) fn enter(&self, path: &str) -> Option<Ticket<'_>> {
        let before = self.in_flight.fetch_add(1, Ordering::Relaxed);
        let ticket = Ticket(&self.in_flight);
        (before < self.limit || is_operational(path)).then_some(ticket)
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// An orchestrator that gets no answer here would kill the process in its busiest moment.
fn is_operational(path: &str) -> bool {
    matches!(path, "/healthz" | "/readyz" | "/metrics")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_past_the_limit_but_never_a_health_check() {
        let overload = Overload::new(1);
        let held = overload.enter("/score");
        assert!(held.is_some());
        assert!(overload.enter("/score").is_none());
        assert!(overload.enter("/healthz").is_some());
        drop(held);
        assert_eq!(overload.in_flight(), 0, "a refused request takes up no place");
        assert!(overload.enter("/score").is_some());
    }
}
