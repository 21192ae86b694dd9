//! `/api/v1/client/lists`.

use portcullis_domain::{Mode, Realm};
use portcullis_store::{AuditVerdict, List, ListHits, ListKind};
use portcullis_testkit::{Answer, TestApp};
use serde_json::{Value, json};

const LISTS: &str = "/api/v1/client/lists";

async fn add(app: &TestApp, token: &str, body: &Value) -> Answer {
    app.post(LISTS, body).bearer(token).send().await
}

async fn values(app: &TestApp, token: &str, query: &str) -> Vec<String> {
    let page = app.get(&format!("{LISTS}{query}")).bearer(token).send().await.expect_json(200);
    let items = page["items"].as_array().unwrap();
    items.iter().map(|item| item["value"].as_str().unwrap().to_owned()).collect()
}

/// What a request of this user from this address would find.
fn hits(app: &TestApp, slug: &str, mode: Mode, user: &str, ip: &str) -> ListHits {
    let tenant = app.store.control().tenant_by_slug(slug).unwrap().id;
    let now = app.store.clock().now();
    app.store.lists().find(Realm { tenant, mode }, &[(ListKind::User, user)], ip.parse().ok(), now)
}

#[tokio::test]
async fn an_entry_shows_what_it_was_made_with() {
    let app = TestApp::new().await;
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    let body = json!({
        "list": "block", "kind": "ip", "value": " 192.0.2.7/24 ", "reason": " chargebacks ",
        "expiresAt": "2026-01-06T12:00:00+02:00", "mode": "test",
    });
    let made = add(&app, &acme.analyst, &body).await.expect_json(201);
    let me = app.get("/v1/auth/me").bearer(&acme.analyst).send().await.expect_json(200);
    let expected = json!({
        "id": made["id"], "list": "block", "kind": "ip", "value": "192.0.2.0/24", "mode": "test",
        "reason": "chargebacks", "author": me["id"], "createdAt": "2026-01-05T10:00:00.000Z",
        "expiresAt": "2026-01-06T10:00:00.000Z", "appeal": null,
    });
    assert_eq!(made, expected);
    let path = format!("{LISTS}/{}", made["id"].as_str().unwrap());
    assert_eq!(app.get(&path).bearer(&acme.viewer).send().await.expect_json(200), made);
    let page = app.get(&format!("{LISTS}?mode=test")).bearer(&acme.viewer).send().await.expect_json(200);
    assert_eq!(page, json!({ "items": [made], "nextCursor": null }));

    let least = json!({ "list": "watch", "kind": "user", "value": "u1", "reason": "", "expiresAt": null });
    let least = add(&app, &acme.admin, &least).await.expect_json(201);
    assert_eq!(
        (&least["mode"], &least["reason"], &least["expiresAt"]),
        (&json!("live"), &Value::Null, &Value::Null)
    );
    assert!(values(&app, &other.admin, "").await.is_empty());
}

#[tokio::test]
async fn values_are_normalized() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    for (kind, given, shown) in [
        ("user", " Cust-7 ", "Cust-7"),
        ("device", "D-1\t", "D-1"),
        ("email", " Jane@Bücher.Example", "jane@xn--bcher-kva.example"),
        ("phone", "+212 (612) 34-56-78", "+212612345678"),
        ("document", " ab-123 456", "AB123456"),
        ("ip", "::ffff:192.0.2.7", "192.0.2.7"),
        ("ip", "2001:DB8:0:0::/64", "2001:db8::/64"),
    ] {
        let body = json!({ "list": "block", "kind": kind, "value": given });
        let made = add(&app, &acme.analyst, &body).await.expect_json(201);
        assert_eq!(made["value"], shown);
        // However it is written, it is the same.
        add(&app, &acme.analyst, &json!({ "list": "block", "kind": kind, "value": shown })).await.expect(409);
    }
}

#[tokio::test]
async fn admins_and_analysts_change_and_viewers_read() {
    let app = TestApp::new().await;
    let (acme, _other) = (app.tenant("acme").await, app.tenant("other").await);
    let body = |value: &str| json!({ "list": "allow", "kind": "user", "value": value });
    for (index, token) in [&acme.admin, &acme.analyst].into_iter().enumerate() {
        let made = add(&app, token, &body(&format!("u{index}"))).await.expect_json(201);
        let path = format!("{LISTS}/{}", made["id"].as_str().unwrap());
        for reader in [&acme.admin, &acme.analyst, &acme.viewer] {
            app.get(&path).bearer(reader).send().await.expect(200);
        }
        let refused = app.delete(&path).bearer(&acme.viewer).send().await.expect(403);
        assert!(refused.text().contains("CLIENT_ADMIN or ANALYST"));
        app.delete(&path).bearer(token).send().await.expect(204);
        app.delete(&path).bearer(token).send().await.expect(404);
        app.get(&path).bearer(token).send().await.expect(404);
    }
    add(&app, &acme.viewer, &body("u9")).await.expect(403);
    add(&app, &app.admin, &body("u9")).await.expect(403);
    add(&app, &acme.key, &body("u9")).await.expect(401);
    assert!(values(&app, &acme.viewer, "").await.is_empty());
}

#[tokio::test]
async fn tenants_and_modes_are_apart() {
    let app = TestApp::new().await;
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    let body = |mode: &str| json!({ "list": "block", "kind": "user", "value": "u1", "mode": mode });
    let live = add(&app, &acme.admin, &body("live")).await.expect_json(201);
    assert!(hits(&app, "acme", Mode::Live, "u1", "").has(List::Block, ListKind::User));
    assert!(hits(&app, "acme", Mode::Test, "u1", "").is_empty());
    assert!(hits(&app, "other", Mode::Live, "u1", "").is_empty());
    let test = add(&app, &acme.admin, &body("test")).await.expect_json(201);
    add(&app, &other.admin, &body("live")).await.expect(201);

    assert_eq!(values(&app, &acme.viewer, "").await, ["u1"]);
    assert_eq!(values(&app, &acme.viewer, "?mode=test").await, ["u1"]);
    assert!(values(&app, &other.viewer, "?mode=test").await.is_empty());
    for entry in [&live, &test] {
        let path = format!("{LISTS}/{}", entry["id"].as_str().unwrap());
        let foreign = app.get(&path).bearer(&other.admin).send().await.expect(404);
        let missing = format!("{LISTS}/lst_{}", "0".repeat(26));
        let missing = app.get(&missing).bearer(&other.admin).send().await.expect(404);
        assert_eq!(foreign.json()["detail"], missing.json()["detail"]);
        app.delete(&path).bearer(&other.admin).send().await.expect(404);
        app.delete(&path).bearer(&acme.analyst).send().await.expect(204);
    }
    app.get(&format!("{LISTS}/nonsense")).bearer(&acme.admin).send().await.expect(404);
    assert!(hits(&app, "acme", Mode::Live, "u1", "").is_empty());
    assert!(!hits(&app, "other", Mode::Live, "u1", "").is_empty());
}

#[tokio::test]
async fn an_entry_holds_until_it_expires_and_can_then_be_made_again() {
    let app = TestApp::new().await;
    let (acme, _other) = (app.tenant("acme").await, app.tenant("other").await);
    let body =
        json!({ "list": "watch", "kind": "ip", "value": "8.8.8.0/24", "expiresAt": "2026-01-05T10:00:10Z" });
    let first = add(&app, &acme.admin, &body).await.expect_json(201);
    let is_watched = || hits(&app, "acme", Mode::Live, "u1", "8.8.8.8").any(List::Watch);
    app.clock.advance(9_999);
    assert!(is_watched());
    let again = json!({ "list": "watch", "kind": "ip", "value": "8.8.8.8/24" });
    let conflict = add(&app, &acme.admin, &again).await.expect(409);
    assert!(conflict.text().contains("A list entry exists already."), "{}", conflict.text());
    app.clock.advance(1);
    assert!(!is_watched());
    assert_eq!(values(&app, &acme.viewer, "").await, ["8.8.8.0/24"], "it is shown as long as it is there");
    add(&app, &acme.admin, &again).await.expect(201);
    assert!(is_watched());
    let first = format!("{LISTS}/{}", first["id"].as_str().unwrap());
    app.get(&first).bearer(&acme.admin).send().await.expect(404);
    // On another list it is another entry.
    add(&app, &acme.admin, &json!({ "list": "allow", "kind": "ip", "value": "8.8.8.0/24" }))
        .await
        .expect(201);
}

#[tokio::test]
async fn entries_outlive_a_restart() {
    let app = TestApp::new().await;
    let (acme, _other) = (app.tenant("acme").await, app.tenant("other").await);
    for (kind, value) in [("user", "u1"), ("ip", "2001:db8::/32")] {
        add(&app, &acme.admin, &json!({ "list": "block", "kind": kind, "value": value })).await.expect(201);
    }
    let before = app.get(LISTS).bearer(&acme.viewer).send().await.expect_json(200);
    let app = app.restarted().await;
    assert_eq!(app.get(LISTS).bearer(&acme.viewer).send().await.expect_json(200), before);
    let found = hits(&app, "acme", Mode::Live, "u1", "2001:db8::7");
    assert_eq!(found.kinds(List::Block).collect::<Vec<_>>(), [ListKind::User, ListKind::Ip]);
    add(&app, &acme.admin, &json!({ "list": "block", "kind": "user", "value": "u1" })).await.expect(409);
}

#[tokio::test]
async fn pages_are_filtered_and_cursors_bound_to_the_filter() {
    let app = TestApp::new().await;
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    for index in 1..=3 {
        for (list, kind) in [("block", "user"), ("watch", "user"), ("watch", "device")] {
            app.clock.advance(1);
            let value = format!("{list}-{kind}-{index}");
            add(&app, &acme.admin, &json!({ "list": list, "kind": kind, "value": value })).await.expect(201);
        }
    }
    assert_eq!(values(&app, &acme.viewer, "").await.len(), 9);
    assert_eq!(
        values(&app, &acme.viewer, "?list=watch&kind=user").await,
        ["watch-user-3", "watch-user-2", "watch-user-1"]
    );
    assert_eq!(values(&app, &acme.viewer, "?kind=email").await, [""; 0]);
    let path = format!("{LISTS}?list=watch&limit=4");
    let page = app.get(&path).bearer(&acme.viewer).send().await.expect_json(200);
    let cursor = page["nextCursor"].as_str().unwrap();
    let rest = values(&app, &acme.viewer, &format!("?list=watch&limit=4&after={cursor}")).await;
    assert_eq!(rest, ["watch-device-1", "watch-user-1"]);
    for (token, query) in [
        (&acme.viewer, format!("?list=block&after={cursor}")),
        (&acme.viewer, format!("?list=watch&kind=user&after={cursor}")),
        (&acme.viewer, format!("?list=watch&mode=test&after={cursor}")),
        (&other.viewer, format!("?list=watch&after={cursor}")),
        (&acme.viewer, "?list=grey".to_owned()),
        (&acme.viewer, "?kind=fax".to_owned()),
        (&acme.viewer, "?mode=prod".to_owned()),
        (&acme.viewer, "?limit=0".to_owned()),
        (&acme.viewer, "?value=u1".to_owned()),
    ] {
        let answer = app.get(&format!("{LISTS}{query}")).bearer(token).send().await.expect(400);
        let field = query[1..].split(['&', '=']).next().unwrap();
        assert!(answer.text().contains(field) || answer.text().contains("after"), "{}", answer.text());
    }
}

#[tokio::test]
async fn bad_input_is_refused_by_name() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    let user = json!({ "list": "block", "kind": "user", "value": "u1" });
    for (field, value) in [
        ("list", json!("grey")),
        ("list", Value::Null),
        ("kind", json!("fax")),
        ("value", json!("")),
        ("value", json!(7)),
        ("value", json!("u".repeat(257))),
        ("value", json!("a\u{0}b")),
        ("reason", json!("r".repeat(501))),
        ("reason", json!("two\nlines")),
        ("expiresAt", json!("tomorrow")),
        ("expiresAt", json!("2026-01-05T10:00:00Z")),
        ("mode", json!("prod")),
        ("tenant", json!("other")),
        ("author", json!("usr_1")),
    ] {
        let mut wrong = user.clone();
        wrong[field] = value;
        let answer = add(&app, &acme.analyst, &wrong).await.expect(400);
        assert!(answer.text().contains(field), "{}", answer.text());
    }
    for (kind, value) in [
        ("ip", "10.0.0.0/33"),
        ("ip", "example.com"),
        ("email", "jane"),
        ("email", "a@b"),
        ("phone", "0612345678"),
        ("document", "-"),
    ] {
        let wrong = json!({ "list": "block", "kind": kind, "value": value, "expiresAt": "never" });
        let answer = add(&app, &acme.analyst, &wrong).await.expect_json(400);
        let pointers: Vec<_> = answer["errors"].as_array().unwrap().iter().map(|e| &e["pointer"]).collect();
        assert_eq!(pointers, ["/value", "/expiresAt"], "all complaints are told at once");
    }
    for missing in ["list", "kind", "value"] {
        let mut wrong = user.clone();
        wrong.as_object_mut().unwrap().remove(missing);
        assert!(add(&app, &acme.analyst, &wrong).await.expect(400).text().contains(missing));
    }
    assert!(values(&app, &acme.viewer, "").await.is_empty());
}

#[tokio::test]
async fn the_audit_log_has_every_change_and_no_personal_data() {
    let app = TestApp::new().await;
    let (acme, other) = (app.tenant("acme").await, app.tenant("other").await);
    let email =
        json!({ "list": "block", "kind": "email", "value": "jane@x.example", "reason": "chargeback" });
    let user = json!({ "list": "watch", "kind": "user", "value": "customer-77", "mode": "test",
                       "expiresAt": "2026-02-01T00:00:00Z" });
    let (email, user) = (
        add(&app, &acme.analyst, &email).await.expect_json(201),
        add(&app, &acme.admin, &user).await.expect_json(201),
    );
    add(&app, &acme.admin, &json!({ "list": "block", "kind": "email", "value": "JANE@x.example" }))
        .await
        .expect(409);
    let path = format!("{LISTS}/{}", email["id"].as_str().unwrap());
    app.delete(&path).bearer(&acme.admin).send().await.expect(204);
    app.delete(&path).bearer(&acme.admin).send().await.expect(404);

    let log = app.get("/api/v1/client/audit?limit=3").bearer(&acme.viewer).send().await.expect_json(200);
    let shown = |index: usize, field: &str| log["items"][index][field].clone();
    let of_email = json!({ "list": "block", "kind": "email", "mode": "live", "reason": "chargeback",
                           "expiresAt": null, "isAppealed": false });
    let of_user = json!({ "list": "watch", "kind": "user", "mode": "test", "reason": null,
                          "expiresAt": "2026-02-01T00:00:00.000Z", "isAppealed": false });
    for (index, action, target, before, after) in [
        (0, "list.remove", &email["id"], of_email.clone(), Value::Null),
        (1, "list.add", &user["id"], Value::Null, of_user),
        (2, "list.add", &email["id"], Value::Null, of_email),
    ] {
        assert_eq!((shown(index, "action"), &shown(index, "target")), (json!(action), target));
        assert_eq!((shown(index, "before"), shown(index, "after")), (before, after));
    }
    let all = app.get("/api/v1/admin/audit?limit=200").bearer(&app.admin).send().await.expect(200).text();
    assert!(!all.contains("jane") && !all.contains("customer-77"), "{all}");
    let foreign = app.get("/api/v1/client/audit").bearer(&other.viewer).send().await.expect(200).text();
    assert!(!foreign.contains("list."));
    assert!(matches!(app.store.verify_audit().await.unwrap(), AuditVerdict::Whole(_)));
}
