//! `/healthz`, `/readyz` and `/metrics`.

use portcullis_testkit::TestApp;
use serde_json::json;

#[tokio::test]
async fn a_healthy_server_says_so() {
    let app = TestApp::new().await;
    assert_eq!(app.get("/healthz").send().await.expect_json(200), json!({ "status": "ok" }));
    assert_eq!(app.get("/readyz").send().await.expect_json(200), json!({ "ready": true, "reasons": [] }));
    let metrics = app.get("/metrics").send().await.expect(200);
    assert!(metrics.header("content-type").starts_with("text/plain; version=0.0.4"));
    assert_eq!(metrics.text(), "up 1\n");
}

#[tokio::test]
async fn a_draining_server_is_not_ready() {
    let app = TestApp::new().await;
    app.readiness.set(false);
    let expected = json!({ "ready": false, "reasons": ["starting or stopping"] });
    assert_eq!(app.get("/readyz").send().await.expect_json(503), expected);
    app.get("/healthz").send().await.expect(200);
}
