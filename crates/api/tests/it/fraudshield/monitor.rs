//! Log-only mode: everything is judged and told, and nothing is refused.

use portcullis_testkit::TestApp;
use serde_json::{Value, json};

use super::{
    duplicates::picture,
    support::block,
    velocity_rules::make,
    world::{
        ASSESS, DEVICES, HOME, TOR, VERIFY, VPN, laptop, post, register, rule, text, verdict, with, world,
    },
};

async fn enforcement(app: &TestApp, key: &str, mode: &str) {
    let body = json!({ "enforcement": mode });
    app.put("/v1/fraud/settings", &body).bearer(key).send().await.expect(200);
}

#[tokio::test]
async fn an_account_that_watches_refuses_nothing_and_tells_what_would_be() {
    let (app, acme, other) = world().await;
    for key in [&acme.live, &other.live] {
        rule(&app, key, "ip.is_tor", "block", json!({ "name": "No Tor", "score_adjustment": 100 })).await;
        let limit = json!({ "name": "One", "action": "x", "limit": 1, "window": "1h", "scope": "user_id" });
        make(&app, key, &limit).await;
        block(&app, key, "user", "mallory").await;
    }
    enforcement(&app, &acme.live, "monitor").await;
    for (key, refuses) in [(&acme.live, false), (&other.live, true)] {
        let would = json!(!refuses);
        // A rule that blocks.
        let tor = post(&app, key, ASSESS, &json!({ "user_id": "u1", "ip_address": TOR })).await;
        assert_eq!((verdict(&tor, "decision").1 == "block", &tor["would_block"]), (refuses, &would), "{tor}");
        // An entry of the blocklist.
        let listed = post(&app, key, ASSESS, &json!({ "user_id": "mallory" })).await;
        assert_eq!(listed["risk_score"], 1_000, "it is scored as ever");
        assert_eq!((listed["decision"] == "block", &listed["would_block"]), (refuses, &would), "{listed}");
        // A velocity rule, in an assessment and in a check.
        let body = json!({ "user_id": "u2", "action": "x" });
        post(&app, key, ASSESS, &body).await;
        let beyond = post(&app, key, ASSESS, &body).await;
        assert_eq!((beyond["decision"] == "block", &beyond["would_block"]), (refuses, &would), "{beyond}");
        let check = post(&app, key, "/v1/fraud/velocity/check", &body).await;
        assert_eq!((&check["allowed"], &check["would_block"]), (&would, &would), "{check}");
        // A verification.
        let body = json!({ "document_front": picture(1, 0), "country": "MA", "user_id": "mallory" });
        let verification = post(&app, key, VERIFY, &body).await;
        let fraud = &verification["checks"]["fraud"];
        let status = if refuses { "failed" } else { "passed" };
        assert_eq!(
            (&verification["status"], &fraud["would_block"]),
            (&json!(status), &would),
            "{verification}"
        );
        // A device.
        let device = register(&app, key, &laptop("A"), "mallory", HOME).await;
        assert_eq!((&device["risk_score"], &device["would_block"]), (&json!(1_000), &would), "{device}");
        let path = format!("{DEVICES}/{}", text(&device, "id"));
        assert_eq!(app.get(&path).bearer(key).send().await.expect_json(200)["would_block"], would);
        let summary = app.get("/v1/fraud/analytics/summary").bearer(key).send().await.expect_json(200);
        let told = (summary["blocked"].as_u64().unwrap(), summary["would_block"].as_u64().unwrap());
        assert_eq!(told, if refuses { (6, 0) } else { (0, 6) }, "{summary}");
    }
    enforcement(&app, &acme.live, "enforce").await;
    assert_eq!(post(&app, &acme.live, ASSESS, &json!({ "user_id": "mallory" })).await["decision"], "block");
}

#[tokio::test]
async fn a_rule_may_act_although_the_account_watches() {
    let (app, acme, _other) = world().await;
    enforcement(&app, &acme.live, "monitor").await;
    rule(&app, &acme.live, "ip.is_tor", "block", json!({ "name": "Sure", "enforcement": "enforce" })).await;
    rule(&app, &acme.live, "ip.is_vpn", "block", json!({ "name": "Unsure" })).await;
    let tor = post(&app, &acme.live, ASSESS, &json!({ "ip_address": TOR })).await;
    assert_eq!((&tor["decision"], &tor["would_block"]), (&json!("block"), &Value::Bool(false)));
    let vpn = post(&app, &acme.live, ASSESS, &json!({ "ip_address": VPN })).await;
    assert_eq!((&vpn["decision"], &vpn["would_block"]), (&json!("allow"), &Value::Bool(true)));
    let sure = json!({
        "name": "Sure", "action": "x", "limit": 1, "window": "1h", "scope": "user_id", "enforcement": "enforce",
    });
    make(&app, &acme.live, &sure).await;
    make(&app, &acme.live, &with(sure, json!({ "action": "y", "enforcement": null }))).await;
    for (action, allowed) in [("x", false), ("y", true)] {
        let body = json!({ "user_id": "u1", "action": action });
        post(&app, &acme.live, "/v1/fraud/velocity/check", &body).await;
        let beyond = post(&app, &acme.live, "/v1/fraud/velocity/check", &body).await;
        assert_eq!(
            (&beyond["allowed"], &beyond["would_block"]),
            (&json!(allowed), &json!(allowed)),
            "{beyond}"
        );
    }
}

#[tokio::test]
async fn nothing_is_held_for_review_while_the_account_watches() {
    let (app, acme, _other) = world().await;
    enforcement(&app, &acme.live, "monitor").await;
    let emulator = with(laptop("A"), json!({ "is_emulator": true }));
    let body = json!({ "user_id": "u1", "fingerprint": emulator, "ip_address": TOR });
    let answer = post(&app, &acme.live, ASSESS, &body).await;
    assert_eq!((&answer["risk_score"], &answer["risk_level"]), (&json!(650), &json!("high")));
    assert_eq!((&answer["decision"], &answer["review_id"]), (&json!("allow"), &Value::Null));
    assert_eq!(answer["would_block"], false, "it would have been held, not blocked");
}
