//! The audit log of every change.

use portcullis_store::AuditVerdict;
use portcullis_testkit::{PASSWORD, TestApp};
use serde_json::{Value, json};

async fn log(app: &TestApp, path: &str, token: &str) -> Vec<Value> {
    let answer = app.get(path).bearer(token).send().await.expect_json(200);
    answer["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn every_change_writes_one_line() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    let other = app.tenant("other").await;
    let users = app.get("/api/v1/admin/clients/acme/users").bearer(&app.admin).send().await.expect_json(200);
    let user = format!("/api/v1/admin/clients/acme/users/{}", users["items"][0]["id"].as_str().unwrap());
    let key = json!({ "name": "k", "dialect": "signet", "mode": "test" });
    let weight = json!({ "rules": [{ "code": "TOR_EXIT", "weight": 1 }] });
    let changes = [
        (app.patch("/api/v1/admin/clients/acme", &json!({ "name": "New" })), &app.admin, "client.update"),
        (app.patch(&user, &json!({ "password": PASSWORD })), &app.admin, "user.update"),
        (app.post("/api/v1/admin/clients/acme/api-keys", &key), &app.admin, "api_key.create"),
        (app.post("/api/v1/client/api-keys", &key), &other.admin, "api_key.create"),
        (app.delete(&format!("/api/v1/client/api-keys/{}", other.key_id)), &other.admin, "api_key.revoke"),
        (app.put("/api/v1/admin/global-rules", &weight), &app.admin, "global_rules.update"),
        (app.put("/api/v1/client/rules", &weight), &other.admin, "rules.update"),
        (
            app.patch("/api/v1/admin/reputation/tor-exits", &json!({ "add": ["192.0.2.1"] })),
            &app.admin,
            "reputation.update",
        ),
    ];
    let before = log(&app, "/api/v1/admin/audit?limit=200", &app.admin).await.len();
    for (index, (call, token, action)) in changes.into_iter().enumerate() {
        let id = format!("test-{index}");
        let answer = call.bearer(token).header("x-request-id", &id).from("192.0.2.5").send().await;
        assert!(answer.status.is_success(), "{action}: {}", answer.text());
        let lines = log(&app, "/api/v1/admin/audit?limit=200", &app.admin).await;
        assert_eq!(lines.len(), before + index + 1, "{action}");
        assert_eq!((&lines[0]["action"], &lines[0]["requestId"]), (&json!(action), &json!(id)));
        assert_eq!(lines[0]["ip"], "192.0.2.5");
        assert!(!lines[0]["actor"]["name"].as_str().unwrap().is_empty());
    }
    // The same again changes nothing, and is no line.
    app.put("/api/v1/client/rules", &weight).bearer(&other.admin).send().await.expect(200);
    assert_eq!(log(&app, "/api/v1/admin/audit?limit=200", &app.admin).await.len(), before + 8);
    assert!(matches!(app.store.verify_audit().await.unwrap(), AuditVerdict::Whole(lines) if lines >= 8));
    drop(acme);
}

#[tokio::test]
async fn a_client_sees_its_own_lines_and_no_operators() {
    let app = TestApp::new().await;
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    let own = json!({ "rules": [{ "code": "TOR_EXIT", "weight": 1 }] });
    app.put("/api/v1/client/rules", &own).bearer(&acme.admin).send().await.expect(200);
    let lines = log(&app, "/api/v1/client/audit", &acme.viewer).await;
    assert_eq!(lines[0]["actor"]["name"], "admin@acme.example");
    assert!(lines.iter().all(|line| line["client"] == "acme"));
    let text = Value::from(lines).to_string();
    assert!(!text.contains("other") && !text.contains("root@example.com"), "{text}");
    // Pages, each with a cursor of its own tenant.
    let page = app.get("/api/v1/client/audit?limit=2").bearer(&acme.viewer).send().await.expect_json(200);
    let next = format!("/api/v1/client/audit?limit=2&after={}", page["nextCursor"].as_str().unwrap());
    let second = app.get(&next).bearer(&acme.viewer).send().await.expect_json(200);
    assert!(second["items"][0]["id"].as_u64() < page["items"][1]["id"].as_u64());
    app.get(&next).bearer(&other.viewer).send().await.expect(400);
}
