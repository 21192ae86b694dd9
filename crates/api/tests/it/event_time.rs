//! Test traffic with a past: the header `Portcullis-Event-Time`, in every dialect that scores.

use portcullis_testkit::{Call, TestApp, TestTenant};
use serde_json::{Value, json};

const HEADER: &str = "portcullis-event-time";
const HOUR_MS: i64 = 60 * 60 * 1_000;

/// An app with two tenants.
async fn two_tenants() -> (TestApp, TestTenant, TestTenant) {
    let app = TestApp::new().await;
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    (app, acme, other)
}

async fn key(app: &TestApp, tenant: &TestTenant, dialect: &str, mode: &str) -> String {
    let body = json!({ "name": "k", "dialect": dialect, "mode": mode });
    let made = app.post("/api/v1/client/api-keys", &body).bearer(&tenant.admin).send().await;
    made.expect_json(201)["key"].as_str().unwrap().to_owned()
}

/// The clock's time so many ms ago.
fn ago(app: &TestApp, millis: i64) -> String {
    app.store.clock().now().plus_millis(-millis).to_string()
}

fn signup(app: &TestApp, key: &str, user: &str) -> Call {
    let body = json!({
        "type": "SIGNUP", "email": format!("{user}@example.com"), "ip": "203.0.113.7",
        "device": { "clientFingerprint": user },
    });
    app.post("/api/v1/events/ingest", &body).key(key)
}

fn session(app: &TestApp, key: &str, more: &Value) -> Call {
    let mut body = json!({ "deviceId": "d1", "sessionId": "s1", "eventType": "LOGIN" });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    app.post("/v1/risk/score", &body).header("x-fraudsense-key", key)
}

/// The calls of fraudshield that score.
fn shield_calls(app: &TestApp, key: &str) -> [Call; 3] {
    let device =
        json!({ "fingerprint": { "device_id": "d1" }, "ip_address": "203.0.113.7", "user_id": "u1" });
    let action = json!({ "user_id": "u1", "event_type": "payment", "device": { "id": "d2" } });
    let check = json!({ "action": "withdraw", "user_id": "u1" });
    [("devices", device), ("assess", action), ("velocity/check", check)]
        .map(|(path, body)| app.post(&format!("/v1/fraud/{path}"), &body).bearer(key))
}

#[tokio::test]
async fn windows_count_by_the_time_that_was_said() {
    let (app, acme, other) = two_tenants().await;
    let (key, elsewhere) =
        (key(&app, &acme, "ingest", "test").await, key(&app, &other, "ingest", "test").await);
    let count = |answer: &Value| answer["derivedSignals"]["linkage"]["signupsFromIpLastHour"].clone();
    for (user, hours, expected) in [("a", 50, 1), ("b", 50, 2), ("c", 48, 1), ("d", 0, 1)] {
        let call = signup(&app, &key, user).header(HEADER, &ago(&app, hours * HOUR_MS));
        assert_eq!(count(&call.send().await.expect_json(200)), expected, "{user}");
    }
    assert_eq!(count(&signup(&app, &key, "e").send().await.expect_json(200)), 2, "now, with the last one");
    assert_eq!(count(&signup(&app, &elsewhere, "a").send().await.expect_json(200)), 1);
}

#[tokio::test]
async fn an_event_is_kept_with_the_time_that_was_said() {
    let (app, acme, _) = two_tenants().await;
    let key = key(&app, &acme, "ingest", "test").await;
    let then = ago(&app, 30 * 24 * HOUR_MS);
    signup(&app, &key, "a").header(HEADER, &then).send().await.expect(200);
    let list = app.get("/api/v1/client/events?mode=test").bearer(&acme.admin).send().await.expect_json(200);
    assert_eq!(list["items"][0]["at"], then.as_str());
}

#[tokio::test]
async fn a_sessions_way_is_measured_by_the_times_that_were_said() {
    let (app, acme, _) = two_tenants().await;
    let key = key(&app, &acme, "fraudsense", "test").await;
    let at = |lat: f64, lon: f64| json!({ "locationProfile": { "lat": lat, "lon": lon } });
    let codes = |answer: Value| answer["serverFlags"].to_string();
    let call =
        |place: Value, hours: i64| session(&app, &key, &place).header(HEADER, &ago(&app, hours * HOUR_MS));
    let first = call(at(52.5, 13.4), 100).send().await.expect_json(200);
    assert_eq!(first["scoredAt"], ago(&app, 100 * HOUR_MS).as_str());
    let slow = codes(call(at(25.2, 55.3), 50).send().await.expect_json(200));
    let fast = codes(call(at(52.5, 13.4), 49).send().await.expect_json(200));
    assert!(
        !slow.contains("GPS_IMPOSSIBLE_VELOCITY") && fast.contains("GPS_IMPOSSIBLE_VELOCITY"),
        "{slow} {fast}"
    );
}

#[tokio::test]
async fn fraudshield_answers_and_counts_with_that_time() {
    let (app, acme, _) = two_tenants().await;
    let key = key(&app, &acme, "fraudshield", "test").await;
    let rule = json!({ "name": "w", "action": "withdraw", "limit": 1, "window": "1h", "scope": "user_id" });
    app.post("/v1/fraud/velocity/rules", &rule).bearer(&key).send().await.expect(201);
    let then = ago(&app, 72 * HOUR_MS);
    let [device, action, check] = shield_calls(&app, &key).map(|call| call.header(HEADER, &then));
    assert_eq!(device.send().await.expect_json(200)["last_seen"], then.as_str());
    assert_eq!(action.send().await.expect_json(200)["created_at"], then.as_str());
    assert_eq!(check.send().await.expect_json(200)["counts"]["user_id"], 1);
    for (hours, allowed) in [(72, false), (70, true), (0, true)] {
        let [_, _, check] = shield_calls(&app, &key);
        let answer = check.header(HEADER, &ago(&app, hours * HOUR_MS)).send().await.expect_json(200);
        assert_eq!(answer["allowed"], allowed, "{hours}");
    }
}

#[tokio::test]
async fn live_keys_the_future_and_other_texts_are_refused_by_the_headers_name() {
    let (app, acme, _) = two_tenants().await;
    for (mode, time) in [
        ("live", ago(&app, HOUR_MS)),
        ("test", ago(&app, -1)),
        ("test", ago(&app, 401 * 24 * HOUR_MS)),
        ("test", "yesterday".to_owned()),
    ] {
        let ingest = key(&app, &acme, "ingest", mode).await;
        let refused = signup(&app, &ingest, "a").header(HEADER, &time).send().await.expect_json(400);
        assert_eq!(refused["error"]["code"], "validation_failed");
        assert_eq!(refused["error"]["fields"][0]["field"], "Portcullis-Event-Time");
        let sense = key(&app, &acme, "fraudsense", mode).await;
        let refused = session(&app, &sense, &json!({})).header(HEADER, &time).send().await.expect_json(400);
        assert_eq!(
            (&refused["code"], &refused["fields"][0]["field"]),
            (&json!("INVALID_FIELD"), &json!("Portcullis-Event-Time"))
        );
        let shield = key(&app, &acme, "fraudshield", mode).await;
        for call in shield_calls(&app, &shield) {
            let refused = call.header(HEADER, &time).send().await.expect_json(400);
            assert_eq!(refused["error"]["param"], "Portcullis-Event-Time");
        }
    }
}
