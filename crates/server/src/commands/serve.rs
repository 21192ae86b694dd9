//! `portcullis serve`: everything wired together, until a signal says otherwise.

use std::{
    fs::DirBuilder,
    net::{IpAddr, SocketAddr},
    os::unix::fs::DirBuilderExt,
    path::Path,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use axum::{Router, http::StatusCode, routing::get};
use tokio::{runtime, time};

use crate::{
    config::{FirstAdmin, Settings},
    drain::Drain,
    failure::Failure,
    listen::{Limits, Listener, Server},
    overload::Overload,
    signals,
    telemetry::{RenderMetrics, Telemetry},
    tls::{self, Certificate, CertificateFiles},
};

const METRICS_UPKEEP: Duration = Duration::from_secs(5);

/// How long work that was left behind may hold up the end of the process.
const LEFTOVERS: Duration = Duration::from_secs(1);

pub(super) fn run(settings: &Settings, first_admin: &FirstAdmin) -> Result<(), Failure> {
    let telemetry = Arc::new(Telemetry::install(settings)?);
    let mut builder = runtime::Builder::new_multi_thread();
    builder.enable_all().thread_name("portcullis");
    if let Some(workers) = settings.workers {
        builder.worker_threads(workers.into());
    }
    let runtime = builder.build().map_err(|error| Failure::because("cannot start worker threads", error))?;
    let outcome = runtime.block_on(serve(settings, first_admin, &telemetry));
    runtime.shutdown_timeout(LEFTOVERS);
    telemetry.shut_down();
    outcome
}

/// WIRING: open the store (making `first_admin` in an empty one), load the reference data, and build the API's router from
/// them. `ready` is what `/readyz` answers, `render_metrics` what `/metrics` does.
fn router(
    _settings: &Settings,
    _first_admin: &FirstAdmin,
    ready: Arc<AtomicBool>,
    render_metrics: RenderMetrics,
) -> Router {
    use std::sync::atomic::Ordering;

    let readyz = move || async move {
        if ready.load(Ordering::Acquire) { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
    };
    Router::new()
        .route("/healthz", get(|| async { StatusCode::OK }))
        .route("/readyz", get(readyz))
        .route("/metrics", get(move || async move { render_metrics() }))
}

async fn serve(
    settings: &Settings,
    first_admin: &FirstAdmin,
    telemetry: &Arc<Telemetry>,
) -> Result<(), Failure> {
    make_data_dir(&settings.data_dir)?;
    let drain = Drain::new();
    let certificate = certificate(settings)?;
    let on_hangup = certificate.clone();
    signals::watch(drain.clone(), move || reload(on_hangup.as_deref()))
        .map_err(|error| Failure::because("cannot listen for signals", error))?;

    let router = router(settings, first_admin, drain.readiness(), telemetry.render_metrics());
    let listeners = listeners(settings, certificate)?;
    keep_metrics(Arc::clone(telemetry));

    let limits = Limits { max_connections: settings.max_connections as usize, ..Limits::default() };
    let overload = Overload::new(settings.max_in_flight as usize);
    if !Server::new(router, limits, overload, drain).run(listeners).await {
        tracing::warn!("some requests took too long to finish and were cut off");
    }
    tracing::info!("portcullis has stopped");
    Ok(())
}

fn make_data_dir(dir: &Path) -> Result<(), Failure> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(dir);
    made.map_err(|error| {
        Failure::because(format_args!("cannot make the data directory {}", dir.display()), error)
    })
}

/// The operator's certificate, or the self-signed one; none when HTTPS is off.
fn certificate(settings: &Settings) -> Result<Option<Arc<Certificate>>, Failure> {
    if settings.no_tls {
        return Ok(None);
    }
    let certificate = match (&settings.tls_cert, &settings.tls_key) {
        (Some(cert), Some(key)) => {
            Certificate::load(CertificateFiles { cert: cert.clone(), key: key.clone() })
                .map_err(|error| Failure::Config(error.to_string()))
        }
        _ => CertificateFiles::self_signed(&settings.data_dir, settings.tls_listen.ip())
            .and_then(Certificate::load)
            .map_err(|error| Failure::Failed(error.to_string())),
    };
    certificate.map(Some)
}

fn reload(certificate: Option<&Certificate>) {
    match certificate.map(Certificate::reload) {
        Some(Ok(())) => tracing::info!("read the certificate again"),
        Some(Err(error)) => tracing::error!(%error, "kept the old certificate, as the new one is not usable"),
        None => {}
    }
}

/// Binds the addresses and says so in the one line that tells that the server is ready.
fn listeners(settings: &Settings, certificate: Option<Arc<Certificate>>) -> Result<Vec<Listener>, Failure> {
    let (plain, http) = listener("listen", settings.listen, None)?;
    let Some(certificate) = certificate else {
        tracing::info!(http = %url("http", http), "portcullis is ready");
        return Ok(vec![plain]);
    };
    let tls = tls::server_config(certificate).map_err(|error| Failure::Failed(error.to_string()))?;
    let (secure, https) = listener("tls-listen", settings.tls_listen, Some(tls))?;
    tracing::info!(http = %url("http", http), https = %url("https", https), "portcullis is ready");
    Ok(vec![plain, secure])
}

fn listener(
    option: &str,
    addr: SocketAddr,
    tls: Option<Arc<rustls::ServerConfig>>,
) -> Result<(Listener, SocketAddr), Failure> {
    let bound = Listener::bind(addr, tls).and_then(|listener| {
        let addr = listener.local_addr()?;
        Ok((listener, addr))
    });
    bound.map_err(|error| {
        Failure::because(format_args!("cannot listen on {addr} (choose another with --{option})"), error)
    })
}

/// An address that a browser on this machine can open.
fn url(scheme: &str, addr: SocketAddr) -> String {
    let host = match addr.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => "127.0.0.1".into(),
        IpAddr::V6(ip) if ip.is_unspecified() => "[::1]".into(),
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    };
    format!("{scheme}://{host}:{}", addr.port())
}

fn keep_metrics(telemetry: Arc<Telemetry>) {
    tokio::spawn(async move {
        let mut interval = time::interval(METRICS_UPKEEP);
        loop {
            interval.tick().await;
            telemetry.upkeep();
        }
    });
}
