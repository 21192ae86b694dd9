//! Personal data and secrets are nowhere in plain text: not in the files, the logs or the names of metrics.

use std::{
    fmt::{Debug, Write as _},
    fs,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use http::Method;
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use portcullis_testkit::PASSWORD;
use serde_json::json;
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    span,
};

use super::support::{INGEST, admin_of, ingest, judge, key, signup, two_clients, with};

/// What must not be found. Each is said in the requests below, in every field that takes it.
const CANARIES: &[&str] = &[
    "canary.jane",
    "canaryjane",
    "Canary.Jane",
    "canary-user-4711",
    "canaryfingerprint",
    "canary-Passw0rd",
    "canary-idempotency",
    "canary-token",
    "canary-broken",
    "canary-path",
];

#[derive(Clone, Debug, Default)]
struct Heard(Arc<Mutex<String>>);

impl Heard {
    fn write(&self, text: &str) {
        let mut heard = self.0.lock().unwrap();
        heard.push_str(text);
        heard.push('\n');
    }

    fn text(&self) -> String {
        self.0.lock().unwrap().clone()
    }
}

/// Hears every span and event of every level.
struct Logs(Heard, AtomicU64);

struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, " {field}={value:?}");
    }
}

impl Subscriber for Logs {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
        let mut fields = Fields(span.metadata().name().to_owned());
        span.record(&mut fields);
        self.0.write(&fields.0);
        span::Id::from_u64(self.1.fetch_add(1, Ordering::Relaxed))
    }

    fn record(&self, _: &span::Id, values: &span::Record<'_>) {
        let mut fields = Fields(String::new());
        values.record(&mut fields);
        self.0.write(&fields.0);
    }

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = Fields(event.metadata().target().to_owned());
        event.record(&mut fields);
        self.0.write(&fields.0);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// Hears the names and labels of metrics.
struct Metrics(Heard);

impl Recorder for Metrics {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        self.0.write(&key.to_string());
        Counter::noop()
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        self.0.write(&key.to_string());
        Gauge::noop()
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        self.0.write(&key.to_string());
        Histogram::noop()
    }
}

fn find(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// The content of every file below, one after the other; names of files that have a canary are a failure.
fn read_all(dir: &Path, secrets: &[&str]) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let bytes = if path.is_dir() { read_all(&path, secrets) } else { fs::read(&path).unwrap() };
        for secret in secrets {
            assert!(!find(&bytes, secret), "{} has {secret}", path.display());
        }
        all.extend(bytes);
    }
    all
}

#[tokio::test]
async fn canaries_are_found_nowhere() {
    let (logs, measured) = (Heard::default(), Heard::default());
    tracing::subscriber::set_global_default(Logs(logs.clone(), AtomicU64::new(1))).unwrap();
    metrics::set_global_recorder(Metrics(measured.clone())).map_err(|_| "set already").unwrap();

    let (app, acme, other) = two_clients().await;
    let test = key(&app, "acme", "test").await;
    let token = admin_of(&app, "acme").await;
    let body = with(
        signup("x"),
        &[
            ("/email", json!("Canary.Jane+tag@gmail.com")),
            ("/externalUserId", json!("canary-user-4711")),
            ("/device/clientFingerprint", json!("canaryfingerprint0123456789abcdef")),
            ("/password", json!("canary-Passw0rd")),
            ("/fraudSignals", json!({ "password": "canary-Passw0rd", "email": "canary.jane@gmail.com" })),
        ],
    );
    let mut login = body.clone();
    login["type"] = json!("LOGIN");
    // Only an address, which is then the account; and no fingerprint, so that attributes name the device.
    let nameless =
        with(body.clone(), &[("/externalUserId", json!(null)), ("/device/clientFingerprint", json!(null))]);
    let mut answer = json!(null);
    for key in [&acme, &other, &test] {
        for body in [&body, &login, &nameless] {
            answer = judge(&app, key, body).await;
            let call = ingest(&app, key, body).header("idempotency-key", "canary-idempotency");
            let call = call.header("cookie", "session=canary-token").bearer("canary-token");
            call.send().await;
        }
    }
    let path = format!("/api/v1/events/{}", answer["eventId"].as_str().unwrap());
    app.get(&path).key(&test).send().await.expect(200);
    app.post(&format!("{path}/outcome"), &json!({ "outcome": "CONFIRMED_FRAUD" }))
        .key(&test)
        .send()
        .await
        .expect(200);
    app.get("/api/v1/client/events?user=canary-user-4711&device=canaryfingerprint")
        .bearer(&token)
        .send()
        .await
        .expect(200);
    // Everything that is refused.
    for (field, value) in [
        ("/email", json!("canary-broken canary.jane@gmail.com")),
        ("/ip", json!("canary-broken")),
        ("/type", json!("canary-broken")),
        ("/externalUserId", json!("canary-user-4711".repeat(100))),
        ("/device/screen", json!("canary-broken")),
        ("/behavior/keystrokeCount", json!("canary-broken")),
    ] {
        ingest(&app, &acme, &with(body.clone(), &[(field, value)])).send().await.expect(400);
    }
    let malformed = format!("{body} canary-broken");
    app.call(Method::POST, INGEST).key(&acme).text("application/json", malformed).send().await.expect(400);
    app.call(Method::POST, INGEST).key("canary-token").send().await.expect(401);
    app.call(Method::POST, INGEST).key(&acme).text("canary-broken/x", "x").send().await.expect(415);
    app.get("/api/v1/events/canary-path?email=canary.jane@gmail.com").key(&acme).send().await.expect(404);
    app.get("/canary-path").send().await.expect(404);
    app.call(Method::from_bytes(b"CANARY-PATH").unwrap(), "/canary-path").send().await;

    let random = |key: &str| key.rsplit('_').next().unwrap()[8..].to_owned();
    let keys = [random(&acme), random(&other), random(&test)];
    let mut secrets = vec![PASSWORD, &token, &app.admin];
    secrets.extend(keys.iter().map(String::as_str));
    secrets.extend(CANARIES);

    let running = read_all(app.data_dir(), &secrets);
    // The search can find: what may be in the open is there.
    assert!(find(&running, "AppleWebKit/537.36") && find(&running, "203.0.113.7"));
    app.store.persist_key_use().await.unwrap();
    app.store.close().await.unwrap();
    let closed = read_all(app.data_dir(), &secrets);
    assert!(find(&closed, "AppleWebKit/537.36"));

    let (logs, measured) = (logs.text(), measured.text());
    assert!(logs.contains("/api/v1/events/ingest") && logs.contains("http.method"), "{logs}");
    assert!(measured.contains("http_request_duration_seconds"), "{measured}");
    for secret in secrets {
        assert!(!logs.contains(secret), "the logs have {secret}");
        assert!(!measured.contains(secret), "the metrics have {secret}");
    }
    for personal in ["203.0.113.7", "AppleWebKit", "gmail.com"] {
        assert!(!logs.contains(personal) && !measured.contains(personal), "{personal}");
    }
}
