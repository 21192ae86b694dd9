//! `/api/v1/admin/clients`.

use portcullis_testkit::{PASSWORD, TestApp};
use serde_json::{Value, json};

const CLIENTS: &str = "/api/v1/admin/clients";

#[tokio::test]
async fn a_client_is_created_shown_and_changed() {
    let app = TestApp::new().await;
    let new = json!({ "name": " Acme Inc. ", "slug": "acme" });
    let created = app.post(CLIENTS, &new).bearer(&app.admin).send().await.expect_json(201);
    let expected = json!({
        "slug": "acme", "name": "Acme Inc.", "status": "active", "rateLimitPerMinute": null,
        "requestsPer15Min": null, "analyticsPerMinute": null, "createdAt": "2026-01-05T10:00:00.000Z",
    });
    assert_eq!(created, expected);
    let path = "/api/v1/admin/clients/acme";
    assert_eq!(app.get(path).bearer(&app.admin).send().await.expect_json(200), expected);
    let patch = json!({ "name": "Acme", "rateLimitPerMinute": 60 });
    let changed = app.patch(path, &patch).bearer(&app.admin).send().await.expect_json(200);
    assert_eq!((&changed["name"], &changed["rateLimitPerMinute"]), (&json!("Acme"), &json!(60)));
    let patch = json!({ "rateLimitPerMinute": null });
    let changed = app.patch(path, &patch).bearer(&app.admin).send().await.expect_json(200);
    assert_eq!((&changed["name"], &changed["rateLimitPerMinute"]), (&json!("Acme"), &Value::Null));
}

#[tokio::test]
async fn wrong_fields_are_named_all_at_once() {
    let app = TestApp::new().await;
    let answer = app.post(CLIENTS, &json!({ "name": " ", "slug": "A B" })).bearer(&app.admin).send().await;
    let errors = answer.expect_json(400)["errors"].clone();
    let pointers: Vec<_> = errors.as_array().unwrap().iter().map(|error| &error["pointer"]).collect();
    assert_eq!(pointers, ["/name", "/slug"]);
    for (body, named) in [
        (json!({ "name": "A", "slug": "a", "tenant_id": 7 }), "tenant_id"),
        (json!({ "name": "A" }), "slug"),
        (json!({ "name": "A", "slug": 7 }), "/slug"),
        (json!({ "name": "A\nB", "slug": "a" }), "/name"),
        (json!(["A", "a"]), "must be an object"),
    ] {
        let answer = app.post(CLIENTS, &body).bearer(&app.admin).send().await.expect(400);
        assert!(answer.text().contains(named), "{body}: {}", answer.text());
    }
    for patch in [
        json!({ "status": "gone" }),
        json!({ "rateLimitPerMinute": 0 }),
        json!({ "rateLimitPerMinute": 1_000_001 }),
        json!({ "slug": "b" }),
    ] {
        app.post(CLIENTS, &json!({ "name": "A", "slug": "a" })).bearer(&app.admin).send().await;
        app.patch("/api/v1/admin/clients/a", &patch).bearer(&app.admin).send().await.expect(400);
    }
}

#[tokio::test]
async fn a_slug_is_given_once() {
    let app = TestApp::new().await;
    app.tenant("acme").await;
    let answer =
        app.post(CLIENTS, &json!({ "name": "Other", "slug": "acme" })).bearer(&app.admin).send().await;
    answer.expect(409);
    app.get("/api/v1/admin/clients/nobody").bearer(&app.admin).send().await.expect(404);
    app.patch("/api/v1/admin/clients/nobody", &json!({})).bearer(&app.admin).send().await.expect(404);
}

#[tokio::test]
async fn lists_page_by_cursors_that_can_not_be_forged() {
    let app = TestApp::new().await;
    for slug in ["a", "b", "c", "d", "e"] {
        app.post(CLIENTS, &json!({ "name": slug, "slug": slug })).bearer(&app.admin).send().await.expect(201);
    }
    let get = |query: String| app.get(&format!("{CLIENTS}?{query}")).bearer(&app.admin).send();
    let (mut slugs, mut query) = (Vec::new(), "limit=2".to_owned());
    let mut cursors = Vec::new();
    loop {
        let page = get(query).await.expect_json(200);
        slugs.extend(page["items"].as_array().unwrap().iter().map(|item| item["slug"].clone()));
        let Some(next) = page["nextCursor"].as_str() else { break };
        cursors.push(next.to_owned());
        query = format!("limit=2&after={next}");
    }
    assert_eq!(slugs, ["a", "b", "c", "d", "e"]);
    assert_eq!(cursors.len(), 2);
    let of_another_list = cursors[0].clone();
    for wrong in ["AAAA".to_owned(), String::new(), format!("{}A", cursors[0]), "2".to_owned()] {
        get(format!("after={wrong}")).await.expect(400);
    }
    let audit = app.get(&format!("/api/v1/admin/audit?after={of_another_list}")).bearer(&app.admin);
    audit.send().await.expect(400);
    for wrong in ["limit=0", "limit=201", "limit=x", "offset=2"] {
        get(wrong.to_owned()).await.expect(400);
    }
}

#[tokio::test]
async fn a_suspended_client_is_refused_everywhere_at_once() {
    let app = TestApp::new().await;
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    let suspend = |status: &str| {
        app.patch("/api/v1/admin/clients/acme", &json!({ "status": status })).bearer(&app.admin).send()
    };
    suspend("suspended").await.expect(200);
    app.post("/api/v1/events/ingest", &json!({})).key(&acme.key).send().await.expect(403);
    app.get("/api/v1/client/rules").bearer(&acme.admin).send().await.expect(403);
    app.get("/v1/auth/me").bearer(&acme.viewer).send().await.expect(403);
    let credentials = json!({ "email": "admin@acme.example", "password": PASSWORD });
    let refused = app.post("/v1/auth/login", &credentials).send().await.expect_json(403);
    assert_eq!(refused["type"], "/problems/suspended");
    let wrong = json!({ "email": "admin@acme.example", "password": "x" });
    app.post("/v1/auth/login", &wrong).send().await.expect(401);
    app.post("/api/v1/events/ingest", &json!({})).key(&other.key).send().await.expect(400);
    app.get("/api/v1/client/rules").bearer(&other.admin).send().await.expect(200);
    suspend("active").await.expect(200);
    app.get("/api/v1/client/rules").bearer(&acme.admin).send().await.expect(200);
    app.post("/api/v1/events/ingest", &json!({})).key(&acme.key).send().await.expect(400);
}
