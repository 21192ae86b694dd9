//! Sessions of devices, and what every score must hold.

use portcullis_testkit::{Call, TestApp};
use serde_json::{Value, json};

use super::support::{Account, KEYS};

pub(super) const SCORE: &str = "/v1/risk/score";

/// A session of which nothing more is known.
pub(super) fn session(device: &str, session: &str) -> Value {
    json!({ "deviceId": device, "sessionId": session })
}

/// A session for this type of event; its id is the device's.
pub(super) fn event(device: &str, event_type: &str) -> Value {
    with(session(device, &format!("sess_{device}")), &json!({ "eventType": event_type }))
}

/// `body` with these fields as well.
pub(super) fn with(mut body: Value, more: &Value) -> Value {
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

pub(super) fn scoring(app: &TestApp, key: &str, body: &Value) -> Call {
    app.post(SCORE, body).header("x-fraudsense-key", key)
}

/// Sends a session that must be scored, and checks what every answer must hold.
pub(super) async fn score(app: &TestApp, key: &str, body: &Value) -> Value {
    let answer = scoring(app, key, body).send().await.expect_json(200);
    check_answer(body, &answer);
    answer
}

/// The points that a session gets.
pub(super) async fn points(app: &TestApp, key: &str, body: &Value) -> i64 {
    score(app, key, body).await["riskScore"].as_i64().unwrap()
}

pub(super) async fn history(app: &TestApp, key: &str, device: &str) -> Value {
    let path = format!("/v1/risk/history/{device}");
    app.get(&path).header("x-fraudsense-key", key).send().await.expect_json(200)
}

/// A key of the account for its live data.
pub(super) async fn live_key(app: &TestApp, account: &Account) -> String {
    let body = json!({ "name": "live", "mode": "live" });
    let made = app.post(KEYS, &body).bearer(&account.token).send().await.expect_json(200);
    made["key"].as_str().unwrap().to_owned()
}

/// Adds items to a reputation list.
pub(super) async fn list(app: &TestApp, name: &str, items: Value) {
    let path = format!("/api/v1/admin/reputation/{name}");
    app.patch(&path, &json!({ "add": items })).bearer(&app.admin).send().await.expect(200);
}

/// The codes in a list of flags or labels, in order.
pub(super) fn codes(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|item| item["code"].as_str().unwrap()).collect()
}

fn check_answer(body: &Value, answer: &Value) {
    let fields: Vec<_> = answer.as_object().unwrap().keys().map(String::as_str).collect();
    let mut all = [
        "deviceId",
        "sessionId",
        "eventType",
        "eventLabel",
        "riskScore",
        "riskLevel",
        "recommendation",
        "riskLabels",
        "triggeredFlags",
        "serverFlags",
        "ipIntelligence",
        "deviceHistory",
        "scoredAt",
        "eventId",
    ];
    all.sort_unstable();
    assert_eq!(fields, all);
    assert_eq!((&answer["deviceId"], &answer["sessionId"]), (&body["deviceId"], &body["sessionId"]));
    let score = answer["riskScore"].as_i64().unwrap();
    let (level, action) = match score {
        0..=20 => ("LOW", "ALLOW"),
        21..=45 => ("MEDIUM", "STEP_UP"),
        46..=70 => ("HIGH", "BLOCK"),
        71..=100 => ("CRITICAL", "BLOCK_AND_FLAG"),
        _ => panic!("{score}"),
    };
    assert_eq!(answer["riskLevel"], level);
    assert_eq!(answer["recommendation"].as_str().unwrap().split_once(" - ").unwrap().0, action);
    check_flags(answer);
    let labels = codes(&answer["riskLabels"]);
    assert!(!labels.is_empty() && (labels == ["CLEAN"] || !labels.contains(&"CLEAN")), "{labels:?}");
    check_history(&answer["deviceHistory"]);
    let scored_at = answer["scoredAt"].as_str().unwrap();
    assert!(scored_at.len() == 24 && scored_at.as_bytes()[19] == b'.' && scored_at.ends_with('Z'));
}

/// A flag is in one list, once.
fn check_flags(answer: &Value) {
    let mut seen = Vec::new();
    for (list, source) in [("triggeredFlags", "sdk"), ("serverFlags", "server")] {
        for flag in answer[list].as_array().unwrap() {
            assert_eq!(flag["source"], source);
            assert_eq!(flag.as_object().unwrap().len(), 6, "{flag}");
            assert!(flag["description"].as_str().is_some_and(|text| !text.is_empty()), "{flag}");
            assert!(!seen.contains(&&flag["code"]), "{answer}");
            seen.push(&flag["code"]);
        }
    }
}

/// Checks that the counts of a device's history go together.
pub(super) fn check_history(history: &Value) {
    let count = |name: &str| history[name].as_u64().unwrap();
    let (total, high, critical) = (count("totalSessions"), count("highRiskCount"), count("criticalCount"));
    assert!(critical <= high && high <= total, "{history}");
    assert_eq!(history["lastHighRiskAt"].is_null(), high == 0, "{history}");
    assert_eq!(history["isNewDevice"], total <= 1, "{history}");
    assert_eq!(history["firstSeenAt"].is_null(), total == 0, "{history}");
    assert_eq!(history["riskTrend"] == "UNKNOWN", total < 4, "{history}");
    assert!(!codes(&history["historicalLabels"]).contains(&"CLEAN"), "{history}");
}
