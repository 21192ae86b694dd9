//! Credentials: one refusal for every wrong key, suspended clients, and test keys with their own data.

use http::Method;
use portcullis_testkit::{Answer, Call, TestApp};
use serde_json::{Value, json};

use super::support::{
    INGEST, admin_of, check_answer, detail, fired, ingest, judge, key, key_and_id, list, login, signup,
    timeless, tune, two_clients, with,
};

/// Every operation of the dialect, for an event of acme's.
fn operations(app: &TestApp, event: &str) -> [Call; 3] {
    let path = format!("/api/v1/events/{event}");
    [
        app.post(INGEST, &signup("joe")),
        app.get(&path),
        app.post(&format!("{path}/outcome"), &json!({ "outcome": "CONFIRMED_FRAUD" })),
    ]
}

async fn some_event(app: &TestApp, key: &str) -> String {
    judge(app, key, &signup("jane")).await["eventId"].as_str().unwrap().to_owned()
}

fn refused(answer: Answer, status: u16, code: &str) {
    let answer = answer.expect(status);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.json()["error"]["code"], code);
    assert_eq!(answer.json()["error"]["requestId"], answer.header("x-request-id"));
}

#[tokio::test]
async fn every_wrong_key_gets_the_same_answer() {
    let (app, acme, other) = two_clients().await;
    let event = some_event(&app, &acme).await;
    let (revoked, id) = key_and_id(&app, "acme", "live").await;
    ingest(&app, &revoked, &signup("joe")).send().await.expect(200);
    app.delete(&format!("/api/v1/admin/clients/acme/api-keys/{id}"))
        .bearer(&app.admin)
        .send()
        .await
        .expect(204);
    let unknown = format!("pi_live_{}", "0".repeat(64));
    let shortened = acme[..acme.len() - 1].to_owned();
    let upper = acme.to_uppercase();
    let huge = "x".repeat(4_000);
    let keys =
        ["", " ", "x", &unknown, &revoked, &shortened, &upper, &huge, &app.admin, "null", "' OR 1=1 --", &id];
    for operation in 0..3 {
        let nth = || operations(&app, &event).into_iter().nth(operation).unwrap();
        let missing = nth().send().await.expect(401);
        refused(missing.clone(), 401, "unauthorized");
        for wrong in keys {
            let answer = nth().key(wrong).send().await;
            assert_eq!(answer.status.as_u16(), 401, "{wrong}");
            assert_eq!(timeless(&answer), timeless(&missing), "{wrong}");
            let names = |answer: &Answer| answer.headers.keys().map(ToString::to_string).collect::<Vec<_>>();
            assert_eq!(names(&answer), names(&missing));
        }
        // Where another dialect has its key, or the query: not here.
        nth().bearer(&acme).send().await.expect(401);
    }
    app.post(&format!("{INGEST}?x-api-key={acme}"), &signup("joe")).send().await.expect(401);
    app.post(INGEST, &signup("joe")).header("x-api-key", "schl\u{fc}ssel").send().await.expect(401);
    ingest(&app, &other, &signup("joe")).send().await.expect(200);
}

#[tokio::test]
async fn who_has_no_key_does_not_learn_what_is_wrong_with_the_body() {
    let (app, acme, _other) = two_clients().await;
    for (content_type, body) in [
        ("text/plain", "{}".to_owned()),
        ("application/json", "{".to_owned()),
        ("application/json", "x".repeat(300_000)),
    ] {
        let post = || app.call(Method::POST, INGEST).text(content_type, body.clone());
        refused(post().key("wrong").send().await, 401, "unauthorized");
        assert_ne!(post().key(&acme).send().await.status.as_u16(), 401);
    }
}

#[tokio::test]
async fn a_revoked_key_is_refused_by_the_very_next_request() {
    let (app, acme, other) = two_clients().await;
    let event = some_event(&app, &acme).await;
    for _ in 0..5 {
        let (second, id) = key_and_id(&app, "acme", "live").await;
        judge(&app, &second, &login("jane")).await;
        let path = format!("/api/v1/admin/clients/acme/api-keys/{id}");
        app.delete(&path).bearer(&app.admin).send().await.expect(204);
        for call in operations(&app, &event) {
            refused(call.key(&second).send().await, 401, "unauthorized");
        }
        // The others live on: keys are rotated one by one.
        judge(&app, &acme, &login("jane")).await;
        judge(&app, &other, &login("jane")).await;
    }
}

#[tokio::test]
async fn several_keys_are_one_client() {
    let (app, acme, other) = two_clients().await;
    let second = key(&app, "acme", "live").await;
    let event = some_event(&app, &acme).await;
    app.get(&format!("/api/v1/events/{event}")).key(&second).send().await.expect(200);
    let answer =
        judge(&app, &second, &with(signup("joe"), &[("/device", signup("jane")["device"].clone())])).await;
    assert_eq!(fired(&answer), ["DEVICE_REUSED"]);
    app.get(&format!("/api/v1/events/{event}")).key(&other).send().await.expect(404);
}

#[tokio::test]
async fn a_suspended_client_is_refused_until_it_is_active_again() {
    let (app, acme, other) = two_clients().await;
    let event = some_event(&app, &acme).await;
    let status = async |status: &str| {
        let change = json!({ "status": status });
        app.patch("/api/v1/admin/clients/acme", &change).bearer(&app.admin).send().await.expect(200);
    };
    status("suspended").await;
    for call in operations(&app, &event) {
        refused(call.key(&acme).send().await, 403, "tenant_suspended");
    }
    judge(&app, &other, &signup("jane")).await;
    status("active").await;
    for call in operations(&app, &event) {
        call.key(&acme).send().await.expect(200);
    }
}

#[tokio::test]
async fn a_key_does_what_it_is_for_and_from_where_it_may() {
    let (app, acme, _other) = two_clients().await;
    let event = some_event(&app, &acme).await;
    let make = async |more: Value| {
        let mut body = json!({ "name": "narrow", "dialect": "ingest", "mode": "live" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let path = "/api/v1/admin/clients/acme/api-keys";
        let made = app.post(path, &body).bearer(&app.admin).send().await.expect_json(201);
        made["key"].as_str().unwrap().to_owned()
    };
    let reading = make(json!({ "scopes": ["fraud:read"] })).await;
    let ingesting = make(json!({ "scopes": ["ingest"] })).await;
    let at_home = make(json!({ "allowedIps": ["198.51.101.0/24"] })).await;
    for call in operations(&app, &event) {
        refused(call.key(&reading).send().await, 403, "forbidden");
    }
    for call in operations(&app, &event) {
        call.key(&ingesting).send().await.expect(200);
    }
    for call in operations(&app, &event) {
        refused(call.key(&at_home).from("198.51.102.1").send().await, 403, "forbidden");
    }
    for call in operations(&app, &event) {
        call.key(&at_home).from("198.51.101.1").send().await.expect(200);
    }
}

#[tokio::test]
async fn test_addresses_force_the_decision_for_test_keys_only() {
    let (app, acme, _other) = two_clients().await;
    let test = key(&app, "acme", "test").await;
    let token = admin_of(&app, "acme").await;
    for (local, decision, band, outcome) in [
        ("test+allow", "ALLOW", "ALLOW", "allow"),
        ("test+challenge", "CHALLENGE", "MONITOR", "challenge"),
        ("test+review", "CHALLENGE", "MONITOR", "review"),
        ("test+block", "BLOCK", "BLOCK", "block"),
        ("TEST+Block", "BLOCK", "BLOCK", "block"),
    ] {
        for kind in ["SIGNUP", "LOGIN"] {
            let changes = [("/email", json!(format!("{local}@example.com"))), ("/type", json!(kind))];
            let body = with(signup("jane"), &changes);
            let forced = judge(&app, &test, &body).await;
            assert_eq!((&forced["decision"], &forced["riskBand"]), (&json!(decision), &json!(band)));
            assert_eq!(forced["forced"], true);
            let detail = detail(&app, &token, &forced).await;
            assert_eq!((&detail["decision"], &detail["assessed"]), (&json!(outcome), &json!("allow")));
            let read = app.get(&format!("/api/v1/events/{}", forced["eventId"].as_str().unwrap()));
            let read = read.key(&test).send().await.expect_json(200);
            assert_eq!((&read["decision"], &read["forced"]), (&json!(decision), &json!(true)));

            let live = judge(&app, &acme, &body).await;
            assert_eq!((&live["riskBand"], live.get("forced")), (&json!("ALLOW"), None));
        }
    }
    // It is scored as any other.
    app.clock.advance(7_200_000);
    let throwaway = with(signup("joe"), &[("/email", json!("test+allow@mailinator.com"))]);
    let answer = judge(&app, &test, &throwaway).await;
    assert_eq!((&answer["riskScore"], fired(&answer)), (&json!(30), vec!["DISPOSABLE_EMAIL"]));
    for other in [
        "test@example.com",
        "test+blocked@example.com",
        "atest+block@example.com",
        "test+block.x@example.com",
    ] {
        let answer = judge(&app, &test, &with(signup("jim"), &[("/email", json!(other))])).await;
        assert_eq!(answer.get("forced"), None, "{other}");
    }
}

#[tokio::test]
async fn test_data_is_apart_from_live_data() {
    let (app, acme, other) = two_clients().await;
    let test = key(&app, "acme", "test").await;
    let other_test = key(&app, "other", "test").await;
    // A crowd on one device and address, in the test data.
    for name in ["a", "b", "c", "d", "e", "f"] {
        let device = signup("jane")["device"].clone();
        judge(&app, &test, &with(signup(name), &[("/device", device)])).await;
    }
    let crowded = judge(&app, &test, &login("jane")).await;
    assert_eq!(fired(&crowded), ["DEVICE_REUSED", "IP_REUSED"]);
    for key in [&acme, &other, &other_test] {
        let answer = judge(&app, key, &signup("jane")).await;
        assert_eq!(answer["riskScore"], 0);
        assert_eq!(answer["derivedSignals"]["linkage"]["accountsOnIp"], 1);
        assert_ne!(
            answer["derivedSignals"]["device"]["deviceHash"],
            crowded["derivedSignals"]["device"]["deviceHash"]
        );
    }
    // Events are found under keys of their own mode only.
    let path = format!("/api/v1/events/{}", crowded["eventId"].as_str().unwrap());
    for (key, status) in [(&test, 200), (&acme, 404), (&other, 404), (&other_test, 404)] {
        app.get(&path).key(key).send().await.expect(status);
        let report = json!({ "outcome": "FALSE_POSITIVE" });
        app.post(&format!("{path}/outcome"), &report).key(key).send().await.expect(status);
    }
    let token = admin_of(&app, "acme").await;
    for (mode, count) in [("live", 1), ("test", 7)] {
        let path = format!("/api/v1/client/events?mode={mode}");
        let events = app.get(&path).bearer(&token).send().await.expect_json(200);
        assert_eq!(events["items"].as_array().unwrap().len(), count);
    }
    // The same idempotency key means another event.
    let mut ids = Vec::new();
    for key in [&acme, &test, &other, &other_test] {
        let answer =
            ingest(&app, key, &signup("joe")).header("idempotency-key", "k1").send().await.expect(200);
        assert_eq!(answer.header("idempotent-replayed"), "");
        check_answer(&answer.json());
        ids.push(answer.json()["eventId"].clone());
    }
    ids.sort_by_key(ToString::to_string);
    ids.dedup();
    assert_eq!(ids.len(), 4);
}

#[tokio::test]
async fn both_modes_share_rules_and_lists() {
    let (app, acme, other) = two_clients().await;
    let test = key(&app, "acme", "test").await;
    let token = admin_of(&app, "acme").await;
    list(&app, "disposable-domains", json!(["rare.example"])).await;
    tune(&app, &token, &json!({ "rules": [{ "code": "DISPOSABLE_EMAIL", "weight": 81 }] })).await;
    for (key, band) in [(&acme, "MONITOR"), (&test, "MONITOR"), (&other, "ALLOW")] {
        let answer = judge(&app, key, &with(signup("jane"), &[("/email", json!("jane@rare.example"))])).await;
        assert_eq!((fired(&answer), &answer["riskBand"]), (vec!["DISPOSABLE_EMAIL"], &json!(band)));
    }
}
