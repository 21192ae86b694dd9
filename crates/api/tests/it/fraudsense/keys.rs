//! `/v1/keys`.

use http::Method;
use portcullis_testkit::{Answer, TestApp};
use serde_json::{Value, json};

use super::support::{Account, KEYS, STATS, error, names, set, two_accounts, user};

async fn make(app: &TestApp, account: &Account, body: &Value) -> Value {
    app.post(KEYS, body).bearer(&account.token).send().await.expect_json(200)
}

async fn list(app: &TestApp, token: &str) -> Vec<Value> {
    let answer = app.get(KEYS).bearer(token).send().await.expect_json(200);
    assert_eq!(names(&answer), ["keys"]);
    answer["keys"].as_array().unwrap().clone()
}

/// Any call with the key: 400 shows that it got in.
async fn use_key(app: &TestApp, key: &str) -> Answer {
    app.post("/api/v1/events/ingest", &json!({})).key(key).send().await
}

#[tokio::test]
async fn a_key_is_made_listed_used_and_revoked() {
    let (app, acme, other) = two_accounts().await;
    app.clock.advance(1_000);
    let made = make(&app, &acme, &json!({ "name": " Production Key ", "mode": "live", "color": 7 })).await;
    assert_eq!(names(&made), ["createdAt", "id", "key", "mode", "name", "prefix", "status"]);
    assert_eq!((&made["name"], &made["mode"]), (&json!("Production Key"), &json!("live")));
    assert_eq!((&made["status"], &made["createdAt"]), (&json!("active"), &json!("2026-01-05T10:00:01.000Z")));
    let key = made["key"].as_str().unwrap();
    assert_eq!(key.strip_prefix("fs_live_").unwrap().len(), 32);
    assert!(key.starts_with(made["prefix"].as_str().unwrap()));

    let keys = list(&app, &acme.token).await;
    assert_eq!(keys.len(), 2);
    assert_eq!(names(&keys[0]), ["createdAt", "id", "lastUsedAt", "mode", "name", "prefix", "status"]);
    assert_eq!((&keys[0]["id"], &keys[0]["lastUsedAt"]), (&made["id"], &Value::Null));
    use_key(&app, key).await.expect(400);
    assert_eq!(list(&app, &acme.token).await[0]["lastUsedAt"], "2026-01-05T10:00:01.000Z");

    let path = format!("{KEYS}/{}", made["id"].as_str().unwrap());
    for _ in 0..2 {
        let revoked = app.delete(&path).bearer(&acme.token).send().await.expect_json(200);
        assert_eq!(revoked, json!({ "id": made["id"], "status": "revoked" }));
    }
    use_key(&app, key).await.expect(401);
    use_key(&app, &acme.key).await.expect(400);
    let keys = list(&app, &acme.token).await;
    assert_eq!((&keys[0]["status"], &keys[1]["status"]), (&json!("revoked"), &json!("active")));
    assert!(!Value::from(keys).to_string().contains(key), "shown once");
    use_key(&app, &other.key).await.expect(400);
}

#[tokio::test]
async fn a_key_is_for_tests_unless_it_is_live() {
    let (app, acme, _other) = two_accounts().await;
    let made = make(&app, &acme, &json!({ "name": "k" })).await;
    assert_eq!(made["mode"], "test");
    assert!(made["key"].as_str().unwrap().starts_with("fs_test_"));
    assert_eq!(make(&app, &acme, &json!({ "name": "k", "mode": null })).await["mode"], "test");
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let (app, acme, _other) = two_accounts().await;
    for (body, code, field) in [
        (json!({}), "MISSING_FIELD", "name"),
        (json!({ "name": null }), "MISSING_FIELD", "name"),
        (json!({ "name": "" }), "INVALID_FIELD", "name"),
        (json!({ "name": 7 }), "INVALID_FIELD", "name"),
        (json!({ "name": "a\nb" }), "INVALID_FIELD", "name"),
        (json!({ "name": "k", "mode": "LIVE" }), "INVALID_FIELD", "mode"),
        (json!({ "name": "k", "mode": true }), "INVALID_FIELD", "mode"),
    ] {
        let told = error(app.post(KEYS, &body).bearer(&acme.token).send().await, 400, code);
        assert_eq!(told["fields"][0]["field"], field, "{body}");
        assert!(told["message"].as_str().unwrap().starts_with(field), "{told}");
    }
    let post = || app.call(Method::POST, KEYS).bearer(&acme.token);
    error(post().text("application/json", "{").send().await, 400, "MALFORMED_JSON");
    error(post().text("text/plain", "{}").send().await, 415, "UNSUPPORTED_MEDIA_TYPE");
    assert_eq!(list(&app, &acme.token).await.len(), 1);
}

#[tokio::test]
async fn keys_of_another_account_are_not_there() {
    let (app, acme, other) = two_accounts().await;
    let theirs = list(&app, &other.token).await[0]["id"].as_str().unwrap().to_owned();
    for id in [theirs.as_str(), "key_00000000000000000000000000", "nonsense", "%20"] {
        let answer = app.delete(&format!("{KEYS}/{id}")).bearer(&acme.token).send().await;
        error(answer, 404, "NOT_FOUND");
    }
    use_key(&app, &other.key).await.expect(400);
    let ours = list(&app, &acme.token).await;
    assert!(ours.iter().all(|key| key["id"] != theirs.as_str()));
}

#[tokio::test]
async fn all_keys_are_listed_whichever_api_they_are_for() {
    let (app, acme, _other) = two_accounts().await;
    let ingest = json!({ "name": "backend", "dialect": "ingest", "mode": "live" });
    app.post("/api/v1/client/api-keys", &ingest).bearer(&acme.token).send().await.expect(201);
    // More than the store gives at a time.
    for index in 0..210 {
        make(&app, &acme, &json!({ "name": format!("k{index}") })).await;
    }
    let keys = list(&app, &acme.token).await;
    assert_eq!(keys.len(), 212);
    let ids: std::collections::HashSet<_> = keys.iter().map(|key| key["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 212);
    assert!(keys.iter().any(|key| key["prefix"].as_str().unwrap().starts_with("pi_live_")));
}

#[tokio::test]
async fn readers_see_keys_and_only_admins_change_them() {
    let (app, acme, _other) = two_accounts().await;
    let id = list(&app, &acme.token).await[0]["id"].as_str().unwrap().to_owned();
    for role in ["VIEWER", "ANALYST"] {
        let token = user(&app, &acme, role).await;
        assert_eq!(list(&app, &token).await.len(), 1);
        app.get(STATS).bearer(&token).send().await.expect(200);
        let make = app.post(KEYS, &json!({ "name": "k" })).bearer(&token).send().await;
        assert!(error(make, 403, "FORBIDDEN")["message"].as_str().unwrap().contains("CLIENT_ADMIN"));
        let revoke = app.delete(&format!("{KEYS}/{id}")).bearer(&token).send().await;
        error(revoke, 403, "FORBIDDEN");
    }
    use_key(&app, &acme.key).await.expect(400);
    // A super admin belongs to no account.
    error(app.get(KEYS).bearer(&app.admin).send().await, 403, "FORBIDDEN");
    error(app.get(STATS).bearer(&app.admin).send().await, 403, "FORBIDDEN");
}

#[tokio::test]
async fn a_token_is_needed_and_a_key_is_none() {
    let (app, acme, _other) = two_accounts().await;
    for path in [KEYS, STATS] {
        for call in [
            app.get(path),
            app.get(path).bearer("nonsense"),
            app.get(path).bearer(&acme.key),
            app.get(path).header("x-fraudsense-key", &acme.key),
        ] {
            let answer = call.send().await;
            assert_eq!(answer.header("www-authenticate"), "Bearer");
            error(answer, 401, "UNAUTHORIZED");
        }
    }
    app.clock.advance(24 * 60 * 60 * 1_000);
    error(app.get(KEYS).bearer(&acme.token).send().await, 401, "UNAUTHORIZED");
}

#[tokio::test]
async fn a_suspended_account_is_refused_at_once_and_comes_back_whole() {
    let (app, acme, other) = two_accounts().await;
    set(&app, &acme, json!({ "status": "suspended" })).await;
    error(app.get(KEYS).bearer(&acme.token).send().await, 403, "ACCOUNT_SUSPENDED");
    error(app.get(STATS).bearer(&acme.token).send().await, 403, "ACCOUNT_SUSPENDED");
    let make = app.post(KEYS, &json!({ "name": "k" })).bearer(&acme.token).send().await;
    error(make, 403, "ACCOUNT_SUSPENDED");
    use_key(&app, &acme.key).await.expect(403);
    app.get(KEYS).bearer(&other.token).send().await.expect(200);
    set(&app, &acme, json!({ "status": "active" })).await;
    assert_eq!(list(&app, &acme.token).await.len(), 1);
    use_key(&app, &acme.key).await.expect(400);
}
