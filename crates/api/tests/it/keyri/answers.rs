//! What is answered: in clear, encrypted, to pages and to apps.

use portcullis_testkit::{KeyriClient, TestApp};
use serde_json::{Value, json};

use super::support::{Shop, laptop, list, phone};

/// The members of an answer that are always there.
const MEMBERS: [&str; 18] = [
    "changes",
    "clientPublicSignatureKey",
    "deviceAge",
    "deviceId",
    "event_type",
    "globalDeviceAge",
    "instance",
    "ipAddress",
    "ipLocationData",
    "riskSummary",
    "signals",
    "timeStamp",
    "timestamp",
    "trustScore",
    "userId",
    "wagId",
    "",
    "",
];

/// The members of `instance` (G2.17).
const INSTANCE: [&str; 19] = [
    "changeHistory",
    "deviceModel",
    "eventLimiterCount",
    "eventMetadata",
    "eventType",
    "historicalData",
    "instanceDeltas",
    "ipData",
    "ipGeoData",
    "points",
    "signals",
    "state",
    "threat",
    "timeData",
    "userId",
    "userModel",
    "uuid",
    "",
    "",
];

fn names(object: &Value) -> Vec<&str> {
    let mut names: Vec<_> = object.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

fn is_uuid_v8(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12])
        && parts[2].starts_with('8')
        && parts[3].starts_with(['8', '9', 'a', 'b'])
}

#[tokio::test]
async fn the_answer_to_a_page_has_all_that_the_guide_shows() {
    let app = TestApp::new().await;
    let (shop, _other) = (Shop::of(&app, "acme").await, app.tenant("other").await);
    let place = json!([{ "cidr": "6.6.6.0/24", "country": "United States", "countryCode": "US", "region": "Texas",
        "city": "Dallas", "latitude": 32.78, "longitude": -96.8, "timezone": "America/Chicago" }]);
    list(&app, "ip-overrides", place).await;
    let client = shop.web();
    let mut body = shop.body(&client.envelope(shop.now(), laptop("h1")), "Bad@Guy.com", "signup");
    body["ipAddress"] = json!("6.6.6.6");
    let answer = shop.post(&body).await.expect_json(200);

    assert_eq!(names(&answer), MEMBERS[..16].to_vec());
    assert_eq!(answer["riskSummary"], "allow", "{answer}");
    assert_eq!((&answer["ipAddress"], &answer["userId"]), (&json!("6.6.6.6"), &json!("Bad@Guy.com")));
    assert_eq!((&answer["event_type"], &answer["signals"]), (&json!("signup"), &json!([])));
    assert!(is_uuid_v8(answer["deviceId"].as_str().unwrap()), "{answer}");
    let wag_id = answer["wagId"].as_str().unwrap();
    assert!(wag_id.len() == 44 && wag_id.ends_with('='), "{wag_id}");
    assert!((0.9..1.0).contains(&answer["trustScore"].as_f64().unwrap()), "{answer}");
    assert_eq!((&answer["deviceAge"], &answer["globalDeviceAge"]), (&json!(0.0), &json!(0.0)));
    assert_eq!(answer["timestamp"], json!(shop.now().as_millis()));
    assert_eq!(answer["timestamp"], answer["timeStamp"]);
    assert_eq!(answer["clientPublicSignatureKey"].as_str().unwrap().len(), 124);
    let location = &answer["ipLocationData"];
    assert_eq!((&location["city"], &location["region"]), (&json!("Dallas"), &json!("Texas")));
    assert_eq!(location["country"], "US");
    assert!(["CST", "CDT"].contains(&location["time_zone"].as_str().unwrap()), "{location}");

    let instance = &answer["instance"];
    assert_eq!(names(instance), INSTANCE[..17].to_vec());
    assert_eq!(instance["eventMetadata"], json!({ "cart": 3 }));
    assert_eq!(instance["threat"].as_object().unwrap().len(), 13);
    assert_eq!(instance["ipGeoData"]["city"], "Dallas");
    assert_eq!(instance["deviceModel"]["deviceId"], answer["deviceId"]);
    assert_eq!(instance["historicalData"]["device"]["uniqueUser"], 1);
}

#[tokio::test]
async fn unknown_is_null_and_never_invented() {
    let app = TestApp::new().await;
    let (shop, _other) = (Shop::of(&app, "acme").await, app.tenant("other").await);
    let mut body = shop.body(&shop.web().envelope(shop.now(), laptop("h1")), "u1", "login");
    body["ipAddress"] = json!("10.1.2.3");
    let answer = shop.post(&body).await.expect_json(200);
    let nowhere = json!({ "city": null, "region": null, "country": null, "time_zone": null });
    assert_eq!(answer["ipLocationData"], nowhere);
    assert_eq!(answer["instance"]["threat"]["is_bogon"], true);
    body.as_object_mut().unwrap().remove("ipAddress");
    body["encryptedB64Payload"] = json!(shop.web().envelope(shop.now(), laptop("h2")));
    let answer = shop.post(&body).await.expect_json(200);
    assert_eq!((&answer["ipAddress"], &answer["ipLocationData"]), (&Value::Null, &nowhere));
}

#[tokio::test]
async fn without_the_private_key_only_its_holder_can_read_the_answer() {
    let app = TestApp::new().await;
    let (shop, _other) = (Shop::of(&app, "acme").await, app.tenant("other").await);
    let client = KeyriClient::mobile(&shop.platform);
    let envelope = client.envelope(shop.now(), phone("p1"));
    let mut body = shop.body(&envelope, "u1", "login");
    body.as_object_mut().unwrap().remove("Service_Decryption_Key");
    let sealed = shop.post(&body).await.expect_json(200);
    let members = ["apiCiphertextSignature", "ciphertext", "iv", "publicEncryptionKey", "salt"];
    assert_eq!(names(&sealed), members);
    let answer = shop.open(&sealed);
    assert_eq!(names(&answer), MEMBERS[..16].to_vec());
    assert_eq!((&answer["riskSummary"], &answer["userId"]), (&json!("allow"), &json!("u1")));
}

#[tokio::test]
async fn visitors_without_an_account_are_called_by_their_device() {
    let app = TestApp::new().await;
    let (shop, _other) = (Shop::of(&app, "acme").await, app.tenant("other").await);
    let client = shop.web();
    let answer = shop.send(&client, laptop("h1"), "undefined", "visits").await;
    assert_eq!(answer["userId"], answer["deviceId"]);
    assert_eq!(answer["instance"]["userId"], answer["deviceId"]);
    // Visits are no account of the device.
    let answer = shop.send(&client, laptop("h1"), "u1", "login").await;
    assert_eq!(
        (&answer["userId"], &answer["instance"]["historicalData"]["device"]["uniqueUser"]),
        (&json!("u1"), &json!(1))
    );
}

#[tokio::test]
async fn what_the_caller_says_goes_before_what_the_client_says() {
    let app = TestApp::new().await;
    let (shop, _other) = (Shop::of(&app, "acme").await, app.tenant("other").await);
    let mut claims = laptop("h1");
    claims["userId"] = json!("sealed");
    claims["eventType"] = json!("purchase");
    claims["eventMetadata"] = json!({ "from": "client" });
    let client = shop.web();
    let answer = shop.send(&client, claims.clone(), "u1", "login").await;
    assert_eq!((&answer["userId"], &answer["event_type"]), (&json!("u1"), &json!("login")));
    let mut body = shop.body(&client.envelope(shop.now(), claims), "", "");
    for field in ["userId", "eventType", "metadata"] {
        body.as_object_mut().unwrap().remove(field);
    }
    let answer = shop.post(&body).await.expect_json(200);
    assert_eq!((&answer["userId"], &answer["event_type"]), (&json!("sealed"), &json!("purchase")));
    assert_eq!(answer["instance"]["eventMetadata"], json!({ "from": "client" }));
}

#[tokio::test]
async fn events_are_in_the_log_of_their_client_only() {
    let app = TestApp::new().await;
    let (shop, other) = (Shop::of(&app, "acme").await, app.tenant("other").await);
    let answer = shop.send(&shop.web(), laptop("h1"), "u1", "login").await;
    let events = |token: &str| app.get("/api/v1/client/events").bearer(token);
    let own = events(&shop.tenant.admin).send().await.expect_json(200);
    assert_eq!(own["items"][0]["id"], answer["instance"]["uuid"], "{own}");
    let others = events(&other.admin).send().await.expect_json(200);
    assert_eq!(others["items"], json!([]));
}
