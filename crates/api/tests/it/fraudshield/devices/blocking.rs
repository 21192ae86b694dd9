//! Blocking and unblocking devices, and what follows elsewhere.

use portcullis_testkit::TestApp;
use serde_json::{Value, json};

use super::super::{
    support::{error, is_blocked, key, two_shops, values},
    world::{DEVICES, HOME, laptop, register, text, verdict, world},
};

async fn block(app: &TestApp, key: &str, device: &Value, terms: &Value) -> Value {
    let path = format!("{DEVICES}/{}/block", text(device, "id"));
    app.post(&path, terms).bearer(key).send().await.expect_json(200)
}

async fn unblock(app: &TestApp, key: &str, device: &Value) -> Value {
    let path = format!("{DEVICES}/{}/block", text(device, "id"));
    app.delete(&path).bearer(key).send().await.expect_json(200)
}

#[tokio::test]
async fn a_blocked_device_is_refused_until_it_is_unblocked() {
    let (app, acme, other) = world().await;
    let device = register(&app, &acme.live, &laptop("A"), "u1", HOME).await;
    let foreign = register(&app, &other.live, &laptop("A"), "u1", HOME).await;
    let terms = json!({ "reason": "confirmed_fraud" });
    let blocked = block(&app, &acme.live, &device, &terms).await;
    assert_eq!((&blocked["id"], &blocked["is_blocked"]), (&device["id"], &json!(true)));
    let entry = json!({
        "id": blocked["block"]["id"], "reason": "confirmed_fraud", "duration": "permanent",
        "created_at": "2026-01-05T10:00:00.000Z", "expires_at": null,
    });
    assert_eq!(blocked["block"], entry);
    assert_eq!(values(&app, &acme.live, "").await, [text(&device, "id")], "it is on the blocklist");
    assert_eq!(block(&app, &acme.live, &device, &terms).await["block"], entry, "once more changes nothing");

    let again = register(&app, &acme.live, &laptop("A"), "u1", HOME).await;
    assert_eq!((verdict(&again, "risk_level"), &again["is_blocked"]), ((1_000, "critical"), &json!(true)));
    assert_eq!(register(&app, &other.live, &laptop("A"), "u1", HOME).await["is_blocked"], false);
    let path = format!("{DEVICES}/{}/block", text(&foreign, "id"));
    app.post(&path, &terms).bearer(&acme.live).send().await.expect(404);

    let free = unblock(&app, &acme.live, &device).await;
    assert_eq!((&free["is_blocked"], &free["block"]), (&json!(false), &Value::Null));
    assert!(!is_blocked(&app, &acme.live, "device", text(&device, "id")).await);
    assert_eq!(unblock(&app, &acme.live, &device).await["is_blocked"], false, "once more changes nothing");
    let again = register(&app, &acme.live, &laptop("A"), "u1", HOME).await;
    assert_eq!((&again["risk_score"], &again["is_blocked"]), (&json!(0), &json!(false)));
    app.delete(&format!("{DEVICES}/{}/block", text(&foreign, "id")))
        .bearer(&acme.live)
        .send()
        .await
        .expect(404);
}

#[tokio::test]
async fn a_temporary_block_ends() {
    let (app, acme, _other) = world().await;
    let device = register(&app, &acme.live, &laptop("A"), "u1", HOME).await;
    let terms = json!({ "reason": "card_testing", "duration": "temporary", "expires_in": 3_600 });
    let blocked = block(&app, &acme.live, &device, &terms).await;
    assert_eq!(blocked["block"]["duration"], "temporary");
    assert_eq!(blocked["block"]["expires_at"], "2026-01-05T11:00:00.000Z");
    let path = format!("{DEVICES}/{}/block", text(&device, "id"));
    let other_terms = app.post(&path, &json!({ "reason": "other" })).bearer(&acme.live).send().await;
    error(other_terms, 409, "conflict_error", "already_exists");
    app.clock.advance(3_600_000 - 1);
    assert_eq!(register(&app, &acme.live, &laptop("A"), "u1", HOME).await["risk_score"], 1_000);
    app.clock.advance(1);
    let free = register(&app, &acme.live, &laptop("A"), "u1", HOME).await;
    assert_eq!((&free["risk_score"], &free["is_blocked"]), (&json!(0), &json!(false)));
    assert_eq!(block(&app, &acme.live, &device, &json!({ "reason": "again" })).await["is_blocked"], true);
}

#[tokio::test]
async fn ingest_knows_the_device_by_each_of_its_names() {
    let (app, acme, _other) = two_shops().await;
    let body = json!({
        "fingerprint": { "visitor_id": "fp-1", "user_agent": "Mozilla/5.0" }, "ip_address": HOME, "user_id": "u1",
    });
    let device = app.post(DEVICES, &body).bearer(&acme.live).send().await.expect_json(200);
    let login = async || {
        app.clock.advance(1_200_000);
        let event = json!({ "type": "LOGIN", "email": "jane@example.com", "externalUserId": "u1", "ip": HOME,
                            "device": { "clientFingerprint": "fp-1" } });
        app.post("/api/v1/events/ingest", &event).key(&acme.live).send().await.expect_json(200)
    };
    let free = login().await;
    let hash = free["derivedSignals"]["device"]["deviceHash"].as_str().unwrap().to_owned();
    assert_eq!(free["decision"], "ALLOW");
    for name in ["fp-1", &hash] {
        let entry = json!({ "type": "device", "value": name });
        let entry = app.post("/v1/fraud/blocklist", &entry).bearer(&acme.live).send().await.expect_json(201);
        assert_eq!(login().await["decision"], "BLOCK", "{name}");
        let path = format!("/v1/fraud/blocklist/{}", text(&entry, "id"));
        app.delete(&path).bearer(&acme.live).send().await.expect(200);
    }
    // And this dialect knows it by the name that its own client gave.
    let entry = json!({ "type": "device", "value": "fp-1" });
    app.post("/v1/fraud/blocklist", &entry).bearer(&acme.live).send().await.expect(201);
    let again = app.post(DEVICES, &body).bearer(&acme.live).send().await.expect_json(200);
    assert_eq!((&again["risk_score"], &again["id"]), (&json!(1_000), &device["id"]));
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let (app, acme, _other) = world().await;
    let device = register(&app, &acme.live, &laptop("A"), "u1", HOME).await;
    let path = format!("{DEVICES}/{}/block", text(&device, "id"));
    let (missing, invalid) = ("missing_parameter", "invalid_parameter");
    for (body, code, param) in [
        (json!({}), missing, "reason"),
        (json!({ "reason": " " }), missing, "reason"),
        (json!({ "reason": 7 }), invalid, "reason"),
        (json!({ "reason": "r".repeat(501) }), invalid, "reason"),
        (json!({ "reason": "r", "duration": "long" }), invalid, "duration"),
        (json!({ "reason": "r", "duration": "temporary" }), missing, "expires_in"),
        (json!({ "reason": "r", "duration": "permanent", "expires_in": 60 }), invalid, "expires_in"),
        (json!({ "reason": "r", "expires_in": "soon" }), invalid, "expires_in"),
        (json!({ "reason": "r", "expires_in": -1 }), invalid, "expires_in"),
    ] {
        let refused = app.post(&path, &body).bearer(&acme.live).send().await;
        assert_eq!(error(refused, 400, "validation_error", code)["param"], param, "{body}");
    }
    let reader = key(&app, &acme.tenant, &json!({ "scopes": ["fraud:read"] })).await;
    let refused = app.post(&path, &json!({ "reason": "r" })).bearer(&reader).send().await;
    error(refused, 403, "authorization_error", "forbidden");
    error(app.delete(&path).bearer(&reader).send().await, 403, "authorization_error", "forbidden");
    for nothing in ["dev_", "dev_000000000000", "blk_000000000000"] {
        let path = format!("{DEVICES}/{nothing}");
        for path in [path.clone(), format!("{path}/history"), format!("{path}/linked-accounts")] {
            error(app.get(&path).bearer(&acme.live).send().await, 404, "not_found_error", "not_found");
        }
        let call = app.post(&format!("{path}/block"), &json!({ "reason": "r" })).bearer(&acme.live);
        error(call.send().await, 404, "not_found_error", "not_found");
    }
}
