//! A client's limit of requests a minute.

use portcullis_testkit::{Answer, TestApp, TestTenant};
use serde_json::{Value, json};

async fn limit(app: &TestApp, slug: &str, limit: Value) {
    let path = format!("/api/v1/admin/clients/{slug}");
    app.patch(&path, &json!({ "rateLimitPerMinute": limit })).bearer(&app.admin).send().await.expect(200);
}

async fn call(app: &TestApp, tenant: &TestTenant) -> Answer {
    app.post("/api/v1/events/ingest", &json!({})).key(&tenant.key).send().await
}

#[tokio::test]
async fn exactly_as_many_as_allowed_pass_in_any_minute() {
    let app = TestApp::new().await;
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    assert_eq!(call(&app, &acme).await.expect(400).header("ratelimit"), "", "no limit until one is set");
    limit(&app, "acme", json!(3)).await;
    for remaining in [2, 1, 0] {
        let answer = call(&app, &acme).await.expect(400);
        assert_eq!(answer.header("ratelimit-policy"), "\"default\";q=3;w=60");
        assert!(answer.header("ratelimit").starts_with(&format!("\"default\";r={remaining};t=")));
        app.clock.advance(10_000);
    }
    let refused = call(&app, &acme).await.expect(429);
    assert_eq!(refused.header("retry-after"), "30");
    assert_eq!(refused.header("ratelimit"), "\"default\";r=0;t=30");
    assert_eq!(refused.json()["error"]["code"], "rate_limited");
    call(&app, &other).await.expect(400);
    app.clock.advance(29_999);
    call(&app, &acme).await.expect(429);
    app.clock.advance(1);
    call(&app, &acme).await.expect(400);
    call(&app, &acme).await.expect(429);
    limit(&app, "acme", Value::Null).await;
    call(&app, &acme).await.expect(400);
}

#[tokio::test]
async fn each_key_is_counted_apart() {
    let app = TestApp::new().await;
    let mut acme = app.tenant("acme").await;
    limit(&app, "acme", json!(1)).await;
    call(&app, &acme).await.expect(400);
    call(&app, &acme).await.expect(429);
    let key = json!({ "name": "k", "dialect": "ingest", "mode": "live" });
    let key = app.post("/api/v1/client/api-keys", &key).bearer(&acme.admin).send().await.expect_json(201);
    key["key"].as_str().unwrap().clone_into(&mut acme.key);
    call(&app, &acme).await.expect(400);
}
