//! Partners, calls, and what every answer of the dialect must hold.

use portcullis_testkit::{Answer, TestApp, TestTenant};
use serde_json::{Value, json};

/// The user of the guide.
pub(super) const USER: &str = "550e8400-e29b-41d4-a716-446655440000";
/// Another one.
pub(super) const JANE: &str = "6ba7b810-9dad-41d1-80b4-00c04fd430c8";

/// A tenant with a key for each of its data sets.
pub(super) struct Partner {
    /// Its users, and a key for another dialect.
    pub(super) tenant: TestTenant,
    /// `sg_live_…`.
    pub(super) live: String,
    /// `sg_test_…`.
    pub(super) test: String,
}

/// An app with two partners.
pub(super) async fn two_partners() -> (TestApp, Partner, Partner) {
    let app = TestApp::new().await;
    let (acme, other) = (partner(&app, "acme").await, partner(&app, "other").await);
    (app, acme, other)
}

async fn partner(app: &TestApp, slug: &str) -> Partner {
    let tenant = app.tenant(slug).await;
    let live = key(app, &tenant, &json!({ "mode": "live" })).await["key"].as_str().unwrap().to_owned();
    let test = key(app, &tenant, &json!({ "mode": "test" })).await["key"].as_str().unwrap().to_owned();
    Partner { tenant, live, test }
}

/// A new signet key of a tenant, with these fields besides.
pub(super) async fn key(app: &TestApp, tenant: &TestTenant, more: &Value) -> Value {
    let mut body = json!({ "name": "backend", "dialect": "signet", "mode": "live" });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    app.post("/api/v1/client/api-keys", &body).bearer(&tenant.admin).send().await.expect_json(201)
}

/// Two partners, and the guide's user enrolled with both, in live and test data.
pub(super) async fn enrolled() -> (TestApp, Partner, Partner) {
    let (app, acme, other) = two_partners().await;
    for key in [&acme.live, &acme.test, &other.live] {
        enroll(&app, key, USER).await;
    }
    (app, acme, other)
}

/// Enrolls a user; gives the data of the answer.
pub(super) async fn enroll(app: &TestApp, key: &str, user: &str) -> Value {
    let body = json!({ "userId": user, "name": "John Doe", "email": "john@example.com" });
    data(app.post("/vc/v1/enroll", &body).bearer(key).send().await, 201)
}

/// The data of an answer that succeeded.
#[track_caller]
pub(super) fn data(answer: Answer, status: u16) -> Value {
    let body = answer.expect_json(status);
    assert_eq!(names(&body), ["data", "success"]);
    assert_eq!(body["success"], true);
    body["data"].clone()
}

/// The data that a POST below `/fraud/v1/` answers with.
pub(super) async fn post(app: &TestApp, key: &str, path: &str, body: Value) -> Value {
    data(app.post(&format!("/fraud/v1/{path}"), &body).bearer(key).send().await, 200)
}

/// The answer to a POST below `/fraud/v1/` about the guide's user.
pub(super) async fn about(app: &TestApp, key: &str, path: &str) -> Value {
    post(app, key, path, json!({ "userId": USER })).await
}

/// The answer to a POST below `/fraud/v1/`, whatever it is.
pub(super) async fn try_post(app: &TestApp, key: &str, path: &str, body: &Value) -> Answer {
    app.post(&format!("/fraud/v1/{path}"), body).bearer(key).send().await
}

/// The data that a GET below `/fraud/v1/` answers with.
pub(super) async fn get(app: &TestApp, key: &str, path: &str) -> Value {
    data(app.get(&format!("/fraud/v1/{path}")).bearer(key).send().await, 200)
}

/// The body's `errors` when the answer is an error with this status, type and code, told in the dialect's envelope.
#[track_caller]
pub(super) fn error(answer: Answer, status: u16, kind: &str, code: &str) -> Value {
    let answer = answer.expect(status);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(status == 401, answer.header("www-authenticate") == "Bearer");
    assert_eq!(status == 429 || status == 503, !answer.header("retry-after").is_empty());
    let body = answer.json();
    assert_eq!(names(&body), ["errors", "message", "success"]);
    assert_eq!(body["success"], false);
    assert!(!body["message"].as_str().unwrap().is_empty());
    let errors = &body["errors"];
    assert_eq!((&errors["type"], &errors["code"]), (&json!(kind), &json!(code)), "{body}");
    assert_eq!(errors["requestId"], answer.header("x-request-id"));
    let expected: &[_] = if matches!(code, "missing_field" | "invalid_field") {
        &["code", "fields", "requestId", "type"]
    } else {
        &["code", "requestId", "type"]
    };
    assert_eq!(names(errors), expected);
    body["errors"].clone()
}

/// The fields that a 400 names.
#[track_caller]
pub(super) fn wrong_fields(answer: Answer) -> Vec<String> {
    let body = answer.expect_json(400);
    let fields = body["errors"]["fields"].as_array().unwrap_or_else(|| panic!("{body}"));
    fields.iter().map(|field| field["field"].as_str().unwrap().to_owned()).collect()
}

/// The names of the fields of an object, in alphabetical order.
pub(super) fn names(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

/// What the ingest dialect makes of a login of this user.
pub(super) async fn log_in(app: &TestApp, key: &str, user: &str, device: &str, ip: &str) -> Value {
    let event = json!({ "type": "LOGIN", "email": "john@example.com", "externalUserId": user, "ip": ip,
                        "device": { "clientFingerprint": device } });
    app.post("/api/v1/events/ingest", &event).key(key).send().await.expect_json(200)
}

/// The codes of what fired in that.
pub(super) fn fired(answer: &Value) -> Vec<&str> {
    answer["triggeredRules"].as_array().unwrap().iter().map(|rule| rule["code"].as_str().unwrap()).collect()
}
