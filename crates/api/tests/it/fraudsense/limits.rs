//! How often one may call: a key, an account's people together, and an address that registers.

use http::Method;
use portcullis_testkit::TestApp;
use serde_json::json;

use super::support::{KEYS, REGISTER, STATS, error, score, set, two_accounts, user};

const QUARTER_HOUR_MS: i64 = 15 * 60 * 1_000;

#[tokio::test]
async fn the_people_of_an_account_may_call_a_thousand_times_in_15_minutes() {
    let (app, acme, other) = two_accounts().await;
    let viewer = user(&app, &acme, "VIEWER").await;
    app.get(STATS).bearer(&acme.token).send().await.expect(200);
    app.clock.advance(60_000);
    for call in 1..1_000 {
        // Whoever of them calls, and whatever comes of it.
        let token = if call % 2 == 0 { &viewer } else { &acme.token };
        let path = if call % 7 == 0 { KEYS } else { STATS };
        app.get(path).bearer(token).send().await.expect(200);
    }
    for token in [&acme.token, &viewer] {
        let refused = app.get(STATS).bearer(token).send().await;
        assert_eq!(refused.header("retry-after"), "840");
        assert_eq!(refused.header("ratelimit-policy"), "\"default\";q=1000;w=900");
        error(refused, 429, "RATE_LIMITED");
    }
    app.get(STATS).bearer(&other.token).send().await.expect(200);
    // Neither keys nor the management API are concerned.
    app.post("/api/v1/events/ingest", &json!({})).key(&acme.key).send().await.expect(400);
    app.get("/api/v1/client/rules").bearer(&acme.token).send().await.expect(200);

    // The window slides: with the first call's end there is room for one.
    app.clock.advance(QUARTER_HOUR_MS - 60_000 - 1);
    error(app.get(STATS).bearer(&acme.token).send().await, 429, "RATE_LIMITED");
    app.clock.advance(1);
    app.get(STATS).bearer(&acme.token).send().await.expect(200);
    error(app.get(STATS).bearer(&viewer).send().await, 429, "RATE_LIMITED");
    app.clock.advance(60_000);
    app.get(STATS).bearer(&viewer).send().await.expect(200);
}

#[tokio::test]
async fn a_key_may_call_a_thousand_times_in_15_minutes() {
    let (app, acme, other) = two_accounts().await;
    // Calls with wrong fields are calls.
    let call = |key: &str| {
        app.post("/v1/risk/score", &json!({ "sessionId": 7 })).header("x-fraudsense-key", key).send()
    };
    call(&acme.key).await.expect(400);
    app.clock.advance(60_000);
    for _ in 1..1_000 {
        call(&acme.key).await.expect(400);
    }
    let refused = call(&acme.key).await;
    assert_eq!(refused.header("retry-after"), "840");
    assert_eq!(refused.header("ratelimit-policy"), "\"default\";q=1000;w=900");
    error(refused, 429, "RATE_LIMITED");
    call(&other.key).await.expect(400);
    // Neither the account's people nor the other dialects are concerned.
    app.get(STATS).bearer(&acme.token).send().await.expect(200);
    app.post("/api/v1/events/ingest", &json!({})).key(&acme.key).send().await.expect(400);
    app.clock.advance(QUARTER_HOUR_MS - 60_000 - 1);
    error(call(&acme.key).await, 429, "RATE_LIMITED");
    app.clock.advance(1);
    score(&app, &acme.key).send().await.expect(200);
    error(score(&app, &acme.key).send().await, 429, "RATE_LIMITED");
    // The client's own limit stands instead, at once.
    set(&app, &acme, json!({ "requestsPer15Min": 1_001 })).await;
    score(&app, &acme.key).send().await.expect(200);
    error(score(&app, &acme.key).send().await, 429, "RATE_LIMITED");
}

#[tokio::test]
async fn refused_tokens_do_not_use_up_an_accounts_calls() {
    let (app, acme, _other) = two_accounts().await;
    for _ in 0..1_100 {
        app.get(STATS).bearer("nonsense").send().await.expect(401);
    }
    app.get(STATS).bearer(&acme.token).send().await.expect(200);
}

#[tokio::test]
async fn the_operator_sets_how_often_keys_may_call() {
    let (app, acme, _other) = two_accounts().await;
    let path = format!("/api/v1/admin/clients/{}", acme.id);
    let show = || async { app.get(&path).bearer(&app.admin).send().await.expect_json(200) };
    assert_eq!(show().await["requestsPer15Min"], json!(null));
    for limit in [1, 10_000_000] {
        set(&app, &acme, json!({ "requestsPer15Min": limit })).await;
        assert_eq!(show().await["requestsPer15Min"], limit);
    }
    set(&app, &acme, json!({ "name": "Acme" })).await;
    assert_eq!(show().await["requestsPer15Min"], 10_000_000);
    set(&app, &acme, json!({ "requestsPer15Min": null })).await;
    assert_eq!(show().await["requestsPer15Min"], json!(null));
    for wrong in [json!(0), json!(10_000_001), json!(-1), json!("9"), json!(1.5)] {
        let patch = json!({ "requestsPer15Min": wrong });
        app.patch(&path, &patch).bearer(&app.admin).send().await.expect(400);
    }
    let patch = json!({ "requestsPer15Min": 0, "rateLimitPerMinute": 0, "name": " " });
    let refused = app.patch(&path, &patch).bearer(&app.admin).send().await.expect_json(400);
    assert_eq!(refused["errors"].as_array().unwrap().len(), 3);
    let log = app.get("/api/v1/client/audit").bearer(&acme.token).send().await.expect_json(200);
    assert_eq!(log["items"][0]["after"]["requestsPer15Min"], json!(null));
    assert_eq!(log["items"][0]["before"]["requestsPer15Min"], 10_000_000);
}

#[tokio::test]
async fn an_address_may_register_and_log_in_30_times_a_minute() {
    let app = TestApp::new().await;
    let post = |path: &str| app.call(Method::POST, path).text("application/json", "{}").from("192.0.2.1");
    for _ in 0..15 {
        error(post(REGISTER).send().await, 400, "MISSING_FIELD");
        post("/v1/auth/login").send().await.expect(400);
    }
    let refused = post(REGISTER).send().await;
    assert_eq!(refused.header("retry-after"), "60");
    error(refused, 429, "RATE_LIMITED");
    let refused = post("/v1/auth/login").send().await.expect(429);
    assert_eq!(refused.json()["code"], "RATE_LIMITED");
    let elsewhere = app.call(Method::POST, REGISTER).text("application/json", "{}").from("192.0.2.2");
    error(elsewhere.send().await, 400, "MISSING_FIELD");
    app.clock.advance(60_000);
    error(post(REGISTER).send().await, 400, "MISSING_FIELD");
}
