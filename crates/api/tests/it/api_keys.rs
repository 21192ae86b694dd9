//! `/api/v1/client/api-keys` and `/api/v1/admin/clients/{slug}/api-keys`.

use portcullis_testkit::{Answer, TestApp};
use serde_json::{Value, json};

const OWN: &str = "/api/v1/client/api-keys";

fn new_key(dialect: &str, mode: &str) -> Value {
    json!({ "name": "main", "dialect": dialect, "mode": mode })
}

/// Any call with the key: 400 shows that it got in.
async fn ingest(app: &TestApp, key: &str) -> Answer {
    app.post("/api/v1/events/ingest", &json!({})).key(key).send().await
}

#[tokio::test]
async fn a_key_is_shown_once() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    let created = app.post(OWN, &new_key("ingest", "test")).bearer(&acme.admin).send().await.expect_json(201);
    let key = created["key"].as_str().unwrap();
    let mut expected = created.clone();
    let fields: Vec<_> = created.as_object().unwrap().keys().map(String::as_str).collect();
    let all = [
        "allowedIps",
        "createdAt",
        "dialect",
        "expiresAt",
        "id",
        "key",
        "lastUsedAt",
        "mode",
        "name",
        "prefix",
        "scopes",
        "status",
    ];
    assert_eq!(fields, all);
    assert_eq!((&created["status"], &created["lastUsedAt"]), (&json!("active"), &Value::Null));
    assert_eq!(created["scopes"], json!(["fraud:read", "fraud:write", "identity:*", "ingest"]));
    expected.as_object_mut().unwrap().remove("key");

    for path in [OWN, "/api/v1/admin/clients/acme/api-keys"] {
        let token = if path == OWN { &acme.admin } else { &app.admin };
        let list = app.get(path).bearer(token).send().await.expect(200);
        assert!(!list.text().contains(key) && !list.text().contains(&acme.key));
        assert!(list.json()["items"].as_array().unwrap().contains(&expected), "{}", list.text());
    }
}

#[tokio::test]
async fn each_dialect_has_its_form_and_every_key_works() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    for (dialect, prefix, digits) in [
        ("ingest", "pi", 64),
        ("fraudshield", "txc", 64),
        ("keyri", "ky", 64),
        ("signet", "sg", 64),
        ("fraudsense", "fs", 32),
    ] {
        for mode in ["test", "live"] {
            let body = new_key(dialect, mode);
            let created = app.post(OWN, &body).bearer(&acme.admin).send().await.expect_json(201);
            let key = created["key"].as_str().unwrap();
            let random = key.strip_prefix(&format!("{prefix}_{mode}_")).unwrap();
            assert_eq!(random.len(), digits);
            assert!(key.starts_with(created["prefix"].as_str().unwrap()));
            ingest(&app, key).await.expect(400);
        }
    }
}

#[tokio::test]
async fn a_revoked_key_is_refused_by_the_very_next_request() {
    let app = TestApp::new().await;
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    let second = app.post(OWN, &new_key("ingest", "live")).bearer(&acme.admin).send().await.expect_json(201);
    ingest(&app, &acme.key).await.expect(400);
    let path = format!("{OWN}/{}", acme.key_id);
    app.delete(&path).bearer(&acme.admin).send().await.expect(204);
    let revoked = ingest(&app, &acme.key).await.expect(401);
    app.delete(&path).bearer(&acme.admin).send().await.expect(204);
    ingest(&app, second["key"].as_str().unwrap()).await.expect(400);
    ingest(&app, &other.key).await.expect(400);
    let list = app.get(OWN).bearer(&acme.admin).send().await.expect_json(200);
    let item =
        list["items"].as_array().unwrap().iter().find(|item| item["id"] == acme.key_id).unwrap().clone();
    assert_eq!(item["status"], "revoked");

    // Revoked, unknown and missing look the same.
    let unknown = ingest(&app, &format!("pi_live_{}", "0".repeat(64))).await.expect(401);
    let missing = app.post("/api/v1/events/ingest", &json!({})).send().await.expect(401);
    let without_id = |answer: &Answer| {
        let mut body = answer.json();
        body["error"]["requestId"].take();
        body
    };
    assert_eq!(without_id(&revoked), without_id(&unknown));
    assert_eq!(without_id(&revoked), without_id(&missing));
}

#[tokio::test]
async fn another_tenants_key_is_not_found() {
    let app = TestApp::new().await;
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    let foreign = app.delete(&format!("{OWN}/{}", other.key_id)).bearer(&acme.admin).send().await.expect(404);
    let missing =
        app.delete(&format!("{OWN}/key_{}", "0".repeat(26))).bearer(&acme.admin).send().await.expect(404);
    assert_eq!(foreign.json()["detail"], missing.json()["detail"]);
    app.delete(&format!("{OWN}/nonsense")).bearer(&acme.admin).send().await.expect(404);
    let mismatched = format!("/api/v1/admin/clients/acme/api-keys/{}", other.key_id);
    app.delete(&mismatched).bearer(&app.admin).send().await.expect(404);
    ingest(&app, &other.key).await.expect(400);
    let list = app.get(OWN).bearer(&acme.admin).send().await.expect(200);
    assert!(!list.text().contains(&other.key_id));
    // A cursor of another tenant's list is no cursor of this one.
    for _ in 0..2 {
        app.post(OWN, &new_key("ingest", "live")).bearer(&other.admin).send().await.expect(201);
    }
    let page = app.get(&format!("{OWN}?limit=1")).bearer(&other.admin).send().await.expect_json(200);
    let stolen = format!("{OWN}?limit=1&after={}", page["nextCursor"].as_str().unwrap());
    app.get(&stolen).bearer(&acme.admin).send().await.expect(400);
    app.get(&stolen).bearer(&other.admin).send().await.expect(200);
}

#[tokio::test]
async fn scopes_and_addresses_limit_a_key() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    let create = |body: Value| app.post(OWN, &body).bearer(&acme.admin).send();
    let mut body = new_key("ingest", "live");
    body["scopes"] = json!(["fraud:read"]);
    let reader = create(body.clone()).await.expect_json(201);
    assert_eq!(reader["scopes"], json!(["fraud:read"]));
    ingest(&app, reader["key"].as_str().unwrap()).await.expect(403);

    body["scopes"] = json!(["ingest"]);
    body["allowedIps"] = json!(["192.0.2.7", "2001:db8::/32"]);
    let bound = create(body.clone()).await.expect_json(201);
    assert_eq!(bound["allowedIps"], body["allowedIps"]);
    let from = |peer: &str, forwarded: &str| {
        let call =
            app.post("/api/v1/events/ingest", &json!({})).key(bound["key"].as_str().unwrap()).from(peer);
        if forwarded.is_empty() { call } else { call.header("x-forwarded-for", forwarded) }.send()
    };
    for (peer, forwarded, status) in [
        ("192.0.2.7", "", 400),
        ("2001:db8::9", "", 400),
        ("192.0.2.8", "", 403),
        ("192.0.2.8", "192.0.2.7", 403),
        ("10.1.1.1", "192.0.2.7", 400),
        ("10.1.1.1", "192.0.2.7, 192.0.2.8", 403),
    ] {
        assert_eq!(from(peer, forwarded).await.status, status, "{peer} {forwarded}");
    }
    for (field, value) in [
        ("scopes", json!([])),
        ("scopes", json!(["everything"])),
        ("allowedIps", json!(["example.com"])),
        ("name", json!("")),
        ("dialect", json!("other")),
        ("mode", json!("prod")),
        ("tenant", json!("other")),
    ] {
        let mut wrong = new_key("ingest", "live");
        wrong[field] = value;
        let answer = create(wrong).await.expect(400);
        assert!(answer.text().contains(field), "{}", answer.text());
    }
}

#[tokio::test]
async fn the_time_of_last_use_is_shown() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    app.clock.advance(5_000);
    ingest(&app, &acme.key).await.expect(400);
    let list = app.get(OWN).bearer(&acme.viewer).send().await.expect_json(200);
    assert_eq!(list["items"][0]["lastUsedAt"], "2026-01-05T10:00:05.000Z");
}

#[tokio::test]
async fn a_key_with_an_end_works_until_then_in_every_api() {
    let app = TestApp::new().await;
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    let end = "2026-01-05T11:00:00.000Z";
    let new = json!({ "name": "visitor", "dialect": "ingest", "mode": "live", "expiresAt": end });
    let made = app.post(OWN, &new).bearer(&acme.admin).send().await.expect_json(201);
    assert_eq!((&made["expiresAt"], &made["status"]), (&json!(end), &json!("active")));
    let key = made["key"].as_str().unwrap();
    app.clock.advance(3_599_999);
    ingest(&app, key).await.expect(400);
    app.clock.advance(1);

    ingest(&app, key).await.expect(401);
    let fraudshield = app.get("/v1/fraud/rules").bearer(key).send().await.expect_json(401);
    assert_eq!(fraudshield["error"]["code"], "key_expired");
    assert_eq!(fraudshield["error"]["type"], "authentication_error");
    let score = app.post("/v1/risk/score", &json!({})).header("x-fraudsense-key", key);
    score.send().await.expect(401);
    app.get("/fraud/v1/blacklist").bearer(key).send().await.expect(401);
    ingest(&app, &acme.key).await.expect(400);
    ingest(&app, &other.key).await.expect(400);

    let app = app.restarted().await;
    ingest(&app, key).await.expect(401);
    let list = app.get(OWN).bearer(&acme.admin).send().await.expect_json(200);
    let listed = list["items"].as_array().unwrap().iter().find(|item| item["id"] == made["id"]).unwrap();
    assert_eq!((&listed["status"], &listed["expiresAt"]), (&json!("expired"), &json!(end)));
    app.delete(&format!("{OWN}/{}", made["id"].as_str().unwrap()))
        .bearer(&acme.admin)
        .send()
        .await
        .expect(204);
    let revoked = app.get("/v1/fraud/rules").bearer(key).send().await.expect_json(401);
    assert_eq!(revoked["error"]["code"], "key_revoked", "which is the stronger word");
}

#[tokio::test]
async fn a_key_can_not_end_in_the_past_or_at_no_time() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    for end in
        [json!("2026-01-05T10:00:00Z"), json!("1999-01-01T00:00:00Z"), json!("soon"), json!(""), json!(7)]
    {
        let new = json!({ "name": "n", "dialect": "ingest", "mode": "live", "expiresAt": end });
        let problem = app.post(OWN, &new).bearer(&acme.admin).send().await.expect_json(400);
        assert_eq!(problem["errors"][0]["pointer"], "/expiresAt", "{end}");
    }
    let new = json!({ "name": "n", "dialect": "ingest", "mode": "live", "expiresAt": null });
    let made = app.post(OWN, &new).bearer(&acme.admin).send().await.expect_json(201);
    assert_eq!(made["expiresAt"], Value::Null);
}
