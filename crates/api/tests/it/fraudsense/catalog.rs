//! Every row of the catalogue, fired by the SDK's word and, where there is one, by what the profiles measure; with its
//! points in every type of event.

use serde_json::{Value, json};

use super::{
    scoring::{codes, event, list, points, score, scoring, session, with},
    support::two_accounts,
};

const EVENTS: [&str; 6] = ["LOGIN", "REGISTER", "PAYMENT", "WITHDRAWAL", "PROFILE_UPDATE", "OTHER"];

/// Percent by category and event, in the order of [`EVENTS`] (G4.3).
const PERCENT: [(&str, [i64; 6]); 5] = [
    ("device", [100, 150, 100, 150, 100, 100]),
    ("location", [75, 75, 125, 150, 75, 100]),
    ("network", [100, 100, 100, 150, 100, 100]),
    ("behavior", [150, 100, 100, 150, 150, 100]),
    ("environment", [100, 125, 100, 150, 100, 100]),
];

/// Code, points, category, severity, and the profile by which the server sees it; empty where it takes more than that.
#[rustfmt::skip]
const ROWS: [(&str, i64, &str, &str, &str); 31] = [
    ("EMULATOR_DETECTED",       40,  "device",      "critical", r#"{"deviceProfile":{"isEmulator":true}}"#),
    ("REPLAY_ATTACK",           40,  "behavior",    "critical", ""),
    ("HOOK_TOOL_DETECTED",      35,  "device",      "critical", r#"{"deviceProfile":{"hookToolDetected":true}}"#),
    ("CLOUD_PHONE_DETECTED",    35,  "device",      "critical", r#"{"deviceProfile":{"isCloudPhone":true}}"#),
    ("APP_TAMPERED",            35,  "device",      "critical", r#"{"deviceProfile":{"appTampered":true}}"#),
    ("GPS_IMPOSSIBLE_VELOCITY", 30,  "location",    "critical", ""),
    ("ROOT_JAILBREAK",          30,  "device",      "high",     r#"{"deviceProfile":{"isRooted":true}}"#),
    ("SCREEN_SHARING",          30,  "behavior",    "high",     r#"{"deviceProfile":{"screenSharing":true}}"#),
    ("SHORT_UPTIME",            25,  "device",      "high",     r#"{"deviceProfile":{"uptimeSeconds":299}}"#),
    ("BATTERY_ALWAYS_CHARGING", 25,  "environment", "high",     r#"{"batteryProfile":{"chargingRatio":0.96}}"#),
    ("LOCATION_NEVER_CHANGES",  20,  "location",    "high",     r#"{"locationProfile":{"entropy":0.09}}"#),
    ("ZERO_MOVEMENT",           20,  "environment", "high",     r#"{"behaviorProfile":{"movementScore":0.04}}"#),
    ("TOUCH_TOO_UNIFORM",       20,  "behavior",    "high",     r#"{"behaviorProfile":{"touchVarianceMs":4.9}}"#),
    ("NO_SIM_CARD",             20,  "device",      "high",     r#"{"deviceProfile":{"hasSim":false}}"#),
    ("SUSPECTED_RESET",         20,  "device",      "high",     ""),
    ("ALWAYS_PORTRAIT",         15,  "environment", "medium",   r#"{"sensorProfile":{"portraitRatio":0.991}}"#),
    ("TIMEZONE_GPS_MISMATCH",   15,  "location",    "medium",   r#"{"locationProfile":{"lat":25.2048,"lon":55.2708},"deviceProfile":{"timezone":"Europe/London"}}"#),
    ("ABNORMAL_TYPING_SPEED",   15,  "behavior",    "medium",   r#"{"behaviorProfile":{"typingWPM":200.5}}"#),
    ("NETWORK_HYPER_SWITCHING", 15,  "network",     "medium",   r#"{"networkProfile":{"changesPerMinute":5.1}}"#),
    ("ODD_HOUR_SESSION",        10,  "behavior",    "medium",   r#"{"behaviorProfile":{"sessionHour":1}}"#),
    ("VPN_DETECTED",            10,  "network",     "medium",   r#"{"networkProfile":{"vpnActive":true}}"#),
    ("COPY_PASTE_DETECTED",     10,  "behavior",    "medium",   r#"{"behaviorProfile":{"clipboardChanged":true}}"#),
    ("MAX_BRIGHTNESS_ALWAYS",   10,  "environment", "medium",   r#"{"sensorProfile":{"minBrightness":0.951}}"#),
    ("IP_GPS_MISMATCH",         15,  "location",    "medium",   ""),
    ("IP_PROXY",                10,  "network",     "medium",   ""),
    ("IP_DATACENTER",           10,  "network",     "medium",   ""),
    ("NATURAL_MOVEMENT",        -10, "trust",       "trust",    r#"{"behaviorProfile":{"movementScore":0.31}}"#),
    ("HAS_SIM_CARD",            -5,  "trust",       "trust",    r#"{"deviceProfile":{"hasSim":true}}"#),
    ("NORMAL_BATTERY_CYCLE",    -5,  "trust",       "trust",    r#"{"batteryProfile":{"chargingRatio":0.5}}"#),
    ("REALISTIC_LOCATION",      -5,  "trust",       "trust",    r#"{"locationProfile":{"entropy":0.5}}"#),
    ("NORMAL_UPTIME",           -5,  "trust",       "trust",    r#"{"deviceProfile":{"uptimeSeconds":3601}}"#),
];

/// What fires beside each row, so that what takes points off is felt as well.
const BESIDE: &str = "ALWAYS_PORTRAIT";

/// The score of a row with what is beside it, rounded half up.
fn expected(points: i64, category: &str, event: usize) -> i64 {
    let percent = |name: &str| PERCENT.iter().find(|row| row.0 == name).map_or(100, |row| row.1[event]);
    (points * percent(category) + 15 * percent("environment") + 50).div_euclid(100)
}

#[tokio::test]
async fn each_row_counts_by_the_word_of_the_sdk() {
    let (app, acme, other) = two_accounts().await;
    for (code, worth, category, severity, _) in ROWS.into_iter().filter(|row| row.0 != BESIDE) {
        for (index, event_type) in EVENTS.into_iter().enumerate() {
            let device = format!("{code}-{event_type}");
            let flags = json!({ "triggeredFlags": [{ "code": code, "points": 1_000 }, BESIDE] });
            let answer = score(&app, &acme.key, &with(event(&device, event_type), &flags)).await;
            assert_eq!(answer["riskScore"], expected(worth, category, index), "{device}");
            let flag = &answer["triggeredFlags"][0];
            assert_eq!((&flag["code"], &flag["points"]), (&json!(code), &json!(worth)));
            assert_eq!((&flag["category"], &flag["severity"]), (&json!(category), &json!(severity)));
            assert_eq!(answer["serverFlags"], json!([]));
            app.clock.advance(1_000);
        }
    }
    assert_eq!(points(&app, &other.key, &event("REPLAY_ATTACK-LOGIN", "LOGIN")).await, 0);
}

#[tokio::test]
async fn each_row_counts_by_what_the_profile_tells() {
    let (app, acme, other) = two_accounts().await;
    let rows = ROWS.into_iter().filter(|row| !row.4.is_empty() && row.0 != BESIDE);
    for (code, worth, category, severity, profile) in rows {
        let mut profile: Value = serde_json::from_str(profile).unwrap();
        profile["sensorProfile"]["portraitRatio"] = json!(1);
        for (index, event_type) in EVENTS.into_iter().enumerate() {
            let device = format!("{code}-{event_type}");
            let answer = score(&app, &acme.key, &with(event(&device, event_type), &profile)).await;
            assert_eq!(answer["riskScore"], expected(worth, category, index), "{device}");
            let mut fired = codes(&answer["serverFlags"]);
            fired.sort_unstable();
            let mut both = [BESIDE, code];
            both.sort_unstable();
            assert_eq!((fired, &answer["triggeredFlags"]), (both.to_vec(), &json!([])));
            let flags = answer["serverFlags"].as_array().unwrap();
            let flag = flags.iter().find(|flag| flag["code"] == code).unwrap();
            assert_eq!((&flag["category"], &flag["severity"]), (&json!(category), &json!(severity)));
            assert_eq!(flag["points"], worth);
            app.clock.advance(1_000);
        }
    }
    assert_eq!(points(&app, &other.key, &event("x", "LOGIN")).await, 0);
}

#[tokio::test]
async fn what_is_beside_them_counts_as_well() {
    let (app, acme, _other) = two_accounts().await;
    let (_, worth, category, severity, profile) = ROWS.into_iter().find(|row| row.0 == BESIDE).unwrap();
    let profile: Value = serde_json::from_str(profile).unwrap();
    for (index, event_type) in EVENTS.into_iter().enumerate() {
        let answer = score(&app, &acme.key, &with(event(event_type, event_type), &profile)).await;
        assert_eq!(answer["riskScore"], expected(0, category, index), "{event_type}");
        let flag = &answer["serverFlags"][0];
        assert_eq!((&flag["category"], &flag["severity"]), (&json!(category), &json!(severity)));
        assert_eq!((&flag["code"], &flag["points"]), (&json!(BESIDE), &json!(worth)));
    }
}

#[tokio::test]
async fn edges_of_the_measures() {
    let (app, acme, _other) = two_accounts().await;
    let cases = [
        (json!({ "deviceProfile": { "uptimeSeconds": 59.9 } }), vec!["SHORT_UPTIME", "SUSPECTED_RESET"]),
        (json!({ "deviceProfile": { "uptimeSeconds": 60 } }), vec!["SHORT_UPTIME"]),
        (json!({ "deviceProfile": { "uptimeSeconds": 300 } }), vec![]),
        (json!({ "deviceProfile": { "uptimeSeconds": 3600 } }), vec![]),
        (json!({ "batteryProfile": { "chargingRatio": 0.95 } }), vec!["NORMAL_BATTERY_CYCLE"]),
        (json!({ "batteryProfile": { "chargingRatio": 0.01 } }), vec![]),
        (json!({ "locationProfile": { "entropy": 0.1 } }), vec![]),
        (json!({ "locationProfile": { "entropy": 0.2 } }), vec!["REALISTIC_LOCATION"]),
        (json!({ "locationProfile": { "entropy": 0.9 } }), vec!["REALISTIC_LOCATION"]),
        (json!({ "locationProfile": { "entropy": 0.91 } }), vec![]),
        (json!({ "sensorProfile": { "accelerometerVariance": 0.05 } }), vec![]),
        (json!({ "sensorProfile": { "accelerometerVariance": 0.3 } }), vec![]),
        (json!({ "sensorProfile": { "touchVarianceMs": 4.99 } }), vec!["TOUCH_TOO_UNIFORM"]),
        (json!({ "sensorProfile": { "touchVarianceMs": 5 } }), vec![]),
        (json!({ "sensorProfile": { "portraitRatio": 0.99 } }), vec![]),
        (json!({ "sensorProfile": { "minBrightness": 0.95 } }), vec![]),
        (json!({ "behaviorProfile": { "typingWPM": 200 } }), vec![]),
        (json!({ "behaviorProfile": { "sessionHour": 0 } }), vec![]),
        (json!({ "behaviorProfile": { "sessionHour": 4 } }), vec!["ODD_HOUR_SESSION"]),
        (json!({ "behaviorProfile": { "sessionHour": 5 } }), vec![]),
        (json!({ "networkProfile": { "changesPerMinute": 5, "type": "wifi" } }), vec![]),
        (
            json!({ "sensorProfile": { "accelerometerVariance": 0.01 }, "behaviorProfile": { "movementScore": 0.4 } }),
            vec!["ZERO_MOVEMENT"],
        ),
    ];
    for (index, (profile, expected)) in cases.into_iter().enumerate() {
        let body = with(session(&format!("d{index}"), "s"), &profile);
        let answer = score(&app, &acme.key, &body).await;
        assert_eq!(codes(&answer["serverFlags"]), expected, "{profile}");
        app.clock.advance(60_000);
    }
}

#[tokio::test]
async fn the_address_is_looked_at() {
    let (app, acme, other) = two_accounts().await;
    let berlin = json!({ "cidr": "203.0.114.0/24", "country": "Germany", "countryCode": "DE", "region": "Berlin",
        "city": "Berlin", "latitude": 52.52, "longitude": 13.41, "asn": 64496, "asOrg": "Spree Net" });
    list(&app, "ip-overrides", json!([berlin])).await;
    list(&app, "tor-exits", json!(["203.0.114.9"])).await;
    list(&app, "proxy-networks", json!(["203.0.114.10"])).await;
    list(&app, "vpn-networks", json!(["203.0.114.11"])).await;
    let from = async |key: &str, ip: &str, more: &Value| {
        let body = with(event(ip, "PAYMENT"), more);
        let answer = scoring(&app, key, &body).from(ip).send().await.expect_json(200);
        app.clock.advance(60_000);
        answer
    };
    let nowhere = json!({});
    let near = json!({ "locationProfile": { "lat": 52.4, "lon": 13.06 } });
    let far = json!({ "locationProfile": { "lat": 48.14, "lon": 11.58 } });
    for key in [&acme.key, &other.key] {
        let answer = from(key, "203.0.114.7", &far).await;
        let expected = json!({
            "ip": "203.0.114.7", "country": "Germany", "countryCode": "DE", "region": "Berlin", "city": "Berlin",
            "isp": "Spree Net", "isProxy": false, "isDatacenter": false, "mismatchWithGPS": true,
            "distanceKm": 504, "riskSignals": ["IP_GPS_MISMATCH"],
        });
        assert_eq!(answer["ipIntelligence"], expected);
        assert_eq!(codes(&answer["serverFlags"]), ["IP_GPS_MISMATCH"]);
        assert_eq!(answer["riskScore"], 19, "15 × 1.25, rounded half up");
    }
    for (ip, more, fired, signals) in [
        ("203.0.114.7", &nowhere, vec![], json!([])),
        ("203.0.114.8", &near, vec![], json!([])),
        ("203.0.114.9", &nowhere, vec!["IP_PROXY"], json!(["IP_PROXY"])),
        ("203.0.114.10", &nowhere, vec!["IP_PROXY"], json!(["IP_PROXY"])),
        ("203.0.114.11", &nowhere, vec!["VPN_DETECTED"], json!(["VPN_DETECTED"])),
        ("198.51.100.1", &far, vec![], json!([])),
    ] {
        let answer = from(&acme.key, ip, more).await;
        assert_eq!(
            (codes(&answer["serverFlags"]), &answer["ipIntelligence"]["riskSignals"]),
            (fired, &signals)
        );
        assert_eq!(answer["ipIntelligence"]["isProxy"], signals == json!(["IP_PROXY"]), "{ip}");
    }
    list(&app, "datacenter-asns", json!([64_496])).await;
    let answer = from(&acme.key, "203.0.114.12", &nowhere).await;
    assert_eq!(codes(&answer["serverFlags"]), ["IP_DATACENTER"]);
    assert_eq!(answer["ipIntelligence"]["isDatacenter"], true);
    // Behind a trusted proxy, the address is the client's; what a stranger forwards is not believed.
    let forwarded = async |peer: &str| {
        let call = scoring(&app, &acme.key, &event("f", "LOGIN")).from(peer);
        let answer = call.header("x-forwarded-for", "203.0.114.7").send().await.expect_json(200);
        answer["ipIntelligence"]["ip"].clone()
    };
    assert_eq!(forwarded("10.0.0.1").await, "203.0.114.7");
    assert_eq!(forwarded("198.51.100.7").await, "198.51.100.7");
}
