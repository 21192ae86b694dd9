//! `/v1/dashboard/stats`.

use futures_util::future::join_all;
use portcullis_testkit::TestApp;
use serde_json::json;

use super::support::{Account, KEYS, STATS, error, score, set, two_accounts};

/// The four numbers, in the order of the contract.
async fn stats(app: &TestApp, account: &Account) -> (u64, u64, u64, f64) {
    let answer = app.get(STATS).bearer(&account.token).send().await.expect_json(200);
    let number = |name: &str| answer[name].as_u64().unwrap();
    let bill = answer["estimatedBill"].as_f64().unwrap();
    (number("totalCalls"), number("callsThisMonth"), number("freeCallsRemaining"), bill)
}

/// Scores so many sessions.
async fn score_all(app: &TestApp, key: &str, calls: usize) {
    let answers = join_all((0..calls).map(|_| score(app, key).send())).await;
    assert!(answers.iter().all(|answer| answer.status == 200), "{}", answers[0].text());
}

#[tokio::test]
async fn an_account_without_calls_has_a_thousand_free_ones() {
    let (app, acme, other) = two_accounts().await;
    // Calls of another dialect are not billed.
    let event = json!({ "type": "SIGNUP", "email": "a@acme.example", "ip": "8.8.8.8" });
    app.post("/api/v1/events/ingest", &event).key(&acme.key).send().await.expect(200);
    for account in [&acme, &other] {
        let stats = app.get(STATS).bearer(&account.token).send().await.expect(200);
        let expected = json!({
            "totalCalls": 0, "callsThisMonth": 0, "freeCallsRemaining": 1_000, "estimatedBill": 0.0,
        });
        assert_eq!(stats.json(), expected);
        assert!(stats.header("ratelimit-policy").contains("q=1000;w=900"));
    }
    error(app.get("/v1/dashboard/nothing").bearer(&acme.token).send().await, 404, "NOT_FOUND");
}

#[tokio::test]
async fn the_thousand_and_first_call_of_a_month_costs_two_cents() {
    let (app, acme, other) = two_accounts().await;
    set(&app, &acme, json!({ "requestsPer15Min": 10_000 })).await;
    score_all(&app, &acme.key, 999).await;
    assert_eq!(stats(&app, &acme).await, (999, 999, 1, 0.0));
    // Live calls count with test calls.
    let live = app.post(KEYS, &json!({ "name": "k", "mode": "live" })).bearer(&acme.token).send().await;
    let live = live.expect_json(200)["key"].as_str().unwrap().to_owned();
    score_all(&app, &live, 1).await;
    assert_eq!(stats(&app, &acme).await, (1_000, 1_000, 0, 0.0));
    score_all(&app, &live, 1).await;
    assert_eq!(stats(&app, &acme).await, (1_001, 1_001, 0, 0.02));
    score_all(&app, &acme.key, 4).await;
    assert_eq!(stats(&app, &acme).await, (1_005, 1_005, 0, 0.1));
    assert_eq!(stats(&app, &other).await, (0, 0, 1_000, 0.0));
}

#[tokio::test]
async fn only_calls_that_were_answered_with_a_score_count() {
    let (app, acme, _other) = two_accounts().await;
    let refused = app.post("/v1/risk/score", &json!({})).header("x-fraudsense-key", &acme.key).send().await;
    error(refused, 400, "MISSING_FIELD");
    error(score(&app, "fs_test_0").send().await, 401, "UNAUTHORIZED");
    set(&app, &acme, json!({ "status": "suspended" })).await;
    error(score(&app, &acme.key).send().await, 403, "ACCOUNT_SUSPENDED");
    set(&app, &acme, json!({ "status": "active" })).await;
    score_all(&app, &acme.key, 2).await;
    assert_eq!(stats(&app, &acme).await, (2, 2, 998, 0.0));
}

#[tokio::test]
async fn a_month_ends_at_midnight_utc() {
    let (app, acme, _other) = two_accounts().await;
    let log_in = || app.log_in("admin@acme.example", portcullis_testkit::PASSWORD);
    let moved = |token: String| Account { token, id: acme.id.clone(), key: acme.key.clone() };
    app.clock.set("2026-01-31T23:59:59.999Z".parse().unwrap());
    let acme_then = moved(log_in().await);
    score_all(&app, &acme.key, 3).await;
    assert_eq!(stats(&app, &acme_then).await, (3, 3, 997, 0.0));
    app.clock.advance(1);
    assert_eq!(stats(&app, &acme_then).await, (3, 0, 1_000, 0.0));
    score_all(&app, &acme.key, 1).await;
    assert_eq!(stats(&app, &acme_then).await, (4, 1, 999, 0.0));
    // The same month of another year is another month.
    app.clock.set("2027-01-05T10:00:00Z".parse().unwrap());
    let acme_later = moved(log_in().await);
    assert_eq!(stats(&app, &acme_later).await, (4, 0, 1_000, 0.0));
    let app = app.restarted().await;
    assert_eq!(stats(&app, &acme_later).await, (4, 0, 1_000, 0.0));
}
