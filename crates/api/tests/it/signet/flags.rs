//! Flags of devices and addresses: their life cycles, and that they are the watch list of every dialect.

use futures_util::future::join_all;
use portcullis_testkit::TestApp;
use serde_json::{Value, json};

use super::support::{
    JANE, USER, data, enroll, enrolled, error, fired, get, log_in, post, try_post, wrong_fields,
};

fn device(id: &str) -> Value {
    json!({ "deviceId": id, "reason": "Multiple failed login attempts" })
}

fn ip(address: &str) -> Value {
    json!({ "userId": USER, "ip": address, "reason": "Suspicious login" })
}

async fn is_device_flagged(app: &TestApp, key: &str, id: &str) -> bool {
    get(app, key, &format!("device-check?deviceId={id}")).await["isFlagged"].as_bool().unwrap()
}

async fn is_ip_flagged(app: &TestApp, key: &str, address: &str) -> bool {
    get(app, key, &format!("ip-check?ip={address}")).await["isFlagged"].as_bool().unwrap()
}

#[tokio::test]
async fn a_flagged_device_is_watched_by_the_ingest_call_until_it_is_unflagged() {
    let (app, acme, other) = enrolled().await;
    let flagged = post(&app, &acme.live, "flag-device", device("device-12345")).await;
    let expected = json!({ "deviceId": "device-12345", "reason": "Multiple failed login attempts",
                           "flaggedAt": "2026-01-05T10:00:00Z" });
    assert_eq!(flagged, expected);
    let watched = |key: String| {
        let app = &app;
        async move {
            fired(&log_in(app, &key, USER, "device-12345", "203.0.113.7").await).contains(&"WATCHLISTED")
        }
    };
    assert!(watched(acme.live.clone()).await);
    assert!(!watched(acme.test.clone()).await && !watched(other.live.clone()).await);
    // A flag adds to scores and blocks nobody by itself.
    let login = log_in(&app, &acme.live, USER, "device-12345", "203.0.113.7").await;
    assert_ne!(login["decision"], "BLOCK");
    let app = app.restarted().await;
    let status = get(&app, &acme.live, "device-check?deviceId=device-12345").await;
    assert_eq!(status["reason"], "Multiple failed login attempts");
    assert_eq!((&status["isFlagged"], &status["flaggedAt"]), (&json!(true), &expected["flaggedAt"]));
    let done = post(&app, &acme.live, "unflag-device", json!({ "deviceId": "device-12345" })).await;
    assert_eq!(done["message"], "Device unflagged successfully");
    let login = log_in(&app, &acme.live, USER, "device-12345", "203.0.113.7").await;
    assert!(!fired(&login).contains(&"WATCHLISTED"));
    let answer = try_post(&app, &acme.live, "unflag-device", &device("device-12345")).await;
    error(answer, 404, "not_found", "not_flagged");
}

#[tokio::test]
async fn of_many_at_once_one_flags_a_device() {
    let (app, acme, other) = enrolled().await;
    let body = device("d1");
    let answers = join_all((0..6).map(|_| try_post(&app, &acme.live, "flag-device", &body))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    for answer in answers.into_iter().filter(|answer| answer.status != 200) {
        error(answer, 409, "conflict", "already_flagged");
    }
    assert!(
        !is_device_flagged(&app, &other.live, "d1").await && !is_device_flagged(&app, &acme.test, "d1").await
    );
    post(&app, &other.live, "flag-device", device("d1")).await;
    post(&app, &other.live, "unflag-device", json!({ "deviceId": "d1" })).await;
    assert!(is_device_flagged(&app, &acme.live, "d1").await);
}

#[tokio::test]
async fn an_address_is_flagged_in_every_way_to_write_it() {
    let (app, acme, other) = enrolled().await;
    let flagged = post(&app, &acme.live, "ip-flag", ip("::ffff:192.168.1.100")).await;
    assert_eq!(flagged["message"], "IP address flagged successfully");
    assert_eq!((&flagged["ip"], &flagged["userId"]), (&json!("192.168.1.100"), &json!(USER)));
    error(
        try_post(&app, &acme.live, "ip-flag", &ip("192.168.1.100")).await,
        409,
        "conflict",
        "already_flagged",
    );
    post(&app, &acme.live, "ip-flag", ip("2001:DB8:0:0::1")).await;
    for address in ["192.168.1.100", "::ffff:192.168.1.100", "2001:db8::1", "2001:db8:0:0:0:0:0:1"] {
        assert!(is_ip_flagged(&app, &acme.live, address).await, "{address}");
    }
    for (key, address) in
        [(&acme.live, "192.168.1.101"), (&acme.test, "192.168.1.100"), (&other.live, "192.168.1.100")]
    {
        assert!(!is_ip_flagged(&app, key, address).await, "{address}");
    }
    let login = log_in(&app, &acme.live, USER, "d1", "192.168.1.100").await;
    assert!(fired(&login).contains(&"WATCHLISTED"));

    let unflag = |id: &'static str| app.delete(&format!("/fraud/v1/ip-flag/{id}")).bearer(&acme.live).send();
    assert_eq!(data(unflag("192.168.1.100").await, 200)["message"], "IP address unflagged successfully");
    data(unflag("2001%3Adb8%3A%3A1").await, 200);
    error(unflag("2001:db8::1").await, 404, "not_found", "not_flagged");
    assert_eq!(wrong_fields(unflag("example").await), ["id"]);
    assert!(!is_ip_flagged(&app, &acme.live, "192.168.1.100").await);
}

#[tokio::test]
async fn a_watched_network_flags_its_addresses_and_is_not_taken_away_with_one() {
    let (app, acme, _other) = enrolled().await;
    let entry =
        json!({ "list": "watch", "kind": "ip", "value": "198.51.100.0/24", "reason": "Card testing" });
    app.post("/api/v1/client/lists", &entry).bearer(&acme.tenant.analyst).send().await.expect(201);
    assert!(is_ip_flagged(&app, &acme.live, "198.51.100.9").await);
    let answer = app.delete("/fraud/v1/ip-flag/198.51.100.9").bearer(&acme.live).send().await;
    error(answer, 404, "not_found", "not_flagged");
    post(&app, &acme.live, "ip-flag", ip("198.51.100.9")).await;
    data(app.delete("/fraud/v1/ip-flag/198.51.100.9").bearer(&acme.live).send().await, 200);
    assert!(is_ip_flagged(&app, &acme.live, "198.51.100.9").await);
}

#[tokio::test]
async fn what_people_flag_and_unflag_is_seen_here() {
    let (app, acme, _other) = enrolled().await;
    enroll(&app, &acme.live, JANE).await;
    post(&app, &acme.live, "flag-device", device("d1")).await;
    let listed = app.get("/api/v1/client/lists?list=watch").bearer(&acme.tenant.analyst).send().await;
    let listed = listed.expect_json(200);
    assert_eq!((&listed["items"][0]["kind"], &listed["items"][0]["value"]), (&json!("device"), &json!("d1")));
    let path = format!("/api/v1/client/lists/{}", listed["items"][0]["id"].as_str().unwrap());
    app.delete(&path).bearer(&acme.tenant.analyst).send().await.expect(204);
    assert!(!is_device_flagged(&app, &acme.live, "d1").await);
}

#[tokio::test]
async fn wrong_input_names_its_fields() {
    let (app, acme, _other) = enrolled().await;
    let cases: [(&str, Value, &[&str]); 8] = [
        ("flag-device", json!({}), &["deviceId", "reason"]),
        ("flag-device", json!({ "deviceId": "x".repeat(257), "reason": "r" }), &["deviceId"]),
        ("flag-device", json!({ "deviceId": "d", "reason": "r", "userId": "42" }), &["userId"]),
        ("unflag-device", json!({}), &["deviceId"]),
        ("ip-flag", json!({}), &["userId", "ip", "reason"]),
        ("ip-flag", json!({ "userId": USER, "ip": "192.0.2.0/24", "reason": "r" }), &["ip"]),
        ("ip-flag", json!({ "userId": USER, "ip": "256.0.0.1", "reason": "r" }), &["ip"]),
        ("ip-flag", json!({ "userId": USER, "ip": "192.0.2.1", "reason": "" }), &["reason"]),
    ];
    for (path, body, expected) in cases {
        assert_eq!(wrong_fields(try_post(&app, &acme.live, path, &body).await), expected, "{path} {body}");
    }
    for (path, field) in [
        ("device-check", "deviceId"),
        ("device-check?deviceId=", "deviceId"),
        ("ip-check", "ip"),
        ("ip-check?ip=x", "ip"),
    ] {
        let answer = app.get(&format!("/fraud/v1/{path}")).bearer(&acme.live).send().await;
        assert_eq!(wrong_fields(answer), [field], "{path}");
    }
}
