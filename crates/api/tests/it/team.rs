//! `/api/v1/client/team`: who may log in for a client, changed by its own admins.

use portcullis_testkit::{PASSWORD, TestApp, TestTenant};
use serde_json::{Value, json};

const TEAM: &str = "/api/v1/client/team";

fn new(email: &str, role: &str) -> Value {
    json!({ "email": email, "password": PASSWORD, "role": role })
}

async fn member(app: &TestApp, tenant: &TestTenant, role: &str) -> String {
    let team = app.get(TEAM).bearer(&tenant.viewer).send().await.expect_json(200);
    let found = team["items"].as_array().unwrap().iter().find(|user| user["role"] == role).unwrap();
    format!("{TEAM}/{}", found["id"].as_str().unwrap())
}

#[tokio::test]
async fn an_admin_adds_changes_and_removes_people_of_its_own_client() {
    let app = TestApp::new().await;
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    let made = app.post(TEAM, &new("New@acme.example", "ANALYST")).bearer(&acme.admin).send().await;
    let made = made.expect_json(201);
    let expected = json!({
        "id": made["id"], "email": "new@acme.example", "role": "ANALYST", "status": "active",
        "createdAt": "2026-01-05T10:00:00.000Z",
    });
    assert_eq!(made, expected);
    let token = app.log_in("new@acme.example", PASSWORD).await;
    let entry = json!({ "list": "watch", "kind": "user", "value": "u1" });
    app.post("/api/v1/client/lists", &entry).bearer(&token).send().await.expect(201);

    let path = format!("{TEAM}/{}", made["id"].as_str().unwrap());
    for foreign in ["GET", "PATCH", "DELETE"] {
        let call = app.call(foreign.parse().unwrap(), &path).text("application/json", "{}");
        let status = call.bearer(&other.admin).send().await.status;
        assert!(status == 404 || (foreign == "GET" && status == 405), "{foreign}: {status}");
    }
    let change = json!({ "role": "VIEWER" });
    let changed = app.patch(&path, &change).bearer(&acme.admin).send().await.expect_json(200);
    assert_eq!(changed["role"], "VIEWER");
    app.get(TEAM).bearer(&token).send().await.expect(401);
    let token = app.log_in("new@acme.example", PASSWORD).await;
    app.post("/api/v1/client/lists", &entry).bearer(&token).send().await.expect(403);
    let change = json!({ "status": "disabled" });
    app.patch(&path, &change).bearer(&acme.admin).send().await.expect(200);
    app.get(TEAM).bearer(&token).send().await.expect(401);

    app.delete(&path).bearer(&acme.admin).send().await.expect(204);
    app.delete(&path).bearer(&acme.admin).send().await.expect(404);
    let team = app.get(TEAM).bearer(&acme.viewer).send().await.expect_json(200);
    assert_eq!(team["items"].as_array().unwrap().len(), 3);
    let log = app.get("/api/v1/client/audit").bearer(&acme.admin).send().await.expect_json(200);
    let line = &log["items"][0];
    let before = json!({ "email": "new@acme.example", "role": "VIEWER", "status": "disabled" });
    assert_eq!(
        [&line["action"], &line["before"], &line["after"]],
        [&json!("user.delete"), &before, &Value::Null]
    );
    assert_eq!(line["actor"]["name"], "admin@acme.example");
    // The address is free again, for whomever.
    app.post(TEAM, &new("new@acme.example", "VIEWER")).bearer(&other.admin).send().await.expect(201);
}

#[tokio::test]
async fn the_last_admin_stays_unless_the_operator_takes_it_away() {
    let app = TestApp::new().await;
    let (acme, _other) = (app.tenant("acme").await, app.tenant("other").await);
    let admin = member(&app, &acme, "CLIENT_ADMIN").await;
    for change in [json!({ "role": "VIEWER" }), json!({ "status": "disabled" })] {
        let refused = app.patch(&admin, &change).bearer(&acme.admin).send().await.expect(409);
        assert!(refused.text().contains("make somebody one first"), "{}", refused.text());
    }
    app.delete(&admin).bearer(&acme.admin).send().await.expect(409);
    // Nothing of it was done: the token is still good.
    let second = app.post(TEAM, &new("second@acme.example", "CLIENT_ADMIN")).bearer(&acme.admin).send().await;
    let second = format!("{TEAM}/{}", second.expect_json(201)["id"].as_str().unwrap());
    app.patch(&second, &json!({ "status": "disabled" })).bearer(&acme.admin).send().await.expect(200);
    // One who may not log in is none.
    app.delete(&admin).bearer(&acme.admin).send().await.expect(409);
    app.patch(&second, &json!({ "status": "active" })).bearer(&acme.admin).send().await.expect(200);
    app.delete(&admin).bearer(&acme.admin).send().await.expect(204);
    app.get(TEAM).bearer(&acme.admin).send().await.expect(401);
    let second = second.rsplit('/').next().unwrap();
    let path = format!("/api/v1/admin/clients/acme/users/{second}");
    app.delete(&path).bearer(&app.admin).send().await.expect(204);
}

#[tokio::test]
async fn wrong_people_are_refused_by_field() {
    let app = TestApp::new().await;
    let (acme, _other) = (app.tenant("acme").await, app.tenant("other").await);
    for (body, named) in [
        (new("no address", "VIEWER"), "/email"),
        (json!({ "email": "a@x.org", "password": "Short1", "role": "VIEWER" }), "/password"),
        (new("a@x.org", "SUPER_ADMIN"), "/role"),
        (json!({ "email": "a@x.org", "password": PASSWORD, "role": "VIEWER", "tenant": "other" }), "tenant"),
    ] {
        let answer = app.post(TEAM, &body).bearer(&acme.admin).send().await.expect(400);
        assert!(answer.text().contains(named), "{}", answer.text());
    }
    app.post(TEAM, &new("admin@other.example", "VIEWER")).bearer(&acme.admin).send().await.expect(409);
    let viewer = member(&app, &acme, "VIEWER").await;
    for (change, named) in [
        (json!({ "role": "SUPER_ADMIN" }), "/role"),
        (json!({ "password": "short" }), "/password"),
        (json!({ "status": "gone" }), "status"),
        (json!({ "email": "b@x.org" }), "email"),
    ] {
        let answer = app.patch(&viewer, &change).bearer(&acme.admin).send().await.expect(400);
        assert!(answer.text().contains(named), "{}", answer.text());
    }
}
