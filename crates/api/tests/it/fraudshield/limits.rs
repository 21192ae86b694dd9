//! How often a key may call, and the headers that say so.

use portcullis_testkit::{Answer, TestApp};
use serde_json::{Value, json};

use super::support::{BLOCKLIST, CHECK, error, key, set, two_shops};

/// 2026-01-05T10:00:00Z, where the clock of tests stands.
const START_S: i64 = 1_767_607_200;

fn told(answer: &Answer) -> [String; 4] {
    ["limit", "remaining", "reset", "window"]
        .map(|name| answer.header(&format!("x-ratelimit-{name}")).to_owned())
}

async fn call(app: &TestApp, key: &str) -> Answer {
    app.get(BLOCKLIST).bearer(key).send().await
}

#[tokio::test]
async fn a_key_may_call_a_thousand_times_a_minute() {
    let (app, acme, other) = two_shops().await;
    let first = call(&app, &acme.live).await.expect(200);
    assert_eq!(
        told(&first),
        ["1000".to_owned(), "999".to_owned(), (START_S + 60).to_string(), "60".to_owned()]
    );
    assert_eq!(first.header("ratelimit-policy"), "\"default\";q=1000;w=60");
    app.clock.advance(10_500);
    for call in 1..1_000 {
        // Whatever it calls and whatever comes of it.
        let status = if call % 2 == 0 { 200 } else { 400 };
        let body = if call % 2 == 0 { json!({ "type": "user", "value": "u" }) } else { json!({}) };
        app.post(CHECK, &body).bearer(&acme.live).send().await.expect(status);
    }
    let refused = call(&app, &acme.live).await;
    assert_eq!(
        told(&refused),
        ["1000".to_owned(), "0".to_owned(), (START_S + 60).to_string(), "60".to_owned()]
    );
    assert_eq!(refused.header("retry-after"), "50");
    let body = error(refused, 429, "rate_limit_error", "rate_limit_exceeded");
    assert_eq!(
        (&body["retry_after"], &body["message"]),
        (&json!(50), &json!("Too many requests. Please retry after 50 seconds."))
    );

    // Other keys, the client's own among them, other dialects and the management API are not concerned.
    call(&app, &acme.test).await.expect(200);
    call(&app, &key(&app, &acme.tenant, &json!({})).await).await.expect(200);
    call(&app, &other.live).await.expect(200);
    app.post("/api/v1/events/ingest", &json!({})).key(&acme.live).send().await.expect(400);
    // The window slides: with the first call's end there is room for one.
    app.clock.advance(49_499);
    error(call(&app, &acme.live).await, 429, "rate_limit_error", "rate_limit_exceeded");
    app.clock.advance(1);
    call(&app, &acme.live).await.expect(200);
    error(call(&app, &acme.live).await, 429, "rate_limit_error", "rate_limit_exceeded");
}

#[tokio::test]
async fn the_clients_own_limit_stands_instead() {
    let (app, acme, other) = two_shops().await;
    set(&app, &acme, json!({ "rateLimitPerMinute": 2 })).await;
    for remaining in ["1", "0"] {
        assert_eq!(told(&call(&app, &acme.live).await.expect(200))[..2], ["2", remaining]);
    }
    error(call(&app, &acme.live).await, 429, "rate_limit_error", "rate_limit_exceeded");
    assert_eq!(told(&call(&app, &other.live).await.expect(200))[0], "1000");
    set(&app, &acme, json!({ "rateLimitPerMinute": 5_000 })).await;
    assert_eq!(told(&call(&app, &acme.live).await.expect(200))[..2], ["5000", "4997"]);
    set(&app, &acme, json!({ "rateLimitPerMinute": Value::Null })).await;
    assert_eq!(told(&call(&app, &acme.live).await.expect(200))[..2], ["1000", "996"]);
}

#[tokio::test]
async fn refused_keys_use_up_nothing_and_other_dialects_have_no_such_headers() {
    let (app, acme, _other) = two_shops().await;
    for _ in 0..1_100 {
        call(&app, "nonsense").await.expect(401);
    }
    let reader = key(&app, &acme.tenant, &json!({ "scopes": ["ingest"] })).await;
    assert_eq!(told(&call(&app, &reader).await.expect(403)), ["", "", "", ""]);
    assert_eq!(told(&call(&app, &acme.live).await.expect(200))[1], "999");
    set(&app, &acme, json!({ "rateLimitPerMinute": 9 })).await;
    let ingest = app.post("/api/v1/events/ingest", &json!({})).key(&acme.live).send().await.expect(400);
    assert_eq!(told(&ingest), ["", "", "", ""]);
    assert!(ingest.header("ratelimit").starts_with("\"default\";r=7;"), "one key has one limit in a minute");
}
