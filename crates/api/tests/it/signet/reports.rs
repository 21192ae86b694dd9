//! Reports of users and of fraud: their life cycles, and that they are signals of fraud for people to decide about.

use futures_util::future::join_all;
use portcullis_testkit::TestApp;
use serde_json::{Value, json};

use super::support::{JANE, USER, about, enroll, enrolled, error, names, post, try_post, wrong_fields};

async fn report(app: &TestApp, key: &str, description: &str) -> String {
    let made = post(app, key, "report-user", json!({ "userId": USER, "description": description })).await;
    assert_eq!(made["message"], "User reported successfully");
    made["reportId"].as_str().unwrap().to_owned()
}

async fn fraud(app: &TestApp, key: &str, reasons: Value) -> Value {
    post(app, key, "report-fraud", json!({ "userId": USER, "reasons": reasons })).await
}

/// The descriptions of the reports that stand.
async fn reports(app: &TestApp, key: &str) -> Vec<String> {
    let all = about(app, key, "get-reports-by-user").await;
    all.as_array().unwrap().iter().map(|report| report["description"].as_str().unwrap().to_owned()).collect()
}

/// The signals that people see.
async fn signals(app: &TestApp, token: &str) -> Vec<Value> {
    let page = app.get("/api/v1/client/signals").bearer(token).send().await.expect_json(200);
    page["items"].as_array().unwrap().clone()
}

async fn decide(app: &TestApp, token: &str, id: &str, verb: &str) {
    let path = format!("/api/v1/client/signals/{id}/{verb}");
    app.post(&path, &json!({})).bearer(token).send().await.expect(200);
}

#[tokio::test]
async fn a_user_is_reported_flagged_and_cleared() {
    let (app, acme, other) = enrolled().await;
    let nothing = json!({ "hasReports": false, "reportCount": 0, "isFlagged": false, "lastReported": null,
                          "reports": [] });
    assert_eq!(about(&app, &acme.live, "check-user").await, nothing);
    let first = report(&app, &acme.live, "first").await;
    app.clock.advance(60_000);
    let second = report(&app, &acme.live, "second").await;
    assert_ne!(first, second);
    let status = about(&app, &acme.live, "check-user").await;
    assert_eq!(names(&status), ["hasReports", "isFlagged", "lastReported", "reportCount", "reports"]);
    assert_eq!(
        (&status["hasReports"], &status["reportCount"], &status["isFlagged"], &status["lastReported"]),
        (&json!(true), &json!(2), &json!(true), &json!("2026-01-05T10:01:00Z"))
    );
    let expected = json!({ "reportId": second, "description": "second", "reportedAt": "2026-01-05T10:01:00Z",
                           "status": "active" });
    assert_eq!(status["reports"][0], expected);
    for key in [&acme.test, &other.live] {
        assert_eq!(about(&app, key, "check-user").await, nothing);
    }

    // Unflagging leaves the reports, and lasts until the next one.
    let app = app.restarted().await;
    assert_eq!(about(&app, &acme.live, "unflag-user").await["message"], "User unflagged successfully");
    let status = about(&app, &acme.live, "check-user").await;
    assert_eq!((&status["reportCount"], &status["isFlagged"]), (&json!(2), &json!(false)));
    let app = app.restarted().await;
    assert_eq!(about(&app, &acme.live, "check-user").await["isFlagged"], false);
    report(&app, &acme.live, "third").await;
    assert_eq!(about(&app, &acme.live, "check-user").await["isFlagged"], true);
    assert_eq!(reports(&app, &acme.live).await, ["third", "second", "first"]);
}

#[tokio::test]
async fn unflagging_a_user_who_is_not_flagged_changes_nothing() {
    let (app, acme, _other) = enrolled().await;
    assert_eq!(about(&app, &acme.live, "unflag-user").await["message"], "User unflagged successfully");
    report(&app, &acme.live, "first").await;
    assert_eq!(about(&app, &acme.live, "check-user").await["isFlagged"], true);
}

#[tokio::test]
async fn the_newest_report_or_the_one_that_is_named_is_removed() {
    let (app, acme, other) = enrolled().await;
    let first = report(&app, &acme.live, "first").await;
    report(&app, &acme.live, "second").await;
    report(&app, &acme.live, "third").await;
    let theirs = report(&app, &other.live, "theirs").await;
    assert_eq!(about(&app, &acme.live, "remove-report").await["message"], "Report removed successfully");
    assert_eq!(reports(&app, &acme.live).await, ["second", "first"]);
    let named = |id: &str| json!({ "userId": USER, "reportId": id });
    post(&app, &acme.live, "remove-report", named(&first)).await;
    assert_eq!(reports(&app, &acme.live).await, ["second"]);
    let frauds = fraud(&app, &acme.live, json!(["payment_fraud"])).await;
    for id in [first.as_str(), &theirs, "nonsense", frauds["fraudId"].as_str().unwrap()] {
        let answer = try_post(&app, &acme.live, "remove-report", &named(id)).await;
        error(answer, 404, "not_found", "no_active_report");
    }
    assert_eq!(reports(&app, &other.live).await, ["theirs"]);
    let app = app.restarted().await;
    for nothing_said in [json!(false), Value::Null] {
        let asked = json!({ "userId": USER, "includeRemoved": nothing_said });
        let standing = post(&app, &acme.live, "get-reports-by-user", asked).await;
        assert_eq!(standing.as_array().unwrap().len(), 1);
    }
    let all =
        post(&app, &acme.live, "get-reports-by-user", json!({ "userId": USER, "includeRemoved": true }))
            .await;
    let all: Vec<_> =
        all.as_array().unwrap().iter().map(|report| report["status"].as_str().unwrap()).collect();
    assert_eq!(all, ["removed", "active", "removed"]);
    about(&app, &acme.live, "remove-report").await;
    let answer = try_post(&app, &acme.live, "remove-report", &json!({ "userId": USER })).await;
    error(answer, 404, "not_found", "no_active_report");
    let status = about(&app, &acme.live, "check-user").await;
    assert_eq!((&status["reportCount"], &status["lastReported"]), (&json!(0), &Value::Null));
}

#[tokio::test]
async fn every_report_of_many_at_once_counts() {
    let (app, acme, _other) = enrolled().await;
    let body = json!({ "userId": USER, "description": "d" });
    let made = join_all((0..8).map(|_| try_post(&app, &acme.live, "report-user", &body))).await;
    let ids: std::collections::BTreeSet<_> =
        made.into_iter().map(|answer| answer.expect_json(200)["data"]["reportId"].to_string()).collect();
    assert_eq!(ids.len(), 8);
    assert_eq!(about(&app, &acme.live, "check-user").await["reportCount"], 8);
}

#[tokio::test]
async fn a_retry_is_no_second_report() {
    let (app, acme, _other) = enrolled().await;
    for (path, body) in [
        ("report-user", json!({ "userId": USER, "description": "d" })),
        ("report-fraud", json!({ "userId": USER, "reasons": ["payment_fraud"] })),
    ] {
        let send = |body: &Value| {
            let call = app.post(&format!("/fraud/v1/{path}"), body).bearer(&acme.live);
            call.header("idempotency-key", "0123456789").send()
        };
        let (first, again) = (send(&body).await.expect(200), send(&body).await.expect(200));
        assert_eq!(first.json(), again.json());
        assert_eq!(again.header("idempotent-replayed"), "true");
        let mut another = body.clone();
        another["more"] = json!(1);
        error(send(&another).await, 409, "conflict", "idempotency_conflict");
    }
    assert_eq!(about(&app, &acme.live, "check-user").await["reportCount"], 1);
    assert_eq!(signals(&app, &acme.tenant.analyst).await.len(), 2);
}

#[tokio::test]
async fn reports_wait_for_people_and_what_they_dismiss_counts_no_more() {
    let (app, acme, _other) = enrolled().await;
    let (first, second) = (report(&app, &acme.live, "first").await, report(&app, &acme.live, "second").await);
    let seen = signals(&app, &acme.tenant.analyst).await;
    assert_eq!(
        (&seen[0]["id"], &seen[0]["type"], &seen[0]["user"]),
        (&json!(second), &json!("user_report"), &json!(USER))
    );
    assert_eq!(seen[0]["description"], "second");
    decide(&app, &acme.tenant.analyst, &first, "confirm").await;
    decide(&app, &acme.tenant.analyst, &second, "dismiss").await;
    assert_eq!(reports(&app, &acme.live).await, ["first"]);
    let removed = report(&app, &acme.live, "third").await;
    about(&app, &acme.live, "remove-report").await;
    let seen = signals(&app, &acme.tenant.analyst).await;
    assert!(seen.iter().all(|signal| signal["id"] != removed));
    let path = format!("/v1/fraud/signals/{removed}");
    app.get(&path).bearer(&acme.live).send().await.expect(404);
}

#[tokio::test]
async fn how_urgent_a_report_of_fraud_is_follows_from_its_reasons() {
    let (app, acme, _other) = enrolled().await;
    for (reasons, priority, kind) in [
        (json!(["suspicious_activity"]), "low", "suspicious_activity"),
        (json!(["suspicious_activity", "suspicious_activity"]), "low", "suspicious_activity"),
        (json!(["location_mismatch"]), "medium", "location_mismatch"),
        (json!(["payment_fraud"]), "high", "payment_fraud"),
        (json!(["identity_theft"]), "high", "identity_theft"),
        (json!(["location_mismatch", "suspicious_activity"]), "high", "location_mismatch"),
    ] {
        let made = fraud(&app, &acme.live, reasons.clone()).await;
        assert_eq!(names(&made), ["fraudId", "message", "priority", "submittedAt"]);
        assert_eq!(made["message"], "Fraud report submitted successfully");
        assert_eq!(made["priority"], priority, "{reasons}");
        assert_eq!(made["submittedAt"], "2026-01-05T10:00:00Z");
        let signal = &signals(&app, &acme.tenant.analyst).await[0];
        assert_eq!((&signal["id"], &signal["type"]), (&made["fraudId"], &json!(kind)));
        assert_eq!(signal["severity"], priority);
    }
    assert_eq!(about(&app, &acme.live, "check-user").await["isFlagged"], true);
    assert_eq!(about(&app, &acme.live, "check-user").await["hasReports"], false);
}

#[tokio::test]
async fn wrong_input_names_its_fields() {
    let (app, acme, _other) = enrolled().await;
    enroll(&app, &acme.live, JANE).await;
    let cases: [(&str, Value, &[&str]); 11] = [
        ("report-user", json!({}), &["userId", "description"]),
        ("report-user", json!({ "userId": USER, "description": "x".repeat(2_001) }), &["description"]),
        ("check-user", json!({}), &["userId"]),
        ("check-user", json!({ "userId": "42" }), &["userId"]),
        ("get-reports-by-user", json!({ "userId": USER, "includeRemoved": "yes" }), &["includeRemoved"]),
        ("remove-report", json!({ "userId": USER, "reportId": "" }), &["reportId"]),
        ("unflag-user", json!({ "userId": null }), &["userId"]),
        ("check-risk-score", json!({ "userId": 7 }), &["userId"]),
        ("report-fraud", json!({}), &["userId", "reasons"]),
        ("report-fraud", json!({ "userId": USER, "reasons": [] }), &["reasons"]),
        ("report-fraud", json!({ "userId": USER, "reasons": ["payment_fraud", "spite"] }), &["reasons[1]"]),
    ];
    for (path, body, expected) in cases {
        assert_eq!(wrong_fields(try_post(&app, &acme.live, path, &body).await), expected, "{path} {body}");
    }
    post(&app, &acme.live, "report-user", json!({ "userId": USER, "description": "ü".repeat(2_000) })).await;
}
