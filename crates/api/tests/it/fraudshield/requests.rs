//! What may be sent to `POST /v1/fraud/blocklist`.

use serde_json::{Value, json};

use super::support::{add, error, two_shops, values};

#[tokio::test]
async fn what_is_wrong_is_named() {
    let (app, acme, _other) = two_shops().await;
    let good = json!({ "type": "user", "value": "u1" });
    for (param, value) in [
        ("type", json!("fax")),
        ("type", json!("USER")),
        ("type", Value::Null),
        ("type", json!(7)),
        ("value", json!("")),
        ("value", json!(" \t")),
        ("value", json!(7)),
        ("value", Value::Null),
        ("value", json!("u".repeat(257))),
        ("value", json!("a\u{0}b")),
        ("reason", json!("r".repeat(501))),
        ("reason", json!("two\nlines")),
        ("reason", json!(7)),
        ("expires_in", json!("")),
        ("expires_in", json!("soon")),
        ("expires_in", json!("30")),
        ("expires_in", json!("0s")),
        ("expires_in", json!("1.5h")),
        ("expires_in", json!("-1h")),
        ("expires_in", json!("2w")),
        ("expires_in", json!("36501d")),
        ("expires_in", json!(0)),
        ("expires_in", json!(-60)),
        ("expires_in", json!(1.5)),
        ("expires_in", json!(i64::MAX)),
        ("expires_in", json!(u64::MAX)),
        ("expires_in", json!(true)),
        ("expires_in", json!(["1h"])),
        ("expires_at", json!("tomorrow")),
        ("expires_at", json!("2026-01-05T10:00:00Z")),
        ("expires_at", json!(1_767_607_200)),
    ] {
        let mut wrong = good.clone();
        wrong[param] = value;
        let told =
            error(add(&app, &acme.live, &wrong).send().await, 400, "validation_error", "invalid_parameter");
        assert_eq!(told["param"], param, "{wrong}");
        assert!(told["message"].as_str().unwrap().starts_with(param), "{told}");
    }
    for missing in ["type", "value"] {
        let mut wrong = good.clone();
        wrong.as_object_mut().unwrap().remove(missing);
        let told =
            error(add(&app, &acme.live, &wrong).send().await, 400, "validation_error", "missing_parameter");
        assert_eq!(
            (&told["param"], &told["message"]),
            (&json!(missing), &json!(format!("{missing} is required")))
        );
    }
    assert!(values(&app, &acme.live, "").await.is_empty());
}

#[tokio::test]
async fn values_are_checked_by_their_type() {
    let (app, acme, _other) = two_shops().await;
    for (kind, value) in [
        ("ip", "10.0.0.0/33"),
        ("ip", "example.com"),
        ("email", "jane"),
        ("email", "a@b"),
        ("phone", "0612345678"),
        ("phone", "+1 800 FLOWERS"),
        ("phone", "+44 (0)20 7946 0000"),
        ("document", "--"),
        ("document", "AB+1"),
    ] {
        let wrong = json!({ "type": kind, "value": value, "reason": "a\nb", "expires_in": "never" });
        let told =
            error(add(&app, &acme.live, &wrong).send().await, 400, "validation_error", "invalid_parameter");
        assert_eq!(told["param"], "value", "{wrong}");
        let message = told["message"].as_str().unwrap();
        assert!(
            message.contains("; reason") && message.contains("; expires_in"),
            "all are told at once: {message}"
        );
    }
    let both =
        json!({ "type": "user", "value": "u", "expires_in": 60, "expires_at": "2027-01-01T00:00:00Z" });
    let told = error(add(&app, &acme.live, &both).send().await, 400, "validation_error", "invalid_parameter");
    assert_eq!(told["param"], "expires_at");
    assert!(values(&app, &acme.live, "").await.is_empty());
}
