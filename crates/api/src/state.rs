//! What every handler can reach.

use std::{
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use domain::SharedClock;
use ipnet::IpNet;
use portcullis_domain as domain;
use portcullis_intel::Intel;
use portcullis_pipeline::Assessor;
use portcullis_store::{KeyId, Store};

use crate::{
    cursor::Cursors,
    ingest::KnownTexts,
    manage::{auth::LoginThrottle, reputation::apply_edits},
    password::Passwords,
    rate_limit::{MINUTE_MS, SlidingLog},
    token::Tokens,
};

/// What a server is made of.
#[derive(Clone)]
pub struct Setup {
    /// The data.
    pub store: Store,
    /// The reference tables.
    pub intel: Arc<Intel>,
    /// The proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether new work is welcome; see [`Readiness`].
    pub readiness: Readiness,
    /// Writes the metrics in the Prometheus text format.
    pub render_metrics: Arc<dyn Fn() -> String + Send + Sync>,
}

/// A switch that `/readyz` shows: off until start-up is over, and off again when the server drains. Clones are the
/// same switch.
#[derive(Clone, Debug, Default)]
pub struct Readiness(Arc<AtomicBool>);

impl Readiness {
    /// Turns it on or off.
    pub fn set(&self, is_ready: bool) {
        self.0.store(is_ready, Ordering::Relaxed);
    }

    /// Whether it is on.
    pub fn is_ready(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl From<Arc<AtomicBool>> for Readiness {
    fn from(switch: Arc<AtomicBool>) -> Self {
        Self(switch)
    }
}

/// What every handler can reach; cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

/// The content of [`AppState`].
pub struct Shared {
    pub(crate) store: Store,
    pub(crate) intel: Arc<Intel>,
    pub(crate) assessor: Assessor,
    pub(crate) passed_texts: KnownTexts,
    pub(crate) clock: SharedClock,
    pub(crate) trusted_proxies: Vec<IpNet>,
    pub(crate) readiness: Readiness,
    pub(crate) render_metrics: Arc<dyn Fn() -> String + Send + Sync>,
    pub(crate) tokens: Tokens,
    pub(crate) cursors: Cursors,
    pub(crate) passwords: Passwords,
    pub(crate) key_calls: SlidingLog<KeyId>,
    pub(crate) logins: LoginThrottle,
    /// One edit of the reputation lists at a time, from the store to `intel`, so that both end with the same.
    pub(crate) reputation_edit: tokio::sync::Mutex<()>,
}

impl AppState {
    /// Puts the parts together, and the stored edits of reputation lists into `intel`. Blocks for some 30 ms, and
    /// 0.1 s more when there are edits.
    pub fn new(setup: Setup) -> Self {
        let Setup { store, intel, trusted_proxies, readiness, render_metrics } = setup;
        if let Err(error) = apply_edits(&store.control(), &intel) {
            tracing::error!(%error, "the edits of the reputation lists could not be taken up");
        }
        Self(Arc::new(Shared {
            assessor: Assessor::new(store.clone(), Arc::clone(&intel)),
            passed_texts: KnownTexts::default(),
            clock: store.clock().clone(),
            tokens: Tokens::new(&store.subkey("jwt")),
            cursors: Cursors::new(store.subkey("cursor")),
            store,
            intel,
            trusted_proxies,
            readiness,
            render_metrics,
            passwords: Passwords::new(),
            key_calls: SlidingLog::new(MINUTE_MS),
            logins: LoginThrottle::new(),
            reputation_edit: tokio::sync::Mutex::new(()),
        }))
    }
}

impl AppState {
    /// Takes up what another process, such as `portcullis admin`, changed. To be called every second or so.
    pub async fn notice_changes(&self) -> Result<(), portcullis_store::Error> {
        let _one_at_a_time = self.reputation_edit.lock().await;
        if self.store.notice_changes().await?
            && let Err(error) = crate::apply_edits(&self.store.control(), &self.intel)
        {
            tracing::error!(%error, "the reputation lists were not applied");
        }
        Ok(())
    }
}

impl Deref for AppState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}
