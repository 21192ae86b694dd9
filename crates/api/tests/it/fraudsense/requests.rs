//! What may be sent to `POST /v1/risk/score`, and how what may not is refused: 400, naming every field.

use http::Method;
use portcullis_testkit::{Answer, TestApp};
use serde_json::{Value, json};

use super::{
    scoring::{SCORE, codes, live_key, score, scoring, session, with},
    support::{error, two_accounts},
};

/// The names of the fields that are complained about.
fn named(body: &Value) -> Vec<&str> {
    body["fields"].as_array().unwrap().iter().map(|field| field["field"].as_str().unwrap()).collect()
}

/// A session with this value at this path.
fn at(path: &str, value: &Value) -> Value {
    match path.split_once('.') {
        Some((profile, field)) => with(session("d", "s"), &json!({ profile: { field: value } })),
        None => with(session("d", "s"), &json!({ path: value })),
    }
}

async fn raw(app: &TestApp, key: &str, content_type: &str, text: &str) -> Answer {
    let call = app.call(Method::POST, SCORE).header("x-fraudsense-key", key);
    call.text(content_type, text.to_owned()).send().await
}

const NUMBERS: [&str; 14] = [
    "riskScore",
    "deviceProfile.uptimeSeconds",
    "deviceProfile.utcOffsetMinutes",
    "locationProfile.lat",
    "locationProfile.lon",
    "locationProfile.entropy",
    "behaviorProfile.movementScore",
    "behaviorProfile.typingWPM",
    "behaviorProfile.sessionHour",
    "behaviorProfile.touchVarianceMs",
    "sensorProfile.accelerometerVariance",
    "sensorProfile.portraitRatio",
    "sensorProfile.minBrightness",
    "networkProfile.changesPerMinute",
];
const FLAGS: [&str; 9] = [
    "deviceProfile.isEmulator",
    "deviceProfile.isRooted",
    "deviceProfile.hookToolDetected",
    "deviceProfile.isCloudPhone",
    "deviceProfile.appTampered",
    "deviceProfile.screenSharing",
    "deviceProfile.hasSim",
    "behaviorProfile.clipboardChanged",
    "networkProfile.vpnActive",
];
const TEXTS: [&str; 7] = [
    "deviceId",
    "sessionId",
    "eventType",
    "deviceProfile.model",
    "deviceProfile.os",
    "deviceProfile.timezone",
    "networkProfile.type",
];
const PROFILES: [&str; 6] = [
    "deviceProfile",
    "locationProfile",
    "behaviorProfile",
    "sensorProfile",
    "batteryProfile",
    "networkProfile",
];

#[tokio::test]
async fn every_wrong_type_is_named() {
    let (app, acme, other) = two_accounts().await;
    let (text, number, yes, list, object) =
        (json!("7"), json!(7), json!(true), json!([7]), json!({ "a": 7 }));
    let tables: [(&[&str], [&Value; 4]); 5] = [
        (&NUMBERS, [&text, &yes, &list, &object]),
        (&FLAGS, [&text, &number, &list, &object]),
        (&TEXTS, [&number, &yes, &list, &object]),
        (&PROFILES, [&text, &number, &yes, &list]),
        (&["triggeredFlags"], [&text, &number, &yes, &object]),
    ];
    for (paths, wrong) in tables {
        for path in paths {
            for wrong in wrong {
                let answer = scoring(&app, &acme.key, &at(path, wrong)).send().await;
                assert_eq!(named(&error(answer, 400, "INVALID_FIELD")), [*path], "{wrong}");
            }
            let status = if matches!(*path, "deviceId" | "sessionId") { 400 } else { 200 };
            scoring(&app, &other.key, &at(path, &Value::Null)).send().await.expect(status);
        }
        app.clock.advance(16 * 60_000);
    }
}

#[tokio::test]
async fn everything_that_is_wrong_is_named_at_once() {
    let (app, acme, _other) = two_accounts().await;
    let refused = |body: Value| scoring(&app, &acme.key, &body).send();
    for body in [json!({}), json!({ "deviceId": null, "sessionId": null }), session("", " ")] {
        let told = error(refused(body).await, 400, "MISSING_FIELD");
        assert_eq!(named(&told), ["deviceId", "sessionId"]);
        assert_eq!(told["message"], "deviceId is required; sessionId is required");
    }
    let told = error(refused(session("d\u{0}", "s\n")).await, 400, "INVALID_FIELD");
    assert_eq!(named(&told), ["deviceId", "sessionId"]);
    let told = error(refused(json!({ "sessionId": "s" })).await, 400, "MISSING_FIELD");
    assert_eq!(named(&told), ["deviceId"]);
    let told = error(refused(json!({ "deviceId": "d" })).await, 400, "MISSING_FIELD");
    assert_eq!(named(&told), ["sessionId"]);
    let all = json!({
        "deviceId": "d".repeat(257), "sessionId": "s".repeat(257), "eventType": "e".repeat(65), "riskScore": 101,
        "triggeredFlags": ["", {}, "f".repeat(65), "VPN_DETECTED"],
        "deviceProfile": { "uptimeSeconds": -1, "utcOffsetMinutes": 841 },
        "locationProfile": { "lat": 90.1, "lon": -180.1, "entropy": 2 },
        "sensorProfile": { "accelerometerVariance": -1, "portraitRatio": 1.1, "minBrightness": -0.1,
            "touchVarianceMs": -1 },
        "behaviorProfile": { "movementScore": -1, "typingWPM": -1, "sessionHour": 24, "touchVarianceMs": -1 },
        "batteryProfile": { "chargingRatio": 1.01 },
        "networkProfile": { "changesPerMinute": -1 },
    });
    let expected = [
        "deviceId",
        "sessionId",
        "eventType",
        "riskScore",
        "triggeredFlags[0]",
        "triggeredFlags[1]",
        "triggeredFlags[2]",
        "deviceProfile.uptimeSeconds",
        "deviceProfile.utcOffsetMinutes",
        "locationProfile.lat",
        "locationProfile.lon",
        "locationProfile.entropy",
        "sensorProfile.accelerometerVariance",
        "sensorProfile.portraitRatio",
        "sensorProfile.minBrightness",
        "sensorProfile.touchVarianceMs",
        "behaviorProfile.movementScore",
        "behaviorProfile.typingWPM",
        "behaviorProfile.sessionHour",
        "behaviorProfile.touchVarianceMs",
        "batteryProfile.chargingRatio",
        "networkProfile.changesPerMinute",
    ];
    assert_eq!(named(&error(refused(all).await, 400, "INVALID_FIELD")), expected);
}

#[tokio::test]
async fn numbers_have_ends() {
    let (app, acme, _other) = two_accounts().await;
    for (path, fine, wrong) in [
        ("riskScore", vec![json!(0), json!(100), json!(30.0)], vec![json!(-1), json!(101), json!(29.5)]),
        ("behaviorProfile.sessionHour", vec![json!(0), json!(23)], vec![json!(-1), json!(24), json!(1.5)]),
        (
            "deviceProfile.utcOffsetMinutes",
            vec![json!(-720), json!(840)],
            vec![json!(-721), json!(1e9), json!(0.5)],
        ),
        ("locationProfile.entropy", vec![json!(0), json!(1)], vec![json!(-0.01), json!(1.01)]),
        ("batteryProfile.chargingRatio", vec![json!(0), json!(1)], vec![json!(-0.01), json!(1.01)]),
        ("behaviorProfile.typingWPM", vec![json!(0), json!(1e300)], vec![json!(-0.01)]),
    ] {
        for value in fine {
            score(&app, &acme.key, &at(path, &value)).await;
            app.clock.advance(60_000);
        }
        for value in wrong {
            let answer = scoring(&app, &acme.key, &at(path, &value)).send().await;
            assert_eq!(named(&error(answer, 400, "INVALID_FIELD")), [path]);
        }
    }
}

#[tokio::test]
async fn a_position_is_both_of_its_halves() {
    let (app, acme, _other) = two_accounts().await;
    let profile = |location: Value| with(session("d", "s"), &json!({ "locationProfile": location }));
    for (location, field) in [
        (json!({ "lat": 1 }), "locationProfile.lon"),
        (json!({ "lon": 1, "lat": null }), "locationProfile.lat"),
        (json!({ "lat": -90.001, "lon": 1 }), "locationProfile.lat"),
        (json!({ "lat": 1, "lon": 180.001 }), "locationProfile.lon"),
    ] {
        let answer = scoring(&app, &acme.key, &profile(location)).send().await;
        assert_eq!(named(&error(answer, 400, "INVALID_FIELD")), [field]);
    }
    for location in [
        json!({}),
        json!({ "lat": null, "lon": null }),
        json!({ "lat": 90, "lon": 180 }),
        json!({ "lat": -90, "lon": -180 }),
        json!({ "lat": 0, "lon": 0 }),
    ] {
        app.clock.advance(48 * 3_600_000);
        score(&app, &acme.key, &profile(location)).await;
    }
}

#[tokio::test]
async fn flags_come_in_three_forms() {
    let (app, acme, _other) = two_accounts().await;
    let flags = json!({ "triggeredFlags": [
        "EMULATOR_DETECTED", { "name": "NO_SIM_CARD", "since": [1] }, { "signal": "VPN_DETECTED" },
        { "code": "SHORT_UPTIME", "name": "ALWAYS_PORTRAIT", "points": "many" },
    ] });
    let answer = score(&app, &acme.key, &with(session("d", "s"), &flags)).await;
    let expected = ["EMULATOR_DETECTED", "NO_SIM_CARD", "VPN_DETECTED", "SHORT_UPTIME"];
    assert_eq!((codes(&answer["triggeredFlags"]), &answer["riskScore"]), (expected.to_vec(), &json!(95)));
    for (flag, field) in [
        (json!(7), "triggeredFlags[1]"),
        (json!(null), "triggeredFlags[1]"),
        (json!(["EMULATOR_DETECTED"]), "triggeredFlags[1]"),
        (json!({ "code": 7 }), "triggeredFlags[1].code"),
        (json!({ "type": "EMULATOR_DETECTED" }), "triggeredFlags[1]"),
        (json!(" "), "triggeredFlags[1]"),
    ] {
        let flags = json!({ "triggeredFlags": ["VPN_DETECTED", flag] });
        let answer = scoring(&app, &acme.key, &with(session("d", "s"), &flags)).send().await;
        assert_eq!(named(&error(answer, 400, "INVALID_FIELD")), [field]);
    }
    let many = |count: usize| json!({ "triggeredFlags": vec!["X"; count] });
    score(&app, &acme.key, &with(session("d", "s"), &many(200))).await;
    let answer = scoring(&app, &acme.key, &with(session("d", "s"), &many(201))).send().await;
    assert_eq!(named(&error(answer, 400, "INVALID_FIELD")), ["triggeredFlags"]);
}

#[tokio::test]
async fn null_is_left_out_and_what_is_unknown_is_ignored() {
    let (app, acme, other) = two_accounts().await;
    let mut nulls = session("d", "s");
    for path in ["eventType", "riskScore", "triggeredFlags"].iter().chain(&PROFILES) {
        nulls[*path] = Value::Null;
    }
    let mut empty = session("d", "s");
    for profile in PROFILES {
        empty[profile] = json!({ "unknown": { "deep": [[[{}]]] }, "model2": 7 });
    }
    empty["fingerprint"] = json!({ "components": [1, 2, 3] });
    let plain = score(&app, &other.key, &session("d", "s")).await;
    for body in [nulls, empty] {
        let answer = score(&app, &acme.key, &body).await;
        for field in
            ["riskScore", "serverFlags", "triggeredFlags", "riskLabels", "eventType", "ipIntelligence"]
        {
            assert_eq!(answer[field], plain[field], "{field}");
        }
    }
}

#[tokio::test]
async fn ids_are_told_back_as_they_were_sent() {
    let (app, acme, _other) = two_accounts().await;
    for id in ["fs_a3f9", " spaced ", "ünïcode ✓", "a/b?c#d%20", &"ü".repeat(256)] {
        let answer = score(&app, &acme.key, &session(id, id)).await;
        assert_eq!(answer["deviceHistory"]["totalSessions"], 1, "{id:?}");
    }
}

#[tokio::test]
async fn bodies_that_are_none_are_told_in_the_envelope() {
    let (app, acme, _other) = two_accounts().await;
    let json_type = "application/json";
    for text in ["", "{", "{\"deviceId\":\"d\",}", "nonsense"] {
        error(raw(&app, &acme.key, json_type, text).await, 400, "MALFORMED_JSON");
    }
    for text in ["[]", "7", "null"] {
        let told = error(raw(&app, &acme.key, json_type, text).await, 400, "INVALID_FIELD");
        assert_eq!(named(&told), ["body"]);
    }
    let twice = r#"{"deviceId":"d","deviceId":"e","sessionId":"s"}"#;
    error(raw(&app, &acme.key, json_type, twice).await, 400, "INVALID_FIELD");
    error(raw(&app, &acme.key, "text/plain", "{}").await, 415, "UNSUPPORTED_MEDIA_TYPE");
    let large = format!(r#"{{"x":"{}"}}"#, "x".repeat(256 * 1024));
    error(raw(&app, &acme.key, json_type, &large).await, 413, "PAYLOAD_TOO_LARGE");
    error(app.get(SCORE).header("x-fraudsense-key", &acme.key).send().await, 405, "METHOD_NOT_ALLOWED");
}

#[tokio::test]
async fn only_a_key_gets_in() {
    let (app, acme, _other) = two_accounts().await;
    let body = session("d", "s");
    error(app.post(SCORE, &body).send().await, 401, "UNAUTHORIZED");
    error(app.post(SCORE, &body).bearer(&acme.token).send().await, 401, "UNAUTHORIZED");
    error(scoring(&app, &acme.token, &body).send().await, 401, "UNAUTHORIZED");
    // Before the body is looked at.
    error(app.post(SCORE, &json!([])).send().await, 401, "UNAUTHORIZED");
    let live = live_key(&app, &acme).await;
    score(&app, &live, &body).await;
}
