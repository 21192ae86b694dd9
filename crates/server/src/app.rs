//! Putting the parts together: store, reference data, first admin, router.

use std::{sync::Arc, time::Duration};

use portcullis_api::{AppState, Enrollments, Readiness, Registration, Setup, password::Password};
use portcullis_domain::{Email, Secret, SystemClock};
use portcullis_intel::{Intel, Sources};
use portcullis_store::{Actor, Options, Store};
use tokio::{task, time};

use crate::{
    config::{self, FirstAdmin, Settings},
    drain::Drain,
    failure::Failure,
    telemetry::RenderMetrics,
    webhooks::{self, Dispatcher},
};

/// The address of the first super admin when the environment names none.
const ADMIN: &str = "admin@portcullis.local";

/// The open parts of a running server.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) store: Store,
    intel: Arc<Intel>,
    state: AppState,
}

impl App {
    /// Opens the data and the reference tables, side by side.
    pub(crate) async fn open(
        settings: &Settings,
        drain: &Drain,
        render_metrics: RenderMetrics,
    ) -> Result<Self, Failure> {
        let options = Options {
            flush_after_events: settings.flush_after_events as usize,
            ..Options::new(&settings.data_dir, Arc::new(SystemClock))
        };
        let sources = sources(settings);
        let store = task::spawn_blocking(|| Store::open(options));
        let intel = task::spawn_blocking(move || Intel::load(&sources));
        let store =
            finished(store.await)?.map_err(|error| Failure::because("cannot open the data", error))?;
        let intel = finished(intel.await)?
            .map_err(|error| Failure::because("cannot load the reference data", error))?;
        intel.warm_up();
        let intel = Arc::new(intel);
        let setup = Setup {
            store: store.clone(),
            intel: Arc::clone(&intel),
            trusted_proxies: settings.trusted_proxies.clone(),
            registration: match settings.registration {
                config::Registration::Open => Registration::Open,
                config::Registration::Closed => Registration::Closed,
            },
            webhook_allow_private: settings.webhook_allow_private,
            readiness: Readiness::from(drain.readiness()),
            render_metrics,
        };
        Ok(Self { store, intel, state: AppState::new(setup) })
    }

    /// Everything that is served.
    pub(crate) fn router(&self) -> axum::Router {
        portcullis_api::router(self.state.clone())
    }

    /// Makes the first super admin, when there is none: from the environment, or with a password that is told once.
    pub(crate) async fn ensure_admin(&self, first: &FirstAdmin) -> Result<Option<NewAdmin>, Failure> {
        if self.store.control().has_admin() {
            return Ok(None);
        }
        let email = first.email.as_deref().unwrap_or(ADMIN);
        let email = Email::parse(email)
            .map_err(|error| Failure::Config(format!("PORTCULLIS_ADMIN_EMAIL {error}")))?
            .to_lowercase();
        let generated = if first.password.is_none() { Some(random_password()?) } else { None };
        let given = first.password.as_ref().or(generated.as_ref());
        let password = Password::new(given.map(|text| text.expose().clone()).unwrap_or_default());
        password
            .check()
            .map_err(|message| Failure::Config(format!("PORTCULLIS_ADMIN_PASSWORD {message}")))?;
        let hash = finished(task::spawn_blocking(move || password.hash()).await)?
            .map_err(|error| Failure::because("cannot hash the password", error))?;
        let admin = self.store.put_admin(&Actor::machine("serve"), email.to_string(), hash).await;
        admin.map_err(|error| Failure::because("cannot make the first super admin", error))?;
        Ok(Some(NewAdmin { email: email.to_string(), password: generated }))
    }

    /// Enrolls those of `people` who are not yet.
    pub(crate) async fn enroll(&self, people: Enrollments) -> Result<(), Failure> {
        let enrolled = people.enroll(&self.state).await;
        let enrolled = enrolled.map_err(|error| Failure::because("cannot enroll people", error))?;
        tracing::info!(enrolled, "people of the settings are enrolled");
        Ok(())
    }

    /// Keeps the data tidy and the reference tables fresh for as long as the server runs.
    pub(crate) fn spawn_jobs(&self) {
        every(Duration::from_secs(1), self, |app| async move {
            if app.store.notice_changes().await? {
                let applied = portcullis_api::apply_edits(&app.store.control(), &app.intel);
                applied
                    .unwrap_or_else(|error| tracing::error!(%error, "the reputation lists were not applied"));
            }
            Ok(())
        });
        every(Duration::from_mins(1), self, |app| async move {
            app.store.persist_key_use().await?;
            app.state.write_latencies().await?;
            let reload = move || app.intel.has_changed_files().then(|| app.intel.reload());
            match task::spawn_blocking(reload).await {
                Ok(Some(Ok(()))) => tracing::info!("the reference data was read again"),
                Ok(Some(Err(error))) => tracing::error!(%error, "the old reference data is kept"),
                Ok(None) | Err(_) => {}
            }
            Ok(())
        });
        every(Duration::from_hours(1), self, |app| async move {
            app.store.forget_old_keys().await?;
            app.store.forget_old_attempts().await?;
            app.store.forget_old_tallies().await?;
            app.store.forget_old_client_reports().await?;
            app.store.forget_old_duplicate_searches().await?;
            app.store.forget_old_webhook_deliveries().await?;
            Ok(())
        });
    }

    /// Sends messages to webhooks until the process leaves; what this gives ends then.
    pub(crate) async fn spawn_webhooks(
        &self,
        settings: &Settings,
        drain: &Drain,
    ) -> Result<task::JoinHandle<()>, Failure> {
        let allow_private = settings.webhook_allow_private;
        let client = finished(task::spawn_blocking(move || webhooks::Client::new(allow_private)).await)??;
        Ok(tokio::spawn(Dispatcher::new(self.store.clone(), client).run(drain.clone())))
    }

    /// Writes everything out.
    pub(crate) async fn close(&self) -> Result<(), Failure> {
        let _ = self.store.persist_key_use().await;
        let _ = self.state.write_latencies().await;
        self.store.close().await.map_err(|error| Failure::because("cannot close the data", error))
    }
}

/// A super admin that was just made.
#[derive(Debug)]
pub(crate) struct NewAdmin {
    pub(crate) email: String,
    /// Set when nobody knows it yet.
    pub(crate) password: Option<Secret<String>>,
}

fn sources(settings: &Settings) -> Sources {
    Sources {
        city_mmdb: settings.city_db.clone(),
        asn_mmdb: settings.asn_db.clone(),
        tor_lists: settings.tor_list.clone(),
        vpn_lists: settings.vpn_list.clone(),
        proxy_lists: settings.proxy_list.clone(),
        datacenter_lists: settings.datacenter_list.clone(),
        data_dir: Some(
            settings.reference_data.clone().unwrap_or_else(|| settings.data_dir.join("reference")),
        ),
    }
}

fn every<F>(period: Duration, app: &App, job: impl Fn(App) -> F + Send + 'static)
where
    F: Future<Output = Result<(), portcullis_store::Error>> + Send,
{
    let app = app.clone();
    tokio::spawn(async move {
        let mut interval = time::interval(period);
        interval.set_missed_tick_behavior(time::MissedTickBehavior::Skip);
        interval.tick().await;
        loop {
            interval.tick().await;
            match job(app.clone()).await {
                Ok(()) => {}
                Err(portcullis_store::Error::Closed) => return,
                Err(error) => tracing::error!(%error, "a background job failed"),
            }
        }
    });
}

fn finished<T>(result: Result<T, task::JoinError>) -> Result<T, Failure> {
    result.map_err(|error| Failure::Failed(error.to_string()))
}

/// 16 random characters that follow the password policy and can be read out loud.
pub(crate) fn random_password() -> Result<Secret<String>, Failure> {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|error| Failure::because("cannot make a password", error))?;
    let letters = random.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)]));
    // One of each kind that the policy asks for, whatever chance gave.
    Ok(Secret::new(letters.chain("-Aa2".chars()).collect()))
}
