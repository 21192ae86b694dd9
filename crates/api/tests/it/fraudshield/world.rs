//! Addresses of which something is known, devices, and the calls about them.

use portcullis_testkit::{Call, TestApp};
use serde_json::{Value, json};

use super::support::{Shop, two_shops};
use crate::ingest::support::list;

pub(super) const DEVICES: &str = "/v1/fraud/devices";
pub(super) const ASSESS: &str = "/v1/fraud/assess";
pub(super) const VERIFY: &str = "/v1/identity/verify";
pub(super) const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// An address of which nothing can be known.
pub(super) const HOME: &str = "203.0.113.7";
/// The address of the contract's sample, at a VPN.
pub(super) const VPN: &str = "102.45.67.89";
pub(super) const PROXY: &str = "198.51.101.10";
pub(super) const TOR: &str = "198.51.101.20";
pub(super) const DATACENTER: &str = "198.51.101.30";
/// In Japan.
pub(super) const FAR: &str = "198.51.101.40";

/// Two tenants in a world where the addresses above are known.
pub(super) async fn world() -> (TestApp, Shop, Shop) {
    let (app, acme, other) = two_shops().await;
    let casablanca = json!({
        "cidr": "102.45.67.0/24", "countryCode": "MA", "country": "Morocco", "city": "Casablanca",
        "timezone": "Africa/Casablanca", "asn": 36_903, "asOrg": "Maroc Telecom",
    });
    let home =
        |ip: &str| json!({ "cidr": ip, "timezone": "Africa/Casablanca", "asn": 64_500, "asOrg": "Home" });
    let hosting = with(home(DATACENTER), json!({ "asn": 64_501, "asOrg": "Racks" }));
    let far = with(home(FAR), json!({ "countryCode": "JP", "timezone": "Asia/Tokyo" }));
    list(&app, "ip-overrides", json!([casablanca, home(PROXY), home(TOR), hosting, far])).await;
    list(&app, "vpn-networks", json!([{ "cidr": "102.45.67.89/32", "provider": "NordVPN" }])).await;
    list(&app, "proxy-networks", json!([PROXY])).await;
    list(&app, "tor-exits", json!([TOR])).await;
    list(&app, "datacenter-asns", json!([64_501])).await;
    (app, acme, other)
}

/// A Chrome of this version on Windows.
pub(super) fn chrome(version: u32) -> String {
    format!(
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0 Safari/537.36"
    )
}

/// The seven fields of the guide, of a computer that no other is like.
pub(super) fn laptop(name: &str) -> Value {
    json!({
        "user_agent": chrome(142), "screen_resolution": "1920x1080", "timezone": "Africa/Casablanca",
        "language": "fr-MA", "platform": "Win32", "canvas_hash": format!("canvas of {name}"),
        "webgl_hash": format!("webgl of {name}"),
    })
}

/// What every phone of one model tells, in this language, with iOS of this version.
pub(super) fn phone(language: &str, ios: &str) -> Value {
    json!({
        "user_agent": format!(
            "Mozilla/5.0 (iPhone; CPU iPhone OS {} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{ios} Mobile/15E148 Safari/604.1",
            ios.replace('.', "_")
        ),
        "screen_resolution": "390x844", "timezone": "Africa/Casablanca", "language": language,
        "platform": "iPhone", "canvas_hash": "canvas of the model", "webgl_hash": "webgl of the model",
    })
}

/// `object` with some fields changed; null takes one away.
pub(super) fn with(mut object: Value, change: Value) -> Value {
    let Value::Object(change) = change else { panic!("{change}") };
    let fields = object.as_object_mut().unwrap();
    for (name, value) in change {
        match value {
            Value::Null => drop(fields.remove(&name)),
            value => drop(fields.insert(name, value)),
        }
    }
    object
}

/// A registration of this device, by this user, from this address.
pub(super) fn registration(app: &TestApp, key: &str, fingerprint: &Value, user: &str, ip: &str) -> Call {
    let body = json!({ "fingerprint": fingerprint, "ip_address": ip, "user_id": user });
    app.post(DEVICES, &body).bearer(key)
}

/// Registers it; gives the device.
pub(super) async fn register(app: &TestApp, key: &str, fingerprint: &Value, user: &str, ip: &str) -> Value {
    registration(app, key, fingerprint, user, ip).send().await.expect_json(200)
}

/// Sends what must be answered with 200.
pub(super) async fn post(app: &TestApp, key: &str, path: &str, body: &Value) -> Value {
    app.post(path, body).bearer(key).send().await.expect_json(200)
}

/// Makes a custom rule; gives it.
pub(super) async fn rule(app: &TestApp, key: &str, condition: &str, action: &str, more: Value) -> Value {
    let body = with(json!({ "name": "Mine", "condition": condition, "action": action }), more);
    app.post("/v1/fraud/rules", &body).bearer(key).send().await.expect_json(201)
}

/// A text of the answer.
pub(super) fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_else(|| panic!("no {field} in {value}"))
}

/// The score and the level or decision of an answer.
pub(super) fn verdict<'a>(answer: &'a Value, field: &str) -> (i64, &'a str) {
    (answer["risk_score"].as_i64().unwrap(), text(answer, field))
}
