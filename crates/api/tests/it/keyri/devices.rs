//! Devices are known again; ages and changes.

use portcullis_testkit::{KeyriClient, TestApp};
use serde_json::{Value, json};

use super::support::{Shop, laptop, list, phone};

const HOUR_MS: i64 = 3_600_000;

async fn places(app: &TestApp) {
    let place = |cidr: &str, code: &str, city: &str, latitude: f64, longitude: f64, zone: &str| {
        json!({ "cidr": cidr, "country": code, "countryCode": code, "region": city, "city": city,
            "latitude": latitude, "longitude": longitude, "timezone": zone })
    };
    let items = json!([
        place("1.1.1.0/24", "DE", "Berlin", 52.52, 13.4, "Europe/Berlin"),
        place("2.2.2.0/24", "AU", "Sydney", -33.87, 151.2, "Australia/Sydney"),
    ]);
    list(app, "ip-overrides", items).await;
}

async fn send_from(shop: &Shop<'_>, client: &KeyriClient, user: &str, ip: &str) -> Value {
    let mut body = shop.body(&client.envelope(shop.now(), laptop("h1")), user, "login");
    body["ipAddress"] = json!(ip);
    shop.post(&body).await.expect_json(200)
}

#[tokio::test]
async fn a_device_is_known_by_the_key_that_stays_on_it() {
    let app = TestApp::new().await;
    let (shop, other) = (Shop::of(&app, "acme").await, Shop::of(&app, "other").await);
    let client = KeyriClient::mobile(&shop.platform);
    let first = shop.send(&client, phone("p1"), "u1", "login").await;
    app.clock.advance(HOUR_MS);
    // The phone was updated and looks otherwise.
    let again = shop.send(&client, phone("p2"), "u1", "login").await;
    assert_eq!(again["deviceId"], first["deviceId"]);
    assert_eq!(again["deviceAge"], json!(1.0));
    let twin = shop.send(&KeyriClient::mobile(&shop.platform), phone("p1"), "u2", "login").await;
    assert_ne!(twin["deviceId"], first["deviceId"]);
    // Another tenant calls the same device otherwise, and knows how old it is to everybody.
    let elsewhere = other.send(&client, phone("p1"), "u1", "login").await;
    assert_ne!(elsewhere["deviceId"], first["deviceId"]);
    assert_ne!(elsewhere["wagId"], first["wagId"]);
    assert_eq!((&elsewhere["deviceAge"], &elsewhere["globalDeviceAge"]), (&json!(0.0), &json!(1.0)));
    assert_eq!(elsewhere["instance"]["deviceModel"]["deviceAgeGlobal"], json!(1.0 / 24.0));
}

#[tokio::test]
async fn two_browsers_of_a_machine_have_the_liberal_id_in_common() {
    let app = TestApp::new().await;
    let (shop, _other) = (Shop::of(&app, "acme").await, app.tenant("other").await);
    let first = shop.send(&shop.web(), laptop("h1"), "u1", "login").await;
    let mut firefox = laptop("h2");
    firefox["deviceParams"]["userAgent"] =
        json!("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:125.0) Gecko/20100101 Firefox/125.0");
    let second = shop.send(&shop.web(), firefox, "u1", "login").await;
    assert_ne!(second["deviceId"], first["deviceId"]);
    assert_eq!(second["wagId"], first["wagId"]);
    let mut machine = laptop("h3");
    machine["deviceParams"]["screenResolution"] = json!("2560x1440");
    assert_ne!(shop.send(&shop.web(), machine, "u1", "login").await["wagId"], first["wagId"]);
}

#[tokio::test]
async fn what_changed_is_told_from_what_to_what() {
    let app = TestApp::new().await;
    let (shop, _other) = (Shop::of(&app, "acme").await, app.tenant("other").await);
    places(&app).await;
    let client = shop.web();
    let first = send_from(&shop, &client, "u1", "1.1.1.1").await;
    assert_eq!(first["changes"], json!([]), "nothing to compare with");
    assert_eq!(send_from(&shop, &client, "u1", "1.1.1.1").await["changes"], json!([]));
    app.clock.advance(48 * HOUR_MS);
    let moved = send_from(&shop, &client, "u1", "2.2.2.2").await;
    let changes = moved["changes"].as_array().unwrap();
    for scope in ["user", "device"] {
        let country = json!({ "scope": scope, "attribute": "country_code", "from": "DE", "to": "AU" });
        assert!(changes.contains(&country), "{moved}");
        let ip = json!({ "scope": scope, "attribute": "ip", "from": "1.1.1.1", "to": "2.2.2.2" });
        assert!(changes.contains(&ip), "{moved}");
        let history = &moved["instance"]["changeHistory"][scope]["country_code"];
        assert_eq!(history["changes_last_hour"], 1, "{moved}");
    }
    assert_eq!(moved["instance"]["instanceDeltas"]["country_code"], json!({ "changed": true, "to": "AU" }));

    let other_device = send_from(&shop, &KeyriClient::web(&shop.platform), "u9", "2.2.2.2").await;
    assert_eq!(other_device["instance"]["userModel"]["_count"], 1);
    let same_user = send_from(&shop, &shop.web(), "u1", "2.2.2.2").await;
    assert_eq!(same_user["instance"]["userModel"]["_count"], 4);
}

#[tokio::test]
async fn everything_is_remembered_over_a_restart() {
    let app = TestApp::new().await;
    places(&app).await;
    let shop = Shop::of(&app, "acme").await;
    let client = shop.web();
    let first = send_from(&shop, &client, "u1", "1.1.1.1").await;
    let Shop { tenant, service, platform, .. } = shop;
    let app = app.restarted().await;
    app.clock.advance(HOUR_MS);
    let shop = Shop { app: &app, tenant, service, platform };
    let key = app.get("/v1/client/public-key").send().await.expect_json(200);
    assert_eq!(key["publicKey"], shop.platform);
    let again = send_from(&shop, &client, "u1", "2.2.2.2").await;
    assert_eq!((&again["deviceId"], &again["deviceAge"]), (&first["deviceId"], &json!(1.0)));
    assert!(!again["changes"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn test_and_live_services_know_nothing_of_each_other() {
    let app = TestApp::new().await;
    let live = Shop::of(&app, "acme").await;
    let trial = json!({ "name": "trial", "mode": "test" });
    let test = Shop::with(&app, live.tenant.clone(), &trial).await;
    let client = live.web();
    let first = live.send(&client, laptop("h1"), "u1", "login").await;
    app.clock.advance(HOUR_MS);
    let tried = test.send(&client, laptop("h1"), "u1", "login").await;
    assert_ne!(tried["deviceId"], first["deviceId"]);
    assert_eq!((&tried["deviceAge"], &tried["globalDeviceAge"]), (&json!(0.0), &json!(0.0)));
    assert_eq!(tried["changes"], json!([]));
}

#[tokio::test]
async fn a_device_can_be_listed_by_the_id_that_was_answered() {
    let app = TestApp::new().await;
    let (shop, other) = (Shop::of(&app, "acme").await, Shop::of(&app, "other").await);
    let client = shop.web();
    let first = shop.send(&client, laptop("h1"), "u1", "login").await;
    let entry = json!({ "list": "block", "kind": "device", "value": first["deviceId"] });
    app.post("/api/v1/client/lists", &entry).bearer(&shop.tenant.admin).send().await.expect(201);
    let blocked = shop.send(&client, laptop("h1"), "u1", "login").await;
    assert_eq!((&blocked["riskSummary"], &blocked["signals"]), (&json!("deny"), &json!(["blocked_device"])));
    assert!(blocked["trustScore"].as_f64().unwrap() < 0.1, "{blocked}");
    assert_eq!(other.send(&client, laptop("h1"), "u1", "login").await["riskSummary"], "allow");
}
