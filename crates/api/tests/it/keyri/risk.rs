//! The built-in rules, one story each, and a service's settings of them.

use portcullis_testkit::{KeyriClient, TestApp};
use serde_json::{Value, json};

use super::support::{Shop, laptop, list, phone, signals};

async fn send_as(shop: &Shop<'_>, client: &KeyriClient, change: Value) -> Value {
    let mut body = shop.body(&client.envelope(shop.now(), laptop("h1")), "u1", "login");
    for (field, value) in change.as_object().unwrap() {
        body[field] = value.clone();
    }
    shop.post(&body).await.expect_json(200)
}

fn told(answer: &Value) -> (Vec<&str>, &str) {
    (signals(answer), answer["riskSummary"].as_str().unwrap())
}

#[tokio::test]
async fn the_fourth_account_on_a_device_is_denied() {
    let app = TestApp::new().await;
    let (shop, _other) = (Shop::of(&app, "acme").await, app.tenant("other").await);
    let client = shop.web();
    for user in ["u1", "u2", "u3"] {
        app.clock.advance(60_000);
        let answer = shop.send(&client, laptop("h1"), user, "signup").await;
        assert_eq!(told(&answer), (vec![], "allow"), "{user}");
    }
    app.clock.advance(60_000);
    let fourth = shop.send(&client, laptop("h1"), "u4", "signup").await;
    let both = vec!["multiple_account_signups_per_device", "multiple_account_access_per_device"];
    assert_eq!(told(&fourth), (both, "deny"));
    assert!((0.05..0.2).contains(&fourth["trustScore"].as_f64().unwrap()), "{fourth}");
    // Only accounts that were created count for the first of them.
    let elsewhere = shop.web();
    for user in ["v1", "v2", "v3"] {
        app.clock.advance(60_000);
        shop.send(&elsewhere, laptop("h2"), user, "login").await;
    }
    let fourth = shop.send(&elsewhere, laptop("h2"), "v4", "signup").await;
    assert_eq!(told(&fourth), (vec!["multiple_account_access_per_device"], "deny"));
}

#[tokio::test]
async fn the_fourth_event_in_ten_seconds_is_warned_of() {
    let app = TestApp::new().await;
    let (shop, _other) = (Shop::of(&app, "acme").await, app.tenant("other").await);
    let client = shop.web();
    for _ in 0..3 {
        app.clock.advance(3_000);
        assert_eq!(told(&send_as(&shop, &client, json!({})).await), (vec![], "allow"));
    }
    app.clock.advance(3_000);
    assert_eq!(told(&send_as(&shop, &client, json!({})).await), (vec!["max_events_per_timeframe"], "warn"));
    // Not for another account on another device of the same address.
    let answer = shop.send(&shop.web(), laptop("h2"), "u2", "login").await;
    assert_eq!(told(&answer), (vec![], "allow"));
    app.clock.advance(10_000);
    assert_eq!(told(&send_as(&shop, &client, json!({})).await), (vec![], "allow"));
}

#[tokio::test]
async fn a_new_device_of_an_account_is_warned_of() {
    let app = TestApp::new().await;
    let (shop, _other) = (Shop::of(&app, "acme").await, app.tenant("other").await);
    shop.send(&shop.web(), laptop("h1"), "u1", "signup").await;
    app.clock.advance(60_000);
    let phone = shop.send(&KeyriClient::mobile(&shop.platform), phone("p1"), "u1", "login").await;
    assert_eq!(told(&phone), (vec!["new_device"], "warn"));
}

#[tokio::test]
async fn addresses_are_judged_by_the_operators_lists() {
    let app = TestApp::new().await;
    let (shop, _other) = (Shop::of(&app, "acme").await, app.tenant("other").await);
    list(&app, "tor-exits", json!(["9.9.9.1"])).await;
    list(&app, "vpn-networks", json!(["9.9.9.2/32"])).await;
    list(&app, "proxy-networks", json!(["9.9.9.3/32"])).await;
    let client = shop.web();
    for (ip, expected) in [
        ("9.9.9.1", (vec!["tor"], "deny")),
        ("9.9.9.2", (vec!["vpn_proxy"], "warn")),
        ("9.9.9.3", (vec!["vpn_proxy"], "warn")),
    ] {
        app.clock.advance(60_000);
        let answer = send_as(&shop, &client, json!({ "ipAddress": ip })).await;
        let (mut seen, summary) = told(&answer);
        seen.retain(|signal| !["suspicious_ip", "new_ip_country"].contains(signal));
        assert_eq!((seen, summary), expected, "{ip}");
    }
}

#[tokio::test]
async fn travel_and_countries_are_compared_with_the_accounts_past() {
    let app = TestApp::new().await;
    let (shop, _other) = (Shop::of(&app, "acme").await, app.tenant("other").await);
    let place = |cidr: &str, code: &str, latitude: f64, longitude: f64| json!({ "cidr": cidr, "countryCode": code, "latitude": latitude, "longitude": longitude });
    let items = json!([place("1.1.1.0/24", "DE", 52.5, 13.4), place("2.2.2.0/24", "AU", -33.9, 151.2)]);
    list(&app, "ip-overrides", items).await;
    let client = shop.web();
    send_as(&shop, &client, json!({ "ipAddress": "1.1.1.1" })).await;
    app.clock.advance(3_600_000);
    let away = send_as(&shop, &client, json!({ "ipAddress": "2.2.2.2" })).await;
    let (mut seen, summary) = told(&away);
    seen.retain(|signal| *signal != "suspicious_ip");
    assert_eq!((seen, summary), (vec!["improbable_travel", "new_ip_country"], "warn"));
    assert_eq!(away["instance"]["threat"]["improbableTravel"], true);
    app.clock.advance(48 * 3_600_000);
    let back = send_as(&shop, &client, json!({ "ipAddress": "1.1.1.1" })).await;
    assert!(!signals(&back).contains(&"improbable_travel"), "{back}");
}

#[tokio::test]
async fn bots_and_automated_browsers_are_denied() {
    let app = TestApp::new().await;
    let (shop, _other) = (Shop::of(&app, "acme").await, app.tenant("other").await);
    let headers = |agent: &str| json!({ "headers": { "User-Agent": agent } });
    let bot = send_as(&shop, &shop.web(), headers("curl/8.5.0")).await;
    assert!(signals(&bot).contains(&"bot_detection"), "{bot}");
    assert_eq!(bot["riskSummary"], "deny");
    let agent = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/124.0.0.0 Safari/537.36";
    let headless = send_as(&shop, &shop.web(), headers(agent)).await;
    assert!(signals(&headless).contains(&"headless_browser"), "{headless}");
    // A page that found out itself.
    let mut claims = laptop("h7");
    claims["signals"] = json!(["bot_detection", "tor"]);
    let claimed = shop.send(&shop.web(), claims, "u7", "login").await;
    assert_eq!(told(&claimed), (vec!["bot_detection"], "deny"));
}

#[tokio::test]
async fn what_an_app_finds_on_the_phone_is_warned_of() {
    let app = TestApp::new().await;
    let (shop, _other) = (Shop::of(&app, "acme").await, app.tenant("other").await);
    for (index, (found, signal)) in [
        ("rooted", "jailbroken_rooted"),
        ("swizzle", "swizzling_detected"),
        ("isDebuggable", "debuggable"),
        ("maliciousPackages", "malicious_packages"),
        ("dangerousApps", "dangerous_apps"),
        ("tamperDetection", "tampering_detected"),
        ("emulator", "emulator_detection"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut claims = phone(&format!("p{index}"));
        claims["deviceInfo"][found] = json!(true);
        let client = KeyriClient::mobile(&shop.platform);
        let answer = shop.send(&client, claims, &format!("u{index}"), "login").await;
        assert_eq!(told(&answer), (vec![signal], "warn"), "{found}");
    }
}

#[tokio::test]
async fn blocked_users_and_mailboxes_are_denied_whatever_the_settings() {
    let app = TestApp::new().await;
    let (shop, _other) = (Shop::of(&app, "acme").await, app.tenant("other").await);
    for (kind, value) in [("email", "bad@guy.com"), ("user", "u13")] {
        let entry = json!({ "list": "block", "kind": kind, "value": value });
        app.post("/api/v1/client/lists", &entry).bearer(&shop.tenant.admin).send().await.expect(201);
    }
    let rule = json!({ "rule": "all are welcome", "conditions": { "eventType": "login" }, "outcome": "allow",
        "strength": 1000 });
    shop.put("/rules", &json!({ "rules": [rule] })).await;
    let mailbox = shop.send(&shop.web(), laptop("h1"), "Bad@Guy.com", "login").await;
    assert_eq!(told(&mailbox), (vec!["blocked_email"], "deny"));
    let user = shop.send(&shop.web(), laptop("h2"), "u13", "login").await;
    assert_eq!(told(&user), (vec!["blocklisted"], "deny"));
}

#[tokio::test]
async fn each_rule_can_be_set_and_switched_off() {
    let app = TestApp::new().await;
    let (shop, other) = (Shop::of(&app, "acme").await, Shop::of(&app, "other").await);
    list(&app, "tor-exits", json!(["9.9.9.1"])).await;
    let tor = json!({ "ipAddress": "9.9.9.1" });
    let summary = async |change: Value| {
        shop.put("/risk", &change).await;
        app.clock.advance(60_000);
        let answer = send_as(&shop, &shop.web(), tor.clone()).await;
        (answer["riskSummary"].clone(), signals(&answer).contains(&"tor"))
    };
    let only_tor: Vec<_> = ["new_device", "suspicious_ip", "new_ip_country", "vpn_proxy"]
        .map(|signal| json!({ "signal": signal, "enabled": false }))
        .into();
    assert_eq!(summary(json!({ "rules": only_tor })).await, (json!("deny"), true));
    let set = |change: Value| json!({ "rules": [change] });
    assert_eq!(summary(set(json!({ "signal": "tor", "outcome": "warn" }))).await, (json!("warn"), true));
    assert_eq!(summary(set(json!({ "signal": "tor", "enabled": false }))).await, (json!("allow"), false));
    assert_eq!(summary(json!({ "recommended": true })).await, (json!("deny"), true));
    assert_eq!(send_as(&other, &other.web(), tor.clone()).await["riskSummary"], "deny");

    // Stronger and milder wins over weaker and stricter.
    let rules = json!([{ "signal": "tor", "outcome": "allow", "strength": 5 }]);
    assert_eq!(summary(json!({ "rules": rules })).await.0, "allow");

    let shown = app.get(&shop.path("/risk")).bearer(&shop.tenant.viewer).send().await.expect_json(200);
    let tor = shown["rules"].as_array().unwrap().iter().find(|rule| rule["signal"] == "tor").unwrap().clone();
    let expected = json!({ "signal": "tor", "label": "Tor", "enabled": true, "outcome": "allow",
        "defaultOutcome": "deny", "strength": 5 });
    assert_eq!(tor, expected);
    let usual = json!({ "registrationsPerDevice": 3, "accountsPerDevice": 3, "eventsPer10Seconds": 3 });
    assert_eq!(shown["limits"], usual);
}

#[tokio::test]
async fn limits_can_be_set_and_wrong_settings_name_their_place() {
    let app = TestApp::new().await;
    let (shop, _other) = (Shop::of(&app, "acme").await, app.tenant("other").await);
    let shown = shop.put("/risk", &json!({ "limits": { "accountsPerDevice": 1 } })).await;
    assert_eq!(
        (&shown["limits"]["accountsPerDevice"], &shown["limits"]["registrationsPerDevice"]),
        (&json!(1), &json!(3))
    );
    let client = shop.web();
    shop.send(&client, laptop("h1"), "u1", "login").await;
    let second = shop.send(&client, laptop("h1"), "u2", "login").await;
    assert_eq!(told(&second), (vec!["multiple_account_access_per_device"], "deny"));

    let wrong = json!({ "limits": { "accountsPerDevice": 0 }, "rules": [
        { "signal": "haunted" }, { "signal": "tor", "outcome": "laugh", "strength": -1 }] });
    let answer =
        app.put(&shop.path("/risk"), &wrong).bearer(&shop.tenant.admin).send().await.expect_json(400);
    let pointers: Vec<_> =
        answer["errors"].as_array().unwrap().iter().map(|e| e["pointer"].clone()).collect();
    let expected = ["/limits/accountsPerDevice", "/rules/0/signal", "/rules/1/outcome", "/rules/1/strength"];
    assert_eq!(pointers, expected);
}
