//! `/v1/fraud/velocity/rules`.

use portcullis_testkit::TestApp;
use serde_json::{Value, json};

use super::support::{error, key, two_shops};

pub(super) const RULES: &str = "/v1/fraud/velocity/rules";

/// The rule of the guide.
pub(super) fn sample() -> Value {
    json!({
        "name": "Verification Limit", "description": "Max 3 verification attempts per hour",
        "action": "verification_attempt", "limit": 3, "window": "1h", "scope": "user_id",
        "on_exceed": "block", "cooldown": "30m",
    })
}

/// Makes a rule; gives it.
pub(super) async fn make(app: &TestApp, key: &str, rule: &Value) -> Value {
    app.post(RULES, rule).bearer(key).send().await.expect_json(201)
}

fn path_of(rule: &Value) -> String {
    format!("{RULES}/{}", rule["id"].as_str().unwrap())
}

fn with(change: &Value) -> Value {
    let mut rule = sample();
    rule.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    rule
}

#[tokio::test]
async fn a_rule_shows_what_it_was_made_with() {
    let (app, acme, other) = two_shops().await;
    let made = make(&app, &acme.live, &with(&json!({ "name": " Verification Limit ", "color": 7 }))).await;
    let at = "2026-01-05T10:00:00.000Z";
    let expected = json!({
        "object": "velocity_rule", "id": made["id"], "name": "Verification Limit",
        "description": "Max 3 verification attempts per hour", "action": "verification_attempt", "limit": 3,
        "window": "1h", "scope": "user_id", "on_exceed": "block", "response": "block", "cooldown": "30m",
        "enforcement": null, "enabled": true, "created_at": at, "updated_at": at,
    });
    assert_eq!(made, expected);
    let digits = made["id"].as_str().unwrap().strip_prefix("vrule_").unwrap();
    assert!(digits.len() == 12 && digits.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase()));
    for key in [&acme.live, &acme.test] {
        assert_eq!(app.get(&path_of(&made)).bearer(key).send().await.expect_json(200), expected);
    }
    error(app.get(&path_of(&made)).bearer(&other.live).send().await, 404, "not_found_error", "not_found");

    let least = json!({ "name": "n", "action": "a", "limit": 1, "window": "1d", "scope": "device_id" });
    let made = make(&app, &acme.live, &least).await;
    assert_eq!((&made["on_exceed"], &made["cooldown"]), (&json!("block"), &Value::Null));
    assert_eq!((&made["description"], &made["enabled"]), (&json!(""), &json!(true)));
    let other_name = with(&json!({ "on_exceed": null, "response": "flag", "enforcement": "monitor" }));
    let made = make(&app, &acme.live, &other_name).await;
    assert_eq!((&made["on_exceed"], &made["enforcement"]), (&json!("flag"), &json!("monitor")));
}

#[tokio::test]
async fn rules_are_listed_newest_first_in_pages() {
    let (app, acme, other) = two_shops().await;
    let mut made = Vec::new();
    for name in ["a", "b", "c"] {
        made.push(make(&app, &acme.live, &with(&json!({ "name": name }))).await);
    }
    let page = async |key: &str, query: String| {
        let answer = app.get(&format!("{RULES}{query}")).bearer(key).send().await.expect_json(200);
        let items = answer["data"].as_array().unwrap();
        let names: String = items.iter().map(|item| item["name"].as_str().unwrap()).collect();
        (names, answer["has_more"].as_bool().unwrap(), answer["next_cursor"].clone())
    };
    let (first, last) = (made[0]["id"].as_str().unwrap(), made[2]["id"].as_str().unwrap());
    assert_eq!(page(&acme.test, String::new()).await, ("cba".to_owned(), false, Value::Null));
    assert_eq!(page(&acme.live, "?limit=2".to_owned()).await, ("cb".to_owned(), true, made[1]["id"].clone()));
    let after = format!("?starting_after={last}");
    assert_eq!(page(&acme.live, after).await, ("ba".to_owned(), false, Value::Null));
    let before = format!("?ending_before={first}&limit=1");
    assert_eq!(page(&acme.live, before).await, ("b".to_owned(), true, made[1]["id"].clone()));
    assert_eq!(page(&other.live, String::new()).await, (String::new(), false, Value::Null));
    let wrong = app.get(&format!("{RULES}?limit=0")).bearer(&acme.live).send().await;
    assert_eq!(error(wrong, 400, "validation_error", "invalid_parameter")["param"], "limit");
}

#[tokio::test]
async fn a_change_keeps_what_it_does_not_name() {
    let (app, acme, other) = two_shops().await;
    let made = make(&app, &acme.live, &sample()).await;
    app.clock.advance(1_000);
    let put = async |key: &str, change: Value| app.put(&path_of(&made), &change).bearer(key).send().await;
    error(put(&other.live, json!({ "limit": 9 })).await, 404, "not_found_error", "not_found");
    let mut expected = made.clone();
    expected["updated_at"] = json!("2026-01-05T10:00:01.000Z");
    for (change, field, value) in [
        (json!({ "limit": 5 }), "limit", json!(5)),
        (json!({ "cooldown": null }), "cooldown", Value::Null),
        (json!({ "window": "90m", "name": null }), "window", json!("90m")),
        (json!({ "enabled": false }), "enabled", json!(false)),
        (json!({ "scope": "ip_address", "id": "vrule_mine" }), "scope", json!("ip_address")),
        (json!({ "enforcement": "monitor" }), "enforcement", json!("monitor")),
    ] {
        expected[field] = value;
        assert_eq!(put(&acme.live, change).await.expect_json(200), expected);
    }
    app.clock.advance(1_000);
    assert_eq!(put(&acme.live, expected.clone()).await.expect_json(200), expected, "a rule as it was shown");
    for (change, param) in [
        (json!({ "limit": 0 }), "limit"),
        (json!({ "cooldown": "soon" }), "cooldown"),
        (json!({ "name": "" }), "name"),
        (json!({ "scope": "email" }), "scope"),
    ] {
        let refused = put(&acme.live, change).await;
        assert_eq!(error(refused, 400, "validation_error", "invalid_parameter")["param"], param);
    }
    assert_eq!(app.get(&path_of(&made)).bearer(&acme.live).send().await.expect_json(200), expected);
}

#[tokio::test]
async fn a_deleted_rule_is_gone() {
    let (app, acme, other) = two_shops().await;
    let made = make(&app, &acme.live, &sample()).await;
    let delete = async |key: &str, path: &str| app.delete(path).bearer(key).send().await;
    error(delete(&other.live, &path_of(&made)).await, 404, "not_found_error", "not_found");
    let deleted = delete(&acme.live, &path_of(&made)).await.expect_json(200);
    assert_eq!(deleted, json!({ "object": "velocity_rule", "id": made["id"], "deleted": true }));
    for path in
        [path_of(&made), format!("{RULES}/x"), format!("{RULES}/%ff"), format!("{RULES}/rule_000000000000")]
    {
        error(delete(&acme.live, &path).await, 404, "not_found_error", "not_found");
        error(app.get(&path).bearer(&acme.live).send().await, 404, "not_found_error", "not_found");
    }
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let (app, acme, _other) = two_shops().await;
    for (change, param) in [
        (json!({ "name": " " }), "name"),
        (json!({ "name": "n".repeat(101) }), "name"),
        (json!({ "description": "d".repeat(1_001) }), "description"),
        (json!({ "action": "" }), "action"),
        (json!({ "limit": 0 }), "limit"),
        (json!({ "limit": -1 }), "limit"),
        (json!({ "limit": 1_000_001 }), "limit"),
        (json!({ "limit": 1.5 }), "limit"),
        (json!({ "limit": "3" }), "limit"),
        (json!({ "window": "1 h" }), "window"),
        (json!({ "window": "367d" }), "window"),
        (json!({ "window": 60 }), "window"),
        (json!({ "scope": "email" }), "scope"),
        (json!({ "on_exceed": "allow" }), "on_exceed"),
        (json!({ "response": 7 }), "response"),
        (json!({ "cooldown": "0m" }), "cooldown"),
        (json!({ "enforcement": "maybe" }), "enforcement"),
        (json!({ "enabled": "yes" }), "enabled"),
    ] {
        let refused = app.post(RULES, &with(&change)).bearer(&acme.live).send().await;
        assert_eq!(error(refused, 400, "validation_error", "invalid_parameter")["param"], param, "{change}");
    }
    for missing in ["name", "action", "limit", "window", "scope"] {
        let mut rule = sample();
        rule.as_object_mut().unwrap().remove(missing);
        let refused = app.post(RULES, &rule).bearer(&acme.live).send().await;
        assert_eq!(error(refused, 400, "validation_error", "missing_parameter")["param"], missing);
    }
    let several = with(&json!({ "limit": 0, "window": "", "cooldown": "x" }));
    let refused = app.post(RULES, &several).bearer(&acme.live).send().await;
    let told = error(refused, 400, "validation_error", "invalid_parameter");
    let message = told["message"].as_str().unwrap();
    assert!(["limit", "window", "cooldown"].iter().all(|param| message.contains(param)), "{message}");
    let listed = app.get(RULES).bearer(&acme.live).send().await.expect_json(200);
    assert_eq!(listed["data"], json!([]));
}

#[tokio::test]
async fn readers_may_look_and_writers_may_change() {
    let (app, acme, _other) = two_shops().await;
    let made = make(&app, &acme.live, &sample()).await;
    let reader = key(&app, &acme.tenant, &json!({ "scopes": ["fraud:read"] })).await;
    for path in [RULES, &path_of(&made)] {
        app.get(path).bearer(&reader).send().await.expect(200);
        error(app.get(path).send().await, 401, "authentication_error", "unauthorized");
    }
    for call in
        [app.post(RULES, &sample()), app.put(&path_of(&made), &json!({})), app.delete(&path_of(&made))]
    {
        error(call.bearer(&reader).send().await, 403, "authorization_error", "forbidden");
    }
}

#[tokio::test]
async fn a_retry_makes_one_rule_and_there_are_at_most_a_hundred() {
    let (app, acme, other) = two_shops().await;
    let once = async |rule: &Value| {
        app.post(RULES, rule).bearer(&acme.live).header("idempotency-key", "0123456789").send().await
    };
    let made = once(&sample()).await.expect_json(201);
    let again = once(&sample()).await.expect(201);
    assert_eq!((again.json(), again.header("idempotent-replayed")), (made, "true"));
    let refused = once(&with(&json!({ "limit": 4 }))).await;
    error(refused, 409, "idempotency_error", "idempotency_key_conflict");
    for _ in 1..100 {
        make(&app, &acme.live, &sample()).await;
    }
    let refused = app.post(RULES, &sample()).bearer(&acme.live).send().await;
    error(refused, 409, "conflict_error", "already_exists");
    make(&app, &other.live, &sample()).await;
}
