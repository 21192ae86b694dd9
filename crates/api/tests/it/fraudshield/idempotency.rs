//! The header `Idempotency-Key`: one key is one entry with one answer, for 24 hours, one API key and one path.

use portcullis_testkit::{Answer, TestApp};
use serde_json::{Value, json};

use super::support::{add, block, error, path_of, two_shops, values};

const KEY: &str = "order-1001";

async fn once(app: &TestApp, api_key: &str, key: &str, body: &Value) -> Answer {
    add(app, api_key, body).header("idempotency-key", key).send().await
}

#[tokio::test]
async fn a_retry_gets_the_first_answer_again() {
    let (app, acme, other) = two_shops().await;
    let body = json!({ "type": "email", "value": "jane@x.example", "reason": "mule", "expires_in": "1h" });
    let first = once(&app, &acme.live, KEY, &body).await.expect(201);
    assert_eq!(first.header("idempotent-replayed"), "");
    app.clock.advance(2 * 3_600_000);
    let again = once(&app, &acme.live, KEY, &body).await.expect(201);
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.header("content-type"), "application/json");
    assert_eq!(again.text(), first.text());
    // Even when what was made is gone.
    app.delete(&path_of(&first.json())).bearer(&acme.live).send().await.expect(200);
    assert_eq!(once(&app, &acme.live, KEY, &body).await.expect(201).text(), first.text());
    assert!(values(&app, &acme.live, "").await.is_empty());

    // Another API key, another tenant and another data set have keys of their own.
    let second = super::support::key(&app, &acme.tenant, &json!({})).await;
    for api_key in [&second, &acme.test, &other.live] {
        assert_eq!(once(&app, api_key, KEY, &body).await.expect(201).header("idempotent-replayed"), "");
    }
    let app = app.restarted().await;
    assert_eq!(once(&app, &acme.live, KEY, &body).await.expect(201).text(), first.text());
    app.clock.advance(22 * 3_600_000 - 1);
    assert_eq!(once(&app, &acme.live, KEY, &body).await.expect(201).text(), first.text());
    app.clock.advance(1);
    let anew = once(&app, &second, KEY, &json!({ "type": "user", "value": "u" })).await;
    error(anew, 409, "idempotency_error", "idempotency_key_conflict");
}

#[tokio::test]
async fn a_key_is_free_again_after_a_day() {
    let (app, acme, _other) = two_shops().await;
    let user = |name: &str| json!({ "type": "user", "value": name });
    once(&app, &acme.live, KEY, &user("u1")).await.expect(201);
    app.clock.advance(24 * 3_600_000 - 1);
    let refused = once(&app, &acme.live, KEY, &user("u2")).await;
    error(refused, 409, "idempotency_error", "idempotency_key_conflict");
    app.clock.advance(1);
    once(&app, &acme.live, KEY, &user("u2")).await.expect(201);
    assert_eq!(values(&app, &acme.live, "").await, ["u2", "u1"]);
}

#[tokio::test]
async fn a_refused_request_does_not_use_up_its_key() {
    let (app, acme, _other) = two_shops().await;
    let entry = block(&app, &acme.live, "user", "u1").await;
    let body = json!({ "type": "user", "value": "u1" });
    for _ in 0..2 {
        error(once(&app, &acme.live, KEY, &body).await, 409, "conflict_error", "already_exists");
        once(&app, &acme.live, KEY, &json!({ "type": "user" })).await.expect(400);
    }
    app.delete(&path_of(&entry)).bearer(&acme.live).send().await.expect(200);
    assert_eq!(once(&app, &acme.live, KEY, &body).await.expect(201).header("idempotent-replayed"), "");
    for wrong in ["", "123456789", &"k".repeat(256)] {
        let told =
            error(once(&app, &acme.live, wrong, &body).await, 400, "validation_error", "invalid_parameter");
        assert_eq!(told["param"], "Idempotency-Key");
    }
    once(&app, &acme.live, &"k".repeat(255), &json!({ "type": "user", "value": "u2" })).await.expect(201);
}

#[tokio::test]
async fn many_at_once_with_one_key_make_one_entry() {
    let (app, acme, _other) = two_shops().await;
    let body = json!({ "type": "user", "value": "u1" });
    let calls = (0..32).map(|_| once(&app, &acme.live, KEY, &body));
    let answers = futures_util::future::join_all(calls).await;
    let first = answers[0].text();
    assert!(answers.iter().all(|answer| answer.status == 201 && answer.text() == first));
    assert_eq!(answers.iter().filter(|answer| answer.header("idempotent-replayed") != "true").count(), 1);
    assert_eq!(values(&app, &acme.live, "").await, ["u1"]);
}
