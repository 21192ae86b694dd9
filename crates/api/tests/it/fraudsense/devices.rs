//! `GET /v1/dashboard/devices`.

use portcullis_testkit::TestApp;
use serde_json::{Value, json};

use super::{
    scoring::{live_key, points, score, session, with},
    support::{error, two_accounts, user},
};

const DEVICES: &str = "/v1/dashboard/devices";

async fn devices(app: &TestApp, token: &str, query: &str) -> Vec<Value> {
    let answer = app.get(&format!("{DEVICES}{query}")).bearer(token).send().await.expect_json(200);
    assert_eq!(answer.as_object().unwrap().len(), 1);
    answer["devices"].as_array().unwrap().clone()
}

fn ids(devices: &[Value]) -> Vec<&str> {
    devices.iter().map(|device| device["deviceId"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn shows_both_data_sets_newest_first() {
    let (app, acme, other) = two_accounts().await;
    assert!(devices(&app, &acme.token, "").await.is_empty());
    let live = live_key(&app, &acme).await;
    let phone = json!({ "deviceProfile": { "model": "iPhone 15", "os": "iOS 17", "isEmulator": true } });
    for (key, device) in [(&acme.key, "a"), (&live, "b"), (&acme.key, "c"), (&live, "a"), (&other.key, "x")] {
        points(&app, key, &session(device, "s1")).await;
        app.clock.advance(60_000);
    }
    let risky = with(session("a", "s2"), &phone);
    let risky = with(risky, &json!({ "networkProfile": { "vpnActive": true } }));
    score(&app, &acme.key, &risky).await;

    let all = devices(&app, &acme.token, "").await;
    assert_eq!(ids(&all), ["a", "a", "c", "b"]);
    let expected = json!({
        "deviceId": "a", "model": "iPhone 15", "os": "iOS 17", "firstSeenAt": "2026-01-05T10:00:00.000Z",
        "lastSeenAt": "2026-01-05T10:05:00.000Z", "totalSessions": 2, "lastRiskScore": 50,
        "lastRiskLevel": "HIGH", "highRiskCount": 1, "mode": "test",
    });
    assert_eq!(all[0], expected);
    assert_eq!(
        (&all[1]["mode"], &all[1]["model"], &all[1]["totalSessions"]),
        (&json!("live"), &Value::Null, &json!(1))
    );
    assert_eq!(ids(&devices(&app, &acme.token, "?mode=test").await), ["a", "c"]);
    assert_eq!(ids(&devices(&app, &acme.token, "?mode=live").await), ["a", "b"]);
    assert_eq!(ids(&devices(&app, &other.token, "").await), ["x"]);
    let viewer = user(&app, &acme, "VIEWER").await;
    assert_eq!(devices(&app, &viewer, "").await, all);
    for query in ["?mode=both", "?mode=", "?mode=test&mode=live"] {
        let refused = app.get(&format!("{DEVICES}{query}")).bearer(&acme.token).send().await;
        assert_eq!(error(refused, 400, "INVALID_FIELD")["fields"][0]["field"], "mode", "{query}");
    }
    error(app.get(DEVICES).send().await, 401, "UNAUTHORIZED");
    error(app.get(DEVICES).header("x-fraudsense-key", &acme.key).send().await, 401, "UNAUTHORIZED");
}

#[tokio::test]
async fn shows_the_last_fifty() {
    let (app, acme, _other) = two_accounts().await;
    let live = live_key(&app, &acme).await;
    for index in 0..60 {
        let key = if index % 2 == 0 { &acme.key } else { &live };
        points(&app, key, &session(&format!("d{index}"), "s")).await;
        app.clock.advance(1_000);
    }
    let app = app.restarted().await;
    let expected: Vec<_> = (10..60).rev().map(|index| format!("d{index}")).collect();
    assert_eq!(ids(&devices(&app, &acme.token, "").await), expected);
    assert_eq!(devices(&app, &acme.token, "?mode=live").await.len(), 30);
}
