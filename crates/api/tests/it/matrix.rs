//! Who may do what: every operation that takes a token, with every role.

use std::collections::BTreeSet;

use http::Method;
use portcullis_domain::{Mode, Realm};
use portcullis_testkit::{PASSWORD, TestApp, TestTenant};
use serde_json::json;

/// Operation, body, and the status for: super admin, client admin, analyst, viewer. Ids are of the caller's own client.
#[rustfmt::skip]
const TABLE: &[(&str, &str, [u16; 4])] = &[
    ("GET /v1/auth/me",                                       "",                [200, 200, 200, 200]),
    ("POST /v1/keys",                                         "{}",              [403, 400, 403, 403]),
    ("GET /v1/keys",                                          "",                [403, 200, 200, 200]),
    ("DELETE /v1/keys/{id}",                                  "",                [403, 200, 403, 403]),
    ("GET /v1/dashboard/stats",                               "",                [403, 200, 200, 200]),
    ("GET /v1/dashboard/devices",                             "",                [403, 200, 200, 200]),
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
    ("POST /api/v1/client/lists",                             "{}",              [403, 400, 400, 403]),
    ("GET /api/v1/client/lists",                              "",                [403, 200, 200, 200]),
    ("GET /api/v1/client/lists/{id}",                         "",                [403, 200, 200, 200]),
    // The analyst comes after the admin, who removed it.
    ("DELETE /api/v1/client/lists/{id}",                      "",                [403, 204, 404, 403]),
    ("GET /api/v1/client/settings",                           "",                [403, 200, 200, 200]),
    ("PUT /api/v1/client/settings", r#"{"enforcement":"enforce"}"#,              [403, 200, 403, 403]),
    ("GET /api/v1/client/signals",                            "",                [403, 200, 200, 200]),
    ("POST /api/v1/client/signals/{id}/confirm",              "{}",              [403, 200, 200, 403]),
    // It was confirmed.
    ("POST /api/v1/client/signals/{id}/dismiss",              "{}",              [403, 409, 409, 403]),
    ("GET /api/v1/client/reviews",                            "",                [403, 200, 200, 200]),
    ("POST /api/v1/client/reviews/{id}/resolve", r#"{"decision":"approve"}"#,    [403, 200, 200, 403]),
    ("GET /api/v1/client/rules",                              "",                [403, 200, 200, 200]),
    ("PUT /api/v1/client/rules",                              "{}",              [403, 200, 403, 403]),
    ("POST /api/v1/client/custom-rules",                      "{}",              [403, 400, 403, 403]),
    ("GET /api/v1/client/custom-rules",                       "",                [403, 200, 200, 200]),
    ("POST /api/v1/client/custom-rules/test",                 "{}",              [403, 400, 400, 400]),
    ("GET /api/v1/client/custom-rules/{id}",                  "",                [403, 200, 200, 200]),
    ("PUT /api/v1/client/custom-rules/{id}",                  "{}",              [403, 200, 403, 403]),
    ("DELETE /api/v1/client/custom-rules/{id}",               "",                [403, 204, 403, 403]),
    ("GET /api/v1/client/trust-model",                        "",                [403, 200, 200, 200]),
    ("GET /api/v1/client/trust-model/versions",               "",                [403, 200, 200, 200]),
    ("POST /api/v1/client/trust-model/rollback",              "{}",              [403, 400, 403, 403]),
    ("POST /api/v1/client/webhooks",                          "{}",              [403, 400, 403, 403]),
    ("GET /api/v1/client/webhooks",                           "",                [403, 200, 200, 200]),
    ("GET /api/v1/client/webhooks/{id}",                      "",                [403, 200, 200, 200]),
    ("PATCH /api/v1/client/webhooks/{id}",                    "{}",              [403, 200, 403, 403]),
    ("POST /api/v1/client/webhooks/{id}/rotate-secret",       "",                [403, 200, 403, 403]),
    ("POST /api/v1/client/webhooks/{id}/test",                "",                [403, 202, 403, 403]),
    ("GET /api/v1/client/webhooks/{id}/deliveries",           "",                [403, 200, 200, 200]),
    ("POST /api/v1/client/webhooks/{id}/deliveries/{delivery}/resend", "",       [403, 202, 403, 403]),
    ("DELETE /api/v1/client/webhooks/{id}",                   "",                [403, 204, 403, 403]),
    ("POST /api/v1/client/keyri-services",                    "{}",              [403, 400, 403, 403]),
    ("GET /api/v1/client/keyri-services",                     "",                [403, 200, 200, 200]),
    ("GET /api/v1/client/keyri-services/{id}/risk",           "",                [403, 200, 200, 200]),
    ("PUT /api/v1/client/keyri-services/{id}/risk",           "{}",              [403, 200, 403, 403]),
    ("GET /api/v1/client/keyri-services/{id}/rules",          "",                [403, 200, 200, 200]),
    ("PUT /api/v1/client/keyri-services/{id}/rules", r#"{"rules":[]}"#,          [403, 200, 403, 403]),
    ("DELETE /api/v1/client/keyri-services/{id}",             "",                [403, 204, 403, 403]),
    ("GET /api/v1/client/audit",                              "",                [403, 200, 200, 200]),
    ("GET /api/v1/client/figures",                            "",                [403, 200, 200, 200]),
    ("GET /api/v1/client/team",                               "",                [403, 200, 200, 200]),
    ("POST /api/v1/client/team",                              "{}",              [403, 400, 403, 403]),
    ("PATCH /api/v1/client/team/{id}",                        "{}",              [403, 200, 403, 403]),
    ("DELETE /api/v1/client/team/{id}",                       "",                [403, 204, 403, 403]),
    // Its own admin removed it.
    ("DELETE /api/v1/admin/clients/{slug}/users/{id}",        "",                [404, 403, 403, 403]),
    ("POST /api/v1/client/velocity-rules",                    "{}",              [403, 400, 403, 403]),
    ("GET /api/v1/client/velocity-rules",                     "",                [403, 200, 200, 200]),
    ("GET /api/v1/client/velocity-rules/{id}",                "",                [403, 200, 200, 200]),
    ("PUT /api/v1/client/velocity-rules/{id}",                "{}",              [403, 200, 403, 403]),
    ("DELETE /api/v1/client/velocity-rules/{id}",             "",                [403, 204, 403, 403]),
    ("GET /api/v1/client/events/stream",                      "",                [403, 200, 200, 200]),
    ("GET /api/v1/client/events",                             "",                [403, 200, 200, 200]),
    ("GET /api/v1/client/events/{id}",                        "",                [403, 200, 200, 200]),
    ("GET /api/v1/client/users",                              "",                [403, 200, 200, 200]),
    ("GET /api/v1/client/devices",                            "",                [403, 200, 200, 200]),
];

/// The ids of what a tenant has.
struct Ids {
    key: String,
    user: String,
    velocity: String,
    event: String,
    entry: String,
    rule: String,
    signal: String,
    review: String,
    service: String,
    webhook: String,
    delivery: String,
}

impl Ids {
    async fn of(app: &TestApp, tenant: &TestTenant) -> Self {
        let user = json!({ "email": format!("spare@{}.example", tenant.slug), "password": PASSWORD, "role": "VIEWER" });
        let user = app.post("/api/v1/client/team", &user).bearer(&tenant.admin).send().await.expect_json(201);
        let velocity =
            json!({ "name": tenant.slug, "action": "a", "limit": 1, "window": "1h", "scope": "user_id" });
        let velocity = app.post("/api/v1/client/velocity-rules", &velocity).bearer(&tenant.admin);
        let velocity = velocity.send().await.expect_json(201);
        let event =
            json!({ "type": "SIGNUP", "email": format!("a@{}.example", tenant.slug), "ip": "8.8.8.8" });
        let event = app.post("/api/v1/events/ingest", &event).key(&tenant.key).send().await.expect_json(200);
        let entry =
            json!({ "list": "watch", "kind": "email", "value": format!("a@{}.example", tenant.slug) });
        let entry =
            app.post("/api/v1/client/lists", &entry).bearer(&tenant.admin).send().await.expect_json(201);
        let rule = json!({ "name": tenant.slug, "condition": "ip.is_tor", "action": "flag" });
        let rule = app.post("/api/v1/client/custom-rules", &rule).bearer(&tenant.admin);
        let rule = rule.send().await.expect_json(201);
        let signal = app.post("/v1/fraud/signals", &json!({ "type": "bot" })).bearer(&tenant.key);
        let signal = signal.send().await.expect_json(201);
        let realm =
            Realm { tenant: app.store.control().tenant_by_slug(&tenant.slug).unwrap().id, mode: Mode::Live };
        let review = event["eventId"].as_str().unwrap().parse().unwrap();
        let review = app.store.of(realm).open_review(review).await.unwrap();
        let webhook = json!({ "url": "https://example.com", "types": ["fraud.device.blocked"] });
        let webhook = app.post("/api/v1/client/webhooks", &webhook).bearer(&tenant.admin);
        let webhook = webhook.send().await.expect_json(201)["id"].as_str().unwrap().to_owned();
        let test = app.call(Method::POST, &format!("/api/v1/client/webhooks/{webhook}/test"));
        let delivery = test.bearer(&tenant.admin).send().await.expect_json(202);
        let service = app.post("/api/v1/client/keyri-services", &json!({ "name": "shop" }));
        let service = service.bearer(&tenant.admin).send().await.expect_json(201);
        Self {
            key: tenant.key_id.clone(),
            user: user["id"].as_str().unwrap().to_owned(),
            velocity: velocity["id"].as_str().unwrap().to_owned(),
            event: event["eventId"].as_str().unwrap().to_owned(),
            entry: entry["id"].as_str().unwrap().to_owned(),
            rule: rule["id"].as_str().unwrap().to_owned(),
            signal: signal["id"].as_str().unwrap().to_owned(),
            review: review.to_string(),
            service: service["id"].as_str().unwrap().to_owned(),
            webhook,
            delivery: delivery["id"].as_str().unwrap().to_owned(),
        }
    }

    fn fill(&self, path: &str, slug: &str) -> String {
        let id = match path {
            path if path.contains("/users/") || path.contains("/team/") => &self.user,
            path if path.contains("/velocity-rules/") => &self.velocity,
            path if path.contains("/events/") => &self.event,
            path if path.contains("/lists/") => &self.entry,
            path if path.contains("/custom-rules/") => &self.rule,
            path if path.contains("/signals/") => &self.signal,
            path if path.contains("/keyri-services/") => &self.service,
            path if path.contains("/reviews/") => &self.review,
            path if path.contains("/webhooks/") => &self.webhook,
            _ => &self.key,
        };
        path.replace("{slug}", slug)
            .replace("{id}", id)
            .replace("{list}", "tor-exits")
            .replace("{delivery}", &self.delivery)
    }
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
    let ids = Ids::of(&app, &acme).await;
    // A server that leaves ends streams at once.
    app.readiness.set(false);
    for (operation, body, expected) in TABLE {
        let path = ids.fill(operation.split_once(' ').unwrap().1, "acme");
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
    let ids = Ids::of(&app, &other).await;
    app.readiness.set(false);
    for (operation, body, _) in TABLE.iter().filter(|row| row.0.contains("{id}")) {
        let path = ids.fill(operation.split_once(' ').unwrap().1, "acme");
        let token = if path.contains("/admin/") { &app.admin } else { &acme.admin };
        assert_eq!(status(&app, operation, body, &path, Some(token)).await, 404, "{operation}");
    }
    let foreign =
        [&ids.key, &ids.user, &ids.event, &ids.entry, &ids.rule, &ids.signal, &ids.review, &ids.webhook];
    for (operation, ..) in
        TABLE.iter().filter(|row| row.0.starts_with("GET /api/v1/client/") && !row.0.contains('{'))
    {
        let path = operation.split_once(' ').unwrap().1;
        let text = app.get(path).bearer(&acme.admin).send().await.expect(200).text();
        assert!(
            !text.contains("other") && foreign.iter().all(|id| !text.contains(id.as_str())),
            "{operation}: {text}"
        );
    }
    // Everything of the other tenant still works.
    assert_eq!(status(&app, "GET x", "", "/api/v1/client/rules", Some(&other.viewer)).await, 200);
    let event = app.post("/api/v1/events/ingest", &json!({})).key(&other.key).send().await;
    assert_eq!(event.status, 400);
}
