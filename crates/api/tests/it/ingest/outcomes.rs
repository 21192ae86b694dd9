//! Looking an event up, and reporting what became of it.

use portcullis_testkit::{Answer, TestApp};
use serde_json::{Value, json};

use super::support::{admin_of, detail, judge, login, now_ms, signup, two_clients, with, without};

fn path(answer: &Value) -> String {
    format!("/api/v1/events/{}", answer["eventId"].as_str().unwrap())
}

async fn report(app: &TestApp, key: &str, event: &Value, body: &Value) -> Answer {
    app.post(&format!("{}/outcome", path(event)), body).key(key).send().await
}

async fn read(app: &TestApp, key: &str, event: &Value) -> Value {
    app.get(&path(event)).key(key).send().await.expect_json(200)
}

#[tokio::test]
async fn an_event_reads_as_it_was_answered() {
    let (app, acme, other) = two_clients().await;
    let token = admin_of(&app, "acme").await;
    let blocked =
        with(signup("x"), &[("/email", json!("x@mailinator.com")), ("/behavior/keystrokeCount", json!(0))]);
    for body in [signup("jane"), login("jane"), blocked, json!({ "type": "LOGIN", "ip": "8.8.8.8" })] {
        let answer = judge(&app, &acme, &body).await;
        app.clock.advance(61_000);
        // What happens later changes nothing, nor do other rules.
        judge(&app, &acme, &with(signup("joe"), &[("/device", signup("jane")["device"].clone())])).await;
        let change = json!({ "rules": [{ "code": "DEVICE_REUSED", "weight": now_ms(&app) % 50 }] });
        app.put("/api/v1/client/rules", &change).bearer(&token).send().await.expect(200);
        let event = read(&app, &acme, &answer).await;
        assert_eq!(without(&event, &["type", "createdAt", "outcome"]), answer);
        assert_eq!((&event["type"], &event["outcome"]), (&body["type"], &Value::Null));
        let created = event["createdAt"].as_str().unwrap();
        assert!(created.starts_with("2026-01-05T10:0") && created.ends_with('Z'), "{created}");
        app.get(&path(&answer)).key(&other).send().await.expect(404);
    }
}

#[tokio::test]
async fn every_label_can_be_reported_and_the_last_stands() {
    let (app, acme, _other) = two_clients().await;
    let token = admin_of(&app, "acme").await;
    let event = judge(&app, &acme, &signup("jane")).await;
    for (label, notes) in [
        ("CHALLENGE_PASSED", json!("code by SMS")),
        ("CHALLENGE_FAILED", Value::Null),
        ("CONFIRMED_FRAUD", json!("")),
        ("FALSE_POSITIVE", json!("ä".repeat(2_000))),
        ("CONFIRMED_FRAUD", Value::Null),
    ] {
        app.clock.advance(1_000);
        let body = json!({ "outcome": label, "notes": notes, "unknown": 1 });
        let noted = report(&app, &acme, &event, &body).await.expect_json(200);
        let at = app.store.clock().now().to_string();
        let expected = json!({ "eventId": event["eventId"], "outcome": label, "at": at, "notes": notes });
        assert_eq!(noted, expected);
        let shown = without(&expected, &["eventId"]);
        let found = read(&app, &acme, &event).await;
        assert_eq!(found["outcome"], shown);
        assert_eq!(without(&found, &["type", "createdAt", "outcome"]), event, "the decision stays as it was");
        assert_eq!(detail(&app, &token, &event).await["outcome"], shown);
    }
}

#[tokio::test]
async fn wrong_reports_are_named_and_change_nothing() {
    let (app, acme, _other) = two_clients().await;
    let event = judge(&app, &acme, &signup("jane")).await;
    report(&app, &acme, &event, &json!({ "outcome": "CHALLENGE_PASSED" })).await.expect(200);
    let long = "n".repeat(2_001);
    for (body, fields) in [
        (json!({}), vec!["outcome"]),
        (json!({ "outcome": null }), vec!["outcome"]),
        (json!({ "outcome": "FRAUD" }), vec!["outcome"]),
        (json!({ "outcome": "confirmed_fraud" }), vec!["outcome"]),
        (json!({ "outcome": 1 }), vec!["outcome"]),
        (json!({ "outcome": "CONFIRMED_FRAUD", "notes": 1 }), vec!["notes"]),
        (json!({ "outcome": "CONFIRMED_FRAUD", "notes": long }), vec!["notes"]),
        (json!({ "outcome": "FRAUD", "notes": long }), vec!["outcome", "notes"]),
    ] {
        let answer = report(&app, &acme, &event, &body).await.expect_json(400);
        let named: Vec<_> = answer["error"]["fields"]
            .as_array()
            .unwrap()
            .iter()
            .map(|error| error["field"].clone())
            .collect();
        assert_eq!(named, fields, "{answer}");
    }
    let path = format!("{}/outcome", path(&event));
    app.post(&path, &json!([])).key(&acme).send().await.expect(400);
    app.call(http::Method::POST, &path).key(&acme).send().await.expect(415);
    app.call(http::Method::POST, &path).key(&acme).text("application/json", "x").send().await.expect(400);
    app.get(&path).key(&acme).send().await.expect(405);
    assert_eq!(read(&app, &acme, &event).await["outcome"]["outcome"], "CHALLENGE_PASSED");
}

#[tokio::test]
async fn what_is_not_yours_and_what_is_not_there_look_alike() {
    let (app, acme, other) = two_clients().await;
    let theirs = judge(&app, &other, &signup("jane")).await;
    let there_none = json!({ "eventId": "cm0000000000000" });
    let fraud = json!({ "outcome": "CONFIRMED_FRAUD" });
    let apart_from_id = |answer: Answer| {
        let mut body = answer.expect_json(404);
        body["error"]["requestId"].take();
        body
    };
    let foreign = apart_from_id(app.get(&path(&theirs)).key(&acme).send().await);
    assert_eq!(foreign["error"]["code"], "not_found");
    assert_eq!(apart_from_id(app.get(&path(&there_none)).key(&acme).send().await), foreign);
    assert_eq!(apart_from_id(report(&app, &acme, &theirs, &fraud).await), foreign);
    assert_eq!(apart_from_id(report(&app, &acme, &there_none, &fraud).await), foreign);
    assert_eq!(read(&app, &other, &theirs).await["outcome"], Value::Null, "a foreign report is not taken");
    let id = theirs["eventId"].as_str().unwrap();
    for odd in
        [&id[2..], &id.to_uppercase(), &format!("{id}0"), "cm", "x", "%00", "cmzzzzzzzzzzzzz", "-1", "..%2f"]
    {
        let answer = app.get(&format!("/api/v1/events/{odd}")).key(&other).send().await;
        assert_eq!(apart_from_id(answer), foreign, "{odd}");
        let answer = app.post(&format!("/api/v1/events/{odd}/outcome"), &fraud).key(&other).send().await;
        assert_eq!(apart_from_id(answer), foreign, "{odd}");
    }
}
