//! What a registration answers, and what its score is made of.

use serde_json::{Value, json};

use super::super::{
    support::{error, key, names},
    world::{
        DATACENTER, DEVICES, FAR, HOME, PROXY, TOR, VPN, chrome, laptop, register, registration, rule, text,
        verdict, with, world,
    },
};

#[tokio::test]
async fn the_sample_of_the_guide_is_answered_as_the_guide_says() {
    let (app, acme, _other) = world().await;
    let first = register(&app, &acme.live, &laptop("A"), "usr_123", VPN).await;
    assert_eq!((&first["is_new"], &first["match"]), (&json!(true), &Value::Null));
    assert_eq!(verdict(&first, "risk_level"), (250, "medium"), "a VPN and a new device");
    app.clock.advance(60_000);
    let known = register(&app, &acme.live, &laptop("A"), "usr_456", VPN).await;
    let expected = json!({
        "id": first["id"], "object": "device", "risk_score": 250, "risk_level": "medium", "is_new": false,
        "first_seen": "2026-01-05T10:00:00.000Z", "last_seen": "2026-01-05T10:01:00.000Z", "times_seen": 2,
        "is_blocked": false, "would_block": false,
        "signals": {
            "is_bot": false, "is_emulator": false, "is_vpn": true, "is_proxy": false, "is_tor": false,
            "is_datacenter": false, "timezone_mismatch": false,
        },
        "ip_analysis": {
            "ip": VPN, "country": "MA", "city": "Casablanca", "isp": "Maroc Telecom", "asn": 36_903,
            "is_vpn": true, "vpn_provider": "NordVPN", "is_proxy": false, "is_tor": false,
            "is_datacenter": false,
        },
        "linked_users": ["usr_123", "usr_456"], "linked_accounts": 2,
        "match": { "confidence": 1.0, "attributes": known["match"]["attributes"] },
        "event_id": known["event_id"],
    });
    assert_eq!(known, expected, "VPN 200 + a second account 100 - known 50");
    let attributes = known["match"]["attributes"].as_array().unwrap();
    for attribute in ["canvas", "webgl", "screen", "platform", "time_zone", "language", "browser"] {
        assert!(attributes.contains(&json!(attribute)), "{attribute}");
    }
    let digits = text(&known, "id").strip_prefix("dev_").unwrap();
    assert!(digits.len() == 12 && digits.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase()));
    let shown = app.get(&format!("{DEVICES}/{}", text(&known, "id"))).bearer(&acme.live).send().await;
    let mut expected = known.clone();
    expected["match"] = Value::Null;
    assert_eq!(shown.expect_json(200), expected, "reads do not tell why it was known");
}

#[tokio::test]
async fn every_weight_counts_and_every_signal_tells() {
    let (app, acme, _other) = world().await;
    let headless = chrome(142).replace("Chrome", "HeadlessChrome");
    let tokyo = json!({ "timezone": "Asia/Tokyo" });
    let none = json!({});
    for (name, ip, change, score, signal) in [
        ("plain", HOME, &none, 50, ""),
        ("vpn", VPN, &none, 250, "is_vpn"),
        ("proxy", PROXY, &none, 200, "is_proxy"),
        ("tor", TOR, &none, 350, "is_tor"),
        ("datacenter", DATACENTER, &none, 150, "is_datacenter"),
        ("emulator", HOME, &json!({ "is_emulator": true }), 350, "is_emulator"),
        ("named emulator", HOME, &json!({ "model": "sdk_gphone64_x86_64" }), 350, "is_emulator"),
        (
            "hiding emulator",
            HOME,
            &json!({ "model": "sdk_gphone64", "is_emulator": false }),
            350,
            "is_emulator",
        ),
        ("bot", HOME, &json!({ "user_agent": headless }), 350, "is_bot"),
        ("far", FAR, &none, 150, "timezone_mismatch"),
        ("near", FAR, &tokyo, 50, ""),
    ] {
        let device = register(&app, &acme.live, &with(laptop(name), change.clone()), name, ip).await;
        assert_eq!(device["risk_score"], score, "{name}: {device}");
        for (told, value) in device["signals"].as_object().unwrap() {
            assert_eq!(value, &json!(told == signal), "{name} {told}");
        }
        let known = register(&app, &acme.live, &with(laptop(name), change.clone()), name, ip).await;
        assert_eq!(known["risk_score"], (score - 100).max(0), "{name}: 50 for new, -50 for known");
    }
    let rooted =
        register(&app, &acme.live, &with(laptop("R"), json!({ "is_rooted": true })), "u", HOME).await;
    assert_eq!(rooted["risk_score"], 250);
}

#[tokio::test]
async fn levels_are_those_of_the_contract() {
    let (app, acme, _other) = world().await;
    let bot = json!({ "user_agent": "HeadlessChrome/142" });
    let all = with(bot.clone(), json!({ "is_emulator": true }));
    for (name, ip, change, score, level) in [
        ("low", HOME, json!({}), 50, "low"),
        ("edge", PROXY, json!({}), 200, "low"),
        ("medium", VPN, json!({}), 250, "medium"),
        ("high", TOR, bot, 650, "high"),
        ("critical", TOR, all, 950, "critical"),
    ] {
        let device = register(&app, &acme.live, &with(laptop(name), change), name, ip).await;
        assert_eq!(verdict(&device, "risk_level"), (score, level), "{name}");
    }
}

#[tokio::test]
async fn every_account_beyond_the_first_adds_a_hundred_up_to_three() {
    let (app, acme, _other) = world().await;
    let mut users = Vec::new();
    for (index, score) in [50, 50, 150, 250, 250, 250].into_iter().enumerate() {
        users.push(format!("usr_{index}"));
        let device = register(&app, &acme.live, &laptop("A"), &users[index], HOME).await;
        assert_eq!((&device["risk_score"], &device["linked_users"]), (&json!(score), &json!(users)));
        assert_eq!(
            (&device["linked_accounts"], &device["times_seen"]),
            (&json!(index + 1), &json!(index + 1))
        );
        app.clock.advance(1_000);
    }
    let again = register(&app, &acme.live, &laptop("A"), "usr_0", HOME).await;
    assert_eq!(again["linked_users"], json!(users), "in the order in which they came");
    let mut nobody = json!({ "fingerprint": laptop("A"), "ip_address": HOME });
    nobody["session_id"] = json!("sess_1");
    let again = app.post(DEVICES, &nobody).bearer(&acme.live).send().await.expect_json(200);
    assert_eq!((&again["linked_accounts"], &again["times_seen"]), (&json!(6), &json!(8)));
}

#[tokio::test]
async fn rules_over_devices_run_at_registration() {
    let (app, acme, other) = world().await;
    let accounts =
        rule(&app, &acme.live, "device.linked_accounts >= 2", "flag", json!({ "score_adjustment": 300 }));
    accounts.await;
    for (user, score) in [("u1", 250), ("u2", 550)] {
        assert_eq!(register(&app, &acme.live, &laptop("A"), user, VPN).await["risk_score"], score, "{user}");
        assert_eq!(register(&app, &other.live, &laptop("A"), user, VPN).await["risk_score"], 250, "{user}");
    }
    let watching = json!({ "score_adjustment": 900, "enforcement": "monitor" });
    rule(&app, &acme.live, "device.is_vpn = true", "block", watching).await;
    let device = register(&app, &acme.live, &laptop("B"), "u3", VPN).await;
    assert_eq!((&device["risk_score"], &device["would_block"]), (&json!(250), &json!(true)));
    rule(&app, &acme.live, "device.is_vpn AND device.is_emulator = false", "block", json!({})).await;
    let device = register(&app, &acme.live, &laptop("C"), "u4", VPN).await;
    assert_eq!(verdict(&device, "risk_level"), (801, "critical"), "{device}");
    assert_eq!(device["is_blocked"], false, "a rule puts nothing on the list");
}

#[tokio::test]
async fn a_retry_is_not_counted() {
    let (app, acme, other) = world().await;
    let once = |key: &str, device: &str| {
        registration(&app, key, &laptop(device), "u1", VPN).header("idempotency-key", "registration-1").send()
    };
    let first = once(&acme.live, "A").await.expect(200);
    assert_eq!(first.header("idempotent-replayed"), "");
    app.clock.advance(1_000);
    let again = once(&acme.live, "A").await.expect(200);
    assert_eq!((again.text(), again.header("idempotent-replayed")), (first.text(), "true"));
    error(once(&acme.live, "B").await, 409, "idempotency_error", "idempotency_key_conflict");
    for key in [&acme.test, &other.live] {
        assert_eq!(once(key, "A").await.expect(200).header("idempotent-replayed"), "");
    }
    assert_eq!(register(&app, &acme.live, &laptop("A"), "u1", VPN).await["times_seen"], 2);
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let (app, acme, _other) = world().await;
    let good = json!({ "fingerprint": laptop("A"), "ip_address": HOME, "user_id": "u1" });
    let fingerprint = |change: Value| json!({ "fingerprint": with(laptop("A"), change) });
    let (missing, invalid) = ("missing_parameter", "invalid_parameter");
    for (change, code, param) in [
        (json!({ "fingerprint": null }), missing, "fingerprint"),
        (json!({ "fingerprint": {} }), invalid, "fingerprint"),
        (json!({ "fingerprint": { "user_agent": " " } }), invalid, "fingerprint"),
        (json!({ "fingerprint": "text" }), invalid, "fingerprint"),
        (json!({ "fingerprint": [1] }), invalid, "fingerprint"),
        (fingerprint(json!({ "screen_resolution": "wide" })), invalid, "fingerprint.screen_resolution"),
        (fingerprint(json!({ "user_agent": 7 })), invalid, "fingerprint.user_agent"),
        (fingerprint(json!({ "touch_points": -1 })), invalid, "fingerprint.touch_points"),
        (fingerprint(json!({ "fonts": 7 })), invalid, "fingerprint.fonts"),
        (json!({ "ip_address": null }), missing, "ip_address"),
        (json!({ "ip_address": "example.com" }), invalid, "ip_address"),
        (json!({ "ip_address": 7 }), invalid, "ip_address"),
        (json!({ "user_id": "" }), invalid, "user_id"),
        (json!({ "user_id": "u".repeat(257) }), invalid, "user_id"),
        (json!({ "session_id": "a\u{0}" }), invalid, "session_id"),
    ] {
        let refused = app.post(DEVICES, &with(good.clone(), change.clone())).bearer(&acme.live).send().await;
        assert_eq!(error(refused, 400, "validation_error", code)["param"], param, "{change}");
    }
    let several = app.post(DEVICES, &json!({ "user_id": "" })).bearer(&acme.live).send().await;
    let several = error(several, 400, "validation_error", missing);
    for word in ["fingerprint", "ip_address", "user_id"] {
        assert!(text(&several, "message").contains(word), "{several}");
    }
    let odd =
        with(good.clone(), json!({ "color": 7, "fingerprint": with(laptop("A"), json!({ "odd": [] })) }));
    let device = app.post(DEVICES, &odd).bearer(&acme.live).send().await.expect_json(200);
    assert_eq!((&device["is_new"], names(&device).len()), (&json!(true), 16), "unknown fields are ignored");

    let reader = key(&app, &acme.tenant, &json!({ "scopes": ["fraud:read"] })).await;
    let refused = app.post(DEVICES, &good).bearer(&reader).send().await;
    error(refused, 403, "authorization_error", "forbidden");
    error(app.post(DEVICES, &good).send().await, 401, "authentication_error", "unauthorized");
}

#[tokio::test]
async fn a_device_of_which_next_to_nothing_is_told_is_a_device() {
    let (app, acme, other) = world().await;
    let strange = json!({ "user_agent": "¾\u{8c}i'ùn¡" });
    let first = register(&app, &acme.live, &strange, "usr_1", HOME).await;
    let again = register(&app, &acme.live, &strange, "usr_1", HOME).await;
    assert_eq!((&again["id"], &again["is_new"]), (&first["id"], &json!(false)));
    let else_ = register(&app, &acme.live, &json!({ "user_agent": "abc" }), "usr_1", HOME).await;
    let stranger = register(&app, &acme.live, &strange, "usr_2", HOME).await;
    let foreign = register(&app, &other.live, &strange, "usr_1", HOME).await;
    for device in [else_, stranger, foreign] {
        assert_ne!(device["id"], first["id"]);
        assert_eq!(device["is_new"], true);
    }
    for nothing in [json!({ "canvas_hash": "undefined" }), json!({ "webgl_vendor": "Google" })] {
        let refused = registration(&app, &acme.live, &nothing, "usr_1", HOME).send().await;
        assert_eq!(error(refused, 400, "validation_error", "invalid_parameter")["param"], "fingerprint");
    }
}
