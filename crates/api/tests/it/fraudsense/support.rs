//! Accounts that made themselves, and what every error of the dialect must hold.

use portcullis_testkit::{Answer, Call, PASSWORD, TestApp};
use serde_json::{Value, json};

pub(super) const REGISTER: &str = "/v1/auth/register";
pub(super) const KEYS: &str = "/v1/keys";
pub(super) const STATS: &str = "/v1/dashboard/stats";

/// An account as its first user has it.
pub(crate) struct Account {
    /// Its id, which is its slug.
    pub(crate) id: String,
    /// The token of its admin.
    pub(crate) token: String,
    /// Its first key.
    pub(crate) key: String,
}

/// A registration from an address of its own, so that only tests of the limit meet it.
pub(super) fn registering(app: &TestApp, body: &Value) -> Call {
    let sum = body.to_string().bytes().fold(0u16, |sum, byte| sum.rotate_left(3) ^ u16::from(byte));
    app.post(REGISTER, body).from(&format!("2001:db8:{sum:x}::1"))
}

/// An account of a company; its admin is `admin@<domain>`.
pub(super) async fn account(app: &TestApp, company: &str, domain: &str) -> Account {
    let body = json!({ "email": format!("admin@{domain}"), "password": PASSWORD, "companyName": company });
    let made = registering(app, &body).send().await.expect_json(200);
    let text = |pointer: &str| made.pointer(pointer).unwrap().as_str().unwrap().to_owned();
    Account { id: text("/client/id"), token: text("/token"), key: text("/apiKey") }
}

/// An app with two accounts.
pub(crate) async fn two_accounts() -> (TestApp, Account, Account) {
    let app = TestApp::new().await;
    let acme = account(&app, "Acme Bank", "acme.example").await;
    let other = account(&app, "Other", "other.example").await;
    (app, acme, other)
}

/// A call that scores a session.
pub(super) fn score(app: &TestApp, key: &str) -> Call {
    let body = json!({ "deviceId": "fs_a3f9b2c1", "sessionId": "sess_1", "eventType": "LOGIN" });
    app.post("/v1/risk/score", &body).header("x-fraudsense-key", key)
}

/// The token of another user of an account.
pub(super) async fn user(app: &TestApp, account: &Account, role: &str) -> String {
    let email = format!("{}@{}.example", role.to_lowercase(), account.id);
    let user = json!({ "email": email, "password": PASSWORD, "role": role });
    let path = format!("/api/v1/admin/clients/{}/users", account.id);
    app.post(&path, &user).bearer(&app.admin).send().await.expect(201);
    app.log_in(&email, PASSWORD).await
}

/// Changes an account's settings as its operator.
pub(super) async fn set(app: &TestApp, account: &Account, change: Value) {
    let path = format!("/api/v1/admin/clients/{}", account.id);
    app.patch(&path, &change).bearer(&app.admin).send().await.expect(200);
}

/// The body of an error that has this status and code, and is told in the dialect's envelope.
#[track_caller]
pub(super) fn error(answer: Answer, status: u16, code: &str) -> Value {
    let answer = answer.expect(status);
    assert_eq!(answer.header("content-type"), "application/json");
    let body = answer.json();
    assert_eq!(body["error"], answer.status.canonical_reason().unwrap());
    assert_eq!(body["code"], code, "{body}");
    assert!(!body["message"].as_str().unwrap().is_empty());
    assert_eq!(body["requestId"], answer.header("x-request-id"));
    let fields: Vec<_> =
        body.as_object().unwrap().keys().map(String::as_str).filter(|name| *name != "fields").collect();
    assert_eq!(fields, ["code", "error", "message", "requestId"]);
    assert_eq!(status == 429 || status == 503, !answer.header("retry-after").is_empty());
    body
}

/// The names of the fields of an object, in alphabetical order.
pub(super) fn names(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}
