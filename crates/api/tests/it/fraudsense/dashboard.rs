//! `/v1/dashboard/stats`.

use serde_json::json;

use super::support::{STATS, error, two_accounts};

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
