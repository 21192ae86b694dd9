//! Custom rules: their variables, and what each of their actions does.

use serde_json::{Value, json};

use super::super::{
    support::error,
    world::{ASSESS, DAY_MS, HOME, TOR, VERIFY, VPN, laptop, post, register, rule, verdict, with, world},
};

const SEED: &str =
    "\n    user.age_days < 7 AND \n    device.is_vpn = true AND \n    transaction.amount > 10000\n  ";

/// A payment that the rule of the guide is about, by a user whose devices say nothing.
fn payment() -> Value {
    json!({
        "user_id": "usr_1", "event_type": "payment", "ip_address": VPN,
        "user": { "age_days": 3 }, "transaction": { "amount": 12_000, "currency": "mad" },
    })
}

#[tokio::test]
async fn the_rule_of_the_guide_fires_when_all_of_it_holds() {
    let (app, acme, other) = world().await;
    let body = json!({
        "name": "High Risk New User", "description": "Flag new users with VPN and high-value transactions",
        "condition": SEED, "action": "flag", "score_adjustment": 300, "enabled": true,
    });
    let made = app.post("/v1/fraud/rules", &body).bearer(&acme.live).send().await.expect_json(201);
    let fired = post(&app, &acme.live, ASSESS, &payment()).await;
    assert_eq!(verdict(&fired, "decision"), (500, "challenge"), "VPN 200 + 300");
    let hit = json!({ "id": made["id"], "name": "High Risk New User", "action": "flag", "monitored": false });
    assert_eq!(fired["triggered_rules"], json!([hit]));
    assert_eq!(fired["signals"], json!(["vpn_detected", "rule:High Risk New User"]));
    assert_eq!(fired["review_id"], Value::Null, "it goes on");
    for (change, score) in [
        (json!({ "user": { "age_days": 7 } }), 200),
        (json!({ "user": { "created_at": "2026-01-01T00:00:00Z" } }), 500),
        (json!({ "user": { "created_at": "2025-12-01T00:00:00Z" } }), 200),
        (json!({ "transaction": { "amount": 10_000 } }), 200),
        (json!({ "transaction": { "amount": 10_000.5 } }), 500),
        (json!({ "transaction": null }), 200),
        (json!({ "ip_address": HOME }), 0),
        // What the caller does not say is what was seen of the user: the first time was just now.
        (json!({ "user": null }), 500),
    ] {
        let answer = post(&app, &acme.live, ASSESS, &with(payment(), change.clone())).await;
        assert_eq!(answer["risk_score"], score, "{change}");
        assert_eq!(answer["triggered_rules"].as_array().unwrap().len(), usize::from(score == 500));
    }
    app.clock.advance(7 * DAY_MS);
    let later = post(&app, &acme.live, ASSESS, &with(payment(), json!({ "user": null }))).await;
    assert_eq!(later["risk_score"], 200, "a week after it was first seen");
    assert_eq!(post(&app, &other.live, ASSESS, &payment()).await["risk_score"], 200);
    assert_eq!(
        post(&app, &acme.test, ASSESS, &payment()).await["risk_score"],
        500,
        "rules are the account's"
    );
}

#[tokio::test]
async fn each_action_does_what_it_says() {
    let (app, acme, _other) = world().await;
    for (user, action, decision, score) in [
        ("u1", "flag", "allow", 100),
        ("u2", "challenge", "challenge", 201),
        ("u3", "review", "review", 501),
        ("u4", "block", "block", 801),
    ] {
        let name = json!({ "name": format!("To {action}"), "score_adjustment": 100 });
        let made = rule(
            &app,
            &acme.live,
            &format!("transaction.amount = {}", user.len() + score as usize),
            action,
            name,
        )
        .await;
        let body = json!({ "user_id": user, "transaction": { "amount": user.len() + score as usize } });
        let answer = post(&app, &acme.live, ASSESS, &body).await;
        assert_eq!(verdict(&answer, "decision"), (score, decision), "{action}");
        let hit =
            json!({ "id": made["id"], "name": format!("To {action}"), "action": action, "monitored": false });
        assert_eq!((&answer["triggered_rules"], &answer["would_block"]), (&json!([hit]), &json!(false)));
        assert_eq!(answer["signals"], json!([format!("rule:To {action}")]));
        assert_eq!(answer["review_id"].is_string(), action == "review");
    }
    // `allow` lets through what would be challenged or reviewed.
    let body = json!({ "user_id": "boss", "fingerprint": with(laptop("A"), json!({ "is_emulator": true })), "ip_address": TOR });
    assert_eq!(verdict(&post(&app, &acme.live, ASSESS, &body).await, "decision"), (650, "review"));
    rule(&app, &acme.live, "device.is_emulator", "allow", json!({ "name": "Lab" })).await;
    assert_eq!(verdict(&post(&app, &acme.live, ASSESS, &body).await, "decision"), (200, "allow"));
    // But not against a stricter rule.
    let strict = with(body, json!({ "transaction": { "amount": 2 + 201 } }));
    let answer = post(&app, &acme.live, ASSESS, &strict).await;
    assert_eq!(answer["decision"], "review", "700 and a challenge: {answer}");
}

#[tokio::test]
async fn rules_that_are_off_or_only_watch_do_not_act() {
    let (app, acme, _other) = world().await;
    let off = json!({ "name": "Off", "enabled": false, "score_adjustment": 900 });
    rule(&app, &acme.live, "ip.is_vpn", "block", off).await;
    let watching = json!({ "name": "Watching", "enforcement": "monitor", "score_adjustment": 900 });
    let watching = rule(&app, &acme.live, "ip.is_vpn", "block", watching).await;
    let answer = post(&app, &acme.live, ASSESS, &payment()).await;
    assert_eq!(verdict(&answer, "decision"), (200, "allow"));
    assert_eq!(answer["would_block"], true);
    let hit = json!({ "id": watching["id"], "name": "Watching", "action": "block", "monitored": true });
    assert_eq!((&answer["triggered_rules"], &answer["signals"]), (&json!([hit]), &json!(["vpn_detected"])));
}

#[tokio::test]
async fn every_variable_of_the_guide_has_a_value() {
    let (app, acme, _other) = world().await;
    let emulator = with(laptop("A"), json!({ "is_emulator": true }));
    register(&app, &acme.live, &emulator, "u1", HOME).await;
    register(&app, &acme.live, &emulator, "u2", HOME).await;
    let body = json!({
        "user_id": "u1", "event_type": "withdrawal", "fingerprint": emulator, "ip_address": VPN,
        "email": "jane@mailinator.com",
        "transaction": { "amount": 99.5, "currency": " mad " }, "user": { "age_days": 12.9, "verification_count": 2 },
    });
    for condition in [
        "user.age_days = 12",
        "user.verification_count = 2",
        "device.is_vpn = true",
        "device.is_emulator = true",
        "device.linked_accounts = 2",
        "transaction.amount > 99 and transaction.amount < 100",
        "velocity.daily_count >= 2",
        "ip.country_code = 'MA'",
        "ip.is_tor = false",
        "ip.is_datacenter = false",
        "email.is_disposable = true",
        "transaction.currency = 'MAD'",
        "event.type = 'withdrawal'",
        "NOT (ip.country_code IN ('FR', 'DE')) OR user.age_days != 12",
    ] {
        rule(&app, &acme.live, condition, "flag", json!({ "name": condition })).await;
    }
    let answer = post(&app, &acme.live, ASSESS, &body).await;
    let fired: Vec<_> =
        answer["triggered_rules"].as_array().unwrap().iter().map(|hit| hit["name"].clone()).collect();
    assert_eq!(fired.len(), 14, "{fired:?}");
    let unknown = json!({ "name": "x", "condition": "device.color = 'red'", "action": "flag" });
    let refused = app.post("/v1/fraud/rules", &unknown).bearer(&acme.live).send().await;
    assert_eq!(error(refused, 400, "validation_error", "invalid_parameter")["param"], "condition");
    // A missing value is no match.
    let nobody = post(&app, &acme.live, ASSESS, &json!({})).await;
    assert_eq!(nobody["triggered_rules"], json!([]), "{nobody}");
}

#[tokio::test]
async fn rules_read_what_the_caller_says_in_words_of_its_own() {
    let (app, acme, other) = world().await;
    let name = json!({ "name": "Large carts" });
    let condition = "metadata.cart.total - metadata.cart.discount > 500 AND metadata.'ship-to' != 'store'";
    rule(&app, &acme.live, condition, "block", name).await;
    let body = json!({ "user_id": "u1", "metadata": {
        "cart": { "total": "600", "discount": 50 }, "ship-to": "home", "more": [null, { "deep": true }] } });
    assert_eq!(post(&app, &acme.live, ASSESS, &body).await["decision"], "block");
    for metadata in [
        json!({ "cart": { "total": 600, "discount": 100 }, "ship-to": "home" }),
        json!({ "cart": { "total": 600 }, "ship-to": "home" }),
        json!({ "cart": { "total": "many", "discount": 50 }, "ship-to": "home" }),
        json!({ "cart": { "total": 600, "discount": 50 }, "ship-to": "store" }),
        json!({}),
        Value::Null,
    ] {
        let body = json!({ "user_id": "u2", "metadata": metadata });
        assert_eq!(post(&app, &acme.live, ASSESS, &body).await["decision"], "allow", "{metadata}");
    }
    assert_eq!(post(&app, &other.live, ASSESS, &body).await["decision"], "allow");
    for wrong in [json!(5), json!([]), json!("text")] {
        let call = app.post(ASSESS, &json!({ "metadata": wrong })).bearer(&acme.live);
        let refused = error(call.send().await, 400, "validation_error", "invalid_parameter");
        assert_eq!(refused["param"], "metadata");
    }
}

#[tokio::test]
async fn verifications_are_counted_by_themselves() {
    let (app, acme, _other) = world().await;
    rule(&app, &acme.live, "user.verification_count >= 2", "flag", json!({ "score_adjustment": 10 })).await;
    for expected in [0, 10] {
        let picture = super::super::duplicates::picture(1, 0);
        let body =
            json!({ "document_front": picture, "country": "MA", "user_id": "u1", "checks": ["fraud"] });
        assert_eq!(post(&app, &acme.live, VERIFY, &body).await["risk_score"], expected);
    }
    assert_eq!(post(&app, &acme.live, ASSESS, &json!({ "user_id": "u1" })).await["risk_score"], 10);
    assert_eq!(post(&app, &acme.live, ASSESS, &json!({ "user_id": "u2" })).await["risk_score"], 0);
}

#[tokio::test]
async fn rules_run_in_velocity_checks_too() {
    let (app, acme, _other) = world().await;
    let check = |user: &str, ip: &str| {
        let body = json!({ "action": "withdraw", "user_id": user, "ip_address": ip });
        app.post("/v1/fraud/velocity/check", &body).bearer(&acme.live)
    };
    let name = json!({ "name": "No VPN" });
    let made = rule(&app, &acme.live, "ip.is_vpn AND event.action = 'withdraw'", "block", name).await;
    let refused = check("u1", VPN).send().await.expect_json(200);
    assert_eq!((&refused["allowed"], &refused["reason"]), (&json!(false), &json!("rule")));
    let hit = json!({
        "id": made["id"], "name": "No VPN", "action": "block", "score_adjustment": 0, "monitored": false,
    });
    assert_eq!((&refused["matched_rules"], &refused["retry_after"]), (&json!([hit]), &Value::Null));
    assert_eq!(refused["counts"]["user_id"], 0, "what was refused does not count");
    let allowed = check("u1", HOME).send().await.expect_json(200);
    assert_eq!((&allowed["allowed"], &allowed["counts"]["user_id"]), (&json!(true), &json!(1)));
    super::super::support::block(&app, &acme.live, "user", "u1").await;
    let refused = check("u1", HOME).send().await.expect_json(200);
    assert_eq!((&refused["allowed"], &refused["reason"]), (&json!(false), &json!("blocklisted")));
}
