//! Assessments of an action, which velocity rules count.

use futures_util::future::join_all;
use portcullis_testkit::TestApp;
use serde_json::{Value, json};

use super::super::{
    velocity_rules::make,
    world::{ASSESS, HOME, VPN, laptop, post, verdict, with, world},
};

fn limit(change: Value) -> Value {
    let usual = json!({
        "name": "Withdrawals", "action": "withdraw", "limit": 2, "window": "1h", "scope": "user_id",
        "on_exceed": "block", "cooldown": "2h",
    });
    with(usual, change)
}

async fn withdraw(app: &TestApp, key: &str, user: &str) -> Value {
    post(app, key, ASSESS, &json!({ "user_id": user, "action": "withdraw", "ip_address": HOME })).await
}

#[tokio::test]
async fn an_action_beyond_a_rule_is_refused_and_waits() {
    let (app, acme, other) = world().await;
    let made = make(&app, &acme.live, &limit(json!({}))).await;
    for _ in 0..2 {
        let answer = withdraw(&app, &acme.live, "u1").await;
        assert_eq!(verdict(&answer, "decision"), (0, "allow"));
        assert_eq!((&answer["signals"], &answer["retry_after"]), (&json!(["normal_velocity"]), &Value::Null));
    }
    let refused = withdraw(&app, &acme.live, "u1").await;
    assert_eq!(verdict(&refused, "decision"), (801, "block"), "{refused}");
    let hit = json!({ "id": made["id"], "name": "Withdrawals", "action": "block", "monitored": false });
    assert_eq!(refused["triggered_rules"], json!([hit]));
    assert_eq!(
        (&refused["signals"], &refused["retry_after"]),
        (&json!(["velocity_exceeded"]), &json!(7_200))
    );
    // The same trail as that of a check.
    let check = json!({ "user_id": "u1", "action": "withdraw" });
    let check = post(&app, &acme.live, "/v1/fraud/velocity/check", &check).await;
    assert_eq!((&check["allowed"], &check["retry_after"]), (&json!(false), &json!(7_200)));
    for (key, user) in [(&acme.live, "u2"), (&acme.test, "u1"), (&other.live, "u1")] {
        assert_eq!(withdraw(&app, key, user).await["decision"], "allow");
    }
    let elsewhere = json!({ "user_id": "u1", "action": "deposit" });
    assert_eq!(post(&app, &acme.live, ASSESS, &elsewhere).await["decision"], "allow", "another action");
    let nothing = post(&app, &acme.live, ASSESS, &json!({ "user_id": "u1" })).await;
    assert_eq!((&nothing["signals"], &nothing["decision"]), (&json!([]), &json!("allow")), "no action");
    app.clock.advance(7_200_000 - 1);
    assert_eq!(withdraw(&app, &acme.live, "u1").await["retry_after"], 1);
    app.clock.advance(1);
    assert_eq!(withdraw(&app, &acme.live, "u1").await["decision"], "allow");
}

#[tokio::test]
async fn what_exceeding_leads_to_is_the_rules_say() {
    let (app, acme, _other) = world().await;
    for (on_exceed, decision, score) in
        [("challenge", "challenge", 201), ("review", "review", 501), ("flag", "allow", 200)]
    {
        let change = json!({ "action": on_exceed, "on_exceed": on_exceed, "limit": 1, "cooldown": null });
        make(&app, &acme.live, &limit(change)).await;
        let body = json!({ "user_id": "u1", "action": on_exceed });
        assert_eq!(post(&app, &acme.live, ASSESS, &body).await["decision"], "allow");
        let beyond = post(&app, &acme.live, ASSESS, &body).await;
        assert_eq!(verdict(&beyond, "decision"), (score, decision), "{beyond}");
        assert_eq!(beyond["triggered_rules"][0]["action"], on_exceed);
        assert_eq!(beyond["retry_after"], Value::Null, "it is not refused");
        assert_eq!(beyond["review_id"].is_string(), on_exceed == "review");
    }
    let change = json!({ "action": "watched", "limit": 1, "enforcement": "monitor" });
    make(&app, &acme.live, &limit(change)).await;
    let body = json!({ "user_id": "u1", "action": "watched" });
    post(&app, &acme.live, ASSESS, &body).await;
    let beyond = post(&app, &acme.live, ASSESS, &body).await;
    assert_eq!((verdict(&beyond, "decision"), &beyond["would_block"]), ((0, "allow"), &json!(true)));
    assert_eq!(
        (&beyond["triggered_rules"][0]["monitored"], &beyond["signals"]),
        (&json!(true), &json!(["normal_velocity"]))
    );
}

#[tokio::test]
async fn device_address_velocity_and_rules_add_up() {
    let (app, acme, _other) = world().await;
    let change = json!({ "limit": 1, "on_exceed": "flag", "scope": "device_id" });
    make(&app, &acme.live, &limit(change)).await;
    let rule = json!({ "name": "Big", "condition": "transaction.amount > 100", "action": "flag", "score_adjustment": 70 });
    app.post("/v1/fraud/rules", &rule).bearer(&acme.live).send().await.expect(201);
    let body = |user: &str| {
        json!({
            "user_id": user, "action": "withdraw", "transaction": { "amount": 500 },
            "device": { "fingerprint": laptop("A"), "ip_address": VPN },
        })
    };
    let first = post(&app, &acme.live, ASSESS, &body("u1")).await;
    assert_eq!(first["risk_score"], 200 + 50 + 70, "{first}");
    let second = post(&app, &acme.live, ASSESS, &body("u2")).await;
    assert_eq!(second["risk_score"], 200 + 100 - 50 + 200 + 70, "{second}");
    let words = json!(["vpn_detected", "linked_accounts", "known_device", "velocity_exceeded", "rule:Big"]);
    assert_eq!(second["signals"], words);
    assert_eq!(second["triggered_rules"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn an_action_that_is_refused_for_another_reason_does_not_count() {
    let (app, acme, _other) = world().await;
    make(&app, &acme.live, &limit(json!({}))).await;
    let rule = json!({ "name": "No VPN", "condition": "ip.is_vpn", "action": "block" });
    app.post("/v1/fraud/rules", &rule).bearer(&acme.live).send().await.expect(201);
    for _ in 0..3 {
        let body = json!({ "user_id": "u1", "action": "withdraw", "ip_address": VPN });
        let refused = post(&app, &acme.live, ASSESS, &body).await;
        assert_eq!((&refused["decision"], &refused["retry_after"]), (&json!("block"), &Value::Null));
    }
    for decision in ["allow", "allow", "block"] {
        assert_eq!(withdraw(&app, &acme.live, "u1").await["decision"], decision);
    }
}

#[tokio::test]
async fn of_thirty_simultaneous_actions_two_are_allowed() {
    let (app, acme, _other) = world().await;
    make(&app, &acme.live, &limit(json!({}))).await;
    let answers = join_all((0..30).map(|_| withdraw(&app, &acme.live, "u1"))).await;
    let allowed = answers.iter().filter(|answer| answer["decision"] == "allow").count();
    let blocked = answers.iter().filter(|answer| answer["decision"] == "block").count();
    assert_eq!((allowed, blocked), (2, 28));
}
