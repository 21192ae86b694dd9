//! `/api/v1/client/velocity-rules`: the same rules that fraudshield knows, for a client's people.

use portcullis_testkit::TestApp;
use serde_json::{Value, json};

const RULES: &str = "/api/v1/client/velocity-rules";

fn sample() -> Value {
    json!({
        "name": " Logins ", "action": "login", "limit": 1, "window": "60m", "scope": "user_id",
        "onExceed": "challenge", "cooldown": "30m",
    })
}

#[tokio::test]
async fn a_rule_is_made_shown_changed_and_deleted() {
    let app = TestApp::new().await;
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    let made = app.post(RULES, &sample()).bearer(&acme.admin).send().await.expect_json(201);
    let at = "2026-01-05T10:00:00.000Z";
    let mut expected = json!({
        "id": made["id"], "name": "Logins", "description": "", "action": "login", "limit": 1, "window": "1h",
        "scope": "user_id", "onExceed": "challenge", "cooldown": "30m", "enabled": true, "mode": "live",
        "createdAt": at, "updatedAt": at,
    });
    assert_eq!(made, expected);
    let path = format!("{RULES}/{}", made["id"].as_str().unwrap());
    assert_eq!(app.get(&path).bearer(&acme.viewer).send().await.expect_json(200), expected);
    app.get(&path).bearer(&other.admin).send().await.expect(404);
    let none = app.get(RULES).bearer(&other.admin).send().await.expect_json(200);
    assert_eq!(none, json!({ "items": [], "nextCursor": null }));
    app.clock.advance(1_000);
    let change = json!({ "limit": 5, "cooldown": null, "mode": "shadow", "enabled": false });
    expected["limit"] = json!(5);
    expected["cooldown"] = Value::Null;
    expected["mode"] = json!("shadow");
    expected["enabled"] = json!(false);
    expected["updatedAt"] = json!("2026-01-05T10:00:01.000Z");
    assert_eq!(app.put(&path, &change).bearer(&acme.admin).send().await.expect_json(200), expected);
    app.delete(&path).bearer(&acme.admin).send().await.expect(204);
    app.get(&path).bearer(&acme.admin).send().await.expect(404);
}

#[tokio::test]
async fn what_is_wrong_is_told_by_field() {
    let app = TestApp::new().await;
    let (acme, _other) = (app.tenant("acme").await, app.tenant("other").await);
    let with = |change: Value| {
        let mut rule = sample();
        rule.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        rule
    };
    for (change, pointers) in [
        (json!({ "name": " ", "limit": 0, "window": "1w" }), &["/name", "/limit", "/window"][..]),
        (json!({ "action": "", "cooldown": "367d" }), &["/action", "/cooldown"]),
        (json!({ "description": "\u{0}" }), &["/description"]),
    ] {
        let refused =
            app.post(RULES, &with(change.clone())).bearer(&acme.admin).send().await.expect_json(400);
        let told: Vec<_> =
            refused["errors"].as_array().unwrap().iter().map(|error| &error["pointer"]).collect();
        assert_eq!(told, pointers, "{change}");
    }
    for (change, named) in [
        (json!({ "scope": "card" }), "scope"),
        (json!({ "onExceed": "explode" }), "onExceed"),
        (json!({ "mode": "monitor" }), "mode"),
        (json!({ "on_exceed": "block" }), "on_exceed"),
    ] {
        let refused = app.post(RULES, &with(change)).bearer(&acme.admin).send().await.expect(400);
        assert!(refused.text().contains(named), "{}", refused.text());
    }
    app.get(&format!("{RULES}/rule_0vqkz1q3c7ab")).bearer(&acme.admin).send().await.expect(404);
}

#[tokio::test]
async fn both_doors_lead_to_the_same_rule_and_it_counts() {
    let app = TestApp::new().await;
    let (acme, _other) = (app.tenant("acme").await, app.tenant("other").await);
    let key = json!({ "name": "shield", "dialect": "fraudshield", "mode": "live" });
    let key = app.post("/api/v1/client/api-keys", &key).bearer(&acme.admin).send().await.expect_json(201);
    let key = key["key"].as_str().unwrap();
    let rule = json!({ "name": "Logins", "action": "login", "limit": 1, "window": "1h", "scope": "user_id" });
    let made = app.post(RULES, &rule).bearer(&acme.admin).send().await.expect_json(201);
    let theirs = app.get("/v1/fraud/velocity/rules").bearer(key).send().await.expect_json(200);
    assert_eq!(theirs["data"][0]["id"], made["id"]);
    assert_eq!(
        (&theirs["data"][0]["on_exceed"], &theirs["data"][0]["enforcement"]),
        (&json!("block"), &Value::Null)
    );
    for allowed in [true, false] {
        let check = json!({ "action": "login", "user_id": "u1" });
        let check = app.post("/v1/fraud/velocity/check", &check).bearer(key).send().await.expect_json(200);
        assert_eq!(check["allowed"], allowed);
    }
    let figures = app.get("/api/v1/client/figures").bearer(&acme.viewer).send().await.expect_json(200);
    let own = &figures["rules"][0];
    assert_eq!([&own["id"], &own["kind"]], [&made["id"], &json!("velocity")]);
    assert_eq!([&own["fired"], &own["blocked"]], [&json!(1), &json!(1)]);
}
