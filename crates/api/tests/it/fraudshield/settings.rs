//! `/v1/fraud/settings`: log-only mode of the whole account.

use serde_json::{Value, json};

use super::support::{error, key, two_shops};

const SETTINGS: &str = "/v1/fraud/settings";
const OF_CLIENT: &str = "/api/v1/client/settings";

#[tokio::test]
async fn the_mode_is_the_accounts_and_stays() {
    let (app, acme, other) = two_shops().await;
    let shown = |key: &str| app.get(SETTINGS).bearer(key).send();
    let expected = json!({ "object": "settings", "enforcement": "enforce" });
    assert_eq!(shown(&acme.live).await.expect_json(200), expected);
    let monitor = json!({ "enforcement": "monitor", "color": "red" });
    let expected = json!({ "object": "settings", "enforcement": "monitor" });
    let changed = app.put(SETTINGS, &monitor).bearer(&acme.test).send().await.expect_json(200);
    assert_eq!(changed, expected);
    for key in [&acme.live, &acme.test] {
        assert_eq!(shown(key).await.expect_json(200), expected);
    }
    assert_eq!(shown(&other.live).await.expect_json(200)["enforcement"], "enforce");
    // The account's people see and change the same.
    let own = app.get(OF_CLIENT).bearer(&acme.tenant.viewer).send().await.expect_json(200);
    assert_eq!(own["enforcement"], "monitor");
    let log =
        app.get("/api/v1/client/audit?limit=1").bearer(&acme.tenant.viewer).send().await.expect_json(200);
    let line = &log["items"][0];
    assert_eq!((&line["action"], &line["actor"]["role"]), (&json!("client.update"), &json!("API_KEY")));
    assert_eq!(
        (&line["before"]["enforcement"], &line["after"]["enforcement"]),
        (&json!("enforce"), &json!("monitor"))
    );

    let app = app.restarted().await;
    assert_eq!(app.get(SETTINGS).bearer(&acme.live).send().await.expect_json(200), expected);
    let enforce = json!({ "enforcement": "enforce" });
    let changed = app.put(OF_CLIENT, &enforce).bearer(&acme.tenant.admin).send().await.expect_json(200);
    assert_eq!(changed["enforcement"], "enforce");
    assert_eq!(app.get(SETTINGS).bearer(&acme.live).send().await.expect_json(200)["enforcement"], "enforce");
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let (app, acme, _other) = two_shops().await;
    for (body, code) in [
        (json!({}), "missing_parameter"),
        (json!({ "enforcement": "off" }), "invalid_parameter"),
        (json!({ "enforcement": true }), "invalid_parameter"),
        (json!({ "enforcement": Value::Null }), "invalid_parameter"),
    ] {
        let refused = app.put(SETTINGS, &body).bearer(&acme.live).send().await;
        assert_eq!(error(refused, 400, "validation_error", code)["param"], "enforcement", "{body}");
    }
    let unknown = json!({ "enforcement": "monitor", "color": "red" });
    let refused = app.put(OF_CLIENT, &unknown).bearer(&acme.tenant.admin).send().await.expect(400);
    assert!(refused.text().contains("color"));
    let reader = key(&app, &acme.tenant, &json!({ "scopes": ["fraud:read"] })).await;
    app.get(SETTINGS).bearer(&reader).send().await.expect(200);
    let refused = app.put(SETTINGS, &json!({ "enforcement": "monitor" })).bearer(&reader).send().await;
    error(refused, 403, "authorization_error", "forbidden");
    assert_eq!(app.get(SETTINGS).bearer(&reader).send().await.expect_json(200)["enforcement"], "enforce");
}
