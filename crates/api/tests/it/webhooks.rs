//! `/api/v1/client/webhooks`.

use portcullis_store::{AttemptVerdict, AuditVerdict, MOST_WEBHOOKS, WebhookAttempt};
use portcullis_testkit::TestApp;
use serde_json::{Value, json};

const WEBHOOKS: &str = "/api/v1/client/webhooks";

fn webhook(more: Value) -> Value {
    let mut body = json!({ "url": "https://example.com/hook", "types": ["fraud.device.blocked"] });
    if let Value::Object(more) = more {
        body.as_object_mut().unwrap().extend(more);
    }
    body
}

async fn make(app: &TestApp, token: &str) -> Value {
    app.post(WEBHOOKS, &webhook(Value::Null)).bearer(token).send().await.expect_json(201)
}

fn at(made: &Value) -> String {
    format!("{WEBHOOKS}/{}", made["id"].as_str().unwrap())
}

#[tokio::test]
async fn a_webhook_shows_what_it_was_made_with_and_its_secret_once() {
    let app = TestApp::new().await;
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    let body = webhook(json!({
        "description": " for the desk ", "enabled": false,
        "types": ["fraud.rule.triggered", "fraud.signal.detected", "fraud.rule.triggered"],
    }));
    let mut made = app.post(WEBHOOKS, &body).bearer(&acme.admin).send().await.expect_json(201);
    let secret = made.as_object_mut().unwrap().remove("secret").unwrap();
    assert_eq!(secret.as_str().unwrap().strip_prefix("whsec_").unwrap().len(), 44, "32 bytes as base64");
    let id = made["id"].as_str().unwrap();
    assert!(id.strip_prefix("whk_").is_some_and(|digits| digits.len() == 12), "{id}");
    let expected = json!({
        "id": id, "url": "https://example.com/hook", "description": "for the desk", "enabled": false,
        "types": ["fraud.signal.detected", "fraud.rule.triggered"],
        "createdAt": "2026-01-05T10:00:00.000Z", "updatedAt": "2026-01-05T10:00:00.000Z",
    });
    assert_eq!(made, expected);
    assert_eq!(app.get(&at(&made)).bearer(&acme.viewer).send().await.expect_json(200), expected);
    let second = make(&app, &acme.admin).await;
    let page = app.get(WEBHOOKS).bearer(&acme.viewer).send().await.expect_json(200);
    assert_eq!((&page["items"][0]["id"], &page["items"][1]), (&second["id"], &expected));
    assert!(!page.to_string().contains("whsec_"));
    let page = app.get(WEBHOOKS).bearer(&other.viewer).send().await.expect_json(200);
    assert_eq!(page, json!({ "items": [], "nextCursor": null }));
}

#[tokio::test]
async fn a_change_changes_what_it_names() {
    let app = TestApp::new().await;
    let (acme, _other) = (app.tenant("acme").await, app.tenant("other").await);
    let mut expected = make(&app, &acme.admin).await;
    expected.as_object_mut().unwrap().remove("secret");
    for (field, value) in [
        ("url", json!("https://example.com/other?a=b")),
        ("description", json!("Why")),
        ("types", json!(["fraud.signal.detected", "fraud.review.opened"])),
        ("enabled", json!(false)),
    ] {
        app.clock.advance(1_000);
        expected[field] = value.clone();
        expected["updatedAt"] = app.store.clock().now().to_string().into();
        let call = app.patch(&at(&expected), &json!({ field: value })).bearer(&acme.admin);
        assert_eq!(call.send().await.expect_json(200), expected);
    }
    let call = app.patch(&at(&expected), &json!({ "description": null })).bearer(&acme.admin);
    assert_eq!(call.send().await.expect_json(200)["description"], "");
}

#[tokio::test]
async fn bad_input_is_refused_by_name() {
    let app = TestApp::new().await;
    let (acme, _other) = (app.tenant("acme").await, app.tenant("other").await);
    let made = make(&app, &acme.admin).await;
    for (field, value) in [
        ("url", json!("http://example.com/hook")),
        ("url", json!("https://127.0.0.1/hook")),
        ("url", json!("https://[::ffff:10.0.0.1]/hook")),
        ("url", json!("https://localhost/hook")),
        ("url", json!("https://user:pass@example.com")),
        ("url", json!("https://example.com/#a")),
        ("url", json!(format!("https://example.com/{}", "x".repeat(2_048)))),
        ("url", json!(7)),
        ("description", json!("d".repeat(501))),
        ("description", json!("two\nlines")),
        ("types", json!([])),
        ("types", json!(["webhook.test"])),
        ("types", json!(["fraud.everything"])),
        ("types", json!("fraud.device.blocked")),
        ("enabled", json!("yes")),
        ("secret", json!("whsec_mine")),
        ("tenant", json!("other")),
    ] {
        let answer = app.post(WEBHOOKS, &webhook(json!({ field: value }))).bearer(&acme.admin);
        let answer = answer.send().await.expect(400).text();
        assert!(answer.contains(&format!("/{field}")) || answer.contains(&format!("`{field}`")), "{answer}");
        let answer = app.patch(&at(&made), &json!({ field: value })).bearer(&acme.admin);
        assert!(answer.send().await.expect(400).text().contains(field));
    }
    for missing in ["url", "types"] {
        let mut wrong = webhook(Value::Null);
        wrong.as_object_mut().unwrap().remove(missing);
        let answer = app.post(WEBHOOKS, &wrong).bearer(&acme.admin).send().await.expect(400);
        assert!(answer.text().contains(missing));
    }
    let wrong = json!({ "url": "", "description": "\u{0}", "types": [] });
    let answer = app.post(WEBHOOKS, &wrong).bearer(&acme.admin).send().await.expect_json(400);
    let pointers: Vec<_> = answer["errors"].as_array().unwrap().iter().map(|e| &e["pointer"]).collect();
    assert_eq!(pointers, ["/url", "/description", "/types"]);
}

#[tokio::test]
async fn admins_change_everybody_reads_and_nobody_reaches_anothers() {
    let app = TestApp::new().await;
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    let made = make(&app, &acme.admin).await;
    let test = app.post(&format!("{}/test", at(&made)), &Value::Null).bearer(&acme.admin);
    let message = test.send().await.expect_json(202)["id"].as_str().unwrap().to_owned();
    let log = format!("{}/deliveries", at(&made));
    let resend = format!("{log}/{message}/resend");
    for (token, status) in [(&acme.analyst, 403), (&acme.viewer, 403), (&app.admin, 403), (&other.admin, 404)]
    {
        app.patch(&at(&made), &json!({ "enabled": false })).bearer(token).send().await.expect(status);
        app.delete(&at(&made)).bearer(token).send().await.expect(status);
        for path in [format!("{}/rotate-secret", at(&made)), format!("{}/test", at(&made)), resend.clone()] {
            app.post(&path, &Value::Null).bearer(token).send().await.expect(status);
        }
    }
    for token in [&acme.admin, &acme.analyst, &acme.viewer] {
        app.get(&at(&made)).bearer(token).send().await.expect(200);
        app.get(&log).bearer(token).send().await.expect(200);
    }
    app.get(&at(&made)).bearer(&other.admin).send().await.expect(404);
    app.get(&log).bearer(&other.viewer).send().await.expect(404);
    let mine = make(&app, &other.admin).await;
    let crossed = format!("{}/deliveries/{message}/resend", at(&mine));
    app.post(&crossed, &Value::Null).bearer(&other.admin).send().await.expect(404);
    for wrong in ["nonsense", "msg_zzzzzzzzzzzz"] {
        let path = format!("{log}/{wrong}/resend");
        app.post(&path, &Value::Null).bearer(&acme.admin).send().await.expect(404);
    }
    app.delete(&at(&made)).bearer(&acme.admin).send().await.expect(204);
    app.get(&log).bearer(&acme.admin).send().await.expect(404);
}

#[tokio::test]
async fn a_test_is_in_the_log_until_it_is_delivered_and_can_be_sent_again() {
    let app = TestApp::new().await;
    let (acme, _other) = (app.tenant("acme").await, app.tenant("other").await);
    let made = make(&app, &acme.admin).await;
    let test = format!("{}/test", at(&made));
    let posted = app.post(&test, &Value::Null).bearer(&acme.admin).send().await.expect_json(202);
    let log = format!("{}/deliveries", at(&made));
    let page = app.get(&log).bearer(&acme.viewer).send().await.expect_json(200);
    let now = "2026-01-05T10:00:00.000Z";
    let mut expected = json!({
        "id": posted["id"], "type": "webhook.test", "subject": made["id"], "mode": "test", "state": "pending",
        "attempts": 0, "createdAt": now, "nextAttemptAt": now, "lastAttemptAt": null, "lastStatus": null,
        "lastError": null, "lastDurationMs": null, "endedAt": null,
    });
    assert_eq!(page, json!({ "items": [expected], "nextCursor": null }));

    let due = app.store.due_webhooks(1).await.unwrap()[0];
    let attempt = WebhookAttempt {
        webhook: due.webhook,
        message: due.message,
        at: app.store.clock().now(),
        duration_ms: 12,
        status: Some(200),
        verdict: AttemptVerdict::Delivered,
    };
    app.store.note_webhook_attempts(vec![attempt]).await.unwrap();
    for (field, value) in [
        ("state", json!("delivered")),
        ("attempts", json!(1)),
        ("nextAttemptAt", Value::Null),
        ("lastAttemptAt", json!(now)),
        ("lastStatus", json!(200)),
        ("lastDurationMs", json!(12)),
        ("endedAt", json!(now)),
    ] {
        expected[field] = value;
    }
    let page = app.get(&log).bearer(&acme.viewer).send().await.expect_json(200);
    assert_eq!(page["items"][0], expected);

    let resend = format!("{log}/{}/resend", posted["id"].as_str().unwrap());
    let again = app.post(&resend, &Value::Null).bearer(&acme.admin).send().await.expect_json(202);
    assert_eq!(
        (&again["id"], &again["state"], &again["attempts"]),
        (&posted["id"], &json!("pending"), &json!(0))
    );
    assert_eq!(app.store.due_webhooks(1).await.unwrap()[0].message, due.message);

    app.patch(&at(&made), &json!({ "enabled": false })).bearer(&acme.admin).send().await.expect(200);
    let refused = app.post(&test, &Value::Null).bearer(&acme.admin).send().await.expect_json(409);
    assert_eq!(refused["detail"], "The webhook is switched off.");
}

#[tokio::test]
async fn the_log_is_paged_and_its_cursors_are_the_webhooks() {
    let app = TestApp::new().await;
    let (acme, _other) = (app.tenant("acme").await, app.tenant("other").await);
    let (made, second) = (make(&app, &acme.admin).await, make(&app, &acme.admin).await);
    let mut ids = Vec::new();
    for _ in 0..3 {
        let posted = app.post(&format!("{}/test", at(&made)), &Value::Null).bearer(&acme.admin);
        ids.push(posted.send().await.expect_json(202)["id"].clone());
    }
    let log = format!("{}/deliveries", at(&made));
    let page = app.get(&format!("{log}?limit=2")).bearer(&acme.viewer).send().await.expect_json(200);
    assert_eq!((&page["items"][0]["id"], &page["items"][1]["id"]), (&ids[2], &ids[1]));
    let cursor = page["nextCursor"].as_str().unwrap();
    let rest = app.get(&format!("{log}?limit=2&after={cursor}")).bearer(&acme.viewer);
    assert_eq!(rest.send().await.expect_json(200)["items"][0]["id"], ids[0]);
    let elsewhere = format!("{}/deliveries?after={cursor}", at(&second));
    app.get(&elsewhere).bearer(&acme.viewer).send().await.expect(400);
    app.get(&format!("{log}?limit=0")).bearer(&acme.viewer).send().await.expect(400);
}

#[tokio::test]
async fn a_rotated_secret_is_a_new_one_and_the_audit_log_has_neither() {
    let app = TestApp::new().await;
    let (acme, _other) = (app.tenant("acme").await, app.tenant("other").await);
    let made = make(&app, &acme.admin).await;
    let rotate = format!("{}/rotate-secret", at(&made));
    let rotated = app.post(&rotate, &Value::Null).bearer(&acme.admin).send().await.expect_json(200);
    assert_ne!(rotated["secret"], made["secret"]);
    assert_eq!(rotated["oldSecretValidUntil"], "2026-01-06T10:00:00.000Z");
    let log = app.get("/api/v1/client/audit?limit=2").bearer(&acme.viewer).send().await.expect(200);
    assert!(!log.text().contains("whsec_"));
    let log = log.json();
    let actions: Vec<_> = log["items"].as_array().unwrap().iter().map(|line| &line["action"]).collect();
    assert_eq!(actions, ["webhook.rotate_secret", "webhook.create"]);
    assert_eq!(log["items"][0]["actor"]["name"], "admin@acme.example");
    assert!(matches!(app.store.verify_audit().await.unwrap(), AuditVerdict::Whole(_)));
}

#[tokio::test]
async fn there_are_at_most_twenty() {
    let app = TestApp::new().await;
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    for _ in 0..MOST_WEBHOOKS {
        make(&app, &acme.admin).await;
    }
    let refused = app.post(WEBHOOKS, &webhook(Value::Null)).bearer(&acme.admin).send().await;
    assert_eq!(refused.expect_json(409)["detail"], "There may be at most 20 webhooks.");
    make(&app, &other.admin).await;
}
