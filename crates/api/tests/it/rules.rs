//! `/api/v1/client/rules` and `/api/v1/admin/global-rules`.

use portcullis_testkit::{Answer, TestApp};
use serde_json::{Value, json};

const OWN: &str = "/api/v1/client/rules";
const GLOBAL: &str = "/api/v1/admin/global-rules";

async fn put(app: &TestApp, path: &str, token: &str, body: Value) -> Answer {
    app.put(path, &body).bearer(token).send().await
}

async fn get(app: &TestApp, path: &str, token: &str) -> Value {
    app.get(path).bearer(token).send().await.expect_json(200)
}

fn rule(rules: &Value, code: &str) -> Value {
    rules["rules"].as_array().unwrap().iter().find(|rule| rule["code"] == code).unwrap().clone()
}

fn change(code: &str, field: &str, value: Value) -> Value {
    let mut change = json!({ "code": code });
    change[field] = value;
    json!({ "rules": [change] })
}

#[tokio::test]
async fn the_shipped_rules_are_those_of_the_contract() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    let rules = get(&app, OWN, &acme.viewer).await;
    assert_eq!(rules["thresholds"], json!({ "allowMax": 79, "monitorMax": 119 }));
    let limits = json!({
        "signupsPerIpPerHour": 5, "signupsPerDevicePerHour": 2, "accountsPerIp": 3, "accountsPerDevice": 1,
        "minCompletionMs": 3000,
    });
    assert_eq!(rules["limits"], limits);
    let expected = json!({
        "code": "DISPOSABLE_EMAIL", "label": "Disposable email", "weight": 30, "defaultWeight": 30,
        "enabled": true, "mode": "live",
    });
    assert_eq!(rule(&rules, "DISPOSABLE_EMAIL"), expected);
    assert_eq!(rule(&rules, "KNOWN_DEVICE")["enabled"], false);
    assert_eq!(get(&app, GLOBAL, &app.admin).await, rules);
}

#[tokio::test]
async fn what_a_tenant_did_not_set_follows_the_global_rules() {
    let app = TestApp::new().await;
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    let own = change("DISPOSABLE_EMAIL", "weight", json!(5));
    let answer = put(&app, OWN, &acme.admin, own).await.expect_json(200);
    assert_eq!(rule(&answer, "DISPOSABLE_EMAIL")["weight"], 5);
    let global = json!({
        "thresholds": { "allowMax": 50, "monitorMax": 90 },
        "limits": { "accountsPerIp": 9 },
        "rules": [
            { "code": "DISPOSABLE_EMAIL", "weight": 44 },
            { "code": "TOR_EXIT", "mode": "shadow" },
            { "code": "KNOWN_DEVICE", "enabled": true },
        ],
    });
    put(&app, GLOBAL, &app.admin, global).await.expect(200);
    let (ours, theirs) = (get(&app, OWN, &acme.admin).await, get(&app, OWN, &other.admin).await);
    let weights = |rules: &Value| {
        let rule = rule(rules, "DISPOSABLE_EMAIL");
        (rule["weight"].clone(), rule["defaultWeight"].clone())
    };
    assert_eq!(weights(&ours), (json!(5), json!(44)));
    assert_eq!(weights(&theirs), (json!(44), json!(44)));
    for rules in [&ours, &theirs] {
        assert_eq!(rules["thresholds"], json!({ "allowMax": 50, "monitorMax": 90 }));
        assert_eq!(rules["limits"]["accountsPerIp"], 9);
        assert_eq!(rule(rules, "TOR_EXIT")["mode"], "shadow");
        assert_eq!(rule(rules, "KNOWN_DEVICE")["enabled"], true);
    }
    let global = get(&app, GLOBAL, &app.admin).await;
    assert_eq!(weights(&global), (json!(44), json!(30)));
    // null returns to the layer below.
    let back = change("DISPOSABLE_EMAIL", "weight", Value::Null);
    let answer = put(&app, OWN, &acme.admin, back).await.expect_json(200);
    assert_eq!(weights(&answer), (json!(44), json!(44)));
}

#[tokio::test]
async fn any_subset_can_be_set_and_returned() {
    let app = TestApp::new().await;
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    let shipped = get(&app, OWN, &acme.admin).await;
    let steps = [
        (json!({}), "/thresholds/allowMax", json!(79)),
        (json!({ "thresholds": { "allowMax": 10 } }), "/thresholds/allowMax", json!(10)),
        (json!({ "thresholds": { "monitorMax": 20 } }), "/thresholds/allowMax", json!(10)),
        (json!({ "thresholds": { "allowMax": null, "monitorMax": 200 } }), "/thresholds/allowMax", json!(79)),
        (
            json!({ "thresholds": { "allowMax": null, "monitorMax": null } }),
            "/thresholds/monitorMax",
            json!(119),
        ),
        (json!({ "thresholds": { "allowMax": 1 } }), "/thresholds/monitorMax", json!(119)),
        (json!({ "thresholds": null }), "/thresholds/allowMax", json!(79)),
        (json!({ "limits": { "minCompletionMs": 0 } }), "/limits/minCompletionMs", json!(0)),
        (json!({ "limits": { "minCompletionMs": null } }), "/limits/minCompletionMs", json!(3000)),
        (json!({ "limits": { "accountsPerIp": 7 } }), "/limits/accountsPerIp", json!(7)),
        (json!({ "limits": null }), "/limits/accountsPerIp", json!(3)),
        (change("TOR_EXIT", "enabled", json!(false)), "/rules/2/enabled", json!(false)),
        (change("TOR_EXIT", "mode", json!("shadow")), "/rules/2/enabled", json!(false)),
        (
            json!({ "rules": [{ "code": "TOR_EXIT", "enabled": null, "mode": null }] }),
            "/rules/2/mode",
            json!("live"),
        ),
    ];
    for (body, pointer, expected) in steps {
        let answer = put(&app, OWN, &acme.admin, body.clone()).await.expect_json(200);
        assert_eq!(answer.pointer(pointer).unwrap(), &expected, "{body}");
        assert_eq!(get(&app, OWN, &acme.admin).await, answer);
    }
    assert_eq!(get(&app, OWN, &acme.admin).await, shipped);
    assert_eq!(get(&app, OWN, &other.admin).await, shipped);
    // What was shown may be sent back.
    let answer = put(&app, OWN, &acme.admin, shipped.clone()).await.expect_json(200);
    assert_eq!(answer, shipped);
}

#[tokio::test]
async fn wrong_values_are_named_and_change_nothing() {
    let app = TestApp::new().await;
    let (acme, _other) = (app.tenant("acme").await, app.tenant("other").await);
    let before = get(&app, OWN, &acme.admin).await;
    for (body, pointer) in [
        (json!({ "thresholds": { "allowMax": 119 } }), "/thresholds"),
        (json!({ "thresholds": { "allowMax": -1 } }), "/thresholds"),
        (json!({ "thresholds": { "allowMax": 7.5 } }), "/thresholds/allowMax"),
        (json!({ "limits": { "accountsPerIp": -1 } }), "/limits/accountsPerIp"),
        (json!({ "limits": { "signupsPerIpPerHour": "5" } }), "/limits/signupsPerIpPerHour"),
        (json!({ "limits": { "perDay": 5 } }), "/limits/perDay"),
        (change("NO_SUCH_RULE", "weight", json!(1)), "/rules/0/code"),
        (change("TOR_EXIT", "weight", json!(10_001)), "/rules/0/weight"),
        (change("TOR_EXIT", "weight", json!("x")), "/rules/0/weight"),
        (change("TOR_EXIT", "mode", json!("off")), "/rules/0/mode"),
        (change("TOR_EXIT", "points", json!(1)), "/rules/0/points"),
        (json!({ "rules": [{ "code": "TOR_EXIT" }, { "code": "TOR_EXIT" }] }), "/rules/1/code"),
        (json!({ "weights": {} }), "/weights"),
        (json!({ "thresholds": [79, 119] }), "/thresholds"),
        (json!({ "limits": [null, null] }), "/limits"),
        (json!({ "rules": [["TOR_EXIT", 1]] }), "/rules/0"),
    ] {
        for (path, token) in [(OWN, &acme.admin), (GLOBAL, &app.admin)] {
            let answer = put(&app, path, token, body.clone()).await.expect_json(400);
            assert_eq!(answer["errors"][0]["pointer"], pointer, "{body}: {answer}");
        }
    }
    assert_eq!(get(&app, OWN, &acme.admin).await, before);
}

#[tokio::test]
async fn scoring_follows_at_once_and_for_the_tenant_only() {
    let app = TestApp::new().await;
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    let score = async |key: &str| {
        let event = json!({ "type": "SIGNUP", "email": "a@mailinator.com", "ip": "8.8.8.8" });
        let answer = app.post("/api/v1/events/ingest", &event).key(key).send().await.expect_json(200);
        let fired = answer["triggeredRules"].as_array().unwrap();
        fired.iter().find(|rule| rule["code"] == "DISPOSABLE_EMAIL").map(|rule| rule["weight"].clone())
    };
    assert_eq!(score(&acme.key).await, Some(json!(30)));
    put(&app, OWN, &acme.admin, change("DISPOSABLE_EMAIL", "weight", json!(77))).await.expect(200);
    assert_eq!(score(&acme.key).await, Some(json!(77)));
    assert_eq!(score(&other.key).await, Some(json!(30)));
    put(&app, OWN, &acme.admin, change("DISPOSABLE_EMAIL", "enabled", json!(false))).await.expect(200);
    assert_eq!(score(&acme.key).await, None);
    put(&app, GLOBAL, &app.admin, change("DISPOSABLE_EMAIL", "weight", json!(31))).await.expect(200);
    assert_eq!(score(&other.key).await, Some(json!(31)));
    assert_eq!(score(&acme.key).await, None);
}
