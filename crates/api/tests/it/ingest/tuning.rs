//! Weights, thresholds, limits and lists: felt by the next request, by the client whose they are.

use portcullis_testkit::TestApp;
use serde_json::{Value, json};

use super::support::{
    admin_of, check, device, fired, judge, list, login, now_ms, signup, tune, two_clients, with,
};

/// A sign-up with a throw-away address, which has exactly that rule's weight.
fn throwaway(name: &str) -> Value {
    with(signup(name), &[("/email", json!(format!("{name}@mailinator.com"))), ("/ip", json!("192.168.0.1"))])
}

async fn global(app: &TestApp, change: &Value) {
    app.put("/api/v1/admin/global-rules", change).bearer(&app.admin).send().await.expect(200);
}

fn weight(code: &str, weight: Option<i64>) -> Value {
    json!({ "rules": [{ "code": code, "weight": weight }] })
}

/// The score of a sign-up by somebody new, from nowhere else.
async fn score(app: &TestApp, key: &str) -> i64 {
    let name = format!("p{}", now_ms(app));
    app.clock.advance(3_600_000);
    let answer = judge(app, key, &throwaway(&name)).await;
    answer["riskScore"].as_i64().unwrap()
}

#[tokio::test]
async fn weights_follow_the_tenant_then_the_installation_then_the_product() {
    let (app, acme, other) = two_clients().await;
    let token = admin_of(&app, "acme").await;
    tune(&app, &token, &json!({ "limits": { "accountsPerIp": 1_000 } })).await;
    global(&app, &json!({ "limits": { "accountsPerIp": 1_000 } })).await;
    let both = async || (score(&app, &acme).await, score(&app, &other).await);
    assert_eq!(both().await, (30, 30));
    tune(&app, &token, &weight("DISPOSABLE_EMAIL", Some(7))).await;
    assert_eq!(both().await, (7, 30));
    global(&app, &weight("DISPOSABLE_EMAIL", Some(44))).await;
    assert_eq!(both().await, (7, 44));
    tune(&app, &token, &weight("DISPOSABLE_EMAIL", None)).await;
    assert_eq!(both().await, (44, 44));
    global(&app, &weight("DISPOSABLE_EMAIL", Some(45))).await;
    assert_eq!(both().await, (45, 45));
    global(&app, &weight("DISPOSABLE_EMAIL", None)).await;
    assert_eq!(both().await, (30, 30));
    tune(&app, &token, &weight("DISPOSABLE_EMAIL", Some(-9))).await;
    assert_eq!(both().await, (0, 30));
    tune(&app, &token, &weight("DISPOSABLE_EMAIL", Some(0))).await;
    assert_eq!(both().await, (0, 30));
}

#[tokio::test]
async fn thresholds_are_felt_at_once() {
    let (app, acme, other) = two_clients().await;
    let token = admin_of(&app, "acme").await;
    let decision = async |key: &str| {
        let answer = judge(&app, key, &json!({ "type": "LOGIN", "ip": "203.0.113.7" })).await;
        (answer["riskBand"].as_str().unwrap().to_owned(), answer["decision"].as_str().unwrap().to_owned())
    };
    let answer = |band: &str, decision: &str| (band.to_owned(), decision.to_owned());
    // The score is that of MISSING_SIGNALS: 20, and later others.
    for (weight, allow_max, monitor_max, expected) in [
        (20, 79, 119, answer("ALLOW", "ALLOW")),
        (79, 79, 119, answer("ALLOW", "ALLOW")),
        (80, 79, 119, answer("MONITOR", "CHALLENGE")),
        (119, 79, 119, answer("MONITOR", "CHALLENGE")),
        (120, 79, 119, answer("BLOCK", "BLOCK")),
        (5_000, 79, 119, answer("BLOCK", "BLOCK")),
        (20, 20, 21, answer("ALLOW", "ALLOW")),
        (20, 19, 20, answer("MONITOR", "CHALLENGE")),
        (20, 0, 19, answer("BLOCK", "BLOCK")),
        (0, 0, 1, answer("ALLOW", "ALLOW")),
    ] {
        let thresholds = json!({ "allowMax": allow_max, "monitorMax": monitor_max });
        let rules = json!([{ "code": "MISSING_SIGNALS", "weight": weight }]);
        tune(&app, &token, &json!({ "thresholds": thresholds, "rules": rules })).await;
        assert_eq!(decision(&acme).await, expected, "{weight} {allow_max} {monitor_max}");
        assert_eq!(decision(&other).await, answer("ALLOW", "ALLOW"));
    }
    tune(
        &app,
        &token,
        &json!({ "thresholds": null, "rules": [{ "code": "MISSING_SIGNALS", "weight": 80 }] }),
    )
    .await;
    assert_eq!(decision(&acme).await, answer("MONITOR", "CHALLENGE"));
    // The installation's thresholds reach whoever has none of their own.
    global(&app, &json!({ "thresholds": { "allowMax": 10, "monitorMax": 15 } })).await;
    assert_eq!(decision(&other).await, answer("BLOCK", "BLOCK"));
    tune(&app, &token, &json!({ "thresholds": { "allowMax": 80, "monitorMax": 90 } })).await;
    assert_eq!(decision(&acme).await, answer("ALLOW", "ALLOW"));
}

#[tokio::test]
async fn every_limit_is_felt_at_once() {
    let (app, acme, other) = two_clients().await;
    let token = admin_of(&app, "acme").await;
    for (limit, lower, code, usual) in [
        ("signupsPerIpPerHour", 1, "VELOCITY_IP", 5),
        ("signupsPerDevicePerHour", 1, "VELOCITY_DEVICE", 2),
        ("accountsPerIp", 1, "IP_REUSED", 3),
        ("accountsPerDevice", 0, "DEVICE_REUSED", 1),
        ("minCompletionMs", 14_001, "FAST_COMPLETION", 3_000),
    ] {
        // A new pair of people on one device and address.
        app.clock.advance(7_200_000);
        let name = format!("first-{limit}");
        let ip = format!("10.0.{}.1", limit.len());
        let body = |user: &str| {
            with(
                signup(user),
                &[("/ip", json!(ip)), ("/device", device(limit)), ("/externalUserId", json!(user))],
            )
        };
        let second = body(&format!("second-{limit}"));
        for key in [&acme, &other] {
            judge(&app, key, &body(&name)).await;
        }
        tune(&app, &token, &json!({ "limits": { limit: lower } })).await;
        let (ours, theirs) = (judge(&app, &acme, &second).await, judge(&app, &other, &second).await);
        assert!(fired(&ours).contains(&code), "{limit}: {ours}");
        assert!(check(&ours, code)["detail"].as_str().unwrap().contains(&lower.to_string()));
        assert_eq!(fired(&theirs).contains(&code), code == "DEVICE_REUSED", "{limit}");
        // Raised, it is quiet again; and null returns to the usual.
        tune(&app, &token, &json!({ "limits": { limit: 1_000_000 } })).await;
        let raised = judge(&app, &acme, &second).await;
        assert_eq!(fired(&raised).contains(&code), limit == "minCompletionMs", "{limit}");
        tune(&app, &token, &json!({ "limits": { limit: null } })).await;
        let rules = app.get("/api/v1/client/rules").bearer(&token).send().await.expect_json(200);
        assert_eq!(rules["limits"][limit], usual);
    }
}

#[tokio::test]
async fn disabled_and_shadow_rules_are_listed_and_never_count() {
    let (app, acme, other) = two_clients().await;
    let token = admin_of(&app, "acme").await;
    let rule = |change: Value| {
        let mut rule = change;
        rule["code"] = json!("DISPOSABLE_EMAIL");
        json!({ "rules": [rule] })
    };
    let plain = |status: &str| json!({ "code": "DISPOSABLE_EMAIL", "label": "Disposable email", "weight": 30, "status": status });
    let mut shadow_fired = plain("PASS");
    shadow_fired["shadow"] = json!(true);
    shadow_fired["wouldFire"] = json!(true);
    shadow_fired["detail"] = json!("The e-mail domain gives out throw-away mailboxes");
    let mut shadow_quiet = plain("PASS");
    shadow_quiet["shadow"] = json!(true);
    shadow_quiet["wouldFire"] = json!(false);
    let mut live = plain("FIRED");
    live["detail"] = shadow_fired["detail"].clone();
    let (bad, good) = (throwaway("jane"), with(throwaway("jane"), &[("/email", json!("jane@example.com"))]));
    for (change, body, entry, score) in [
        (json!({}), &bad, &live, 30),
        (json!({ "enabled": false }), &bad, &plain("DISABLED"), 0),
        (json!({ "enabled": false, "mode": "shadow" }), &bad, &plain("DISABLED"), 0),
        (json!({ "enabled": true, "mode": "shadow" }), &bad, &shadow_fired, 0),
        (json!({ "enabled": null, "mode": "shadow" }), &good, &shadow_quiet, 0),
        (json!({ "mode": "live" }), &good, &plain("PASS"), 0),
        (json!({ "mode": null, "enabled": null }), &bad, &live, 30),
    ] {
        app.clock.advance(3_600_000);
        tune(&app, &token, &rule(change)).await;
        let answer = judge(&app, &acme, body).await;
        assert_eq!(check(&answer, "DISPOSABLE_EMAIL"), entry);
        assert_eq!(answer["riskScore"], score);
        assert_eq!(answer["allChecks"].as_array().unwrap().len(), 20);
        if body == &bad {
            assert_eq!(fired(&judge(&app, &other, body).await), ["DISPOSABLE_EMAIL"]);
        }
    }
}

#[tokio::test]
async fn every_rule_of_the_type_is_listed_in_one_order() {
    let (app, acme, _other) = two_clients().await;
    let codes = async |body: Value| -> Vec<(String, String)> {
        let answer = judge(&app, &acme, &body).await;
        let checks = answer["allChecks"].as_array().unwrap();
        let text = |check: &Value, name: &str| check[name].as_str().unwrap().to_owned();
        checks.iter().map(|check| (text(check, "code"), text(check, "status"))).collect()
    };
    let both = "DEVICE_REUSED DISPOSABLE_EMAIL TOR_EXIT HIGH_RISK_ASN IP_REUSED";
    let form = "NO_INTERACTION ROBOTIC_MOUSE HEADLESS_BROWSER SOFTWARE_RENDERER UA_INCONSISTENT TIMEZONE_MISMATCH MISSING_SIGNALS";
    let lists = "BLOCKLISTED WATCHLISTED ALLOWLISTED";
    let signups = format!(
        "{both} VELOCITY_IP VELOCITY_DEVICE FAST_COMPLETION {form} EMAIL_ALIAS_REUSED CLOCK_TAMPERED {lists}"
    );
    let logins = format!(
        "{both} {form} CLOCK_TAMPERED NEW_DEVICE NEW_COUNTRY IMPOSSIBLE_TRAVEL LOGIN_SPRAY {lists} KNOWN_DEVICE"
    );
    let names = |found: &[(String, String)]| {
        found.iter().map(|(code, _)| code.as_str()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names(&codes(signup("jane")).await), signups);
    let found = codes(login("jane")).await;
    assert_eq!(names(&found), logins);
    let disabled: Vec<_> = found.iter().filter(|(_, status)| status == "DISABLED").collect();
    assert_eq!(disabled, [&("KNOWN_DEVICE".to_owned(), "DISABLED".to_owned())]);
}

#[tokio::test]
async fn list_edits_are_felt_at_once_and_by_everybody() {
    let (app, acme, other) = two_clients().await;
    let sees = async |key: &str, name: &str| {
        let body = with(
            login("jane"),
            &[
                ("/ip", json!("81.2.69.142")),
                ("/email", json!("jane@rare.example")),
                ("/device/timezone", json!("Europe/London")),
            ],
        );
        let answer = judge(&app, key, &body).await;
        answer["derivedSignals"].pointer(name).unwrap().clone()
    };
    let place = json!({ "cidr": "81.2.69.0/24", "city": "Oz", "asn": 64500 });
    for (name, item, pointer, code) in [
        ("disposable-domains", json!("rare.example"), "/email/isDisposable", Some("DISPOSABLE_EMAIL")),
        ("tor-exits", json!("81.2.69.142"), "/ip/isTor", Some("TOR_EXIT")),
        ("vpn-networks", json!({ "cidr": "81.2.64.0/18", "provider": "P" }), "/ip/isVpn", None),
        ("proxy-networks", json!("81.2.69.128/25"), "/ip/isProxy", None),
        ("ip-overrides", place, "/ip/city", None),
        ("datacenter-asns", json!(64_500), "/ip/isDatacenter", None),
        ("high-risk-asns", json!(64_500), "/ip/asn", Some("HIGH_RISK_ASN")),
    ] {
        let is_there =
            |value: &Value| *value == json!(true) || *value == json!("Oz") || *value == json!(64_500);
        if name != "high-risk-asns" {
            assert!(!is_there(&sees(&acme, pointer).await), "{name}");
        }
        list(&app, name, json!([item])).await;
        for key in [&acme, &other] {
            assert!(is_there(&sees(key, pointer).await), "{name}");
        }
        if let Some(code) = code {
            let body =
                with(login("jane"), &[("/ip", json!("81.2.69.142")), ("/email", json!("jane@rare.example"))]);
            assert!(fired(&judge(&app, &acme, &body).await).contains(&code), "{name}");
            let path = format!("/api/v1/admin/reputation/{name}");
            app.patch(&path, &json!({ "remove": [item] })).bearer(&app.admin).send().await.expect(200);
            assert!(!fired(&judge(&app, &acme, &body).await).contains(&code), "{name}");
        }
    }
    // A shipped item can be taken off as well.
    let mail = with(login("joe"), &[("/email", json!("joe@mailinator.com"))]);
    assert_eq!(fired(&judge(&app, &acme, &mail).await), ["DISPOSABLE_EMAIL"]);
    let path = "/api/v1/admin/reputation/disposable-domains";
    app.patch(path, &json!({ "remove": ["mailinator.com"] })).bearer(&app.admin).send().await.expect(200);
    assert!(fired(&judge(&app, &acme, &mail).await).is_empty());
}
