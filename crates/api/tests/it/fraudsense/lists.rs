//! The account's lists, as a score meets them.

use portcullis_testkit::TestApp;
use serde_json::{Value, json};

use super::{
    scoring::{codes, points, score, session, with},
    support::{Account, two_accounts},
};

async fn list(app: &TestApp, account: &Account, list: &str, kind: &str, value: &str) {
    let entry = json!({ "list": list, "kind": kind, "value": value, "mode": "test" });
    app.post("/api/v1/client/lists", &entry).bearer(&account.token).send().await.expect(201);
}

#[tokio::test]
async fn a_listed_device_or_address_is_told_and_counts() {
    let (app, acme, other) = two_accounts().await;
    list(&app, &acme, "block", "device", "fs_blocked").await;
    list(&app, &acme, "watch", "device", "fs_watched").await;
    list(&app, &acme, "allow", "device", "fs_allowed").await;
    let emulator = json!({ "deviceProfile": { "isEmulator": true, "isRooted": true } });
    for (device, more, expected, flags) in [
        ("fs_blocked", json!({}), 100, vec!["BLOCKLISTED"]),
        ("fs_watched", json!({}), 20, vec!["WATCHLISTED"]),
        ("fs_watched", emulator.clone(), 90, vec!["EMULATOR_DETECTED", "ROOT_JAILBREAK", "WATCHLISTED"]),
        ("fs_allowed", emulator, 0, vec!["EMULATOR_DETECTED", "ROOT_JAILBREAK", "ALLOWLISTED"]),
        ("fs_else", json!({}), 0, vec![]),
    ] {
        let answer = score(&app, &acme.key, &with(session(device, device), &more)).await;
        assert_eq!((&answer["riskScore"], codes(&answer["serverFlags"])), (&json!(expected), flags));
        assert_eq!(points(&app, &other.key, &session(device, device)).await, 0);
        app.clock.advance(60_000);
    }
    list(&app, &acme, "block", "ip", "127.0.0.0/8").await;
    let answer = score(&app, &acme.key, &session("fs_else", "s")).await;
    assert_eq!((&answer["riskScore"], &answer["riskLevel"]), (&json!(100), &json!("CRITICAL")));
    let flag = &answer["serverFlags"][0];
    assert_eq!((&flag["category"], &flag["severity"]), (&json!("list"), &json!("critical")));
}

#[tokio::test]
async fn a_client_can_not_say_that_it_is_on_a_list() {
    let (app, acme, _other) = two_accounts().await;
    let claims = json!({
        "triggeredFlags": ["ALLOWLISTED", "BLOCKLISTED", "EMULATOR_DETECTED"],
        "deviceProfile": { "isRooted": true },
    });
    let answer = score(&app, &acme.key, &with(session("d", "s"), &claims)).await;
    assert_eq!(answer["riskScore"], 70);
    let flags: Vec<&Value> = answer["triggeredFlags"].as_array().unwrap().iter().collect();
    assert_eq!(flags.iter().map(|flag| flag["points"].as_i64().unwrap()).collect::<Vec<_>>(), [0, 0, 40]);
    assert_eq!(flags[0]["category"], "unknown");
    list(&app, &acme, "block", "device", "d").await;
    let answer = score(&app, &acme.key, &with(session("d", "s"), &claims)).await;
    assert_eq!(codes(&answer["triggeredFlags"]), ["ALLOWLISTED", "EMULATOR_DETECTED"]);
    assert_eq!(codes(&answer["serverFlags"]), ["ROOT_JAILBREAK", "BLOCKLISTED"]);
}
