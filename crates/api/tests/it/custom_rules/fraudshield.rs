//! `/v1/fraud/rules`.

use portcullis_store::MOST_CUSTOM_RULES;
use portcullis_testkit::{Answer, TestApp};
use serde_json::{Value, json};

use super::{FRAUD_RULES as RULES, RULES as MANAGED, SEED, refused, rule};

async fn post(app: &TestApp, key: &str, path: &str, body: &Value) -> Answer {
    app.post(path, body).bearer(key).send().await
}

async fn make(app: &TestApp, key: &str, rule: &Value) -> Value {
    post(app, key, RULES, rule).await.expect_json(201)
}

fn at(rule: &Value) -> String {
    format!("{RULES}/{}", rule["id"].as_str().unwrap())
}

/// A key of the client that may do just this.
async fn key_for(app: &TestApp, token: &str, scope: &str) -> String {
    let body = json!({ "name": scope, "dialect": "fraudshield", "mode": "live", "scopes": [scope] });
    let made = app.post("/api/v1/client/api-keys", &body).bearer(token).send().await.expect_json(201);
    made["key"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_rule_of_the_contract_is_made_and_shown() {
    let app = TestApp::new().await;
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    let body = json!({
        "name": "High Risk New User", "description": "Flag new users with VPN and high-value transactions",
        "condition": SEED, "action": "flag", "score_adjustment": 300, "enabled": true, "future": { "field": 1 },
    });
    let made = make(&app, &acme.key, &body).await;
    let expected = json!({
        "id": made["id"], "object": "rule", "name": "High Risk New User",
        "description": "Flag new users with VPN and high-value transactions", "condition": SEED,
        "action": "flag", "score_adjustment": 300, "enabled": true, "enforcement": null, "version": 1,
        "created_at": "2026-01-05T10:00:00.000Z", "updated_at": "2026-01-05T10:00:00.000Z",
    });
    assert_eq!(made, expected);
    let id = made["id"].as_str().unwrap().strip_prefix("rule_").unwrap();
    let is_digit = |c: char| c.is_ascii_digit() || c.is_ascii_lowercase();
    assert!(id.len() == 12 && id.chars().all(is_digit), "{id}");
    assert_eq!(app.get(&at(&made)).bearer(&acme.key).send().await.expect_json(200), made);
    let page = app.get(RULES).bearer(&acme.key).send().await.expect_json(200);
    assert_eq!(page, json!({ "object": "list", "data": [made], "has_more": false, "next_cursor": null }));
    let page = app.get(RULES).bearer(&other.key).send().await.expect_json(200);
    assert_eq!(page["data"], json!([]));

    // People see the same rule in their words.
    let path = format!("{MANAGED}/{}", made["id"].as_str().unwrap());
    let managed = app.get(&path).bearer(&acme.viewer).send().await.expect_json(200);
    assert_eq!((&managed["scoreAdjustment"], &managed["mode"]), (&json!(300), &json!("live")));
}

#[tokio::test]
async fn a_change_changes_what_it_names() {
    let app = TestApp::new().await;
    let (acme, _other) = (app.tenant("acme").await, app.tenant("other").await);
    let mut expected =
        make(&app, &acme.key, &rule("ip.is_tor", "flag", json!({ "description": null }))).await;
    let path = at(&expected);
    let mut version = 1;
    for (field, value) in [
        ("name", json!("Other")),
        ("description", json!("Why")),
        ("condition", json!("ip.is_vpn")),
        ("action", json!("allow")),
        ("score_adjustment", json!(-1_000)),
        ("enabled", json!(false)),
        ("enforcement", json!("monitor")),
        ("enforcement", json!("enforce")),
        ("enforcement", Value::Null),
    ] {
        app.clock.advance(1_000);
        version += 1;
        expected[field] = value.clone();
        expected["version"] = version.into();
        expected["updated_at"] = app.store.clock().now().to_string().into();
        let call = app.put(&path, &json!({ field: value }));
        assert_eq!(call.bearer(&acme.key).send().await.expect_json(200), expected);
    }
    // A rule as it was shown changes nothing.
    app.clock.advance(1_000);
    assert_eq!(app.put(&path, &expected).bearer(&acme.key).send().await.expect_json(200), expected);
    let app = app.restarted().await;
    assert_eq!(app.get(&path).bearer(&acme.key).send().await.expect_json(200), expected);

    let deleted = app.delete(&path).bearer(&acme.key).send().await.expect_json(200);
    assert_eq!(deleted, json!({ "id": expected["id"], "object": "rule", "deleted": true }));
    refused(app.delete(&path).bearer(&acme.key).send().await, 404, "not_found", None);
    refused(app.get(&path).bearer(&acme.key).send().await, 404, "not_found", None);
}

#[tokio::test]
async fn what_is_wrong_is_told_by_parameter_and_place() {
    let app = TestApp::new().await;
    let (acme, _other) = (app.tenant("acme").await, app.tenant("other").await);
    let known = make(&app, &acme.key, &rule("ip.is_tor", "flag", Value::Null)).await;
    for (condition, place) in [
        ("", "line 1, column 1: the condition is empty"),
        ("\n\n  ip.is_tro", "line 3, column 3: unknown variable ip.is_tro, did you mean ip.is_tor?"),
        ("user.age_days < '7'", "line 1, column 17: user.age_days is a number and '7' is a text"),
        ("ip.is_tor && ip.is_vpn", "line 1, column 11: unexpected '&'; write AND"),
    ] {
        for answer in [
            post(&app, &acme.key, RULES, &rule(condition, "flag", Value::Null)).await,
            app.put(&at(&known), &json!({ "condition": condition })).bearer(&acme.key).send().await,
            post(&app, &acme.key, &format!("{RULES}/test"), &json!({ "condition": condition })).await,
        ] {
            let message = refused(answer, 400, "invalid_parameter", Some("condition"));
            assert!(message.starts_with("condition is wrong at ") && message.contains(place), "{message}");
        }
    }
    for (field, value) in [
        ("name", json!("")),
        ("description", json!("\u{0}")),
        ("condition", json!(7)),
        ("action", json!("delete")),
        ("action", Value::Null),
        ("score_adjustment", json!(1_001)),
        ("score_adjustment", json!(-1_001)),
        ("score_adjustment", json!("300")),
        ("enabled", json!(1)),
        ("enforcement", json!("live")),
    ] {
        let answer = post(&app, &acme.key, RULES, &rule("ip.is_tor", "flag", json!({ field: value }))).await;
        refused(answer, 400, "invalid_parameter", Some(field));
    }
    for missing in ["name", "condition", "action"] {
        let mut wrong = rule("ip.is_tor", "flag", Value::Null);
        wrong.as_object_mut().unwrap().remove(missing);
        refused(post(&app, &acme.key, RULES, &wrong).await, 400, "missing_parameter", Some(missing));
    }
    let page = app.get(RULES).bearer(&acme.key).send().await.expect_json(200);
    assert_eq!(page["data"], json!([known]), "nothing else was made, and nothing changed");
}

#[tokio::test]
async fn reading_and_writing_need_their_scopes() {
    let app = TestApp::new().await;
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    let reader = key_for(&app, &acme.admin, "fraud:read").await;
    let writer = key_for(&app, &acme.admin, "fraud:write").await;
    let ingest = key_for(&app, &acme.admin, "ingest").await;
    let body = rule("ip.is_tor", "flag", Value::Null);
    let made = make(&app, &writer, &body).await;
    let (path, test) = (at(&made), format!("{RULES}/test"));
    let trial = json!({ "rule_id": made["id"] });
    for key in [&reader, &ingest] {
        refused(post(&app, key, RULES, &body).await, 403, "forbidden", None);
        refused(app.put(&path, &json!({})).bearer(key).send().await, 403, "forbidden", None);
        refused(app.delete(&path).bearer(key).send().await, 403, "forbidden", None);
    }
    for key in [&writer, &ingest] {
        refused(app.get(RULES).bearer(key).send().await, 403, "forbidden", None);
        refused(app.get(&path).bearer(key).send().await, 403, "forbidden", None);
        refused(post(&app, key, &test, &trial).await, 403, "forbidden", None);
    }
    app.get(RULES).bearer(&reader).send().await.expect(200);
    app.get(&path).bearer(&reader).send().await.expect(200);
    post(&app, &reader, &test, &trial).await.expect(200);
    for key in ["", "pi_live_nonsense", acme.admin.as_str()] {
        refused(app.get(&path).bearer(key).send().await, 401, "unauthorized", None);
    }
    // Another client's rule is not there.
    refused(app.get(&path).bearer(&other.key).send().await, 404, "not_found", None);
    refused(app.put(&path, &json!({})).bearer(&other.key).send().await, 404, "not_found", None);
    refused(app.delete(&path).bearer(&other.key).send().await, 404, "not_found", None);
    refused(post(&app, &other.key, &test, &trial).await, 404, "not_found", None);
    app.put(&path, &json!({})).bearer(&writer).send().await.expect(200);
    app.delete(&path).bearer(&writer).send().await.expect(200);
}

#[tokio::test]
async fn pages_go_both_ways() {
    let app = TestApp::new().await;
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    let mut ids = Vec::new();
    for name in ["a", "b", "c", "d", "e"] {
        let made = make(&app, &acme.key, &rule("ip.is_tor", "flag", json!({ "name": name }))).await;
        ids.push(made["id"].as_str().unwrap().to_owned());
        make(&app, &other.key, &rule("ip.is_tor", "flag", Value::Null)).await;
    }
    let page = async |query: String| {
        let page = app.get(&format!("{RULES}?{query}")).bearer(&acme.key).send().await.expect_json(200);
        let names = page["data"].as_array().unwrap().iter().map(|rule| rule["name"].as_str().unwrap());
        (names.collect::<String>(), page["has_more"].as_bool().unwrap())
    };
    assert_eq!(page("limit=2".to_owned()).await, ("ed".to_owned(), true));
    assert_eq!(page(format!("limit=2&starting_after={}", ids[3])).await, ("cb".to_owned(), true));
    assert_eq!(page(format!("starting_after={}", ids[1])).await, ("a".to_owned(), false));
    assert_eq!(page(format!("limit=2&ending_before={}", ids[1])).await, ("dc".to_owned(), true));
    assert_eq!(page(format!("ending_before={}", ids[3])).await, ("e".to_owned(), false));
    let wrong = app.get(&format!("{RULES}?starting_after=blk_000000000001")).bearer(&acme.key).send().await;
    refused(wrong, 400, "invalid_parameter", Some("starting_after"));
}

#[tokio::test]
async fn a_repeated_request_makes_one_rule() {
    let app = TestApp::new().await;
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    let send = async |key: &str, body: &Value| {
        app.post(RULES, body).bearer(key).header("idempotency-key", "rule-0123456789").send().await
    };
    let body = rule("ip.is_tor", "flag", Value::Null);
    let first = send(&acme.key, &body).await.expect(201);
    assert_eq!(first.header("idempotent-replayed"), "");
    let again = send(&acme.key, &body).await.expect(201);
    assert_eq!((again.header("idempotent-replayed"), again.json()), ("true", first.json()));
    let changed = send(&acme.key, &rule("ip.is_vpn", "flag", Value::Null)).await;
    refused(changed, 409, "idempotency_key_conflict", None);
    send(&other.key, &rule("ip.is_vpn", "flag", Value::Null)).await.expect(201);
    let page = app.get(RULES).bearer(&acme.key).send().await.expect_json(200);
    assert_eq!(page["data"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn there_are_at_most_two_hundred() {
    let app = TestApp::new().await;
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    let body = rule("ip.is_tor", "flag", Value::Null);
    for _ in 0..MOST_CUSTOM_RULES {
        make(&app, &acme.key, &body).await;
    }
    let message = refused(post(&app, &acme.key, RULES, &body).await, 409, "already_exists", None);
    assert_eq!(message, "There may be at most 200 custom rules.");
    make(&app, &other.key, &body).await;
}

#[tokio::test]
async fn a_rule_made_with_a_key_counts_at_the_next_event_and_is_in_the_audit_log() {
    let app = TestApp::new().await;
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    let login = async |key: &str| {
        let body = json!({ "type": "LOGIN", "externalUserId": "jane", "ip": "203.0.113.7" });
        let answer = app.post("/api/v1/events/ingest", &body).key(key).send().await.expect_json(200);
        answer["decision"].as_str().unwrap().to_owned()
    };
    assert_eq!(login(&acme.key).await, "ALLOW");
    let made = make(&app, &acme.key, &rule("event.type = 'login'", "block", Value::Null)).await;
    assert_eq!((login(&acme.key).await, login(&other.key).await), ("BLOCK".to_owned(), "ALLOW".to_owned()));
    let monitor = json!({ "enforcement": "monitor" });
    app.put(&at(&made), &monitor).bearer(&acme.key).send().await.expect(200);
    assert_eq!(login(&acme.key).await, "ALLOW");
    app.put(&at(&made), &json!({ "enforcement": "enforce" })).bearer(&acme.key).send().await.expect(200);
    assert_eq!(login(&acme.key).await, "BLOCK");
    app.delete(&at(&made)).bearer(&acme.key).send().await.expect(200);
    assert_eq!(login(&acme.key).await, "ALLOW");

    let log = app.get("/api/v1/client/audit?limit=4").bearer(&acme.viewer).send().await.expect_json(200);
    let lines = log["items"].as_array().unwrap();
    let actions: Vec<_> = lines.iter().map(|line| line["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["rule.delete", "rule.update", "rule.update", "rule.create"]);
    for line in lines {
        assert_eq!((&line["actor"]["id"], &line["target"]), (&json!(acme.key_id), &made["id"]));
    }
}
