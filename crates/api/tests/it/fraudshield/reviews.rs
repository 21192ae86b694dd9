//! `/v1/fraud/reviews`: the queue, and what people decide.

use futures_util::future::join_all;
use portcullis_domain::{EventId, Mode, Realm};
use portcullis_testkit::{Answer, TestApp};
use serde_json::{Value, json};

use super::support::{Shop, error, key, names, two_shops};

const REVIEWS: &str = "/v1/fraud/reviews";

/// Judges a login by the ingest dialect and puts it into the queue; gives the event's id and the review's.
async fn queued(app: &TestApp, shop: &Shop, key: &str, user: &str) -> (String, String) {
    let event = json!({ "type": "LOGIN", "email": format!("{user}@x.example"), "externalUserId": user,
                        "ip": "81.2.69.160", "device": { "clientFingerprint": "d1" } });
    let event = app.post("/api/v1/events/ingest", &event).key(key).send().await.expect_json(200);
    let id = event["eventId"].as_str().unwrap().to_owned();
    let tenant = app.store.control().tenant_by_slug(&shop.tenant.slug).unwrap().id;
    let mode = if key == shop.test { Mode::Test } else { Mode::Live };
    let event: EventId = id.parse().unwrap();
    // A rule may have asked for it already.
    match app.store.of(Realm { tenant, mode }).open_review(event).await {
        Ok(_) | Err(portcullis_store::Error::Exists(_)) => {}
        Err(error) => panic!("{error}"),
    }
    let review = portcullis_store::ReviewId::of(event);
    app.clock.advance(1_000);
    (id, review.to_string())
}

async fn page(app: &TestApp, key: &str, query: &str) -> Value {
    app.get(&format!("{REVIEWS}{query}")).bearer(key).send().await.expect_json(200)
}

async fn users(app: &TestApp, key: &str, query: &str) -> Vec<String> {
    let page = page(app, key, query).await;
    let users = page["data"].as_array().unwrap().iter().map(|review| review["user_id"].as_str().unwrap());
    users.map(str::to_owned).collect()
}

async fn resolve(app: &TestApp, key: &str, id: &str, decision: &str) -> Answer {
    let body = json!({ "decision": decision, "notes": "Called the customer" });
    app.post(&format!("{REVIEWS}/{id}/resolve"), &body).bearer(key).send().await
}

async fn label(app: &TestApp, token: &str, event: &str) -> Value {
    let event = app.get(&format!("/api/v1/client/events/{event}")).bearer(token).send().await;
    event.expect_json(200)["outcome"]["outcome"].clone()
}

#[tokio::test]
async fn a_review_shows_the_event_and_why() {
    let (app, acme, other) = two_shops().await;
    let rule = json!({ "name": "All logins", "condition": "user.age_days >= 0 OR ip.is_tor = false", "action": "review" });
    app.post("/v1/fraud/rules", &rule).bearer(&acme.live).send().await.expect(201);
    let (event, id) = queued(&app, &acme, &acme.live, "u1").await;
    assert_eq!(id, event.replacen("cm", "rev_", 1));
    let shown = app.get(&format!("{REVIEWS}/{id}")).bearer(&acme.live).send().await.expect_json(200);
    assert_eq!(
        names(&shown),
        [
            "created_at",
            "decision",
            "device_id",
            "event_id",
            "id",
            "notes",
            "object",
            "reasons",
            "resolved_at",
            "resolved_by",
            "risk_level",
            "risk_score",
            "signals",
            "status",
            "triggered_rules",
            "type",
            "user_id",
        ]
    );
    for (name, value) in [
        ("object", json!("review")),
        ("status", json!("open")),
        ("event_id", json!(event)),
        ("type", json!("login")),
        ("user_id", json!("u1")),
        ("notes", Value::Null),
        ("created_at", json!("2026-01-05T10:00:00.000Z")),
    ] {
        assert_eq!(shown[name], value, "{name}");
    }
    let score = shown["risk_score"].as_i64().unwrap();
    assert!((0..=1_000).contains(&score) && shown["device_id"].is_string());
    assert!(["low", "medium", "high", "critical"].contains(&shown["risk_level"].as_str().unwrap()));
    assert!(["challenge", "review", "block"].contains(&shown["decision"].as_str().unwrap()), "{shown}");
    let rule = &shown["triggered_rules"][0];
    assert_eq!((&rule["name"], &rule["action"]), (&json!("All logins"), &json!("review")));
    assert!(shown["reasons"].to_string().contains("The rule All logins holds"));
    assert_eq!(page(&app, &acme.live, "").await["data"], json!([shown]));
    for foreign in [&acme.test, &other.live] {
        assert!(users(&app, foreign, "").await.is_empty());
        error(
            app.get(&format!("{REVIEWS}/{id}")).bearer(foreign).send().await,
            404,
            "not_found_error",
            "not_found",
        );
        error(resolve(&app, foreign, &id, "reject").await, 404, "not_found_error", "not_found");
    }
}

#[tokio::test]
async fn a_review_is_resolved_once() {
    let (app, acme, _other) = two_shops().await;
    for (decision, opposite, status, expected) in [
        ("approve", "reject", "approved", "FALSE_POSITIVE"),
        ("reject", "approve", "rejected", "CONFIRMED_FRAUD"),
    ] {
        let (event, id) = queued(&app, &acme, &acme.live, "u1").await;
        let resolved = resolve(&app, &acme.live, &id, decision).await.expect_json(200);
        assert_eq!(
            (&resolved["status"], &resolved["notes"]),
            (&json!(status), &json!("Called the customer"))
        );
        assert!(
            resolved["resolved_by"].as_str().unwrap().starts_with("key_")
                && resolved["resolved_at"].is_string()
        );
        assert_eq!(label(&app, &acme.tenant.viewer, &event).await, expected);
        app.clock.advance(1_000);
        assert_eq!(resolve(&app, &acme.live, &id, decision).await.expect_json(200), resolved);
        let refused = resolve(&app, &acme.live, &id, opposite).await;
        let refused = error(refused, 409, "conflict_error", "already_exists");
        assert_eq!(refused["message"], format!("This review was {status} before."));
        assert_eq!(label(&app, &acme.tenant.viewer, &event).await, expected);
        assert!(users(&app, &acme.live, "").await.is_empty());
        assert_eq!(users(&app, &acme.live, &format!("?status={status}")).await, ["u1"]);
    }
    let log =
        app.get("/api/v1/client/audit?limit=1").bearer(&acme.tenant.viewer).send().await.expect_json(200);
    assert_eq!(log["items"][0]["action"], "review.resolve");
    assert!(!log.to_string().contains("Called"));
    let app = app.restarted().await;
    assert_eq!(users(&app, &acme.live, "?status=rejected").await, ["u1"]);
    assert_eq!(page(&app, &acme.live, "?status=approved").await["data"][0]["notes"], "Called the customer");
}

#[tokio::test]
async fn the_queue_is_paged_newest_first() {
    let (app, acme, _other) = two_shops().await;
    for user in ["u1", "u2", "u3"] {
        queued(&app, &acme, &acme.live, user).await;
    }
    queued(&app, &acme, &acme.test, "t1").await;
    assert_eq!(users(&app, &acme.live, "").await, ["u3", "u2", "u1"]);
    assert_eq!(users(&app, &acme.test, "?status=open").await, ["t1"]);
    let first = page(&app, &acme.live, "?limit=2").await;
    let cursor = first["next_cursor"].as_str().unwrap();
    assert_eq!(users(&app, &acme.live, &format!("?starting_after={cursor}")).await, ["u1"]);
    assert_eq!(users(&app, &acme.live, &format!("?ending_before={cursor}")).await, ["u3"]);
    for (query, param) in
        [("?status=pending", "status"), ("?limit=x", "limit"), ("?ending_before=cm1", "ending_before")]
    {
        let refused = app.get(&format!("{REVIEWS}{query}")).bearer(&acme.live).send().await;
        assert_eq!(error(refused, 400, "validation_error", "invalid_parameter")["param"], param);
    }
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let (app, acme, _other) = two_shops().await;
    let (_, id) = queued(&app, &acme, &acme.live, "u1").await;
    let path = format!("{REVIEWS}/{id}/resolve");
    for (body, code, param) in [
        (json!({}), "missing_parameter", "decision"),
        (json!({ "decision": "maybe" }), "invalid_parameter", "decision"),
        (json!({ "decision": 1 }), "invalid_parameter", "decision"),
        (json!({ "decision": "approve", "notes": "n".repeat(1_001) }), "invalid_parameter", "notes"),
        (json!({ "decision": "approve", "notes": ["n"] }), "invalid_parameter", "notes"),
    ] {
        let refused = app.post(&path, &body).bearer(&acme.live).send().await;
        assert_eq!(error(refused, 400, "validation_error", code)["param"], param, "{body}");
    }
    let reader = key(&app, &acme.tenant, &json!({ "scopes": ["fraud:read"] })).await;
    assert_eq!(users(&app, &reader, "").await, ["u1"]);
    error(resolve(&app, &reader, &id, "approve").await, 403, "authorization_error", "forbidden");
    error(
        resolve(&app, &acme.live, "rev_0000000000000", "approve").await,
        404,
        "not_found_error",
        "not_found",
    );
    error(
        resolve(&app, &acme.live, "sig_000000000000", "approve").await,
        404,
        "not_found_error",
        "not_found",
    );
}

#[tokio::test]
async fn of_simultaneous_resolutions_one_stands() {
    let (app, acme, _other) = two_shops().await;
    let (_, id) = queued(&app, &acme, &acme.live, "u1").await;
    let decisions = ["approve", "reject"].into_iter().cycle().take(20);
    let answers = join_all(decisions.map(|decision| resolve(&app, &acme.live, &id, decision))).await;
    let stands = app.get(&format!("{REVIEWS}/{id}")).bearer(&acme.live).send().await.expect_json(200);
    let approved = stands["status"] == "approved";
    for (index, answer) in answers.into_iter().enumerate() {
        if approved == (index % 2 == 0) {
            assert_eq!(answer.expect_json(200), stands);
        } else {
            error(answer, 409, "conflict_error", "already_exists");
        }
    }
}
