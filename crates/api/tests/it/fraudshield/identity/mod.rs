//! `POST /v1/identity/verify`.

mod answer;
mod duplicates;
mod signals;

use portcullis_testkit::{Answer, TestApp};
use serde_json::{Value, json};

use super::{duplicates::picture, world::VERIFY};

/// The call of the guide, with this document.
fn call(document: usize) -> Value {
    json!({
        "document_front": picture(document, 0), "country": "MA",
        "checks": ["ocr", "face_match", "liveness", "fraud"],
    })
}

async fn send(app: &TestApp, key: &str, body: &Value) -> Answer {
    app.post(VERIFY, body).bearer(key).send().await
}

/// The whole answer.
async fn verify(app: &TestApp, key: &str, body: &Value) -> Value {
    send(app, key, body).await.expect_json(200)
}

/// Its part `checks.fraud`.
async fn fraud(app: &TestApp, key: &str, body: &Value) -> Value {
    verify(app, key, body).await["checks"]["fraud"].clone()
}
