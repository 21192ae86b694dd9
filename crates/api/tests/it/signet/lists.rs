//! `/fraud/v1/blacklist`: its life cycle, and that it is the list that every dialect looks at.

use futures_util::future::join_all;
use http::Method;
use portcullis_testkit::TestApp;
use serde_json::{Value, json};

use super::support::{
    JANE, USER, data, enroll, enrolled, error, fired, get, log_in, post, try_post, wrong_fields,
};

const UPPER: &str = "550E8400-E29B-41D4-A716-446655440000";

async fn blacklist(app: &TestApp, key: &str, user: &str) -> Value {
    post(app, key, "blacklist", json!({ "userId": user, "reason": "Suspicious payment activity" })).await
}

async fn status(app: &TestApp, key: &str, user: &str) -> Value {
    data(app.call(Method::PATCH, &format!("/fraud/v1/blacklist/{user}")).bearer(key).send().await, 200)
}

async fn remove(app: &TestApp, key: &str, user: &str) -> Value {
    data(app.delete(&format!("/fraud/v1/blacklist/{user}")).bearer(key).send().await, 200)
}

#[tokio::test]
async fn a_blacklisted_user_is_refused_by_the_ingest_call_at_once_and_let_in_again() {
    let (app, acme, other) = enrolled().await;
    let decision = |key: &str| {
        let (app, key) = (&app, key.to_owned());
        async move { log_in(app, &key, USER, "d1", "203.0.113.7").await["decision"].clone() }
    };
    assert_ne!(decision(&acme.live).await, "BLOCK");
    let told = blacklist(&app, &acme.live, UPPER).await;
    assert_eq!(told["message"], "User blacklisted successfully. Partner ID: acme");
    assert_eq!(decision(&acme.live).await, "BLOCK");
    assert_ne!(decision(&acme.test).await, "BLOCK");
    assert_ne!(decision(&other.live).await, "BLOCK");
    // The same list in the other dialects.
    let check = json!({ "type": "user", "value": USER });
    let checked = app.post("/v1/fraud/blocklist/check", &check).bearer(&acme.live).send().await;
    assert_eq!(checked.expect_json(200)["blocked"], true);

    assert_eq!(remove(&app, &acme.live, USER).await["message"], "User removed from blacklist successfully");
    assert_ne!(decision(&acme.live).await, "BLOCK");
    let answer = app.delete(&format!("/fraud/v1/blacklist/{USER}")).bearer(&acme.live).send().await;
    error(answer, 404, "not_found", "not_blacklisted");
}

#[tokio::test]
async fn looking_changes_nothing_and_tells_since_when() {
    let (app, acme, other) = enrolled().await;
    let nothing = json!({ "isBlacklisted": false, "reason": null, "blacklistedAt": null });
    assert_eq!(status(&app, &acme.live, USER).await, nothing);
    blacklist(&app, &acme.live, USER).await;
    app.clock.advance(5_000);
    let audit = |app: &TestApp| app.get("/api/v1/client/audit").bearer(&acme.tenant.admin).send();
    let before = audit(&app).await.json();
    let expected = json!({ "isBlacklisted": true, "reason": "Suspicious payment activity",
                           "blacklistedAt": "2026-01-05T10:00:00Z" });
    for user in [USER, UPPER] {
        assert_eq!(status(&app, &acme.live, user).await, expected);
    }
    // A body is ignored.
    let path = format!("/fraud/v1/blacklist/{USER}");
    let with_body = app.patch(&path, &json!({ "reason": "another" })).bearer(&acme.live).send().await;
    assert_eq!(data(with_body, 200), expected);
    assert_eq!(audit(&app).await.json(), before);
    assert_eq!(status(&app, &acme.test, USER).await, nothing);
    assert_eq!(status(&app, &other.live, USER).await, nothing);
    let app = app.restarted().await;
    assert_eq!(status(&app, &acme.live, USER).await, expected);
}

#[tokio::test]
async fn of_many_at_once_one_blacklists_and_one_removes() {
    let (app, acme, _other) = enrolled().await;
    let body = json!({ "userId": USER, "reason": "r" });
    let answers = join_all((0..6).map(|_| try_post(&app, &acme.live, "blacklist", &body))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    for answer in answers.into_iter().filter(|answer| answer.status != 200) {
        error(answer, 409, "conflict", "already_blacklisted");
    }
    let path = format!("/fraud/v1/blacklist/{USER}");
    let answers = join_all((0..6).map(|_| app.delete(&path).bearer(&acme.live).send())).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    assert!(answers.iter().all(|answer| [200, 404].contains(&answer.status.as_u16())));
}

#[tokio::test]
async fn the_list_has_everybody_who_is_blocked_with_who_it_is() {
    let (app, acme, other) = enrolled().await;
    enroll(&app, &acme.live, JANE).await;
    blacklist(&app, &acme.live, USER).await;
    app.clock.advance(1_000);
    blacklist(&app, &acme.live, JANE).await;
    app.clock.advance(1_000);
    blacklist(&app, &other.live, USER).await;
    // Blocked by people, for an hour, and not enrolled.
    let entry =
        json!({ "list": "block", "kind": "user", "value": "usr_7", "expiresAt": "2026-01-05T11:00:00Z" });
    app.post("/api/v1/client/lists", &entry).bearer(&acme.tenant.admin).send().await.expect(201);
    let users = |list: &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|user| user["userId"].as_str().unwrap().to_owned()).collect()
    };
    let all = get(&app, &acme.live, "blacklist").await;
    assert_eq!(users(&all), ["usr_7", JANE, USER]);
    assert_eq!(all[0]["userDetails"], Value::Null);
    let details = json!({ "name": "John Doe", "email": "john@example.com", "entityType": "user" });
    assert_eq!((&all[2]["userDetails"], &all[2]["partnerId"]), (&details, &json!("acme")));
    assert_eq!(all[2]["blacklistedAt"], "2026-01-05T10:00:00Z");
    assert_eq!(get(&app, &acme.test, "blacklist").await, json!([]));
    assert_eq!(users(&get(&app, &acme.live, "blacklist?limit=1").await), ["usr_7"]);
    assert_eq!(users(&get(&app, &acme.live, "blacklist?limit=1&offset=1").await), [JANE]);
    assert_eq!(users(&get(&app, &acme.live, "blacklist?offset=3").await), [""; 0]);
    app.clock.advance(3_600_000);
    assert_eq!(users(&get(&app, &acme.live, "blacklist").await), [JANE, USER]);
    for query in ["limit=0", "limit=101", "limit=x", "offset=-1"] {
        let answer = app.get(&format!("/fraud/v1/blacklist?{query}")).bearer(&acme.live).send().await;
        assert_eq!(wrong_fields(answer), [query.split('=').next().unwrap()]);
    }
}

#[tokio::test]
async fn wrong_input_names_its_fields() {
    let (app, acme, _other) = enrolled().await;
    let cases: [(Value, &[&str]); 5] = [
        (json!({}), &["userId", "reason"]),
        (json!({ "userId": "42", "reason": "r" }), &["userId"]),
        (json!({ "userId": USER, "reason": "  " }), &["reason"]),
        (json!({ "userId": USER, "reason": "x".repeat(501) }), &["reason"]),
        (json!({ "userId": USER, "reason": 7 }), &["reason"]),
    ];
    for (body, expected) in cases {
        assert_eq!(wrong_fields(try_post(&app, &acme.live, "blacklist", &body).await), expected, "{body}");
    }
    for method in [Method::PATCH, Method::DELETE] {
        let answer = app.call(method, "/fraud/v1/blacklist/42").bearer(&acme.live).send().await;
        assert_eq!(wrong_fields(answer), ["id"]);
    }
    blacklist(&app, &acme.live, USER).await;
    let answer = log_in(&app, &acme.live, USER, "d1", "203.0.113.7").await;
    assert!(fired(&answer).contains(&"BLOCKLISTED"));
}
