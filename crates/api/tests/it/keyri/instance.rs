//! What `instance` tells of the past: exact, with this event, also after a restart, and apart for every client.

use portcullis_testkit::{KeyriClient, TestApp};
use serde_json::{Value, json};

use super::support::{Shop, laptop, list};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;

const HERE: &str = "84.160.1.2";
const TOR_EXIT: &str = "9.9.9.1";

async fn send(shop: &Shop<'_>, client: &KeyriClient, user: &str, event_type: &str, more: &Value) -> Value {
    let mut body = shop.body(&client.envelope(shop.now(), laptop("h1")), user, event_type);
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    shop.post(&body).await.expect_json(200)["instance"].clone()
}

/// Totals, denials and their part in ten minutes, an hour, a day and ever.
fn windows(data: &Value) -> [(i64, i64, f64); 4] {
    ["10_min", "hour", "day", "all"].map(|span| {
        let count = |what: &str| data[format!("{what}_{span}_")].clone();
        let percent = count("_percent_denial").as_f64().unwrap();
        (count("_totals").as_i64().unwrap(), count("_denials").as_i64().unwrap(), percent)
    })
}

#[tokio::test]
async fn totals_and_denials_are_counted_in_windows_that_slide() {
    let app = TestApp::new().await;
    let (shop, other) = (Shop::of(&app, "acme").await, Shop::of(&app, "other").await);
    list(&app, "tor-exits", json!([TOR_EXIT])).await;
    let (client, elsewhere) = (shop.web(), other.web());
    let denied = json!({ "ipAddress": TOR_EXIT });
    send(&other, &elsewhere, "u1", "login", &denied).await;

    let first = send(&shop, &client, "u1", "login", &denied).await;
    assert_eq!(
        (&first["state"], windows(&first["historicalData"]["user"])),
        (&json!("deny"), [(1, 0, 0.0); 4])
    );
    app.clock.advance(2 * HOUR_MS);
    send(&shop, &client, "u1", "login", &denied).await;
    app.clock.advance(10 * MINUTE_MS - 1);
    send(&shop, &client, "u2", "login", &json!({ "ipAddress": HERE })).await;
    app.clock.advance(1);
    let last = send(&shop, &client, "u1", "purchase", &json!({ "ipAddress": HERE })).await;

    let data = &last["historicalData"];
    // The second event is ten minutes old now, which is not within ten minutes any more.
    let (one_third, two_thirds) = (1.0 / 3.0, 2.0 / 3.0);
    let device = [(2, 0, 0.0), (3, 1, one_third), (4, 2, 0.5), (4, 2, 0.5)];
    assert_eq!(windows(&data["device"]), device, "{data}");
    let user = [(1, 0, 0.0), (2, 1, 0.5), (3, 2, two_thirds), (3, 2, two_thirds)];
    assert_eq!(windows(&data["user"]), user, "{data}");
    assert_eq!(windows(&data["ip"]), [(2, 0, 0.0); 4], "{data}");
    let unique = |of: &str, what: &str| data[of][what].as_i64();
    assert_eq!((unique("device", "uniqueUser"), unique("device", "uniqueIp")), (Some(2), Some(2)));
    assert_eq!((unique("ip", "uniqueUser"), unique("ip", "uniqueDevice")), (Some(2), Some(1)));
    assert_eq!((unique("user", "uniqueDevice"), unique("user", "uniqueIp")), (Some(1), Some(2)));
    assert_eq!(data["device"]["events"], json!({ "login": 3, "purchase": 1 }));
    assert_eq!(data["user"]["events"], json!({ "login": 2, "purchase": 1 }));
    assert_eq!(data["ip"]["events"], Value::Null);

    app.clock.advance(DAY_MS);
    let next = send(&shop, &client, "u1", "login", &json!({ "ipAddress": HERE })).await;
    assert_eq!(windows(&next["historicalData"]["user"])[2], (1, 0, 0.0));
    assert_eq!(windows(&next["historicalData"]["user"])[3], (4, 2, 0.5));
}

#[tokio::test]
async fn nothing_is_lost_by_a_restart() {
    let app = TestApp::new().await;
    let (key, service) = {
        let shop = Shop::of(&app, "acme").await;
        send(&shop, &shop.web(), "u1", "login", &json!({ "metadata": { "amount": 5 } })).await;
        (shop.tenant.clone(), shop.service.clone())
    };
    let app = app.restarted().await;
    let platform = app.get("/v1/client/public-key").send().await.expect_json(200);
    let platform = platform["publicKey"].as_str().unwrap().to_owned();
    let shop = Shop { app: &app, tenant: key, service, platform };
    app.clock.advance(MINUTE_MS);
    let next = send(&shop, &shop.web(), "u1", "login", &json!({ "metadata": { "amount": 2.5 } })).await;
    assert_eq!(windows(&next["historicalData"]["user"]), [(2, 0, 0.0); 4]);
    let model = &next["userModel"];
    assert_eq!((&model["_count"], &model["eventType"]["login"]["counter"]), (&json!(2), &json!(2)));
    assert_eq!(model["metadata"], json!({ "amount": { "_sum_24_hours": 7.5 } }));
    assert_eq!(model["rawMetaData"], json!([{ "amount": 5 }, { "amount": 2.5 }]));
}

#[tokio::test]
async fn events_at_once_are_counted_one_by_one() {
    let app = TestApp::new().await;
    let (shop, _other) = (Shop::of(&app, "acme").await, app.tenant("other").await);
    let clients: Vec<_> = (0..12).map(|_| shop.web()).collect();
    let none = json!({});
    let sends = clients.iter().map(|client| send(&shop, client, "u1", "login", &none));
    let instances = futures_util::future::join_all(sends).await;
    let mut counts: Vec<_> = instances
        .iter()
        .map(|instance| {
            let user = &instance["historicalData"]["user"];
            let model = &instance["userModel"];
            let counts = [
                &user["_totals_10_min_"],
                &model["_count"],
                &model["_count_10_minutes"],
                &model["eventType"]["login"]["counter"],
            ];
            assert!(counts.iter().all(|count| *count == counts[0]), "{counts:?}");
            counts[0].as_i64().unwrap()
        })
        .collect();
    counts.sort_unstable();
    assert_eq!(counts, (1..=12).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_accounts_attributes_are_counted_value_by_value() {
    let app = TestApp::new().await;
    let (shop, _other) = (Shop::of(&app, "acme").await, app.tenant("other").await);
    let place = |cidr: &str, code: &str| json!({ "cidr": cidr, "countryCode": code });
    list(&app, "ip-overrides", json!([place("1.1.1.0/24", "DE"), place("2.2.2.0/24", "AU")])).await;
    let client = shop.web();
    let start = shop.now().as_millis();
    for (days, ip) in [(0, "1.1.1.1"), (2, "1.1.1.1"), (0, "2.2.2.2")] {
        app.clock.advance(days * DAY_MS);
        send(&shop, &client, "u1", "login", &json!({ "ipAddress": ip })).await;
    }
    app.clock.advance(HOUR_MS);
    let last = send(&shop, &client, "u1", "withdrawal", &json!({ "ipAddress": "1.1.1.9" })).await;
    let model = &last["userModel"];
    let now = shop.now().as_millis();
    assert_eq!((&model["firstdate"], &model["lastdate"]), (&json!(start), &json!(now - HOUR_MS)));
    let expected = json!({
        "_count": 4, "_count_10_minutes": 1, "_count_1_hour": 1, "_count_24_hours": 3, "_count_1_month": 4,
        "_unique": 2, "_lastdate": now, "_lastentry": "DE",
        "AU": { "age": 1.0 / 24.0, "counter": 1, "firstdate": now - HOUR_MS, "lastdate": now - HOUR_MS,
            "last_used": 1.0 / 24.0, "percent": 0.25, "last_10_minutes": 0, "last_hour": 0, "last_24_hours": 1,
            "last_month": 1 },
        "DE": { "age": 2.0 + 1.0 / 24.0, "counter": 3, "firstdate": start, "lastdate": now, "last_used": 0.0,
            "percent": 0.75, "last_10_minutes": 1, "last_hour": 1, "last_24_hours": 2, "last_month": 3 },
    });
    assert_eq!(model["country_code"], expected);
    assert_eq!(model["continent_code"]["_lastentry"], "EU");
    assert_eq!(model["eventType"]["_unique"], 2);
    assert_eq!(last["ipGeoData"]["continent_code"], "EU");
    let changes = json!({ "changes_last_10_minutes": 1, "changes_last_hour": 1, "changes_last_24_hours": 2,
        "changes_last_7_days": 2 });
    assert_eq!(last["changeHistory"]["user"]["country_code"], changes);
}

#[tokio::test]
async fn a_device_knows_its_days_its_users_and_its_events() {
    let app = TestApp::new().await;
    let (shop, _other) = (Shop::of(&app, "acme").await, app.tenant("other").await);
    let client = shop.web();
    let none = json!({});
    let date = |millis: i64| shop.now().plus_millis(millis).to_string()[..10].to_owned();
    let (today, tomorrow) = (date(0), date(DAY_MS));
    send(&shop, &client, "u1", "signup", &none).await;
    send(&shop, &client, "u1", "login", &none).await;
    app.clock.advance(DAY_MS);
    let last = send(&shop, &client, "u2", "login", &none).await;
    let model = &last["deviceModel"];
    assert_eq!(
        (&model["daysDeviceSeen"], &model["daysDeviceSeenCount"]),
        (&json!([today, tomorrow]), &json!(2))
    );
    let days = (&model["daysUserSeenOnDevice"], &model["daysUserSeenOnDeviceCount"]);
    assert_eq!(days, (&json!([tomorrow]), &json!(1)));
    assert_eq!(model["users"], json!({ "u1": 2, "u2": 1, "_usage_": 3, "_unique_": 2 }));
    assert_eq!(model["events"]["login"]["counter"], 2);
    assert_eq!(
        (&model["events"]["login"]["last_hour"], &model["events"]["signup"]["last_hour"]),
        (&json!(1), &json!(0))
    );
    assert_eq!((&model["deviceAgeLocal"], &model["deviceAgeUser"]), (&json!(1.0), &json!(0.0)));
    assert_eq!(last["instanceDeltas"]["deviceUsers"], json!({ "changed": true, "to": 2 }));
    // A visitor without an account is seen on the device, and is no user of it.
    let visit = send(&shop, &client, "undefined", "visits", &none).await;
    let model = &visit["deviceModel"];
    assert_eq!((&model["users"]["_usage_"], &model["daysUserSeenOnDeviceCount"]), (&json!(3), &Value::Null));
    assert_eq!(
        (&visit["historicalData"]["user"]["_totals_all_"], &visit["historicalData"]["user"]["events"]),
        (&Value::Null, &Value::Null)
    );
}

#[tokio::test]
async fn names_that_look_like_figures_hide_none() {
    let app = TestApp::new().await;
    let (shop, _other) = (Shop::of(&app, "acme").await, app.tenant("other").await);
    let last = send(&shop, &shop.web(), "_usage_", "_count", &json!({})).await;
    assert_eq!(last["userModel"]["eventType"]["_count"], 1);
    assert_eq!(last["deviceModel"]["users"]["_usage_"], 1);
}
