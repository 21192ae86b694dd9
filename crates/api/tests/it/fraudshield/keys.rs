//! Who gets in: API keys as bearer tokens, their scopes and addresses.

use http::Method;
use portcullis_testkit::{Answer, TestApp};
use serde_json::{Value, json};

use super::support::{BLOCKLIST, CHECK, Shop, add, error, key, made_key, set, two_shops};

const UNKNOWN: &str = "/v1/fraud/blocklist/blk_000000000000";

/// Every call of the dialect, and its answer's status when it gets in with this body.
const CALLS: [(&str, &str, &str, u16, &str); 5] = [
    ("GET", BLOCKLIST, "", 200, "fraud:read"),
    ("POST", CHECK, r#"{"type":"ip","value":"192.0.2.1"}"#, 200, "fraud:read"),
    ("POST", BLOCKLIST, "{}", 400, "fraud:write"),
    ("DELETE", UNKNOWN, "", 404, "fraud:write"),
    ("POST", "/v1/fraud/blocklist/blk_000000000000/appeal", "{}", 404, "fraud:write"),
];

async fn call(app: &TestApp, method: &str, path: &str, body: &str, key: &str) -> Answer {
    let call = app.call(method.parse::<Method>().unwrap(), path).bearer(key);
    let call = if body.is_empty() { call } else { call.text("application/json", body.to_owned()) };
    call.send().await
}

#[tokio::test]
async fn any_live_key_of_the_client_gets_in_whichever_api_it_was_made_for() {
    let (app, acme, _other) = two_shops().await;
    assert!(acme.live.starts_with("txc_live_") && acme.test.starts_with("txc_test_"));
    for dialect in ["ingest", "fraudshield", "fraudsense", "keyri", "signet"] {
        let key = key(&app, &acme.tenant, &json!({ "dialect": dialect })).await;
        for (method, path, body, status, _) in CALLS {
            call(&app, method, path, body, &key).await.expect(status);
        }
    }
    // The scheme may be written in any case.
    app.get(BLOCKLIST).header("authorization", &format!("bEARER {}", acme.live)).send().await.expect(200);
}

#[tokio::test]
async fn nobody_else_gets_in() {
    let (app, acme, _other) = two_shops().await;
    let Shop { tenant, live, .. } = &acme;
    let tokens = [&app.admin, &tenant.admin, &tenant.analyst, &tenant.viewer];
    for (method, path, body, ..) in CALLS {
        for key in tokens.into_iter().map(String::as_str).chain(["", "nonsense", "txc_live_0", &live[..60]]) {
            let refused = call(&app, method, path, body, key).await;
            error(refused, 401, "authentication_error", "unauthorized");
        }
    }
    let get = || app.get(BLOCKLIST);
    for call in [
        get(),
        get().key(live),
        get().header("x-fraudsense-key", live),
        get().header("authorization", live),
        get().header("authorization", &format!("Basic {live}")),
    ] {
        error(call.send().await, 401, "authentication_error", "unauthorized");
    }
}

#[tokio::test]
async fn a_revoked_key_is_told_so_at_once_and_after_a_restart() {
    let (app, acme, other) = two_shops().await;
    let made = made_key(&app, &acme.tenant, &json!({})).await;
    let key = made["key"].as_str().unwrap();
    app.get(BLOCKLIST).bearer(key).send().await.expect(200);
    let path = format!("/api/v1/client/api-keys/{}", made["id"].as_str().unwrap());
    app.delete(&path).bearer(&acme.tenant.admin).send().await.expect(204);
    let refused = |app: &TestApp| app.get(BLOCKLIST).bearer(key).send();
    error(refused(&app).await, 401, "authentication_error", "key_revoked");
    app.get(BLOCKLIST).bearer(&acme.live).send().await.expect(200);
    let app = app.restarted().await;
    error(refused(&app).await, 401, "authentication_error", "key_revoked");
    app.get(BLOCKLIST).bearer(&other.live).send().await.expect(200);
}

#[tokio::test]
async fn each_call_needs_its_scope() {
    let (app, acme, _other) = two_shops().await;
    for scope in ["fraud:read", "fraud:write", "identity:*", "ingest"] {
        let key = key(&app, &acme.tenant, &json!({ "scopes": [scope] })).await;
        for (method, path, body, status, needed) in CALLS {
            let answer = call(&app, method, path, body, &key).await;
            if needed == scope {
                answer.expect(status);
            } else {
                let refused = error(answer, 403, "authorization_error", "forbidden");
                assert!(refused["message"].as_str().unwrap().contains(needed), "{refused}");
            }
        }
    }
}

#[tokio::test]
async fn a_key_works_from_its_own_addresses_only() {
    let (app, acme, _other) = two_shops().await;
    let key = key(&app, &acme.tenant, &json!({ "allowedIps": ["192.0.2.0/24", "2001:db8::7"] })).await;
    for from in ["192.0.2.200", "2001:db8::7"] {
        app.get(BLOCKLIST).bearer(&key).from(from).send().await.expect(200);
    }
    for from in ["192.0.3.1", "2001:db8::8", "127.0.0.1"] {
        let refused = app.get(BLOCKLIST).bearer(&key).from(from).send().await;
        error(refused, 403, "authorization_error", "ip_not_allowed");
    }
}

#[tokio::test]
async fn the_keys_of_a_suspended_client_are_refused() {
    let (app, acme, other) = two_shops().await;
    set(&app, &acme, json!({ "status": "suspended" })).await;
    for key in [&acme.live, &acme.test] {
        for (method, path, body, ..) in CALLS {
            let refused =
                error(call(&app, method, path, body, key).await, 403, "authorization_error", "forbidden");
            assert!(refused["message"].as_str().unwrap().contains("suspended"));
        }
    }
    app.get(BLOCKLIST).bearer(&other.live).send().await.expect(200);
    set(&app, &acme, json!({ "status": "active" })).await;
    app.get(BLOCKLIST).bearer(&acme.live).send().await.expect(200);
}

#[tokio::test]
async fn changes_are_in_the_audit_log_under_the_keys_name_and_without_the_value() {
    let (app, acme, other) = two_shops().await;
    let made = made_key(&app, &acme.tenant, &json!({ "name": "checkout" })).await;
    let key = made["key"].as_str().unwrap();
    let body = json!({ "type": "email", "value": "jane@x.example", "reason": "confirmed_fraud" });
    let entry = add(&app, key, &body).from("192.0.2.9").send().await.expect_json(201);
    assert_eq!(entry["created_by"], made["id"]);
    app.delete(&super::support::path_of(&entry)).bearer(key).send().await.expect(200);
    let log =
        app.get("/api/v1/client/audit?limit=2").bearer(&acme.tenant.viewer).send().await.expect_json(200);
    let [removed, added] = &log["items"].as_array().unwrap()[..] else { panic!("two lines: {log}") };
    assert_eq!((&removed["action"], &added["action"]), (&json!("list.remove"), &json!("list.add")));
    assert_eq!(added["actor"], json!({ "id": made["id"], "name": "checkout", "role": "API_KEY" }));
    assert_eq!((&added["ip"], &added["before"]), (&json!("192.0.2.9"), &Value::Null));
    assert_eq!(added["after"]["reason"], "confirmed_fraud");
    assert!(!log.to_string().contains("jane"));
    let foreign =
        app.get("/api/v1/client/audit").bearer(&other.tenant.viewer).send().await.expect(200).text();
    assert!(!foreign.contains("list."));
}
