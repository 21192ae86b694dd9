//! `POST /v1/fraud/velocity/check`.

use futures_util::future::join_all;
use portcullis_testkit::{Call, TestApp};
use serde_json::{Value, json};

use super::{
    support::{error, key, names, two_shops},
    velocity_rules::{RULES, make, sample},
};

const CHECK: &str = "/v1/fraud/velocity/check";
const MINUTE_MS: i64 = 60_000;

/// The call of the seed, by this user.
fn call(app: &TestApp, key: &str, user: &str) -> Call {
    let body = json!({
        "user_id": user, "action": "verification_attempt", "window": "1h",
        "ip_address": "203.0.113.7", "device_id": "dev_1",
    });
    app.post(CHECK, &body).bearer(key)
}

async fn attempt(app: &TestApp, key: &str, user: &str) -> Value {
    call(app, key, user).send().await.expect_json(200)
}

/// Whether it was allowed, or the seconds to wait.
async fn verdict(app: &TestApp, key: &str, user: &str) -> Result<(), i64> {
    let answer = attempt(app, key, user).await;
    let allowed = answer["allowed"].as_bool().unwrap();
    assert_eq!(answer["retry_after"].is_null(), allowed);
    assert_eq!(answer["reason"].is_null(), allowed);
    if allowed { Ok(()) } else { Err(answer["retry_after"].as_i64().unwrap()) }
}

#[tokio::test]
async fn the_sample_rule_does_what_the_guide_says() {
    let (app, acme, other) = two_shops().await;
    let rule = make(&app, &acme.live, &sample()).await;
    for count in 1..=3 {
        let answer = attempt(&app, &acme.live, "u1").await;
        let expected = json!({
            "object": "velocity_check", "id": answer["id"], "allowed": true, "reason": null,
            "retry_after": null, "would_block": false, "triggered_rules": [], "matched_rules": [],
            "event_id": answer["event_id"],
            "counts": { "user_id": count, "ip_address": count, "device_id": count },
        });
        assert_eq!(answer, expected);
        let digits = answer["id"].as_str().unwrap().strip_prefix("vel_").unwrap();
        assert!(digits.len() == 12 && digits.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase()));
        app.clock.advance(MINUTE_MS);
    }
    let refused = attempt(&app, &acme.live, "u1").await;
    let triggered = json!({
        "id": rule["id"], "name": "Verification Limit", "scope": "user_id", "limit": 3, "window": "1h",
        "count": 4, "on_exceed": "block", "enforcement": "enforce", "would_block": false, "retry_after": 3_420,
    });
    let expected = json!({
        "object": "velocity_check", "id": refused["id"], "allowed": false, "reason": "velocity_exceeded",
        "retry_after": 3_420, "would_block": false, "triggered_rules": [triggered],
        "matched_rules": [], "event_id": refused["event_id"],
        "counts": { "user_id": 3, "ip_address": 3, "device_id": 3 },
    });
    assert_eq!(refused, expected);
    for key in [&acme.test, &other.live, &other.test] {
        assert_eq!(verdict(&app, key, "u1").await, Ok(()));
    }
    assert_eq!(verdict(&app, &acme.live, "u2").await, Ok(()), "the rule is about users");

    // To the second, and not before.
    app.clock.advance(3_420_000 - 1);
    assert!(verdict(&app, &acme.live, "u1").await.is_err());
}

#[tokio::test]
async fn the_cooldown_goes_on_although_the_window_has_room() {
    let (app, acme, _other) = two_shops().await;
    let mut rule = sample();
    rule["window"] = json!("1m");
    make(&app, &acme.live, &rule).await;
    for expected in [Ok(()), Ok(()), Ok(()), Err(1_800)] {
        assert_eq!(verdict(&app, &acme.live, "u1").await, expected);
    }
    app.clock.advance(29 * MINUTE_MS + 500);
    let refused = attempt(&app, &acme.live, "u1").await;
    assert_eq!((&refused["reason"], &refused["retry_after"]), (&json!("cooldown"), &json!(60)));
    assert_eq!(refused["triggered_rules"][0]["count"], 1);
    app.clock.advance(MINUTE_MS - 500);
    assert_eq!(verdict(&app, &acme.live, "u1").await, Ok(()));
}

#[tokio::test]
async fn of_thirty_simultaneous_attempts_three_are_allowed_in_each_data_set() {
    let (app, acme, other) = two_shops().await;
    make(&app, &acme.live, &sample()).await;
    make(&app, &other.live, &sample()).await;
    for key in [&acme.live, &acme.test, &other.live] {
        let answers = join_all((0..30).map(|_| attempt(&app, key, "u1"))).await;
        assert_eq!(answers.iter().filter(|answer| answer["allowed"] == true).count(), 3);
        let refused = answers.iter().filter(|answer| answer["allowed"] == false);
        assert!(refused.clone().all(|answer| answer["retry_after"] == 3_600));
        assert_eq!(refused.count(), 27);
    }
}

#[tokio::test]
async fn rules_that_do_not_block_or_are_monitored_allow() {
    let (app, acme, _other) = two_shops().await;
    for (on_exceed, enforcement, would_block) in [
        ("challenge", "enforce", false),
        ("review", "enforce", false),
        ("flag", "enforce", false),
        ("block", "monitor", true),
        ("flag", "monitor", false),
    ] {
        let mut rule = sample();
        (rule["on_exceed"], rule["enforcement"]) = (json!(on_exceed), json!(enforcement));
        let rule = make(&app, &acme.live, &rule).await;
        for _ in 0..3 {
            assert_eq!(attempt(&app, &acme.live, on_exceed).await["triggered_rules"], json!([]));
        }
        let answer = attempt(&app, &acme.live, on_exceed).await;
        assert_eq!((&answer["allowed"], &answer["would_block"]), (&json!(true), &json!(would_block)));
        let told = &answer["triggered_rules"][0];
        assert_eq!((&told["id"], &told["would_block"]), (&rule["id"], &json!(would_block)));
        assert_eq!((&told["on_exceed"], &told["enforcement"]), (&json!(on_exceed), &json!(enforcement)));
        let path = format!("{RULES}/{}", rule["id"].as_str().unwrap());
        app.delete(&path).bearer(&acme.live).send().await.expect(200);
        app.clock.advance(2 * 60 * MINUTE_MS);
    }
}

#[tokio::test]
async fn without_a_rule_attempts_are_counted_and_allowed() {
    let (app, acme, _other) = two_shops().await;
    let post = async |body: Value| app.post(CHECK, &body).bearer(&acme.live).send().await.expect_json(200);
    for count in 1..=5 {
        let answer = post(json!({ "action": "login", "user_id": " u1 ", "window": "10s", "color": 7 })).await;
        let counts = json!({ "user_id": count, "ip_address": null, "device_id": null });
        assert_eq!((&answer["allowed"], &answer["counts"]), (&json!(true), &counts));
    }
    app.clock.advance(10_000);
    let answer =
        post(json!({ "action": "login", "user_id": "u1", "window": "10s", "ip_address": null })).await;
    assert_eq!(answer["counts"]["user_id"], 1);
    assert_eq!(post(json!({ "action": "login", "user_id": "u1" })).await["counts"]["user_id"], 7);
    let nobody = post(json!({ "action": "login" })).await;
    assert_eq!(names(&nobody["counts"]), ["device_id", "ip_address", "user_id"]);
    assert_eq!(nobody["allowed"], true);
}

#[tokio::test]
async fn an_address_is_a_visitor_however_it_is_written() {
    let (app, acme, _other) = two_shops().await;
    let mut rule = sample();
    rule["scope"] = json!("ip_address");
    make(&app, &acme.live, &rule).await;
    for visitor in [
        ["203.0.113.7", " 203.0.113.7 ", "::ffff:203.0.113.7", "203.0.113.7:443"],
        ["2001:db8::1", "2001:DB8:0:0:1::", "[2001:db8::2]:443", "2001:db8::ffff"],
    ] {
        for (index, address) in visitor.into_iter().enumerate() {
            let body = json!({ "action": "verification_attempt", "ip_address": address });
            let answer = app.post(CHECK, &body).bearer(&acme.live).send().await.expect_json(200);
            assert_eq!(answer["allowed"], index < 3, "{address}");
        }
    }
}

#[tokio::test]
async fn a_retry_is_not_counted() {
    let (app, acme, other) = two_shops().await;
    make(&app, &acme.live, &sample()).await;
    let once = async |key: &str, user: &str| {
        call(&app, key, user).header("idempotency-key", "0123456789").send().await
    };
    let first = once(&acme.live, "u1").await.expect(200);
    assert_eq!(first.header("idempotent-replayed"), "");
    for _ in 0..5 {
        let again = once(&acme.live, "u1").await.expect(200);
        assert_eq!((again.json(), again.header("idempotent-replayed")), (first.json(), "true"));
        assert_eq!(again.header("content-type"), "application/json");
    }
    error(once(&acme.live, "u2").await, 409, "idempotency_error", "idempotency_key_conflict");
    assert_eq!(once(&other.live, "u2").await.expect(200).header("idempotent-replayed"), "");
    for expected in [Ok(()), Ok(()), Err(3_600)] {
        assert_eq!(verdict(&app, &acme.live, "u1").await, expected);
    }
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let (app, acme, _other) = two_shops().await;
    for (change, code, param) in [
        (json!({ "action": null }), "invalid_parameter", "action"),
        (json!({ "action": " " }), "invalid_parameter", "action"),
        (json!({ "action": "a".repeat(101) }), "invalid_parameter", "action"),
        (json!({ "action": "a\u{0}" }), "invalid_parameter", "action"),
        (json!({ "action": 7 }), "invalid_parameter", "action"),
        (json!({ "user_id": "" }), "invalid_parameter", "user_id"),
        (json!({ "user_id": 7 }), "invalid_parameter", "user_id"),
        (json!({ "device_id": "d".repeat(257) }), "invalid_parameter", "device_id"),
        (json!({ "ip_address": "no address" }), "invalid_parameter", "ip_address"),
        (json!({ "window": "1w" }), "invalid_parameter", "window"),
        (json!({ "window": "0s" }), "invalid_parameter", "window"),
        (json!({ "window": "367d" }), "invalid_parameter", "window"),
        (json!({ "window": 3_600 }), "invalid_parameter", "window"),
    ] {
        let mut body = json!({ "action": "login", "user_id": "u1" });
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let answer = app.post(CHECK, &body).bearer(&acme.live).send().await;
        assert_eq!(error(answer, 400, "validation_error", code)["param"], param, "{change}");
    }
    let answer = app.post(CHECK, &json!({ "user_id": "u1" })).bearer(&acme.live).send().await;
    assert_eq!(error(answer, 400, "validation_error", "missing_parameter")["param"], "action");
    let answer = app.post(CHECK, &json!([])).bearer(&acme.live).send().await;
    error(answer, 400, "validation_error", "invalid_parameter");
}

#[tokio::test]
async fn counting_needs_a_key_that_may_write() {
    let (app, acme, _other) = two_shops().await;
    let reader = key(&app, &acme.tenant, &json!({ "scopes": ["fraud:read"] })).await;
    error(call(&app, &reader, "u1").send().await, 403, "authorization_error", "forbidden");
    let nobody = app.post(CHECK, &json!({ "action": "login" })).send().await;
    error(nobody, 401, "authentication_error", "unauthorized");
    assert_eq!(attempt(&app, &acme.live, "u1").await["counts"]["user_id"], 1);
}
