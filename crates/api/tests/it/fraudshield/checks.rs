//! `POST /v1/fraud/blocklist/check`.

use serde_json::{Value, json};

use super::support::{CHECK, add, block, check, error, is_blocked, two_shops};

#[tokio::test]
async fn one_thing_is_checked_as_the_guide_shows() {
    let (app, acme, other) = two_shops().await;
    let body = json!({ "type": "device", "value": "dev_1", "reason": "confirmed_fraud", "expires_in": "1h" });
    let entry = add(&app, &acme.live, &body).send().await.expect_json(201);
    let found = check(&app, &acme.live, "device", " dev_1 ").await;
    let result = json!({
        "type": "device", "value": " dev_1 ", "blocked": true, "reason": "confirmed_fraud", "id": entry["id"],
        "expires_at": "2026-01-05T11:00:00.000Z",
    });
    assert_eq!(found, json!({ "blocked": true, "reason": "confirmed_fraud", "results": [result] }));
    let result = json!({
        "type": "device", "value": "dev_1", "blocked": false, "reason": null, "id": null, "expires_at": null,
    });
    let nothing = json!({ "blocked": false, "reason": null, "results": [result] });
    for key in [&acme.test, &other.live] {
        assert_eq!(check(&app, key, "device", "dev_1").await, nothing);
    }
    assert!(!is_blocked(&app, &acme.live, "user", "dev_1").await, "of another type it is another thing");
    assert!(!is_blocked(&app, &acme.live, "device", "DEV_1").await, "ids count as they are written");
}

#[tokio::test]
async fn an_address_is_blocked_in_a_blocked_network() {
    let (app, acme, _other) = two_shops().await;
    for (network, reason) in [("10.0.0.0/8", "wide"), ("10.1.0.0/16", "narrow"), ("2001:db8::/32", "six")] {
        let body = json!({ "type": "ip", "value": network, "reason": reason });
        add(&app, &acme.live, &body).send().await.expect(201);
    }
    for (value, reason) in [
        ("10.0.0.0", json!("wide")),
        ("10.255.255.255", json!("wide")),
        ("10.1.2.3", json!("narrow")),
        ("::ffff:10.1.2.3", json!("narrow")),
        ("10.1.0.0/20", json!("narrow")),
        ("10.0.0.0/9", json!("wide")),
        ("2001:db8:ffff::1", json!("six")),
        ("11.0.0.0", Value::Null),
        ("10.0.0.0/7", Value::Null),
        ("2001:db9::1", Value::Null),
    ] {
        let found = check(&app, &acme.live, "ip", value).await;
        assert_eq!((&found["blocked"], &found["reason"]), (&json!(!reason.is_null()), &reason), "{value}");
    }
}

#[tokio::test]
async fn many_things_are_checked_at_once_in_their_order() {
    let (app, acme, _other) = two_shops().await;
    block(&app, &acme.live, "phone", "+212612345678").await;
    let body = json!({ "type": "email", "value": "a@x.example", "reason": "mule" });
    add(&app, &acme.live, &body).send().await.expect(201);
    let checks = json!({ "checks": [
        { "type": "email", "value": "b@x.example" },
        { "type": "email", "value": "A@X.example", "more": 7 },
        { "type": "phone", "value": "+212 612 345 678" },
        { "type": "document", "value": "AB1" },
        { "type": "email", "value": "A@X.example" },
    ] });
    let found = app.post(CHECK, &checks).bearer(&acme.live).send().await.expect_json(200);
    let results = found["results"].as_array().unwrap();
    let blocked: Vec<_> = results.iter().map(|result| result["blocked"].as_bool().unwrap()).collect();
    assert_eq!(blocked, [false, true, true, false, true]);
    for (result, check) in results.iter().zip(checks["checks"].as_array().unwrap()) {
        assert_eq!((&result["type"], &result["value"]), (&check["type"], &check["value"]));
    }
    assert_eq!((&found["blocked"], &found["reason"]), (&json!(true), &json!("mule")));
    let most: Vec<Value> =
        (0..100).map(|index| json!({ "type": "user", "value": index.to_string() })).collect();
    let found = app.post(CHECK, &json!({ "checks": most })).bearer(&acme.live).send().await.expect_json(200);
    assert_eq!((&found["blocked"], found["results"].as_array().unwrap().len()), (&json!(false), 100));
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let (app, acme, _other) = two_shops().await;
    let one = json!({ "type": "user", "value": "u" });
    let (missing, invalid) = ("missing_parameter", "invalid_parameter");
    for (body, code, param) in [
        (json!({}), missing, "type"),
        (json!({ "type": "ip" }), missing, "value"),
        (json!({ "value": "10.0.0.1" }), missing, "type"),
        (json!({ "type": null, "value": null }), missing, "type"),
        (json!({ "type": "fax", "value": "1" }), invalid, "type"),
        (json!({ "type": "ip", "value": 7 }), invalid, "value"),
        (json!({ "type": "ip", "value": "example.com" }), invalid, "value"),
        (json!({ "type": "email", "value": "" }), invalid, "value"),
        (json!({ "type": "phone", "value": "0612345678" }), invalid, "value"),
        (json!({ "type": "document", "value": "--" }), invalid, "value"),
        (json!({ "checks": [] }), invalid, "checks"),
        (json!({ "checks": vec![one.clone(); 101] }), invalid, "checks"),
        (json!({ "checks": one }), invalid, "checks"),
        (json!({ "checks": [one], "type": "ip" }), invalid, "checks"),
        (json!({ "checks": [one, ["user", "u"]] }), invalid, "checks[1]"),
        (json!({ "checks": [one, { "type": "user" }] }), missing, "checks[1].value"),
        (json!({ "checks": [one, { "type": "fax", "value": "1" }] }), invalid, "checks[1].type"),
        (json!({ "checks": [one, { "type": "ip", "value": "1" }] }), invalid, "checks[1].value"),
    ] {
        let told =
            error(app.post(CHECK, &body).bearer(&acme.live).send().await, 400, "validation_error", code);
        assert_eq!(told["param"], param, "{body}");
    }
}
