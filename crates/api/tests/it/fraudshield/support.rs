//! Keys, calls, and what every error of the dialect must hold.

use portcullis_testkit::{Answer, Call, TestApp, TestTenant};
use serde_json::{Value, json};

pub(super) const BLOCKLIST: &str = "/v1/fraud/blocklist";
pub(super) const CHECK: &str = "/v1/fraud/blocklist/check";

/// A tenant with a key for each of its data sets.
pub(super) struct Shop {
    /// Its users, and a key for another dialect.
    pub(super) tenant: TestTenant,
    /// `txc_live_…`.
    pub(super) live: String,
    /// `txc_test_…`.
    pub(super) test: String,
}

/// An app with two tenants.
pub(super) async fn two_shops() -> (TestApp, Shop, Shop) {
    let app = TestApp::new().await;
    let (acme, other) = (shop(&app, "acme").await, shop(&app, "other").await);
    (app, acme, other)
}

async fn shop(app: &TestApp, slug: &str) -> Shop {
    let tenant = app.tenant(slug).await;
    let live = key(app, &tenant, &json!({ "mode": "live" })).await;
    let test = key(app, &tenant, &json!({ "mode": "test" })).await;
    Shop { tenant, live, test }
}

/// A new fraudshield key of a tenant, with these fields besides.
pub(super) async fn key(app: &TestApp, tenant: &TestTenant, more: &Value) -> String {
    made_key(app, tenant, more).await["key"].as_str().unwrap().to_owned()
}

/// The same with all that the answer has.
pub(super) async fn made_key(app: &TestApp, tenant: &TestTenant, more: &Value) -> Value {
    let mut body = json!({ "name": "backend", "dialect": "fraudshield", "mode": "live" });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    app.post("/api/v1/client/api-keys", &body).bearer(&tenant.admin).send().await.expect_json(201)
}

/// Changes a tenant's settings as its operator.
pub(super) async fn set(app: &TestApp, shop: &Shop, change: Value) {
    let path = format!("/api/v1/admin/clients/{}", shop.tenant.slug);
    app.patch(&path, &change).bearer(&app.admin).send().await.expect(200);
}

/// A call that blocks something.
pub(super) fn add(app: &TestApp, key: &str, body: &Value) -> Call {
    app.post(BLOCKLIST, body).bearer(key)
}

/// Blocks something; gives the entry.
pub(super) async fn block(app: &TestApp, key: &str, kind: &str, value: &str) -> Value {
    add(app, key, &json!({ "type": kind, "value": value })).send().await.expect_json(201)
}

/// The path of an entry.
pub(super) fn path_of(entry: &Value) -> String {
    format!("{BLOCKLIST}/{}", entry["id"].as_str().unwrap())
}

/// What checking one thing answers.
pub(super) async fn check(app: &TestApp, key: &str, kind: &str, value: &str) -> Value {
    let body = json!({ "type": kind, "value": value });
    app.post(CHECK, &body).bearer(key).send().await.expect_json(200)
}

/// Whether something is blocked.
pub(super) async fn is_blocked(app: &TestApp, key: &str, kind: &str, value: &str) -> bool {
    check(app, key, kind, value).await["blocked"].as_bool().unwrap()
}

/// The page of the blocklist for this query.
pub(super) async fn page(app: &TestApp, key: &str, query: &str) -> Value {
    app.get(&format!("{BLOCKLIST}{query}")).bearer(key).send().await.expect_json(200)
}

/// The values on that page.
pub(super) async fn values(app: &TestApp, key: &str, query: &str) -> Vec<String> {
    let page = page(app, key, query).await;
    let items = page["data"].as_array().unwrap();
    items.iter().map(|item| item["value"].as_str().unwrap().to_owned()).collect()
}

/// The body of an error that has this status, type and code, and is told in the dialect's envelope.
#[track_caller]
pub(super) fn error(answer: Answer, status: u16, kind: &str, code: &str) -> Value {
    let answer = answer.expect(status);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(status == 401, answer.header("www-authenticate") == "Bearer");
    let body = answer.json();
    assert_eq!(names(&body), ["error"]);
    let error = &body["error"];
    assert_eq!((&error["type"], &error["code"]), (&json!(kind), &json!(code)), "{body}");
    assert!(!error["message"].as_str().unwrap().is_empty());
    assert_eq!(error["request_id"], answer.header("x-request-id"));
    let is_always = |name: &&str| !matches!(*name, "param" | "retry_after");
    let always: Vec<_> = names(error).into_iter().filter(is_always).collect();
    assert_eq!(always, ["code", "message", "request_id", "type"]);
    assert_eq!(error["param"].is_string(), code == "missing_parameter" || code == "invalid_parameter");
    let retry_after = error["retry_after"].as_u64().map(|seconds| seconds.to_string());
    assert_eq!(retry_after.unwrap_or_default(), answer.header("retry-after"));
    assert_eq!(error["retry_after"].is_u64(), status == 429 || status == 503);
    body["error"].clone()
}

/// The names of the fields of an object, in alphabetical order.
pub(super) fn names(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}
