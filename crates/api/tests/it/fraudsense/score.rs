//! `POST /v1/risk/score`: what makes a score, a level, a label and an advice.

use serde_json::{Value, json};

use super::{
    scoring::{codes, event, points, score, session, with},
    support::two_accounts,
};

/// The sample of the contract, with ids in full.
fn sample() -> Value {
    json!({
        "deviceId": "fs_a3f9b2c1",
        "sessionId": "sess_20260411",
        "eventType": "PAYMENT",
        "riskScore": 30,
        "triggeredFlags": [],
        "deviceProfile": { "model": "iPhone 15", "os": "iOS 17", "isEmulator": false, "isRooted": false },
        "locationProfile": { "lat": 25.2048, "lon": 55.2708 },
        "behaviorProfile": { "movementScore": 0.4, "typingWPM": 45, "sessionHour": 14 },
    })
}

#[tokio::test]
async fn the_sample_of_the_contract() {
    let (app, acme, _other) = two_accounts().await;
    let answer = score(&app, &acme.key, &sample()).await;
    assert_eq!(answer["eventType"], "PAYMENT");
    assert_eq!(answer["eventLabel"], "Payment transaction");
    // The SDK's own score is the least; natural movement does not lower it.
    assert_eq!((&answer["riskScore"], &answer["riskLevel"]), (&json!(30), &json!("MEDIUM")));
    assert_eq!(answer["recommendation"], "STEP_UP - Request OTP or biometric before payment");
    let clean =
        json!([{ "code": "CLEAN", "description": "No risk labels detected — device appears legitimate" }]);
    assert_eq!(answer["riskLabels"], clean);
    assert_eq!(
        (&answer["triggeredFlags"], codes(&answer["serverFlags"])),
        (&json!([]), vec!["NATURAL_MOVEMENT"])
    );
    assert_eq!(answer["scoredAt"], "2026-01-05T10:00:00.000Z");
    let address = json!({
        "ip": "127.0.0.1", "country": null, "countryCode": null, "region": null, "city": null, "isp": null,
        "isProxy": false, "isDatacenter": false, "mismatchWithGPS": false, "distanceKm": null, "riskSignals": [],
    });
    assert_eq!(answer["ipIntelligence"], address);
    let history = json!({
        "totalSessions": 1, "highRiskCount": 0, "criticalCount": 0, "lastHighRiskAt": null,
        "firstSeenAt": "2026-01-05T10:00:00.000Z", "historicalLabels": [], "riskTrend": "UNKNOWN",
        "isNewDevice": true,
    });
    assert_eq!(answer["deviceHistory"], history);
}

#[tokio::test]
async fn high_payments_are_held_for_review() {
    let (app, acme, _other) = two_accounts().await;
    let emulator =
        json!({ "deviceProfile": { "isEmulator": true }, "networkProfile": { "vpnActive": true } });
    let answer = score(&app, &acme.key, &with(event("d", "PAYMENT"), &emulator)).await;
    assert_eq!((&answer["riskScore"], &answer["riskLevel"]), (&json!(50), &json!("HIGH")));
    assert_eq!(answer["recommendation"], "BLOCK - Hold payment for review");
    let fake =
        json!({ "code": "FAKE_DEVICE", "description": "Device is an emulator or virtual environment" });
    assert_eq!(answer["riskLabels"][0], fake);
    assert_eq!(codes(&answer["riskLabels"]), ["FAKE_DEVICE", "SUSPICIOUS_NETWORK"]);
}

#[tokio::test]
async fn a_signal_counts_once_whoever_saw_it() {
    let (app, acme, _other) = two_accounts().await;
    let both = json!({
        "triggeredFlags": ["EMULATOR_DETECTED", { "code": "EMULATOR_DETECTED" }, { "name": "VPN_DETECTED" }],
        "deviceProfile": { "isEmulator": true },
        "networkProfile": { "vpnActive": true },
    });
    let answer = score(&app, &acme.key, &with(session("d", "s"), &both)).await;
    assert_eq!(answer["riskScore"], 50);
    assert_eq!(codes(&answer["triggeredFlags"]), ["EMULATOR_DETECTED", "VPN_DETECTED"]);
    assert_eq!(answer["serverFlags"], json!([]));
}

#[tokio::test]
async fn a_withdrawal_counts_locations_twice_as_a_login_does() {
    let (app, acme, _other) = two_accounts().await;
    // 20 points each: 0.75 and 1.5 of them are whole, so that rounding hides nothing.
    let still = json!({ "locationProfile": { "entropy": 0.0 } });
    let login = points(&app, &acme.key, &with(event("a", "LOGIN"), &still)).await;
    let withdrawal = points(&app, &acme.key, &with(event("b", "WITHDRAWAL"), &still)).await;
    assert_eq!((login, withdrawal), (15, 30));
    let all = json!({ "triggeredFlags": ["LOCATION_NEVER_CHANGES", "GPS_IMPOSSIBLE_VELOCITY", "IP_GPS_MISMATCH",
        "TIMEZONE_GPS_MISMATCH"] });
    let login = points(&app, &acme.key, &with(event("c", "LOGIN"), &all)).await;
    let withdrawal = points(&app, &acme.key, &with(event("d", "WITHDRAWAL"), &all)).await;
    assert_eq!((login, withdrawal), (60, 100), "80 × 0.75, and 80 × 1.5 up to the end of the scale");
}

#[tokio::test]
async fn sums_are_rounded_once_half_up() {
    let (app, acme, _other) = two_accounts().await;
    for (event_type, flags, expected) in [
        ("LOGIN", json!(["GPS_IMPOSSIBLE_VELOCITY"]), 23),
        ("LOGIN", json!(["GPS_IMPOSSIBLE_VELOCITY", "TIMEZONE_GPS_MISMATCH"]), 34),
        ("LOGIN", json!(["TIMEZONE_GPS_MISMATCH"]), 11),
        ("LOGIN", json!(["TIMEZONE_GPS_MISMATCH", "ABNORMAL_TYPING_SPEED"]), 34),
        ("PAYMENT", json!(["TIMEZONE_GPS_MISMATCH"]), 19),
    ] {
        let body = with(event("d", event_type), &json!({ "triggeredFlags": flags }));
        assert_eq!(points(&app, &acme.key, &body).await, expected, "{event_type} {flags}");
        app.clock.advance(60_000);
    }
}

#[tokio::test]
async fn levels_begin_and_end_where_the_contract_says() {
    let (app, acme, _other) = two_accounts().await;
    let mut expected = vec![(0, "LOW"), (20, "LOW"), (21, "MEDIUM"), (45, "MEDIUM"), (46, "HIGH")];
    expected.extend([(70, "HIGH"), (71, "CRITICAL"), (100, "CRITICAL")]);
    for (floor, level) in expected {
        let body = with(session("d", &format!("s{floor}")), &json!({ "riskScore": floor }));
        let answer = score(&app, &acme.key, &body).await;
        assert_eq!((&answer["riskScore"], &answer["riskLevel"]), (&json!(floor), &json!(level)));
    }
    for (flags, sum, level) in [
        (json!(["NO_SIM_CARD"]), 20, "LOW"),
        (json!(["NO_SIM_CARD", "SHORT_UPTIME"]), 45, "MEDIUM"),
        (json!(["EMULATOR_DETECTED", "ROOT_JAILBREAK"]), 70, "HIGH"),
        (json!(["EMULATOR_DETECTED", "HOOK_TOOL_DETECTED"]), 75, "CRITICAL"),
        (json!(["EMULATOR_DETECTED", "HOOK_TOOL_DETECTED", "APP_TAMPERED"]), 100, "CRITICAL"),
    ] {
        let body = with(session("f", &flags.to_string()), &json!({ "triggeredFlags": flags }));
        let answer = score(&app, &acme.key, &body).await;
        assert_eq!((&answer["riskScore"], &answer["riskLevel"]), (&json!(sum), &json!(level)));
    }
}

#[tokio::test]
async fn the_sdks_score_is_the_least_of_its_part() {
    let (app, acme, _other) = two_accounts().await;
    let seen = json!({ "isRooted": true, "hasSim": true });
    for (index, (floor, flags, profile, expected)) in [
        (40, json!([]), json!({}), 40),
        (40, json!(["NO_SIM_CARD"]), json!({}), 40),
        (40, json!(["EMULATOR_DETECTED", "NO_SIM_CARD"]), json!({}), 60),
        // What the server sees is added, and trust does not go below the SDK's own score.
        (40, json!([]), seen.clone(), 65),
        (0, json!([]), seen, 25),
        (40, json!([]), json!({ "hasSim": true }), 40),
        (0, json!([]), json!({ "hasSim": true }), 0),
        (90, json!([]), json!({ "isEmulator": true }), 100),
    ]
    .into_iter()
    .enumerate()
    {
        let more = json!({ "riskScore": floor, "triggeredFlags": flags, "deviceProfile": profile });
        assert_eq!(
            points(&app, &acme.key, &with(session("d", &format!("s{index}")), &more)).await,
            expected,
            "{more}"
        );
    }
}

#[tokio::test]
async fn unknown_flags_are_told_back_and_count_nothing() {
    let (app, acme, _other) = two_accounts().await;
    let flags = json!({ "triggeredFlags": [
        { "code": "RAGE_TAPS", "points": 50, "severity": "critical" }, "emulator_detected", "RAGE_TAPS",
    ] });
    let answer = score(&app, &acme.key, &with(session("d", "s"), &flags)).await;
    assert_eq!((&answer["riskScore"], codes(&answer["riskLabels"])), (&json!(0), vec!["CLEAN"]));
    let unknown = |code: &str| {
        json!({ "code": code, "points": 0, "category": "unknown", "severity": "none",
            "description": "Not in the catalogue", "source": "sdk" })
    };
    assert_eq!(answer["triggeredFlags"], json!([unknown("RAGE_TAPS"), unknown("emulator_detected")]));
}

#[tokio::test]
async fn events_that_are_none_of_the_five_count_plainly() {
    let (app, acme, _other) = two_accounts().await;
    let flags = json!({ "triggeredFlags": ["COPY_PASTE_DETECTED", "LOCATION_NEVER_CHANGES"] });
    for (sent, told, label, expected) in [
        (Value::Null, Value::Null, "General session", 30),
        (json!(""), Value::Null, "General session", 30),
        (json!("transfer"), json!("TRANSFER"), "General session", 30),
        (json!(" login "), json!("LOGIN"), "User login", 30),
        (json!("REGISTER"), json!("REGISTER"), "New registration", 25),
        (json!("PAYMENT"), json!("PAYMENT"), "Payment transaction", 35),
        (json!("WITHDRAWAL"), json!("WITHDRAWAL"), "Fund withdrawal", 45),
        (json!("PROFILE_UPDATE"), json!("PROFILE_UPDATE"), "Profile update", 30),
    ] {
        let body = with(with(session("d", "s"), &flags), &json!({ "eventType": sent }));
        let answer = score(&app, &acme.key, &body).await;
        assert_eq!((&answer["eventType"], &answer["eventLabel"]), (&told, &json!(label)));
        assert_eq!(answer["riskScore"], expected, "{sent}");
        app.clock.advance(60_000);
    }
}

#[tokio::test]
async fn each_label_has_its_trigger() {
    let (app, acme, _other) = two_accounts().await;
    let cases = [
        (vec!["EMULATOR_DETECTED"], "LOGIN", vec!["FAKE_DEVICE"]),
        (vec!["CLOUD_PHONE_DETECTED"], "LOGIN", vec!["CLEAN"]),
        (vec!["ROOT_JAILBREAK"], "LOGIN", vec!["TAMPERED_DEVICE"]),
        (vec!["GPS_IMPOSSIBLE_VELOCITY"], "LOGIN", vec!["LOCATION_SPOOFING"]),
        (vec!["BATTERY_ALWAYS_CHARGING", "ZERO_MOVEMENT"], "LOGIN", vec!["DEVICE_FARM"]),
        (vec!["BATTERY_ALWAYS_CHARGING"], "LOGIN", vec!["CLEAN"]),
        (vec!["ZERO_MOVEMENT"], "LOGIN", vec!["CLEAN"]),
        (vec!["TOUCH_TOO_UNIFORM"], "LOGIN", vec!["BOT_BEHAVIOR"]),
        (vec!["ABNORMAL_TYPING_SPEED"], "LOGIN", vec!["BOT_BEHAVIOR"]),
        (vec!["COPY_PASTE_DETECTED"], "LOGIN", vec!["CREDENTIAL_STUFFING"]),
        (vec!["COPY_PASTE_DETECTED"], "PAYMENT", vec!["CLEAN"]),
        (vec!["COPY_PASTE_DETECTED"], "OTHER", vec!["CLEAN"]),
        (vec!["VPN_DETECTED"], "PAYMENT", vec!["SUSPICIOUS_NETWORK"]),
        (vec!["VPN_DETECTED"], "WITHDRAWAL", vec!["SUSPICIOUS_NETWORK"]),
        (vec!["VPN_DETECTED"], "LOGIN", vec!["CLEAN"]),
        (vec!["TIMEZONE_GPS_MISMATCH"], "LOGIN", vec!["IDENTITY_MISMATCH"]),
        (vec!["LOCATION_NEVER_CHANGES"], "LOGIN", vec!["STATIC_DEVICE"]),
        (vec!["HAS_SIM_CARD", "ODD_HOUR_SESSION"], "LOGIN", vec!["CLEAN"]),
        // In the order of the table, not of the flags.
        (
            vec!["LOCATION_NEVER_CHANGES", "COPY_PASTE_DETECTED", "ROOT_JAILBREAK", "EMULATOR_DETECTED"],
            "LOGIN",
            vec!["FAKE_DEVICE", "TAMPERED_DEVICE", "CREDENTIAL_STUFFING", "STATIC_DEVICE"],
        ),
    ];
    for (index, (flags, event_type, expected)) in cases.into_iter().enumerate() {
        let body = with(event(&format!("d{index}"), event_type), &json!({ "triggeredFlags": flags }));
        let answer = score(&app, &acme.key, &body).await;
        assert_eq!(codes(&answer["riskLabels"]), expected, "{flags:?} {event_type}");
    }
}
