//! The header `Idempotency-Key`: one key is one event with one answer, for 24 hours and for one client.

use portcullis_testkit::{Answer, TestApp};
use serde_json::{Value, json};

use super::support::{INGEST, admin_of, ingest, judge, login, signup, timeless, two_clients, with};

const HOUR_MS: i64 = 3_600_000;

async fn send(app: &TestApp, key: &str, idempotency: &str, body: &Value) -> Answer {
    ingest(app, key, body).header("idempotency-key", idempotency).send().await
}

fn is_replay(answer: &Answer) -> bool {
    match answer.header("idempotent-replayed") {
        "true" => true,
        "" => false,
        other => panic!("{other}"),
    }
}

async fn count_events(app: &TestApp, token: &str) -> usize {
    let events = app.get("/api/v1/client/events?limit=200").bearer(token).send().await.expect_json(200);
    events["items"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_retry_gets_the_first_answer_and_counts_nothing() {
    let (app, acme, other) = two_clients().await;
    let token = admin_of(&app, "acme").await;
    let body = signup("jane");
    let first = send(&app, &acme, "retry-1", &body).await.expect(200);
    assert!(!is_replay(&first));
    for wait_ms in [0, 1, HOUR_MS, 22 * HOUR_MS] {
        app.clock.advance(wait_ms);
        let again = send(&app, &acme, "retry-1", &body).await.expect(200);
        assert!(is_replay(&again));
        assert_eq!(again.text(), first.text());
    }
    // Neither a changed policy nor a report changes the first answer.
    let change = json!({ "rules": [{ "code": "DISPOSABLE_EMAIL", "enabled": false }] });
    app.put("/api/v1/client/rules", &change).bearer(&token).send().await.expect(200);
    let path = format!("/api/v1/events/{}/outcome", first.json()["eventId"].as_str().unwrap());
    app.post(&path, &json!({ "outcome": "CHALLENGE_PASSED" })).key(&acme).send().await.expect(200);
    assert_eq!(send(&app, &acme, "retry-1", &body).await.expect(200).text(), first.text());
    assert_eq!(count_events(&app, &token).await, 1);
    let next = judge(&app, &acme, &signup("joe")).await;
    assert_eq!(next["derivedSignals"]["linkage"]["accountsOnIp"], 2);
    let foreign = send(&app, &other, "retry-1", &signup("else")).await.expect(200);
    assert!(!is_replay(&foreign), "another client's key is another key");
}

#[tokio::test]
async fn without_the_header_each_post_is_an_event() {
    let (app, acme, _other) = two_clients().await;
    let first = judge(&app, &acme, &login("jane")).await;
    let second = judge(&app, &acme, &login("jane")).await;
    assert_ne!(first["eventId"], second["eventId"]);
}

#[tokio::test]
async fn another_body_is_a_conflict() {
    let (app, acme, other) = two_clients().await;
    let first = send(&app, &acme, "k", &signup("jane")).await.expect(200);
    for body in [
        signup("joe"),
        with(signup("jane"), &[("/type", json!("LOGIN"))]),
        with(signup("jane"), &[("/unknown", json!(1))]),
    ] {
        let answer = send(&app, &acme, "k", &body).await.expect(409);
        assert_eq!(answer.json()["error"]["code"], "idempotency_conflict");
        assert!(!is_replay(&answer));
    }
    // The body is compared byte for byte: what only means the same is another.
    let spaced = format!("{} ", signup("jane"));
    let call = app.call(http::Method::POST, INGEST).key(&acme).header("idempotency-key", "k");
    call.text("application/json", spaced).send().await.expect(409);
    assert_eq!(send(&app, &acme, "k", &signup("jane")).await.expect(200).text(), first.text());
    send(&app, &other, "k", &signup("joe")).await.expect(200);
    // Refused requests leave no key behind.
    send(&app, &acme, "k2", &json!({})).await.expect(400);
    assert!(!is_replay(&send(&app, &acme, "k2", &signup("jim")).await.expect(200)));
}

#[tokio::test]
async fn a_key_is_forgotten_after_a_day() {
    let (app, acme, _other) = two_clients().await;
    let first = send(&app, &acme, "k", &login("jane")).await.expect_json(200);
    app.clock.advance(24 * HOUR_MS - 1);
    assert!(is_replay(&send(&app, &acme, "k", &login("jane")).await.expect(200)));
    app.clock.advance(1);
    let later = send(&app, &acme, "k", &login("joe")).await.expect(200);
    assert!(!is_replay(&later));
    assert_ne!(later.json()["eventId"], first["eventId"]);
    assert!(is_replay(&send(&app, &acme, "k", &login("joe")).await.expect(200)));
    assert_eq!(app.store.forget_old_keys().await.unwrap(), 0);
    app.clock.advance(25 * HOUR_MS);
    assert_eq!(app.store.forget_old_keys().await.unwrap(), 1);
}

#[tokio::test]
async fn keys_have_one_to_255_characters() {
    let (app, acme, _other) = two_clients().await;
    for (key, status) in [("", 400), ("x", 200), (&*"k".repeat(255), 200), (&*"k".repeat(256), 400)] {
        let answer = send(&app, &acme, key, &login("jane")).await.expect(status);
        if status == 400 {
            assert_eq!(timeless(&answer)["error"]["fields"][0]["field"], "Idempotency-Key");
        }
    }
    // The longest keys are told apart to their end.
    let long = |last: char| format!("{}{last}", "k".repeat(254));
    assert!(!is_replay(&send(&app, &acme, &long('a'), &login("jane")).await.expect(200)));
    assert!(!is_replay(&send(&app, &acme, &long('b'), &login("joe")).await.expect(200)));
}
