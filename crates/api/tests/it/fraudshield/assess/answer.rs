//! What an assessment answers, what it may be asked with, and lists.

use serde_json::{Value, json};

use super::super::{
    support::{block, error, key, names},
    world::{ASSESS, DEVICES, HOME, TOR, VPN, laptop, post, register, text, verdict, with, world},
};

/// The call of the product's overview page.
fn call(user: &str, device: &Value, ip: &str) -> Value {
    json!({ "user_id": user, "event_type": "login", "device": { "fingerprint": device, "ip_address": ip } })
}

#[tokio::test]
async fn everything_is_judged_at_once() {
    let (app, acme, other) = world().await;
    let first = post(&app, &acme.live, ASSESS, &call("u1", &laptop("A"), VPN)).await;
    let expected = json!({
        "id": first["id"], "object": "assessment", "risk_score": 250, "risk_level": "medium",
        "decision": "challenge", "would_block": false, "triggered_rules": [],
        "signals": ["vpn_detected", "new_device"], "device_id": first["device_id"], "retry_after": null,
        "review_id": null, "created_at": "2026-01-05T10:00:00.000Z",
    });
    assert_eq!(first, expected);
    assert!(text(&first, "id").starts_with("ass_") && text(&first, "device_id").starts_with("dev_"));
    app.clock.advance(1_000);
    // The same device as at a registration, and a second account on it.
    let device = register(&app, &acme.live, &laptop("A"), "u2", HOME).await;
    assert_eq!((&device["id"], &device["linked_users"]), (&first["device_id"], &json!(["u1", "u2"])));
    let known = post(&app, &acme.live, ASSESS, &call("u1", &laptop("A"), VPN)).await;
    assert_eq!(verdict(&known, "decision"), (250, "challenge"), "200 + 100 - 50");
    assert_eq!(known["signals"], json!(["vpn_detected", "linked_accounts", "known_device"]));
    for foreign in [&acme.test, &other.live] {
        let answer = post(&app, foreign, ASSESS, &call("u1", &laptop("A"), HOME)).await;
        assert_eq!(answer["signals"], json!(["new_device"]));
    }
}

#[tokio::test]
async fn each_level_means_a_decision() {
    let (app, acme, _other) = world().await;
    let bot = json!({ "user_agent": "HeadlessChrome/142" });
    let all = with(bot.clone(), json!({ "is_emulator": true }));
    for (user, ip, change, score, decision) in [
        ("u1", HOME, json!({}), 50, "allow"),
        ("u2", VPN, json!({}), 250, "challenge"),
        ("u3", TOR, bot, 650, "review"),
        ("u4", TOR, all, 950, "block"),
    ] {
        let answer = post(&app, &acme.live, ASSESS, &call(user, &with(laptop(user), change), ip)).await;
        assert_eq!(verdict(&answer, "decision"), (score, decision));
        assert_eq!(answer["review_id"].is_string(), decision == "review", "{answer}");
    }
}

#[tokio::test]
async fn a_device_is_told_in_several_ways() {
    let (app, acme, other) = world().await;
    let device = register(&app, &acme.live, &laptop("A"), "u1", HOME).await;
    let id = &device["id"];
    for (body, found) in [
        (json!({ "device_id": id }), id),
        (json!({ "device": { "id": id } }), id),
        (json!({ "fingerprint": laptop("A") }), id),
        (json!({ "device": { "fingerprint": laptop("A") } }), id),
        (json!({ "device_id": "dev_000000000000" }), &Value::Null),
        (json!({}), &Value::Null),
    ] {
        let answer = post(&app, &acme.live, ASSESS, &body).await;
        assert_eq!(&answer["device_id"], found, "{body}");
        assert_eq!(answer["decision"], "allow");
    }
    assert_eq!(post(&app, &other.live, ASSESS, &json!({ "device_id": id })).await["device_id"], Value::Null);
    // An id that a library computed is a fingerprint too.
    let library = json!({ "device": { "fingerprint": "fp-visitor-1" }, "user_id": "u1" });
    let first = post(&app, &acme.live, ASSESS, &library).await;
    assert_eq!((&first["signals"], first["device_id"].is_string()), (&json!(["new_device"]), true));
    let again = post(&app, &acme.live, ASSESS, &with(library, json!({ "user_id": "u2" }))).await;
    assert_eq!(again["device_id"], first["device_id"]);
    assert_eq!(again["signals"], json!(["linked_accounts", "known_device"]));
}

#[tokio::test]
async fn what_is_blocked_is_refused_with_a_thousand() {
    let (app, acme, other) = world().await;
    let device = register(&app, &acme.live, &laptop("A"), "u0", HOME).await;
    for (kind, value, body) in [
        ("device", text(&device, "id"), json!({ "device_id": device["id"] })),
        ("device", "my-phone", json!({ "device_id": "my-phone" })),
        ("ip", "192.0.2.0/24", json!({ "ip_address": "192.0.2.9" })),
        ("user", "u7", json!({ "user_id": "u7" })),
        ("email", "jane@example.com", json!({ "email": " Jane@Example.com" })),
        ("phone", "+212612345678", json!({ "phone": "+212 612 345 678" })),
        ("document", "AB123456", json!({ "document_number": "ab 123-456" })),
    ] {
        assert_eq!(post(&app, &acme.live, ASSESS, &body).await["decision"], "allow", "{kind}");
        block(&app, &acme.live, kind, value).await;
        let refused = post(&app, &acme.live, ASSESS, &body).await;
        assert_eq!(verdict(&refused, "decision"), (1_000, "block"), "{kind}");
        assert_eq!(refused["risk_level"], "critical");
        let words = refused["signals"].as_array().unwrap();
        assert!(words.contains(&json!(format!("blocklisted_{kind}"))), "{refused}");
        for foreign in [&acme.test, &other.live] {
            assert_eq!(post(&app, foreign, ASSESS, &body).await["decision"], "allow", "{kind}");
        }
    }
    // Neither being known nor a rule takes anything off that, nor the allow list.
    let rule = json!({ "name": "Staff", "condition": "user.age_days >= 0", "action": "allow", "score_adjustment": -1_000 });
    app.post("/v1/fraud/rules", &rule).bearer(&acme.live).send().await.expect(201);
    let list = json!({ "list": "allow", "kind": "user", "value": "u0" });
    app.post("/api/v1/client/lists", &list).bearer(&acme.tenant.admin).send().await.expect(201);
    let body = json!({ "user_id": "u0", "fingerprint": laptop("A"), "ip_address": HOME });
    let refused = post(&app, &acme.live, ASSESS, &body).await;
    assert_eq!(verdict(&refused, "decision"), (1_000, "block"), "{refused}");
}

#[tokio::test]
async fn a_watch_entry_adds_a_hundred_and_an_allow_entry_lets_through() {
    let (app, acme, _other) = world().await;
    for (list, kind, value) in [("watch", "user", "u1"), ("allow", "email", "boss@example.com")] {
        let body = json!({ "list": list, "kind": kind, "value": value });
        app.post("/api/v1/client/lists", &body).bearer(&acme.tenant.analyst).send().await.expect(201);
    }
    let watched = post(&app, &acme.live, ASSESS, &json!({ "user_id": "u1", "ip_address": VPN })).await;
    assert_eq!(verdict(&watched, "decision"), (300, "challenge"));
    assert_eq!(watched["signals"], json!(["vpn_detected", "watchlisted_user"]));
    let body = json!({ "user_id": "u1", "email": "boss@example.com", "ip_address": TOR });
    let allowed = post(&app, &acme.live, ASSESS, &body).await;
    assert_eq!(verdict(&allowed, "decision"), (0, "allow"));
    assert_eq!(allowed["signals"], json!(["tor_detected", "watchlisted_user", "allowlisted_email"]));
}

#[tokio::test]
async fn a_retry_gets_the_first_answer() {
    let (app, acme, other) = world().await;
    let once = |key: &str, user: &str| {
        let call = app.post(ASSESS, &call(user, &laptop("A"), VPN)).bearer(key);
        call.header("idempotency-key", "payment-20481").send()
    };
    let first = once(&acme.live, "u1").await.expect(200);
    let again = once(&acme.live, "u1").await.expect(200);
    assert_eq!((again.text(), again.header("idempotent-replayed")), (first.text(), "true"));
    error(once(&acme.live, "u2").await, 409, "idempotency_error", "idempotency_key_conflict");
    assert_eq!(once(&other.live, "u2").await.expect(200).header("idempotent-replayed"), "");
    let path = format!("{DEVICES}/{}", text(&first.json(), "device_id"));
    let device = app.get(&path).bearer(&acme.live).send().await.expect_json(200);
    assert_eq!(device["times_seen"], 1, "it was not counted twice");
}

#[tokio::test]
async fn test_addresses_force_a_decision_of_test_keys() {
    let (app, acme, _other) = world().await;
    for decision in ["allow", "challenge", "review", "block"] {
        let body = json!({ "email": format!("test+{decision}@example.com") });
        assert_eq!(post(&app, &acme.test, ASSESS, &body).await["decision"], decision);
        assert_eq!(post(&app, &acme.live, ASSESS, &body).await["decision"], "allow");
    }
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let (app, acme, _other) = world().await;
    for (body, param) in [
        (json!({ "user_id": "" }), "user_id"),
        (json!({ "user_id": 7 }), "user_id"),
        (json!({ "ip_address": "home" }), "ip_address"),
        (json!({ "device": { "ip_address": "home" } }), "device.ip_address"),
        (json!({ "device": "phone" }), "device"),
        (json!({ "device": { "fingerprint": {} } }), "device.fingerprint"),
        (
            json!({ "device": { "fingerprint": { "platform": "x", "screen_resolution": "7" } } }),
            "device.fingerprint.screen_resolution",
        ),
        (json!({ "fingerprint": " " }), "fingerprint"),
        (json!({ "fingerprint": 7 }), "fingerprint"),
        (json!({ "device_id": "d".repeat(257) }), "device_id"),
        (json!({ "email": "nobody" }), "email"),
        (json!({ "phone": "0612345678" }), "phone"),
        (json!({ "document_number": "--" }), "document_number"),
        (json!({ "action": " " }), "action"),
        (json!({ "event_type": 7 }), "event_type"),
        (json!({ "transaction": 7 }), "transaction"),
        (json!({ "transaction": { "amount": "12" } }), "transaction.amount"),
        (json!({ "user": [] }), "user"),
        (json!({ "user": { "age_days": -1 } }), "user.age_days"),
        (json!({ "user": { "verification_count": -1 } }), "user.verification_count"),
        (json!({ "user": { "created_at": "tomorrow" } }), "user.created_at"),
        (json!({ "user": { "created_at": "2030-01-01T00:00:00Z" } }), "user.created_at"),
    ] {
        let refused = app.post(ASSESS, &body).bearer(&acme.live).send().await;
        assert_eq!(error(refused, 400, "validation_error", "invalid_parameter")["param"], param, "{body}");
    }
    let several = json!({ "user_id": "", "email": "x", "user": { "age_days": -1 } });
    let several = app.post(ASSESS, &several).bearer(&acme.live).send().await;
    let several = error(several, 400, "validation_error", "invalid_parameter");
    for word in ["user_id", "email", "user.age_days"] {
        assert!(text(&several, "message").contains(word), "{several}");
    }
    let odd = json!({ "user_id": null, "device": { "odd": 1 }, "user": { "odd": 1 }, "odd": 1 });
    assert_eq!(names(&post(&app, &acme.live, ASSESS, &odd).await).len(), 12, "unknown fields are ignored");
    let reader = key(&app, &acme.tenant, &json!({ "scopes": ["fraud:read", "identity:*"] })).await;
    let refused = app.post(ASSESS, &json!({})).bearer(&reader).send().await;
    error(refused, 403, "authorization_error", "forbidden");
}
