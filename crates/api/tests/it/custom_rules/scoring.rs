//! What a rule does to the very next decision, whichever dialect asks for it.

use portcullis_testkit::TestApp;
use serde_json::{Value, json};

use super::{RULES, at, make, rule};
use crate::fraudsense::support::{Account, two_accounts};

/// An event that nothing is wrong with but that its user is new.
const CONDITION: &str = "event.type = 'login' AND user.age_days < 7";
/// The time, which goes on by an hour, in hours.
fn next_hour(app: &TestApp) -> i64 {
    app.clock.advance(3_600_000);
    app.store.clock().now().as_millis() / 3_600_000
}

/// An address of which nothing can be known, another one each hour.
fn home(hour: i64) -> String {
    format!("203.0.113.{}", hour % 256)
}

/// A login of somebody whom nobody has seen before.
async fn login(app: &TestApp, key: &str) -> Value {
    let hour = next_hour(app);
    let name = format!("u{hour}");
    let body = json!({ "type": "LOGIN", "externalUserId": name, "email": format!("{name}@example.com"), "ip": home(hour) });
    app.post("/api/v1/events/ingest", &body).key(key).send().await.expect_json(200)
}

/// The score, the decision, and how the check with this code came out.
async fn decided(app: &TestApp, key: &str, code: &Value) -> (i64, String, Value) {
    let answer = login(app, key).await;
    let check = answer["allChecks"].as_array().unwrap().iter().find(|check| check["code"] == *code);
    let (score, decision) = (answer["riskScore"].as_i64().unwrap(), answer["decision"].as_str().unwrap());
    (score, decision.to_owned(), check.cloned().unwrap_or_default())
}

/// The answer for a device that nobody has seen before.
async fn session(app: &TestApp, key: &str) -> Value {
    let hour = next_hour(app);
    let device = format!("fs_{hour}");
    let body = json!({ "deviceId": device, "sessionId": "s1", "eventType": "LOGIN" });
    let call = app.post("/v1/risk/score", &body).header("x-fraudsense-key", key).from(&home(hour));
    call.send().await.expect_json(200)
}

/// Its score and level.
async fn scored(app: &TestApp, key: &str) -> (i64, String) {
    let answer = session(app, key).await;
    (answer["riskScore"].as_i64().unwrap(), answer["riskLevel"].as_str().unwrap().to_owned())
}

async fn change(app: &TestApp, account: &Account, rule: &Value, change: Value) {
    app.put(&at(rule), &change).bearer(&account.token).send().await.expect(200);
}

#[tokio::test]
async fn each_action_moves_the_very_next_ingest_decision() {
    let (app, acme, other) = two_accounts().await;
    let base = login(&app, &acme.key).await["riskScore"].as_i64().unwrap();
    assert!(base < 80, "{base}");
    let made = make(&app, &acme.token, &rule(CONDITION, "flag", json!({ "name": "New" }))).await;
    for (action, points, score, decision) in [
        ("flag", 0, base, "ALLOW"),
        ("flag", 300, base + 30, "ALLOW"),
        ("flag", 1_000, base + 100, if base + 100 < 120 { "CHALLENGE" } else { "BLOCK" }),
        ("flag", -1_000, 0, "ALLOW"),
        ("challenge", 0, 80, "CHALLENGE"),
        ("review", 0, 80, "CHALLENGE"),
        ("block", 0, 120, "BLOCK"),
        ("block", -1_000, 120, "BLOCK"),
        ("allow", 1_000, 79, "ALLOW"),
    ] {
        change(&app, &acme, &made, json!({ "action": action, "scoreAdjustment": points })).await;
        let (found, answer, check) = decided(&app, &acme.key, &made["id"]).await;
        assert_eq!((found, answer.as_str()), (score, decision), "{action} {points}");
        assert_eq!((&check["status"], &check["label"]), (&json!("FIRED"), &json!("New")), "{action}");
        assert_eq!(check["weight"], points / 10, "{action}");
    }
    let (_, decision, check) = decided(&app, &other.key, &made["id"]).await;
    assert_eq!((decision.as_str(), check), ("ALLOW", Value::Null), "it is not the other client's");
}

#[tokio::test]
async fn each_action_moves_the_very_next_fraudsense_score() {
    let (app, acme, other) = two_accounts().await;
    let (base, level) = scored(&app, &acme.key).await;
    assert_eq!(level, "LOW");
    let made = make(&app, &acme.token, &rule("event.type = 'login'", "flag", Value::Null)).await;
    for (action, points, score, level) in [
        ("flag", 50, base + 5, "LOW"),
        ("challenge", 0, 21, "MEDIUM"),
        ("review", 0, 46, "HIGH"),
        ("block", 0, 71, "CRITICAL"),
        ("flag", 1_000, 100, "CRITICAL"),
        ("allow", 1_000, 20, "LOW"),
    ] {
        change(&app, &acme, &made, json!({ "action": action, "scoreAdjustment": points })).await;
        assert_eq!(scored(&app, &acme.key).await, (score, level.to_owned()), "{action} {points}");
        assert_eq!(scored(&app, &other.key).await, (base, "LOW".to_owned()));
    }
    let answer = session(&app, &acme.key).await;
    let flags = answer["serverFlags"].as_array().unwrap();
    let flag = flags.iter().find(|flag| flag["code"] == made["id"]).unwrap();
    assert_eq!((&flag["points"], &flag["source"]), (&json!(100), &json!("server")), "{flag}");
    // What the client claims beside it changes nothing: no client can claim a rule.
    let mine = made["id"].as_str().unwrap();
    let body = json!({
        "deviceId": "d2", "sessionId": "s2", "eventType": "LOGIN", "riskScore": 10,
        "triggeredFlags": ["VPN_DETECTED", mine],
    });
    let call = app.post("/v1/risk/score", &body).header("x-fraudsense-key", &acme.key);
    let answer = call.send().await.expect_json(200);
    let flags = answer["serverFlags"].as_array().unwrap();
    assert!(flags.iter().any(|flag| flag["code"] == mine), "{answer}");
    let other = session(&app, &other.key).await;
    assert!(!other["serverFlags"].to_string().contains("rule_"), "{other}");
}

#[tokio::test]
async fn a_shadow_rule_never_counts_and_a_disabled_one_is_not_looked_at() {
    let (app, acme, _other) = two_accounts().await;
    let base = login(&app, &acme.key).await["riskScore"].clone();
    let made = make(&app, &acme.token, &rule(CONDITION, "block", json!({ "scoreAdjustment": 500 }))).await;
    change(&app, &acme, &made, json!({ "mode": "shadow" })).await;
    let (score, decision, check) = decided(&app, &acme.key, &made["id"]).await;
    assert_eq!((json!(score), decision.as_str()), (base.clone(), "ALLOW"));
    assert_eq!((&check["shadow"], &check["wouldFire"]), (&json!(true), &json!(true)), "{check}");

    change(&app, &acme, &made, json!({ "mode": "live", "enabled": false })).await;
    let (score, decision, check) = decided(&app, &acme.key, &made["id"]).await;
    assert_eq!((json!(score), decision.as_str()), (base, "ALLOW"));
    assert_eq!(check["status"], "DISABLED");

    change(&app, &acme, &made, json!({ "enabled": true })).await;
    assert_eq!(decided(&app, &acme.key, &made["id"]).await.1, "BLOCK");
}

#[tokio::test]
async fn a_rule_outlives_a_restart_and_is_gone_once_deleted() {
    let (app, acme, _other) = two_accounts().await;
    let first = make(&app, &acme.token, &rule(CONDITION, "challenge", json!({ "name": "One" }))).await;
    let second = make(&app, &acme.token, &rule("user.age_days > 7", "block", json!({ "name": "Two" }))).await;
    let app = app.restarted().await;
    let answer = login(&app, &acme.key).await;
    assert_eq!(answer["decision"], "CHALLENGE");
    let own = |answer: &Value| -> Vec<Value> {
        let checks = answer["allChecks"].as_array().unwrap().iter();
        let codes = checks.map(|check| check["code"].clone());
        codes.filter(|code| code.as_str().unwrap().starts_with("rule_")).collect()
    };
    assert_eq!(own(&answer), [first["id"].clone(), second["id"].clone()], "in the order of creation");

    app.delete(&at(&first)).bearer(&acme.token).send().await.expect(204);
    let answer = login(&app, &acme.key).await;
    assert_eq!((&answer["decision"], own(&answer)), (&json!("ALLOW"), vec![second["id"].clone()]));
    app.get(RULES).bearer(&acme.token).send().await.expect(200);
}
