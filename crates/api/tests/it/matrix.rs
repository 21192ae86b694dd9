//! Who may do what: every operation that takes a token, with every role.

use std::collections::BTreeSet;

use http::Method;
use portcullis_testkit::{TestApp, TestTenant};
use serde_json::{Value, json};

/// Operation, body, and the status for: super admin, client admin, analyst, viewer. `{key}` and `{user}` are the
/// caller's tenant's own.
#[rustfmt::skip]
const TABLE: &[(&str, &str, [u16; 4])] = &[
    ("GET /v1/auth/me",                                       "",                [200, 200, 200, 200]),
    ("POST /api/v1/admin/clients",                            r#"{"name":"N"}"#, [400, 403, 403, 403]),
    ("GET /api/v1/admin/clients",                             "",                [200, 403, 403, 403]),
    ("GET /api/v1/admin/clients/{slug}",                      "",                [200, 403, 403, 403]),
    ("PATCH /api/v1/admin/clients/{slug}",                    "{}",              [200, 403, 403, 403]),
    ("POST /api/v1/admin/clients/{slug}/users",               "{}",              [400, 403, 403, 403]),
    ("GET /api/v1/admin/clients/{slug}/users",                "",                [200, 403, 403, 403]),
    ("PATCH /api/v1/admin/clients/{slug}/users/{id}",         "{}",              [200, 403, 403, 403]),
    ("POST /api/v1/admin/clients/{slug}/api-keys",            "{}",              [400, 403, 403, 403]),
    ("GET /api/v1/admin/clients/{slug}/api-keys",             "",                [200, 403, 403, 403]),
    ("DELETE /api/v1/admin/clients/{slug}/api-keys/{id}",     "",                [204, 403, 403, 403]),
    ("GET /api/v1/admin/global-rules",                        "",                [200, 403, 403, 403]),
    ("PUT /api/v1/admin/global-rules",                        "{}",              [200, 403, 403, 403]),
    ("GET /api/v1/admin/reputation/{list}",                   "",                [200, 403, 403, 403]),
    ("PUT /api/v1/admin/reputation/{list}",                   r#"{"items":[]}"#, [200, 403, 403, 403]),
    ("PATCH /api/v1/admin/reputation/{list}",                 "{}",              [200, 403, 403, 403]),
    ("GET /api/v1/admin/audit",                               "",                [200, 403, 403, 403]),
    ("POST /api/v1/client/api-keys",                          "{}",              [403, 400, 403, 403]),
    ("GET /api/v1/client/api-keys",                           "",                [403, 200, 200, 200]),
    ("DELETE /api/v1/client/api-keys/{id}",                   "",                [403, 204, 403, 403]),
    ("GET /api/v1/client/rules",                              "",                [403, 200, 200, 200]),
    ("PUT /api/v1/client/rules",                              "{}",              [403, 200, 403, 403]),
    ("GET /api/v1/client/audit",                              "",                [403, 200, 200, 200]),
];

fn filled(path: &str, tenant: &TestTenant, user: &str) -> String {
    let id = if path.contains("/users/") { user } else { &tenant.key_id };
    path.replace("{slug}", &tenant.slug).replace("{id}", id).replace("{list}", "tor-exits")
}

async fn status(app: &TestApp, operation: &str, body: &str, path: &str, token: Option<&str>) -> u16 {
    let method: Method = operation.split_once(' ').unwrap().0.parse().unwrap();
    let call = app.call(method, path);
    let call = if body.is_empty() { call } else { call.text("application/json", body.to_owned()) };
    let call = if let Some(token) = token { call.bearer(token) } else { call };
    call.send().await.status.as_u16()
}

#[tokio::test]
async fn each_role_may_do_what_the_table_says() {
    let app = TestApp::new().await;
    let (acme, _other) = (app.tenant("acme").await, app.tenant("other").await);
    let users = app.get("/api/v1/admin/clients/acme/users?limit=1").bearer(&app.admin).send().await;
    let user = users.expect_json(200)["items"][0]["id"].as_str().unwrap().to_owned();
    for (operation, body, expected) in TABLE {
        let path = filled(operation.split_once(' ').unwrap().1, &acme, &user);
        let tokens = [&app.admin, &acme.admin, &acme.analyst, &acme.viewer];
        for (token, expected) in tokens.into_iter().zip(expected) {
            assert_eq!(status(&app, operation, body, &path, Some(token)).await, *expected, "{operation}");
        }
        for token in [None, Some("nonsense"), Some(acme.key.as_str())] {
            assert_eq!(status(&app, operation, body, &path, token).await, 401, "{operation} {token:?}");
        }
    }
}

#[test]
fn the_table_has_every_operation_that_takes_a_token() {
    let document = serde_json::to_value(portcullis_api::openapi()).unwrap();
    let mut documented = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if operation["security"].as_array().is_some_and(|all| all.contains(&json!({ "token": [] }))) {
                documented.insert(format!("{} {path}", method.to_uppercase()));
            }
        }
    }
    let tested: BTreeSet<String> = TABLE.iter().map(|row| row.0.to_owned()).collect();
    assert_eq!(documented, tested);
}

#[tokio::test]
async fn nothing_of_another_tenant_is_found_by_any_path() {
    let app = TestApp::new().await;
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    let users = app.get("/api/v1/admin/clients/other/users").bearer(&app.admin).send().await.expect_json(200);
    let foreign: Vec<String> = users["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| user["id"].as_str().unwrap().to_owned())
        .chain([other.key_id.clone()])
        .collect();
    for (operation, body, _) in TABLE.iter().filter(|row| row.0.contains("{id}")) {
        for id in &foreign {
            let path = operation.split_once(' ').unwrap().1.replace("{slug}", "acme").replace("{id}", id);
            let token = if path.contains("/admin/") { &app.admin } else { &acme.admin };
            assert_eq!(status(&app, operation, body, &path, Some(token)).await, 404, "{operation} {id}");
        }
    }
    for (operation, ..) in TABLE.iter().filter(|row| row.0.starts_with("GET /api/v1/client/")) {
        let path = operation.split_once(' ').unwrap().1;
        let text = app.get(path).bearer(&acme.admin).send().await.expect(200).text();
        assert!(
            !text.contains("other") && foreign.iter().all(|id| !text.contains(id)),
            "{operation}: {text}"
        );
    }
    // Everything of the other tenant still works.
    assert_eq!(status(&app, "GET x", "", "/api/v1/client/rules", Some(&other.viewer)).await, 200);
    let event = app.post("/api/v1/events/ingest", &Value::Null).key(&other.key).send().await;
    assert_eq!(event.status, 400);
}
