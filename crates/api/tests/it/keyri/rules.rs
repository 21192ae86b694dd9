//! A service's own rules in JSON.

use portcullis_testkit::TestApp;
use serde_json::{Value, json};

use super::support::{Shop, laptop, signals};

pub fn rule(outcome: &str, conditions: &Value, strength: i32) -> Value {
    json!({ "rule": "mine", "conditions": conditions, "outcome": outcome, "signal": format!("own_{outcome}"),
        "strength": strength })
}

async fn judge(shop: &Shop<'_>, rules: &[Value], event_type: &str) -> (String, Vec<String>) {
    shop.put("/rules", &json!({ "rules": rules })).await;
    shop.app.clock.advance(60_000);
    let answer = shop.send(&shop.web(), laptop("h1"), "undefined", event_type).await;
    let signals = signals(&answer).into_iter().map(ToOwned::to_owned).collect();
    (answer["riskSummary"].as_str().unwrap().to_owned(), signals)
}

#[tokio::test]
async fn the_strongest_decides_and_of_equals_the_strictest() {
    let app = TestApp::new().await;
    let (shop, other) = (Shop::of(&app, "acme").await, Shop::of(&app, "other").await);
    let dance = json!({ "eventType": { "$in": ["dance", "sing"] } });
    for (rules, summary, told) in [
        (vec![], "allow", vec![]),
        (vec![rule("warn", &dance, 1)], "warn", vec!["own_warn"]),
        (vec![rule("warn", &dance, 1), rule("deny", &dance, 1)], "deny", vec!["own_warn", "own_deny"]),
        (vec![rule("warn", &dance, 2), rule("deny", &dance, 1)], "warn", vec!["own_warn", "own_deny"]),
        (vec![rule("call_them", &dance, 1)], "call_them", vec!["own_call_them"]),
        (vec![rule("deny", &json!({ "$not": dance }), 1)], "allow", vec![]),
    ] {
        let told: Vec<String> = told.into_iter().map(ToOwned::to_owned).collect();
        assert_eq!(judge(&shop, &rules, "dance").await, (summary.to_owned(), told));
    }
    judge(&shop, &[rule("deny", &dance, 1)], "dance").await;
    let elsewhere = other.send(&other.web(), laptop("h1"), "u1", "dance").await;
    assert_eq!(elsewhere["riskSummary"], "allow");
}

#[tokio::test]
async fn rules_look_at_instance_and_are_shown_in_both_languages() {
    let app = TestApp::new().await;
    let (shop, _other) = (Shop::of(&app, "acme").await, app.tenant("other").await);
    let conditions = json!({ "$or": [
        { "threat.is_tor": "true" },
        { "historicalData.device.uniqueUser": { "$gte": 1, "$lt": 9 }, "deviceModel.language": "en-US" } ] });
    let rules = [rule("warn", &conditions, 1)];
    shop.put("/rules", &json!({ "rules": rules })).await;
    let answer = shop.send(&shop.web(), laptop("h1"), "u1", "login").await;
    assert_eq!((signals(&answer), &answer["riskSummary"]), (vec!["own_warn"], &json!("warn")));
    let shown = app.get(&shop.path("/rules")).bearer(&shop.tenant.viewer).send().await.expect_json(200);
    let shown = &shown["rules"][0];
    assert_eq!(
        (&shown["conditions"], &shown["enabled"], &shown["strength"]),
        (&conditions, &json!(true), &json!(1))
    );
    let text = "ip.is_tor = true OR (links.users_on_device >= 1 AND links.users_on_device < 9 AND device.language = 'en-US')";
    let normalized = shown["condition"].as_str().unwrap();
    let same = |text: &str| {
        let mut words: Vec<_> = text.split([' ', '(', ')']).filter(|word| !word.is_empty()).collect();
        words.sort_unstable();
        words.join(" ")
    };
    assert_eq!(same(normalized), same(text), "the members of an object have no order");

    let off = json!({ "rules": [{ "rule": "off", "conditions": conditions, "outcome": "deny", "enabled": false }] });
    shop.put("/rules", &off).await;
    assert_eq!(shop.send(&shop.web(), laptop("h2"), "u2", "login").await["riskSummary"], "allow");
}

#[tokio::test]
async fn wrong_rules_name_their_place() {
    let app = TestApp::new().await;
    let (shop, _other) = (Shop::of(&app, "acme").await, app.tenant("other").await);
    for (rule, pointer) in [
        (json!({ "rule": " ", "conditions": { "ip.is_tor": true }, "outcome": "warn" }), "/rules/0/rule"),
        (json!({ "rule": "a", "conditions": { "ip.is_tor": true }, "outcome": "b c" }), "/rules/0/outcome"),
        (
            json!({ "rule": "a", "conditions": { "nobody": 1 }, "outcome": "warn" }),
            "/rules/0/conditions/nobody",
        ),
        (
            json!({ "rule": "a", "conditions": { "ip.asn": { "$sum": [1] } }, "outcome": "warn" }),
            "/rules/0/conditions/ip.asn/$sum",
        ),
        (
            json!({ "rule": "a", "conditions": { "ip.asn": { "$gt": { "$power": [1, 2] } } }, "outcome": "warn" }),
            "/rules/0/conditions/ip.asn/$gt/$power",
        ),
        (
            json!({ "rule": "a", "conditions": { "$or": [{ "ip.asn": { "$gt": { "$sum": [1, "ipData.asn_name"] } } }] },
                "outcome": "warn" }),
            "/rules/0/conditions/$or/0/ip.asn/$gt/$sum/1",
        ),
        (
            json!({ "rule": "a", "conditions": { "ip.asn": "text" }, "outcome": "warn" }),
            "/rules/0/conditions/ip.asn",
        ),
        (
            json!({ "rule": "a", "conditions": { "changeHistory.user.shoes.changes_last_hour": 1 }, "outcome": "warn" }),
            "/rules/0/conditions/changeHistory.user.shoes.changes_last_hour",
        ),
        (
            json!({ "rule": "a", "conditions": { "$transform": [{ "x": [] }], "x": 1 }, "outcome": "warn" }),
            "/rules/0/conditions/$transform/0/x",
        ),
        (
            json!({ "rule": "a", "conditions": { "ip.is_tor": true }, "outcome": "warn", "strength": 1001 }),
            "/rules/0/strength",
        ),
        (json!(["a", { "ip.is_tor": true }, "warn"]), "/rules/0"),
    ] {
        let body = json!({ "rules": [rule] });
        let answer =
            app.put(&shop.path("/rules"), &body).bearer(&shop.tenant.admin).send().await.expect_json(400);
        assert_eq!(answer["errors"][0]["pointer"], pointer, "{answer}");
    }
}

#[tokio::test]
async fn the_clients_rules_for_every_dialect_hold_here_too() {
    let app = TestApp::new().await;
    let (shop, _other) = (Shop::of(&app, "acme").await, app.tenant("other").await);
    let rule = json!({ "name": "no dancing", "condition": "event.action = 'dance'", "action": "block" });
    app.post("/api/v1/client/custom-rules", &rule).bearer(&shop.tenant.admin).send().await.expect(201);
    let answer = shop.send(&shop.web(), laptop("h1"), "u1", "dance").await;
    assert_eq!(answer["riskSummary"], "deny");
    assert_eq!(shop.send(&shop.web(), laptop("h2"), "u2", "login").await["riskSummary"], "allow");
}
