//! Who is served, and what the others are told.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use portcullis_testkit::{KeyriClient, TestApp};
use serde_json::{Value, json};

use super::support::{Shop, laptop};

const REFUSED: &str = "The payload can not be decrypted or verified.";

/// A change to a text.
type Change = fn(&mut Value);

#[tokio::test]
async fn what_can_not_be_opened_or_verified_is_always_told_alike() {
    let app = TestApp::new().await;
    let (shop, other) = (Shop::of(&app, "acme").await, Shop::of(&app, "other").await);
    let client = shop.web();
    let good = shop.body(&client.envelope(shop.now(), laptop("h1")), "u1", "login");
    let inside = |change: Change| {
        let mut claims = client.claims(shop.now(), laptop("h1"));
        change(&mut claims);
        client.seal(claims.to_string().as_bytes())
    };
    let mut members: Value =
        serde_json::from_slice(&STANDARD.decode(good["encryptedB64Payload"].as_str().unwrap()).unwrap())
            .unwrap();
    let mut bytes = STANDARD.decode(members["ciphertext"].as_str().unwrap()).unwrap();
    bytes[3] ^= 1;
    members["ciphertext"] = json!(STANDARD.encode(bytes));

    let stranger = KeyriClient::web(other.text("serviceEncryptionKey"));
    let envelopes = [
        ("tampered", STANDARD.encode(members.to_string())),
        ("for another", stranger.envelope(shop.now(), laptop("h1"))),
        ("no base64", "*".to_owned()),
        ("no object", STANDARD.encode("[]")),
        ("no JSON inside", client.seal(b"hello")),
        ("no object inside", client.seal(b"[1]")),
        ("wrong type inside", inside(|claims| claims["deviceHash"] = json!(7))),
        ("forged time", inside(|claims| claims["timestamp"] = json!("17000000000001700000000000"))),
        ("no time", inside(|claims| claims["timestamp"] = json!("soon"))),
        ("nothing of the device", client.seal(b"{}")),
    ];
    let mut seen = Vec::new();
    for (what, envelope) in envelopes {
        let mut body = good.clone();
        body["encryptedB64Payload"] = json!(envelope);
        let mut answer = shop.post(&body).await.expect_json(400);
        answer["requestId"] = Value::Null;
        seen.push((what, answer));
    }
    let mut body = good.clone();
    body["Service_Decryption_Key"] = json!(other.text("serviceDecryptionKey"));
    let mut answer = shop.post(&body).await.expect_json(400);
    answer["requestId"] = Value::Null;
    seen.push(("wrong key", answer));
    let expected = json!({ "error": { "message": REFUSED, "code": "invalid_payload" }, "message": REFUSED,
        "requestId": null });
    for (what, answer) in seen {
        assert_eq!(answer, expected, "{what}");
    }
    // None of them was seen: the good one is new.
    let answer = shop.post(&good).await.expect_json(200);
    assert_eq!((&answer["deviceAge"], &answer["signals"]), (&json!(0.0), &json!([])));
}

#[tokio::test]
async fn a_service_is_known_by_its_key_and_never_by_a_wrong_api_key() {
    let app = TestApp::new().await;
    let (shop, other) = (Shop::of(&app, "acme").await, Shop::of(&app, "other").await);
    let client = shop.web();
    let good = |claims: Value| shop.body(&client.envelope(shop.now(), claims), "u1", "login");
    let keyed = |key: &str| {
        let mut claims = laptop("h1");
        claims["apiKey"] = json!(key);
        claims
    };
    for (key, inside, status) in [
        (Some(shop.text("apiKey")), None, 200),
        (None, Some(shop.text("apiKey")), 200),
        (Some(other.text("apiKey")), None, 401),
        (None, Some(other.text("apiKey")), 401),
        (Some(shop.tenant.key.as_str()), None, 401),
        (Some("nonsense"), None, 401),
        (Some(""), Some(""), 200),
    ] {
        let mut body = good(inside.map_or_else(|| laptop("h1"), keyed));
        if let Some(key) = key {
            body["API_Key"] = json!(key);
        }
        let answer = shop.post(&body).await.expect(status);
        if status == 401 {
            assert_eq!(answer.json()["error"]["code"], "unauthorized");
        }
    }
    let mut body = good(laptop("h1"));
    body["Service_Encryption_Key"] = json!(shop.platform);
    body["Service_Decryption_Key"] = Value::Null;
    shop.post(&body).await.expect(401);
    // An envelope that names another service is not for this one.
    let mut claims = laptop("h1");
    claims["serviceEncryptionKey"] = json!(other.text("serviceEncryptionKey"));
    shop.post(&good(claims)).await.expect(400);
}

#[tokio::test]
async fn what_a_client_does_not_know_may_be_null() {
    let app = TestApp::new().await;
    let (shop, _other) = (Shop::of(&app, "acme").await, app.tenant("other").await);
    let mut claims = json!({ "deviceHash": "h1" });
    for name in [
        "deviceParams",
        "deviceInfo",
        "signals",
        "userId",
        "eventType",
        "eventMetadata",
        "eventResult",
        "success",
        "apiKey",
        "serviceEncryptionKey",
    ] {
        claims[name] = Value::Null;
    }
    let answer = shop.send(&shop.web(), claims, "u1", "login").await;
    assert_eq!((&answer["riskSummary"], &answer["userId"]), (&json!("allow"), &json!("u1")));
}

#[tokio::test]
async fn wrong_fields_are_named() {
    let app = TestApp::new().await;
    let (shop, _other) = (Shop::of(&app, "acme").await, app.tenant("other").await);
    let good = shop.body(&shop.web().envelope(shop.now(), laptop("h1")), "u1", "login");
    for (field, value, message) in [
        ("Service_Encryption_Key", json!("*"), "Service_Encryption_Key must be base64"),
        ("ipAddress", json!("nowhere"), "ipAddress must be an IPv4 or IPv6 address"),
        ("userId", json!("a\u{7}"), "userId must have at most 256 characters, and no control characters"),
    ] {
        let mut body = good.clone();
        body[field] = value;
        let answer = shop.post(&body).await.expect_json(400);
        assert_eq!(
            (&answer["error"]["code"], &answer["message"]),
            (&json!("invalid_field"), &json!(message))
        );
    }
    let mut body = good.clone();
    body.as_object_mut().unwrap().remove("encryptedB64Payload");
    assert_eq!(shop.post(&body).await.expect_json(400)["message"], "encryptedB64Payload is required");
    body["encryptedB64Payload"] = json!(1);
    let answer = shop.post(&body).await.expect_json(400);
    assert!(answer["message"].as_str().unwrap().starts_with("encryptedB64Payload: "), "{answer}");
    app.call(http::Method::POST, "/v1/client").text("text/plain", "{}").send().await.expect(415);
    app.call(http::Method::POST, "/v1/client").text("application/json", "{").send().await.expect(400);
    let long = "x".repeat(300 * 1_024);
    app.call(http::Method::POST, "/v1/client").text("application/json", long).send().await.expect(413);
}

#[tokio::test]
async fn a_suspended_client_is_refused() {
    let app = TestApp::new().await;
    let (shop, other) = (Shop::of(&app, "acme").await, Shop::of(&app, "other").await);
    let body = |shop: &Shop<'_>| shop.body(&shop.web().envelope(shop.now(), laptop("h1")), "u1", "login");
    let suspended = json!({ "status": "suspended" });
    app.patch("/api/v1/admin/clients/acme", &suspended).bearer(&app.admin).send().await.expect(200);
    let answer = shop.post(&body(&shop)).await.expect_json(403);
    assert_eq!(answer["error"]["code"], "suspended");
    other.post(&body(&other)).await.expect(200);
}
