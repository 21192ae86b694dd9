//! What follows from decisions: reviews, messages to webhooks, figures.

use portcullis_testkit::TestApp;
use serde_json::{Value, json};

use super::{
    duplicates::picture,
    support::{Shop, block},
    velocity_rules::make,
    world::{ASSESS, DEVICES, HOME, TOR, VERIFY, VPN, laptop, post, register, rule, text, with, world},
};

const REVIEWS: &str = "/v1/fraud/reviews";
const WEBHOOKS: &str = "/api/v1/client/webhooks";

async fn reviews(app: &TestApp, key: &str) -> Vec<Value> {
    let page = app.get(REVIEWS).bearer(key).send().await.expect_json(200);
    page["data"].as_array().unwrap().clone()
}

/// A webhook for everything; the path of its log.
async fn subscribe(app: &TestApp, shop: &Shop) -> String {
    let types =
        ["fraud.device.blocked", "fraud.rule.triggered", "fraud.review.opened", "fraud.signal.detected"];
    let body = json!({ "url": "https://example.com/hook", "types": types });
    let made = app.post(WEBHOOKS, &body).bearer(&shop.tenant.admin).send().await.expect_json(201);
    format!("{WEBHOOKS}/{}/deliveries", text(&made, "id"))
}

/// The types and subjects of what was announced, oldest first.
async fn announced(app: &TestApp, shop: &Shop, log: &str) -> Vec<(String, String)> {
    let page = app.get(log).bearer(&shop.tenant.viewer).send().await.expect_json(200);
    let items = page["items"].as_array().unwrap().iter().rev();
    items.map(|item| (text(item, "type").to_owned(), text(item, "subject").to_owned())).collect()
}

#[tokio::test]
async fn what_waits_for_a_person_is_in_the_queue() {
    let (app, acme, other) = world().await;
    rule(&app, &acme.live, "transaction.amount > 100", "review", json!({ "name": "Big" })).await;
    let limit = json!({
        "name": "Twice", "action": "withdraw", "limit": 1, "window": "1h", "scope": "user_id", "on_exceed": "review",
    });
    make(&app, &acme.live, &limit).await;
    let mut expected = Vec::new();
    let big = json!({ "user_id": "u1", "event_type": "payment", "transaction": { "amount": 500 } });
    let withdrawal = json!({ "user_id": "u2", "action": "withdraw" });
    let emulator = with(laptop("A"), json!({ "is_emulator": true }));
    let risky = json!({ "user_id": "u3", "ip_address": TOR, "fingerprint": emulator });
    post(&app, &acme.live, ASSESS, &withdrawal).await;
    for body in [big, withdrawal, risky] {
        app.clock.advance(1_000);
        let answer = post(&app, &acme.live, ASSESS, &body).await;
        assert_eq!(answer["decision"], "review", "{body}");
        expected.insert(0, answer["review_id"].clone());
    }
    // A verification whose rule asks for it, and one with somebody else's document.
    app.clock.advance(1_000);
    let verification =
        |user: &str| json!({ "document_front": picture(1, 0), "country": "MA", "user_id": user });
    assert_eq!(post(&app, &acme.live, VERIFY, &verification("u4")).await["review_id"], Value::Null);
    rule(&app, &acme.live, "event.type = 'verification'", "review", json!({ "name": "All" })).await;
    let answer = post(&app, &acme.live, VERIFY, &verification("u5")).await;
    expected.insert(0, answer["review_id"].clone());

    let queue = reviews(&app, &acme.live).await;
    assert_eq!(queue.iter().map(|review| review["id"].clone()).collect::<Vec<_>>(), expected);
    for (review, (user, kind, name)) in queue.iter().zip([
        ("u5", "verification", json!("All")),
        ("u3", "visit", Value::Null),
        ("u2", "visit", Value::Null),
        ("u1", "payment", json!("Big")),
    ]) {
        assert_eq!((&review["user_id"], &review["type"]), (&json!(user), &json!(kind)), "{review}");
        assert_eq!((&review["status"], &review["decision"]), (&json!("open"), &json!("review")));
        assert_eq!(review["triggered_rules"][0]["name"], name, "{review}");
    }
    assert_eq!(queue[1]["device_id"], register(&app, &acme.live, &emulator, "u3", HOME).await["id"]);
    // Neither a registration nor a velocity check waits, unless a rule asks for it.
    register(&app, &acme.live, &with(laptop("B"), json!({ "is_emulator": true })), "u6", TOR).await;
    assert_eq!(reviews(&app, &acme.live).await.len(), 4);
    rule(&app, &acme.live, "device.is_vpn", "review", json!({})).await;
    register(&app, &acme.live, &laptop("C"), "u7", VPN).await;
    assert_eq!(reviews(&app, &acme.live).await[0]["user_id"], "u7");
    for foreign in [&acme.test, &other.live] {
        assert!(reviews(&app, foreign).await.is_empty());
    }
}

#[tokio::test]
async fn a_rule_that_only_watches_asks_nobody() {
    let (app, acme, _other) = world().await;
    rule(&app, &acme.live, "ip.is_vpn", "review", json!({ "enforcement": "monitor" })).await;
    let answer = post(&app, &acme.live, ASSESS, &json!({ "ip_address": VPN })).await;
    assert_eq!((&answer["review_id"], &answer["decision"]), (&Value::Null, &json!("allow")));
    assert!(reviews(&app, &acme.live).await.is_empty());
}

#[tokio::test]
async fn webhooks_are_told_of_rules_reviews_signals_and_blocked_devices() {
    let (app, acme, other) = world().await;
    let (log, foreign) = (subscribe(&app, &acme).await, subscribe(&app, &other).await);
    let announced = async || announced(&app, &acme, &log).await;
    let told = |kind: &str, subject: &str| (format!("fraud.{kind}"), subject.to_owned());
    post(&app, &acme.live, ASSESS, &json!({ "user_id": "u1", "ip_address": VPN })).await;
    assert_eq!(announced().await, [], "nothing of all that happened");

    rule(&app, &acme.live, "ip.is_vpn", "review", json!({ "name": "VPN" })).await;
    let answer = post(&app, &acme.live, ASSESS, &json!({ "user_id": "u1", "ip_address": VPN })).await;
    let event = text(&answer, "id").replacen("ass_", "cm", 1);
    let mut expected = vec![told("rule.triggered", &event), told("review.opened", &event)];
    assert_eq!(announced().await, expected);

    let limit = json!({ "name": "One", "action": "x", "limit": 1, "window": "1h", "scope": "user_id" });
    make(&app, &acme.live, &limit).await;
    for beyond in [false, true] {
        let check = json!({ "user_id": "u1", "action": "x" });
        let check = post(&app, &acme.live, "/v1/fraud/velocity/check", &check).await;
        if beyond {
            expected.push(told("rule.triggered", text(&check, "event_id")));
        }
    }
    assert_eq!(announced().await, expected);

    let signal = json!({ "type": "chargeback", "user_id": "u1" });
    let signal = app.post("/v1/fraud/signals", &signal).bearer(&acme.live).send().await.expect_json(201);
    expected.push(told("signal.detected", text(&signal, "id")));
    let device = register(&app, &acme.live, &laptop("A"), "u1", HOME).await;
    let path = format!("{DEVICES}/{}/block", text(&device, "id"));
    let blocked =
        app.post(&path, &json!({ "reason": "mule" })).bearer(&acme.live).send().await.expect_json(200);
    expected.push(told("device.blocked", text(&blocked["block"], "id")));
    let entry = block(&app, &acme.live, "device", "my-phone").await;
    expected.push(told("device.blocked", text(&entry, "id")));
    block(&app, &acme.live, "ip", "192.0.2.1").await;
    assert_eq!(announced().await, expected);
    assert_eq!(super::follow_ups::announced(&app, &other, &foreign).await, []);
}

#[tokio::test]
async fn a_repeated_request_has_one_consequence() {
    let (app, acme, _other) = world().await;
    let log = subscribe(&app, &acme).await;
    rule(&app, &acme.live, "ip.is_vpn", "review", json!({})).await;
    for _ in 0..3 {
        let body = json!({ "user_id": "u1", "ip_address": VPN });
        let call = app.post(ASSESS, &body).bearer(&acme.live).header("idempotency-key", "payment-20481");
        call.send().await.expect(200);
    }
    assert_eq!(reviews(&app, &acme.live).await.len(), 1);
    assert_eq!(announced(&app, &acme, &log).await.len(), 2);
    let summary = app.get("/v1/fraud/analytics/summary").bearer(&acme.live).send().await.expect_json(200);
    assert_eq!((&summary["events"], &summary["reviewed"]), (&json!(1), &json!(1)));
}

#[tokio::test]
async fn the_figures_are_those_of_what_was_decided() {
    let (app, acme, other) = world().await;
    let big = rule(&app, &acme.live, "transaction.amount > 100", "block", json!({ "name": "Big" })).await;
    let watching = json!({ "name": "Watching", "enforcement": "monitor" });
    let watching = rule(&app, &acme.live, "ip.is_proxy = false AND ip.is_vpn", "block", watching).await;
    let limit = json!({ "name": "One", "action": "x", "limit": 1, "window": "1h", "scope": "user_id" });
    let limit = make(&app, &acme.live, &limit).await;
    post(&app, &acme.live, ASSESS, &json!({ "user_id": "u1", "transaction": { "amount": 500 } })).await;
    post(&app, &acme.live, ASSESS, &json!({ "user_id": "u1", "ip_address": VPN })).await;
    for _ in 0..3 {
        post(&app, &acme.live, ASSESS, &json!({ "user_id": "u1", "action": "x" })).await;
    }
    let verification = json!({ "document_front": picture(1, 0), "country": "MA" });
    for user in ["u1", "u2"] {
        post(&app, &acme.live, VERIFY, &with(verification.clone(), json!({ "user_id": user }))).await;
    }
    register(&app, &acme.live, &laptop("A"), "u3", VPN).await;

    let summary = app.get("/v1/fraud/analytics/summary").bearer(&acme.live).send().await.expect_json(200);
    for (figure, expected) in [
        ("events", 8),
        ("total_verifications", 2),
        ("blocked", 3),
        ("challenged", 2),
        ("reviewed", 0),
        ("velocity_exceeded", 2),
        ("would_block", 2),
    ] {
        assert_eq!(summary[figure], expected, "{figure} of {summary}");
    }
    let trends = "/v1/fraud/analytics/trends?period=7d&granularity=daily";
    let trends = app.get(trends).bearer(&acme.live).send().await.expect_json(200);
    let today = trends["data"].as_array().unwrap().last().unwrap();
    assert_eq!((&today["blocked"], &today["velocity_exceeded"]), (&json!(3), &json!(2)), "{today}");
    let rules = app.get("/v1/fraud/analytics/rules").bearer(&acme.live).send().await.expect_json(200);
    for (made, fired, blocked, would_block) in [(&big, 1, 1, 0), (&watching, 2, 0, 2), (&limit, 2, 2, 0)] {
        let of_rule = |rule: &&Value| rule["id"] == made["id"];
        let figures = rules["data"].as_array().unwrap().iter().find(of_rule).unwrap();
        let told = ["fired", "blocked", "would_block"].map(|figure| figures[figure].as_u64().unwrap());
        assert_eq!(told, [fired, blocked, would_block], "{figures}");
    }
    for foreign in [&acme.test, &other.live] {
        let summary = app.get("/v1/fraud/analytics/summary").bearer(foreign).send().await.expect_json(200);
        assert_eq!((&summary["events"], &summary["total_verifications"]), (&json!(0), &json!(0)));
    }
}
