//! What is remembered of a device: in every score, and under `GET /v1/risk/history/{deviceId}`.

use portcullis_testkit::TestApp;
use serde_json::{Value, json};

use super::{
    scoring::{check_history, codes, event, history, live_key, points, score, session, with},
    support::{error, set, two_accounts},
};

/// A session with this score, which the SDK said.
async fn scored(app: &TestApp, key: &str, device: &str, name: &str, points: u32) -> Value {
    score(app, key, &with(session(device, name), &json!({ "riskScore": points }))).await
}

/// The session ids of a history, in order.
fn ids(history: &Value) -> Vec<&str> {
    let sessions = history["sessions"].as_array().unwrap();
    sessions.iter().map(|session| session["sessionId"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_device_that_was_never_seen_has_an_empty_history() {
    let (app, acme, other) = two_accounts().await;
    let unknown = json!({
        "totalSessions": 0, "highRiskCount": 0, "criticalCount": 0, "lastHighRiskAt": null, "firstSeenAt": null,
        "historicalLabels": [], "riskTrend": "UNKNOWN", "isNewDevice": true,
    });
    points(&app, &other.key, &session("fs_1", "s")).await;
    let live = live_key(&app, &acme).await;
    points(&app, &live, &session("fs_1", "s")).await;
    let expected = json!({ "deviceId": "fs_1", "sessions": [], "summary": unknown });
    assert_eq!(history(&app, &acme.key, "fs_1").await, expected);
    // Ids are taken as they are, whatever text is in them.
    points(&app, &acme.key, &session("a/b ü%", "s")).await;
    let answer = history(&app, &acme.key, "a%2Fb%20%C3%BC%25").await;
    assert_eq!((&answer["deviceId"], ids(&answer)), (&json!("a/b ü%"), vec!["s"]));
    let call = app.get("/v1/risk/history/%FF").header("x-fraudsense-key", &acme.key);
    error(call.send().await, 404, "NOT_FOUND");
}

#[tokio::test]
async fn one_to_five_sessions() {
    let (app, acme, other) = two_accounts().await;
    let mut last = Value::Null;
    for (index, (points, trend, high, critical)) in [
        (10, "UNKNOWN", 0, 0),
        (50, "UNKNOWN", 1, 0),
        (80, "UNKNOWN", 2, 1),
        (20, "INCREASING", 2, 1),
        (0, "STABLE", 2, 1),
    ]
    .into_iter()
    .enumerate()
    {
        app.clock.advance(60_000);
        let answer = scored(&app, &acme.key, "d", &format!("s{index}"), points).await;
        let summary = &answer["deviceHistory"];
        assert_eq!((&summary["totalSessions"], &summary["riskTrend"]), (&json!(index + 1), &json!(trend)));
        assert_eq!((&summary["highRiskCount"], &summary["criticalCount"]), (&json!(high), &json!(critical)));
        assert_eq!(summary["isNewDevice"], index == 0);
        assert_eq!(summary["firstSeenAt"], "2026-01-05T10:01:00.000Z");
        last = answer;
    }
    assert_eq!(last["deviceHistory"]["lastHighRiskAt"], "2026-01-05T10:03:00.000Z");
    let known = history(&app, &acme.key, "d").await;
    check_history(&known["summary"]);
    assert_eq!(known["summary"], last["deviceHistory"]);
    assert_eq!(ids(&known), ["s4", "s3", "s2", "s1", "s0"]);
    assert!(ids(&history(&app, &other.key, "d").await).is_empty());
}

#[tokio::test]
async fn the_trend_is_stable_within_five_points() {
    let (app, acme, _other) = two_accounts().await;
    for (scores, trend) in [
        (vec![10, 15, 15, 15], "STABLE"),
        (vec![10, 15, 15, 16], "INCREASING"),
        (vec![15, 10, 10, 9], "DECREASING"),
        (vec![90, 90, 0, 0, 0, 0, 0, 0, 0, 3, 3, 3], "STABLE"),
    ] {
        let device = format!("{scores:?}");
        let mut told = Value::Null;
        for (index, points) in scores.into_iter().enumerate() {
            told = scored(&app, &acme.key, &device, &format!("{device}{index}"), points).await;
            app.clock.advance(1_000);
        }
        assert_eq!(told["deviceHistory"]["riskTrend"], trend, "{device}");
    }
}

#[tokio::test]
async fn a_session_that_is_scored_again_counts_once() {
    let (app, acme, _other) = two_accounts().await;
    let emulator = json!({ "deviceProfile": { "isEmulator": true, "isRooted": true, "appTampered": true } });
    let first = score(&app, &acme.key, &with(session("d", "s1"), &emulator)).await;
    assert_eq!((&first["riskScore"], &first["deviceHistory"]["criticalCount"]), (&json!(100), &json!(1)));
    let labels = json!([
        { "code": "FAKE_DEVICE", "count": 1, "lastSeenAt": "2026-01-05T10:00:00.000Z" },
        { "code": "TAMPERED_DEVICE", "count": 1, "lastSeenAt": "2026-01-05T10:00:00.000Z" },
    ]);
    assert_eq!(first["deviceHistory"]["historicalLabels"], labels);
    app.clock.advance(120_000);
    points(&app, &acme.key, &session("d", "s2")).await;
    app.clock.advance(120_000);
    let again = score(&app, &acme.key, &session("d", "s1")).await;
    let summary = &again["deviceHistory"];
    assert_eq!((&summary["totalSessions"], &summary["isNewDevice"]), (&json!(2), &json!(false)));
    assert_eq!((&summary["highRiskCount"], &summary["lastHighRiskAt"]), (&json!(0), &Value::Null));
    assert_eq!(summary["historicalLabels"], json!([]));
    let known = history(&app, &acme.key, "d").await;
    assert_eq!(ids(&known), ["s1", "s2"], "by their latest scores");
    assert_eq!(known["sessions"][0]["riskScore"], 0);
    assert_eq!(known["sessions"][0]["scoredAt"], "2026-01-05T10:04:00.000Z");
    assert_eq!(known["summary"], *summary);
}

#[tokio::test]
async fn a_session_is_told_with_what_it_was_scored_by() {
    let (app, acme, _other) = two_accounts().await;
    let more = json!({ "triggeredFlags": ["EMULATOR_DETECTED", "NEW_ONE"], "networkProfile": { "vpnActive": true } });
    let answer = score(&app, &acme.key, &with(event("d", "PAYMENT"), &more)).await;
    app.clock.advance(60_000);
    points(&app, &acme.key, &with(session("d", "s2"), &json!({ "eventType": "transfer" }))).await;
    let known = history(&app, &acme.key, "d").await;
    let visit = json!({
        "sessionId": "s2", "eventType": null, "eventLabel": "General session", "riskScore": 0, "riskLevel": "LOW",
        "riskLabels": [{ "code": "CLEAN", "description": "No risk labels detected — device appears legitimate" }],
        "flags": [], "scoredAt": "2026-01-05T10:01:00.000Z", "eventId": known["sessions"][0]["eventId"],
    });
    assert_eq!(known["sessions"][0], visit);
    let payment = json!({
        "sessionId": "sess_d", "eventType": "PAYMENT", "eventLabel": "Payment transaction", "riskScore": 50,
        "riskLevel": "HIGH", "riskLabels": answer["riskLabels"], "flags": ["EMULATOR_DETECTED", "VPN_DETECTED"],
        "scoredAt": "2026-01-05T10:00:00.000Z", "eventId": answer["eventId"],
    });
    assert_eq!(known["sessions"][1], payment);
    let labels = codes(&known["summary"]["historicalLabels"]);
    assert_eq!(labels, ["FAKE_DEVICE", "SUSPICIOUS_NETWORK"]);
}

#[tokio::test]
async fn the_last_fifty_are_told_and_all_are_counted() {
    let (app, acme, _other) = two_accounts().await;
    for index in 0..55 {
        scored(&app, &acme.key, "d", &format!("s{index}"), if index == 0 { 90 } else { 0 }).await;
        app.clock.advance(1_000);
    }
    let app = app.restarted().await;
    let known = history(&app, &acme.key, "d").await;
    let sessions = ids(&known);
    assert_eq!((sessions.len(), sessions[0], sessions[49]), (50, "s54", "s5"));
    let summary = &known["summary"];
    assert_eq!((&summary["totalSessions"], &summary["criticalCount"]), (&json!(55), &json!(1)));
    assert_eq!(summary["lastHighRiskAt"], "2026-01-05T10:00:00.000Z");
}

#[tokio::test]
async fn data_of_tests_and_of_others_are_apart() {
    let (app, acme, other) = two_accounts().await;
    let live = live_key(&app, &acme).await;
    for (key, name, points) in [(&acme.key, "t", 30), (&live, "l", 50), (&other.key, "o", 80)] {
        let answer = scored(&app, key, "d", name, points).await;
        assert_eq!(answer["deviceHistory"]["totalSessions"], 1, "{name}");
    }
    for (key, name) in [(&acme.key, "t"), (&live, "l"), (&other.key, "o")] {
        assert_eq!(ids(&history(&app, key, "d").await), [name]);
    }
    error(app.get("/v1/risk/history/d").send().await, 401, "UNAUTHORIZED");
    error(app.get("/v1/risk/history/d").bearer(&acme.token).send().await, 401, "UNAUTHORIZED");
    set(&app, &acme, json!({ "status": "suspended" })).await;
    let refused = app.get("/v1/risk/history/d").header("x-fraudsense-key", &acme.key).send().await;
    error(refused, 403, "ACCOUNT_SUSPENDED");
}
