//! What else the fraud check looks at.

use serde_json::{Value, json};

use super::{
    super::{
        support::block,
        velocity_rules::make,
        world::{FAR, TOR, VPN, laptop, rule, with, world},
    },
    call, fraud, verify,
};

#[tokio::test]
async fn what_is_blocked_fails() {
    let (app, acme, other) = world().await;
    for (document, (kind, value, field)) in (1..).zip([
        ("user", "u1", "user_id"),
        ("device", "my-phone", "device_id"),
        ("ip", "192.0.2.1", "ip_address"),
        ("email", "jane@example.com", "email"),
        ("phone", "+212612345678", "phone"),
        ("document", "BE123456", "document_number"),
    ]) {
        block(&app, &acme.live, kind, value).await;
        let body = with(call(document), json!({ field: value }));
        let answer = verify(&app, &acme.live, &body).await;
        let found = &answer["checks"]["fraud"];
        assert_eq!((&answer["status"], &found["status"]), (&json!("failed"), &json!("failed")), "{kind}");
        assert_eq!((&answer["risk_score"], &answer["risk_level"]), (&json!(1_000), &json!("critical")));
        assert!(
            found["signals"].as_array().unwrap().contains(&json!(format!("blocklisted_{kind}"))),
            "{found}"
        );
        assert_eq!(verify(&app, &other.live, &body).await["checks"]["fraud"]["status"], "passed", "{kind}");
    }
}

#[tokio::test]
async fn every_word_for_devices_and_addresses_is_told() {
    let (app, acme, _other) = world().await;
    let emulator = with(laptop("A"), json!({ "is_emulator": true }));
    let body = with(call(1), json!({ "user_id": "u1", "fingerprint": emulator, "ip_address": VPN }));
    let found = fraud(&app, &acme.live, &body).await;
    assert_eq!(
        found["signals"],
        json!(["vpn_detected", "emulator_detected", "new_device", "normal_velocity"])
    );
    assert_eq!((&found["risk_score"], &found["status"]), (&json!(550), &json!("review")));
    let body = with(call(2), json!({ "user_id": "u2", "fingerprint": laptop("B"), "ip_address": TOR }));
    assert_eq!(
        fraud(&app, &acme.live, &body).await["signals"],
        json!(["tor_detected", "new_device", "normal_velocity"])
    );
}

#[tokio::test]
async fn custom_rules_run() {
    let (app, acme, _other) = world().await;
    for (name, action, status, score) in [
        ("Flagged", "flag", "passed", 30),
        ("Challenged", "challenge", "review", 201),
        ("Reviewed", "review", "review", 501),
        ("Blocked", "block", "failed", 801),
    ] {
        let condition = "event.type = 'verification' AND ip.is_vpn = false";
        let more = json!({ "name": name, "score_adjustment": 30 });
        let made = rule(&app, &acme.live, condition, action, more).await;
        let body = with(call(1), json!({ "user_id": "u1", "ip_address": FAR, "checks": ["fraud"] }));
        let answer = verify(&app, &acme.live, &body).await;
        let found = &answer["checks"]["fraud"];
        assert_eq!(answer["status"], status, "{answer}");
        assert_eq!(found["risk_score"], score);
        let hit = json!({ "id": made["id"], "name": name, "action": action, "score_adjustment": 30, "monitored": false });
        assert_eq!(found["triggered_rules"], json!([hit]));
        assert!(found["signals"].as_array().unwrap().contains(&json!(format!("rule:{name}"))));
        assert_eq!(answer["review_id"].is_string(), action == "review");
        let path = format!("/v1/fraud/rules/{}", made["id"].as_str().unwrap());
        app.delete(&path).bearer(&acme.live).send().await.expect(200);
    }
}

#[tokio::test]
async fn verifications_beyond_a_velocity_rule_fail() {
    let (app, acme, other) = world().await;
    let limit = json!({
        "name": "Verifications", "action": "identity.verify", "limit": 2, "window": "1h", "scope": "user_id",
        "on_exceed": "block",
    });
    make(&app, &acme.live, &limit).await;
    let body = with(call(1), json!({ "user_id": "u1" }));
    for _ in 0..2 {
        assert_eq!(fraud(&app, &acme.live, &body).await["signals"], json!(["normal_velocity"]));
    }
    let answer = verify(&app, &acme.live, &body).await;
    assert_eq!(answer["status"], "failed");
    assert_eq!(answer["checks"]["fraud"]["signals"], json!(["velocity_exceeded"]));
    assert_eq!(verify(&app, &other.live, &body).await["status"], "passed");
    // What failed for that is no earlier verification of anybody's attempts, but its images are known.
    let check = json!({ "user_id": "u1", "action": "identity.verify" });
    let check = app.post("/v1/fraud/velocity/check", &check).bearer(&acme.live).send().await.expect_json(200);
    assert_eq!((&check["allowed"], &check["counts"]["user_id"]), (&Value::Bool(false), &json!(2)));
}
