//! How many reports flag a user: the partner's own setting.

use portcullis_testkit::{Answer, TestApp};
use serde_json::{Value, json};

use super::support::{USER, about, enrolled, post};

const SETTINGS: &str = "/api/v1/client/settings";

async fn report(app: &TestApp, key: &str) {
    post(app, key, "report-user", json!({ "userId": USER, "description": "d" })).await;
}

async fn set(app: &TestApp, token: &str, threshold: Value) -> Answer {
    app.put(SETTINGS, &json!({ "userFlagThreshold": threshold })).bearer(token).send().await
}

async fn is_flagged(app: &TestApp, key: &str) -> bool {
    about(app, key, "check-user").await["isFlagged"].as_bool().unwrap()
}

#[tokio::test]
async fn as_many_reports_as_the_partner_says_flag_from_the_next_request_on() {
    let (app, acme, other) = enrolled().await;
    let shown = |token: String| app.get(SETTINGS).bearer(&token).send();
    let at_first = json!({ "enforcement": "enforce", "userFlagThreshold": 1 });
    assert_eq!(shown(acme.tenant.viewer.clone()).await.expect_json(200), at_first);
    for key in [&acme.live, &acme.test, &other.live] {
        report(&app, key).await;
        assert!(is_flagged(&app, key).await);
    }
    let changed = set(&app, &acme.tenant.admin, json!(2)).await.expect_json(200);
    assert_eq!(changed, json!({ "enforcement": "enforce", "userFlagThreshold": 2 }));
    assert!(!is_flagged(&app, &acme.live).await && !is_flagged(&app, &acme.test).await);
    assert!(is_flagged(&app, &other.live).await, "it is another partner's setting");
    let log =
        app.get("/api/v1/client/audit?limit=1").bearer(&acme.tenant.viewer).send().await.expect_json(200);
    let line = &log["items"][0];
    assert_eq!(line["action"], "client.update");
    assert_eq!(
        (&line["before"]["userFlagThreshold"], &line["after"]["userFlagThreshold"]),
        (&Value::Null, &json!(2))
    );

    let app = app.restarted().await;
    report(&app, &acme.live).await;
    assert!(is_flagged(&app, &acme.live).await && !is_flagged(&app, &acme.test).await);
    about(&app, &acme.live, "remove-report").await;
    assert!(!is_flagged(&app, &acme.live).await, "one of two does not count any more");
    set(&app, &acme.tenant.admin, Value::Null).await.expect(200);
    assert!(is_flagged(&app, &acme.live).await);
}

#[tokio::test]
async fn fraud_flags_alone_and_the_reports_before_an_unflagging_count_for_the_next() {
    let (app, acme, _other) = enrolled().await;
    set(&app, &acme.tenant.admin, json!(3)).await.expect(200);
    report(&app, &acme.live).await;
    report(&app, &acme.live).await;
    // Nobody is flagged, so there is nothing to take off.
    about(&app, &acme.live, "unflag-user").await;
    set(&app, &acme.tenant.admin, json!(2)).await.expect(200);
    assert!(is_flagged(&app, &acme.live).await);
    about(&app, &acme.live, "unflag-user").await;
    assert!(!is_flagged(&app, &acme.live).await);
    set(&app, &acme.tenant.admin, json!(1_000)).await.expect(200);
    let fraud = json!({ "userId": USER, "reasons": ["payment_fraud"] });
    post(&app, &acme.live, "report-fraud", fraud).await;
    assert!(is_flagged(&app, &acme.live).await);
    about(&app, &acme.live, "unflag-user").await;
    set(&app, &acme.tenant.admin, json!(3)).await.expect(200);
    assert!(!is_flagged(&app, &acme.live).await);
    report(&app, &acme.live).await;
    assert!(is_flagged(&app, &acme.live).await, "it is the third, and came after");
}

#[tokio::test]
async fn wrong_thresholds_are_named_and_change_nothing() {
    let (app, acme, _other) = enrolled().await;
    for wrong in [json!(0), json!(1_001), json!(-1), json!(1.5), json!("2"), json!(true), json!(u64::MAX)] {
        let problem = set(&app, &acme.tenant.admin, wrong.clone()).await.expect_json(400);
        assert_eq!(problem["errors"][0]["pointer"], "/userFlagThreshold", "{wrong}");
    }
    let both = json!({ "enforcement": "monitor", "userFlagThreshold": 0 });
    app.put(SETTINGS, &both).bearer(&acme.tenant.admin).send().await.expect(400);
    let nothing = app.put(SETTINGS, &json!({})).bearer(&acme.tenant.admin).send().await.expect_json(200);
    assert_eq!(nothing, json!({ "enforcement": "enforce", "userFlagThreshold": 1 }));
    set(&app, &acme.tenant.analyst, json!(2)).await.expect(403);
}
