//! Leaving in good order: one switch that readiness, accept loops and connections all look at.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::sync::watch;

/// A handle on the process's readiness and its one-way switch from serving to leaving. Clones share it.
#[derive(Clone, Debug)]
pub struct Drain(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    ready: Arc<AtomicBool>,
    begun: AtomicBool,
    announce: watch::Sender<bool>,
}

impl Default for Drain {
    fn default() -> Self {
        Self::new()
    }
}

impl Drain {
    /// Not ready yet, not leaving.
    pub fn new() -> Self {
        Self(Arc::new(Inner {
            ready: Arc::default(),
            begun: AtomicBool::new(false),
            announce: watch::Sender::new(false),
        }))
    }

    /// The flag behind `/readyz`: true from [`Drain::set_ready`] until the drain begins.
    pub fn readiness(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0.ready)
    }

    /// Says that new work is welcome; has no effect once the drain has begun.
    pub fn set_ready(&self) {
        if !self.begun() {
            self.0.ready.store(true, Ordering::Release);
        }
    }

    /// Readiness drops, then accept loops stop and connections close after the answer they owe.
    pub fn begin(&self) {
        self.0.ready.store(false, Ordering::Release);
        self.0.begun.store(true, Ordering::Release);
        self.0.announce.send_replace(true);
    }

    /// Whether the drain has begun; as cheap as a plain load.
    pub fn begun(&self) -> bool {
        self.0.begun.load(Ordering::Acquire)
    }

    /// Resolves once the drain has begun.
    pub async fn started(&self) {
        // The sender lives as long as `self`, so waiting can not fail.
        let _ = self.0.announce.subscribe().wait_for(|begun| *begun).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn readiness_drops_and_does_not_come_back() {
        let drain = Drain::new();
        let ready = drain.readiness();
        assert!(!ready.load(Ordering::Acquire), "not ready before it says so");
        drain.set_ready();
        assert!(ready.load(Ordering::Acquire));
        drain.begin();
        drain.started().await;
        drain.set_ready();
        assert!(!ready.load(Ordering::Acquire) && drain.begun());
    }
}
