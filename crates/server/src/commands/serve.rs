//! `portcullis serve`: everything wired together, until a signal says otherwise.

use std::{
    fs::DirBuilder,
    net::{IpAddr, SocketAddr},
    os::unix::fs::DirBuilderExt,
    path::Path,
    sync::Arc,
    time::Duration,
};

use portcullis_api::Enrollments;
use tokio::{runtime, time};

use crate::{
    app::{App, NewAdmin},
    config::{FirstAdmin, Settings},
    drain::Drain,
    failure::Failure,
    listen::{Limits, Listener, Server},
    overload::Overload,
    quickstart, signals,
    telemetry::Telemetry,
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

async fn serve(
    settings: &Settings,
    first_admin: &FirstAdmin,
    telemetry: &Arc<Telemetry>,
) -> Result<(), Failure> {
    let people = settings.enrollments.as_deref().map(enrollments).transpose()?;
    make_data_dir(&settings.data_dir)?;
    let drain = Drain::new();
    let certificate = certificate(settings)?;
    let on_hangup = certificate.clone();
    signals::watch(drain.clone(), move || reload(on_hangup.as_deref()))
        .map_err(|error| Failure::because("cannot listen for signals", error))?;

    let app = App::open(settings, &drain, telemetry.render_metrics()).await?;
    if let Some(people) = people {
        app.enroll(people).await?;
    }
    let router = app.router();
    let (listeners, urls) = listeners(settings, certificate)?;
    // Only once nothing else can fail: its password is told once.
    let admin = app.ensure_admin(first_admin).await?;
    tracing::info!(http = %urls.http, https = urls.https.as_deref().map(tracing::field::display), "portcullis is ready");
    keep_metrics(Arc::clone(telemetry));
    app.spawn_jobs();
    let webhooks = app.spawn_webhooks(settings, &drain).await?;
    welcome(settings, &app, &urls.http, admin.as_ref()).await?;

    let limits = Limits { max_connections: settings.max_connections as usize, ..Limits::default() };
    let overload = Overload::new(settings.max_in_flight as usize);
    if !Server::new(router, limits, overload, drain).run(listeners).await {
        tracing::warn!("some requests took too long to finish and were cut off");
    }
    let _ = webhooks.await;
    app.close().await?;
    tracing::info!("portcullis has stopped");
    Ok(())
}

/// Tells what is shown only once. It goes to standard error and not to the log, which is kept.
async fn welcome(
    settings: &Settings,
    app: &App,
    base: &str,
    admin: Option<&NewAdmin>,
) -> Result<(), Failure> {
    if settings.quickstart {
        eprintln!("{}", quickstart::prepare(&app.store).await?.text(base, admin));
    } else if let Some(NewAdmin { email, password: Some(password) }) = admin {
        eprintln!("\n  Super admin {email}, password {} (shown this once)\n", password.expose());
    }
    Ok(())
}

/// The people of the file at `path`. It may be large, but nothing is served yet.
fn enrollments(path: &Path) -> Result<Enrollments, Failure> {
    let told = |why: &dyn std::fmt::Display| Failure::Config(format!("{}: {why}", path.display()));
    let json = std::fs::read(path).map_err(|error| told(&error))?;
    Enrollments::parse(&json).map_err(|error| told(&error))
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

/// Where the server is to be found.
struct Urls {
    http: String,
    https: Option<String>,
}

/// Binds the addresses.
fn listeners(
    settings: &Settings,
    certificate: Option<Arc<Certificate>>,
) -> Result<(Vec<Listener>, Urls), Failure> {
    let (plain, http) = listener("listen", settings.listen, None)?;
    let http = url("http", http);
    let Some(certificate) = certificate else {
        return Ok((vec![plain], Urls { http, https: None }));
    };
    let tls = tls::server_config(certificate).map_err(|error| Failure::Failed(error.to_string()))?;
    let (secure, https) = listener("tls-listen", settings.tls_listen, Some(tls))?;
    Ok((vec![plain, secure], Urls { http, https: Some(url("https", https)) }))
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
