//! What every handler can reach.

use std::{
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use domain::{SharedClock, TenantId};
use ipnet::IpNet;
use portcullis_domain as domain;
use portcullis_intel::Intel;
use portcullis_pipeline::Assessor;
use portcullis_store::{KeyId, Store};

use crate::{
    caller::LimitWindow,
    console::Sessions,
    cursor::Cursors,
    ingest::KnownTexts,
    keyri::Platform,
    manage::{auth::LoginThrottle, reputation::apply_edits},
    password::Passwords,
    rate_limit::{MINUTE_MS, QUARTER_HOUR_MS, SlidingLog},
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
    /// Who may make an account.
    pub registration: Registration,
    /// Whether webhooks may be plain HTTP, or on addresses that are not public.
    pub webhook_allow_private: bool,
    /// Whether new work is welcome; see [`Readiness`].
    pub readiness: Readiness,
    /// Writes the metrics in the Prometheus text format.
    pub render_metrics: Arc<dyn Fn() -> String + Send + Sync>,
}

/// Who may make an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Registration {
    /// Anybody, for themselves.
    #[default]
    Open,
    /// Super admins only.
    Closed,
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
    pub(crate) key_calls: KeyCalls,
    /// Calls with a token to the dialects that limit them, by account.
    pub(crate) account_calls: SlidingLog<TenantId>,
    pub(crate) logins: LoginThrottle,
    /// The secrets of the keyri dialect.
    pub(crate) keyri: Platform,
    /// Of the consoles.
    pub(crate) sessions: Sessions,
    pub(crate) registration: Registration,
    pub(crate) webhook_allow_private: bool,
    /// One edit of the reputation lists at a time, from the store to `intel`, so that both end with the same.
    pub(crate) reputation_edit: tokio::sync::Mutex<()>,
}

/// The calls with each key, by how long they count.
pub(crate) struct KeyCalls {
    minute: SlidingLog<KeyId>,
    minute_of_analytics: SlidingLog<KeyId>,
    quarter_hour: SlidingLog<KeyId>,
}

impl KeyCalls {
    fn new() -> Self {
        Self {
            minute: SlidingLog::new(MINUTE_MS),
            minute_of_analytics: SlidingLog::new(MINUTE_MS),
            quarter_hour: SlidingLog::new(QUARTER_HOUR_MS),
        }
    }

    /// The calls that count so long.
    pub(crate) const fn of(&self, window: LimitWindow) -> &SlidingLog<KeyId> {
        match window {
            LimitWindow::Minute => &self.minute,
            LimitWindow::MinuteOfAnalytics => &self.minute_of_analytics,
            LimitWindow::QuarterHour => &self.quarter_hour,
        }
    }
}

impl AppState {
    /// Puts the parts together, and the stored edits of reputation lists into `intel`. Blocks for some 30 ms, and
    /// 0.1 s more when there are edits.
    pub fn new(setup: Setup) -> Self {
        let Setup {
            store,
            intel,
            trusted_proxies,
            registration,
            webhook_allow_private,
            readiness,
            render_metrics,
        } = setup;
        if let Err(error) = apply_edits(&store.control(), &intel) {
            tracing::error!(%error, "the edits of the reputation lists could not be taken up");
        }
        Self(Arc::new(Shared {
            assessor: Assessor::new(store.clone(), Arc::clone(&intel)),
            passed_texts: KnownTexts::default(),
            clock: store.clock().clone(),
            tokens: Tokens::new(&store.subkey("jwt")),
            cursors: Cursors::new(store.subkey("cursor")),
            keyri: Platform::new(&store),
            store,
            intel,
            trusted_proxies,
            readiness,
            render_metrics,
            passwords: Passwords::new(),
            key_calls: KeyCalls::new(),
            account_calls: SlidingLog::new(QUARTER_HOUR_MS),
            registration,
            webhook_allow_private,
            logins: LoginThrottle::new(),
            sessions: Sessions::default(),
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

impl AppState {
    /// Counts in the store how long the latest decisions took. To be called every minute or so.
    pub async fn write_latencies(&self) -> Result<(), portcullis_store::Error> {
        self.assessor.write_latencies().await
    }
}

impl Deref for AppState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}
