//! `/api/v1/client/custom-rules`.

use portcullis_store::{AuditVerdict, MOST_CUSTOM_RULES};
use portcullis_testkit::{Answer, TestApp};
use serde_json::{Value, json};

use super::{RULES, SEED, at, make, rule};

async fn put(app: &TestApp, token: &str, path: &str, change: &Value) -> Answer {
    app.put(path, change).bearer(token).send().await
}

async fn test(app: &TestApp, token: &str, body: &Value) -> Answer {
    app.post(&format!("{RULES}/test"), body).bearer(token).send().await
}

async fn names(app: &TestApp, token: &str, query: &str) -> Vec<String> {
    let page = app.get(&format!("{RULES}{query}")).bearer(token).send().await.expect_json(200);
    page["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_rule_shows_what_it_was_made_with() {
    let app = TestApp::new().await;
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    let body = json!({
        "name": " High Risk New User ", "description": "Flag new users\nwith VPN", "condition": SEED,
        "action": "flag", "scoreAdjustment": 300, "enabled": false, "mode": "shadow",
    });
    let made = make(&app, &acme.admin, &body).await;
    let id = made["id"].as_str().unwrap();
    assert!(id.strip_prefix("rule_").is_some_and(|digits| digits.len() == 12), "{id}");
    let expected = json!({
        "id": id, "name": "High Risk New User", "description": "Flag new users\nwith VPN", "condition": SEED,
        "action": "flag", "scoreAdjustment": 300, "enabled": false, "mode": "shadow", "version": 1,
        "createdAt": "2026-01-05T10:00:00.000Z", "updatedAt": "2026-01-05T10:00:00.000Z",
    });
    assert_eq!(made, expected);
    assert_eq!(app.get(&at(&made)).bearer(&acme.viewer).send().await.expect_json(200), made);
    let page = app.get(RULES).bearer(&acme.viewer).send().await.expect_json(200);
    assert_eq!(page, json!({ "items": [made], "nextCursor": null }));

    app.clock.advance(1_000);
    let least = make(&app, &acme.admin, &rule("ip.is_tor", "block", Value::Null)).await;
    for (field, value) in [
        ("description", json!("")),
        ("scoreAdjustment", json!(0)),
        ("enabled", json!(true)),
        ("mode", json!("live")),
    ] {
        assert_eq!(least[field], value, "{field}");
    }
    assert!(names(&app, &other.viewer, "").await.is_empty());
}

#[tokio::test]
async fn a_change_changes_what_it_names() {
    let app = TestApp::new().await;
    let (acme, _other) = (app.tenant("acme").await, app.tenant("other").await);
    let mut expected =
        make(&app, &acme.admin, &rule("ip.is_tor", "flag", json!({ "scoreAdjustment": 5 }))).await;
    let path = at(&expected);
    let mut version = 1;
    for (field, value) in [
        ("name", json!("Other")),
        ("description", json!("Why")),
        ("condition", json!("ip.is_vpn")),
        ("action", json!("allow")),
        ("scoreAdjustment", json!(-1_000)),
        ("enabled", json!(false)),
        ("mode", json!("shadow")),
        ("mode", json!("enforced")),
    ] {
        app.clock.advance(1_000);
        version += 1;
        expected[field] = value.clone();
        expected["version"] = version.into();
        expected["updatedAt"] = app.store.clock().now().to_string().into();
        let change = json!({ field: value });
        assert_eq!(put(&app, &acme.admin, &path, &change).await.expect_json(200), expected);
    }
    // What was shown may be sent back, and is no change.
    app.clock.advance(1_000);
    assert_eq!(put(&app, &acme.admin, &path, &expected).await.expect_json(200), expected);
    assert_eq!(put(&app, &acme.admin, &path, &json!({})).await.expect_json(200), expected);
    put(&app, &acme.admin, &path, &json!({ "points": 1 })).await.expect(400);
    for needed in ["name", "condition", "action"] {
        let refused = put(&app, &acme.admin, &path, &json!({ needed: null })).await.expect(400);
        assert!(refused.text().contains(needed), "{}", refused.text());
    }
    let defaults = json!({ "description": null, "scoreAdjustment": null, "enabled": null, "mode": null });
    let expected = put(&app, &acme.admin, &path, &defaults).await.expect_json(200);
    assert_eq!((&expected["description"], &expected["scoreAdjustment"]), (&json!(""), &json!(0)));
    assert_eq!((&expected["enabled"], &expected["mode"]), (&json!(true), &json!("live")));
    let app = app.restarted().await;
    assert_eq!(app.get(&path).bearer(&acme.viewer).send().await.expect_json(200), expected);
}

#[tokio::test]
async fn a_condition_is_refused_with_its_place() {
    let app = TestApp::new().await;
    let (acme, _other) = (app.tenant("acme").await, app.tenant("other").await);
    let known = make(&app, &acme.admin, &rule("ip.is_tor", "flag", Value::Null)).await;
    let long = format!("ip.is_tor{}", " ".repeat(8_200));
    let deep = format!("{}ip.is_tor{}", "(".repeat(40), ")".repeat(40));
    let costly = vec!["email.domain contains 'x'"; 63].join(" OR ");
    for (condition, place, reason) in [
        ("", "line 1, column 1", "the condition is empty"),
        ("\n\n  ip.is_tro", "line 3, column 3", "did you mean ip.is_tor?"),
        ("user.age_days < 7 AND\nip.country_code = MA", "line 2, column 19", "write 'MA'"),
        ("user.age_days < '7'", "line 1, column 17", "7 without quotes"),
        ("user.age_days", "line 1, column 1", "is a number"),
        ("event.type > 'login'", "line 1, column 1", "> compares numbers"),
        ("ip.is_tor && ip.is_vpn", "line 1, column 11", "write AND"),
        ("(ip.is_tor", "line 1, column 11", "expected"),
        ("__import__('os')", "line 1, column 11", "found `(`"),
        ("ip.city = 'é' AND ip.is_tro", "line 1, column 19", "ip.is_tor"),
        (long.as_str(), "line 1, column", "8192"),
        (deep.as_str(), "line 1, column", "32"),
        (costly.as_str(), "line 1, column", "500"),
    ] {
        let body = json!({ "name": "Mine", "condition": condition, "action": "flag" });
        for answer in [
            app.post(RULES, &body).bearer(&acme.admin).send().await,
            put(&app, &acme.admin, &at(&known), &json!({ "condition": condition })).await,
            test(&app, &acme.viewer, &json!({ "condition": condition })).await,
        ] {
            let problem = answer.expect_json(400);
            assert_eq!(problem["errors"][0]["pointer"], "/condition", "{condition}");
            let message = problem["errors"][0]["message"].as_str().unwrap();
            assert!(message.contains(place) && message.contains(reason), "{condition}: {message}");
        }
    }
    assert_eq!(names(&app, &acme.viewer, "").await, ["Mine"], "none was made");
}

#[tokio::test]
async fn bad_input_is_refused_by_name() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    for (field, value) in [
        ("name", json!("")),
        ("name", json!("two\nlines")),
        ("name", json!("n".repeat(101))),
        ("name", json!(7)),
        ("description", json!("d".repeat(1_001))),
        ("description", json!("\u{7}")),
        ("condition", json!(["ip.is_tor"])),
        ("action", json!("BLOCK")),
        ("action", json!("delete")),
        ("action", Value::Null),
        ("scoreAdjustment", json!(1_001)),
        ("scoreAdjustment", json!(-1_001)),
        ("scoreAdjustment", json!(1.5)),
        ("scoreAdjustment", json!(1e30)),
        ("enabled", json!("yes")),
        ("mode", json!("enforce")),
        ("tenant", json!("other")),
        ("id", json!("rule_000000000001")),
    ] {
        let answer = app.post(RULES, &rule("ip.is_tor", "flag", json!({ field: value })));
        let answer = answer.bearer(&acme.admin).send().await.expect(400);
        assert!(answer.text().contains(field), "{}", answer.text());
    }
    for missing in ["name", "condition", "action"] {
        let mut wrong = rule("ip.is_tor", "flag", Value::Null);
        wrong.as_object_mut().unwrap().remove(missing);
        let answer = app.post(RULES, &wrong).bearer(&acme.admin).send().await.expect(400);
        assert!(answer.text().contains(missing));
    }
    let wrong = json!({ "name": "", "description": "\u{0}", "condition": "", "action": "flag",
                        "scoreAdjustment": 2_000 });
    let answer = app.post(RULES, &wrong).bearer(&acme.admin).send().await.expect_json(400);
    let pointers: Vec<_> = answer["errors"].as_array().unwrap().iter().map(|e| &e["pointer"]).collect();
    assert_eq!(pointers, ["/name", "/description", "/condition", "/scoreAdjustment"]);
}

#[tokio::test]
async fn admins_change_everybody_reads_and_tries() {
    let app = TestApp::new().await;
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    let body = rule("ip.is_tor", "flag", Value::Null);
    let made = make(&app, &acme.admin, &body).await;
    for token in [&acme.analyst, &acme.viewer, &app.admin] {
        app.post(RULES, &body).bearer(token).send().await.expect(403);
        put(&app, token, &at(&made), &json!({ "enabled": false })).await.expect(403);
        app.delete(&at(&made)).bearer(token).send().await.expect(403);
    }
    let trial = json!({ "ruleId": made["id"], "testData": { "ip.is_tor": true } });
    for token in [&acme.admin, &acme.analyst, &acme.viewer] {
        app.get(&at(&made)).bearer(token).send().await.expect(200);
        test(&app, token, &trial).await.expect(200);
    }
    // Another client's is not there, and neither is what never was.
    let missing = format!("{RULES}/rule_{}", "0".repeat(12));
    let missing = app.get(&missing).bearer(&other.admin).send().await.expect(404).json();
    for foreign in [
        app.get(&at(&made)).bearer(&other.admin).send().await,
        put(&app, &other.admin, &at(&made), &json!({ "enabled": false })).await,
        app.delete(&at(&made)).bearer(&other.admin).send().await,
        test(&app, &other.admin, &trial).await,
        app.get(&format!("{RULES}/nonsense")).bearer(&acme.admin).send().await,
    ] {
        assert_eq!(foreign.expect_json(404)["detail"], missing["detail"]);
    }
    assert!(names(&app, &other.viewer, "").await.is_empty());
    app.delete(&at(&made)).bearer(&acme.admin).send().await.expect(204);
    app.delete(&at(&made)).bearer(&acme.admin).send().await.expect(404);
}

#[tokio::test]
async fn pages_are_newest_first_and_cursors_are_the_clients() {
    let app = TestApp::new().await;
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    for name in ["a", "b", "c"] {
        make(&app, &acme.admin, &rule("ip.is_tor", "flag", json!({ "name": name }))).await;
        make(&app, &other.admin, &rule("ip.is_tor", "flag", json!({ "name": "theirs" }))).await;
    }
    assert_eq!(names(&app, &acme.viewer, "").await, ["c", "b", "a"]);
    let page = app.get(&format!("{RULES}?limit=2")).bearer(&acme.viewer).send().await.expect_json(200);
    let cursor = page["nextCursor"].as_str().unwrap();
    assert_eq!(names(&app, &acme.viewer, &format!("?limit=2&after={cursor}")).await, ["a"]);
    app.get(&format!("{RULES}?after={cursor}")).bearer(&other.viewer).send().await.expect(400);
    app.get(&format!("{RULES}?limit=0")).bearer(&acme.viewer).send().await.expect(400);
}

#[tokio::test]
async fn there_are_at_most_two_hundred() {
    let app = TestApp::new().await;
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    let body = rule("ip.is_tor", "flag", Value::Null);
    for _ in 0..MOST_CUSTOM_RULES {
        make(&app, &acme.admin, &body).await;
    }
    let refused = app.post(RULES, &body).bearer(&acme.admin).send().await.expect_json(409);
    assert_eq!(refused["detail"], "There may be at most 200 custom rules.");
    make(&app, &other.admin, &body).await;
}

#[tokio::test]
async fn the_audit_log_has_every_change() {
    let app = TestApp::new().await;
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    let made = make(&app, &acme.admin, &rule("ip.is_tor", "flag", Value::Null)).await;
    put(&app, &acme.admin, &at(&made), &json!({ "action": "block", "mode": "shadow" })).await.expect(200);
    put(&app, &acme.admin, &at(&made), &json!({ "action": "block" })).await.expect(200);
    put(&app, &acme.admin, &at(&made), &json!({ "condition": "nonsense" })).await.expect(400);
    app.delete(&at(&made)).bearer(&acme.admin).send().await.expect(204);

    let before = json!({ "name": "Mine", "description": "", "condition": "ip.is_tor", "action": "flag",
                         "scoreAdjustment": 0, "enabled": true, "enforcement": null });
    let mut after = before.clone();
    (after["action"], after["enforcement"]) = ("block".into(), "monitor".into());
    let log = app.get("/api/v1/client/audit?limit=3").bearer(&acme.viewer).send().await.expect_json(200);
    let lines = log["items"].as_array().unwrap();
    for (line, (action, was, is)) in lines.iter().zip([
        ("rule.delete", after.clone(), Value::Null),
        ("rule.update", before.clone(), after),
        ("rule.create", Value::Null, before),
    ]) {
        assert_eq!((&line["action"], &line["target"]), (&json!(action), &made["id"]));
        assert_eq!((&line["before"], &line["after"]), (&was, &is), "{action}");
        assert_eq!(line["actor"]["name"], "admin@acme.example");
    }
    let log = app.get("/api/v1/client/audit").bearer(&other.viewer).send().await.expect(200).text();
    assert!(!log.contains("rule_"), "{log}");
    assert!(matches!(app.store.verify_audit().await.unwrap(), AuditVerdict::Whole(_)));
}
