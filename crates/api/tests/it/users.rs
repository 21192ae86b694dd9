//! `/api/v1/admin/clients/{slug}/users`.

use portcullis_testkit::{PASSWORD, TestApp};
use serde_json::{Value, json};

const USERS: &str = "/api/v1/admin/clients/acme/users";

async fn first_user(app: &TestApp, slug: &str) -> Value {
    let path = format!("/api/v1/admin/clients/{slug}/users?limit=1");
    app.get(&path).bearer(&app.admin).send().await.expect_json(200)["items"][0].clone()
}

#[tokio::test]
async fn users_are_listed_for_their_client_only() {
    let app = TestApp::new().await;
    app.tenant("acme").await;
    app.tenant("other").await;
    let answer = app.get(USERS).bearer(&app.admin).send().await.expect(200);
    assert!(!answer.text().contains("other"), "{}", answer.text());
    assert!(!answer.text().contains("argon2"), "{}", answer.text());
    let roles: Vec<_> =
        answer.json()["items"].as_array().unwrap().iter().map(|user| user["role"].clone()).collect();
    assert_eq!(roles.len(), 3);
    assert!(roles.contains(&json!("VIEWER")));
}

#[tokio::test]
async fn wrong_users_are_refused() {
    let app = TestApp::new().await;
    app.tenant("acme").await;
    app.tenant("other").await;
    let new = |email: &str, password: &str, role: &str| json!({ "email": email, "password": password, "role": role });
    for (body, named) in [
        (new("no address", PASSWORD, "VIEWER"), "/email"),
        (new("a@x.org", "Short1", "VIEWER"), "/password"),
        (new("a@x.org", "alllowercase1", "VIEWER"), "/password"),
        (new("a@x.org", &format!("Aa1{}", "x".repeat(126)), "VIEWER"), "/password"),
        (new("a@x.org", PASSWORD, "SUPER_ADMIN"), "/role"),
        (new("a@x.org", PASSWORD, "GOD"), "/role"),
        (json!({ "email": "a@x.org", "password": PASSWORD, "role": "VIEWER", "tenant": "other" }), "tenant"),
    ] {
        let answer = app.post(USERS, &body).bearer(&app.admin).send().await.expect(400);
        assert!(answer.text().contains(named), "{body}: {}", answer.text());
        assert!(!answer.text().contains(PASSWORD), "a password is not repeated");
    }
    for taken in ["ADMIN@acme.example", "admin@other.example", "root@example.com"] {
        app.post(USERS, &new(taken, PASSWORD, "VIEWER")).bearer(&app.admin).send().await.expect(409);
    }
    let nowhere = "/api/v1/admin/clients/nobody/users";
    app.post(nowhere, &new("a@x.org", PASSWORD, "VIEWER")).bearer(&app.admin).send().await.expect(404);
    app.get(nowhere).bearer(&app.admin).send().await.expect(404);
}

#[tokio::test]
async fn every_change_ends_the_sessions() {
    let app = TestApp::new().await;
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    let users = app.get(USERS).bearer(&app.admin).send().await.expect_json(200);
    let viewer = users["items"].as_array().unwrap().iter().find(|user| user["role"] == "VIEWER").unwrap();
    let path = format!("{USERS}/{}", viewer["id"].as_str().unwrap());
    let rules = |token: String| app.get("/api/v1/client/rules").bearer(&token).send();
    rules(acme.viewer.clone()).await.expect(200);

    let patch = json!({ "role": "ANALYST" });
    let changed = app.patch(&path, &patch).bearer(&app.admin).send().await.expect_json(200);
    assert_eq!(changed["role"], "ANALYST");
    rules(acme.viewer.clone()).await.expect(401);

    let token = app.log_in("viewer@acme.example", PASSWORD).await;
    app.patch(&path, &json!({ "password": "Another1pass" })).bearer(&app.admin).send().await.expect(200);
    rules(token).await.expect(401);
    let token = app.log_in("viewer@acme.example", "Another1pass").await;
    app.patch(&path, &json!({ "status": "disabled" })).bearer(&app.admin).send().await.expect(200);
    rules(token).await.expect(401);
    let credentials = json!({ "email": "viewer@acme.example", "password": "Another1pass" });
    app.post("/v1/auth/login", &credentials).send().await.expect(401);
    rules(other.viewer).await.expect(200);
    rules(acme.admin).await.expect(200);
}

#[tokio::test]
async fn a_user_is_found_under_its_own_client_only() {
    let app = TestApp::new().await;
    app.tenant("acme").await;
    app.tenant("other").await;
    let foreign = first_user(&app, "other").await;
    let path = format!("{USERS}/{}", foreign["id"].as_str().unwrap());
    app.patch(&path, &json!({ "status": "disabled" })).bearer(&app.admin).send().await.expect(404);
    assert_eq!(first_user(&app, "other").await, foreign);
    app.patch(&format!("{USERS}/x"), &json!({})).bearer(&app.admin).send().await.expect(404);
}
