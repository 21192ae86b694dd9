//! `POST /v1/events`.

use portcullis_testkit::{Call, TestApp};
use serde_json::{Value, json};

use super::{
    scoring::{points, session},
    support::{STATS, error, two_accounts},
};

fn reporting(app: &TestApp, key: &str, body: &Value) -> Call {
    app.post("/v1/events", body).header("x-fraudsense-key", key)
}

fn batch() -> Value {
    json!({ "deviceId": "d", "sessionId": "s", "events": [
        { "type": "screen_change", "ts": 1_775_883_600_000_i64, "data": { "screen": "Payment" } },
        { "type": "paste", "ts": "2026-04-11T05:00:00.000Z" },
    ] })
}

#[tokio::test]
async fn a_batch_is_accepted_shown_and_not_billed() {
    let (app, acme, other) = two_accounts().await;
    let answer = reporting(&app, &acme.key, &batch()).send().await.expect_json(202);
    assert_eq!(answer, json!({ "accepted": 2 }));
    let stats = app.get(STATS).bearer(&acme.token).send().await.expect_json(200);
    assert_eq!(stats["totalCalls"], 0);
    // They are told beside the session's scores, to their own account.
    for (account, batches) in [(&acme, 1), (&other, 0)] {
        assert_eq!(points(&app, &account.key, &session("d", "s")).await, 0);
        let page =
            app.get("/api/v1/client/events?mode=test").bearer(&account.token).send().await.expect_json(200);
        let path = format!("/api/v1/client/events/{}", page["items"][0]["id"].as_str().unwrap());
        let detail = app.get(&path).bearer(&account.token).send().await.expect_json(200);
        assert_eq!(detail["clientReports"].as_array().unwrap().len(), batches);
        if batches == 1 {
            let mut kept = batch();
            kept.as_object_mut().unwrap().remove("sessionId");
            assert_eq!(
                detail["clientReports"][0],
                json!({ "at": "2026-01-05T10:00:00.000Z", "report": kept })
            );
        }
    }
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let (app, acme, _other) = two_accounts().await;
    let events = |events: Value| json!({ "deviceId": "d", "sessionId": "s", "events": events });
    for (body, code, fields) in [
        (json!({}), "MISSING_FIELD", vec!["deviceId", "sessionId", "events"]),
        (events(json!([])), "INVALID_FIELD", vec!["events"]),
        (events(json!({})), "INVALID_FIELD", vec!["events"]),
        (events(json!([7])), "INVALID_FIELD", vec!["events[0]"]),
        (events(json!([{ "type": 7, "ts": 1 }])), "INVALID_FIELD", vec!["events[0].type"]),
        (events(json!([{ "type": " ", "ts": 1 }])), "MISSING_FIELD", vec!["events[0].type"]),
        (events(json!([{ "type": "t" }])), "MISSING_FIELD", vec!["events[0].ts"]),
        (events(json!([{ "type": "t", "ts": [] }])), "INVALID_FIELD", vec!["events[0].ts"]),
        (events(json!([{ "type": "t", "ts": 1, "data": [] }])), "INVALID_FIELD", vec!["events[0].data"]),
        (events(json!(vec![json!({ "type": "t", "ts": 1 }); 501])), "INVALID_FIELD", vec!["events"]),
    ] {
        let told = error(reporting(&app, &acme.key, &body).send().await, 400, code);
        let named = told["fields"].as_array().unwrap().iter().map(|field| field["field"].as_str().unwrap());
        assert_eq!(named.collect::<Vec<_>>(), fields, "{body}");
    }
    error(app.post("/v1/events", &batch()).send().await, 401, "UNAUTHORIZED");
    error(app.get("/v1/events").send().await, 405, "METHOD_NOT_ALLOWED");
}
