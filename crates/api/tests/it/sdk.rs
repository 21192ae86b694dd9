//! `/assets/form.js`, the script for a client's own pages.

use portcullis_testkit::TestApp;

const PATH: &str = "/assets/form.js";

#[tokio::test]
async fn the_script_is_served_to_everybody() {
    let app = TestApp::new().await;
    let answer = app.get(PATH).send().await.expect(200);
    assert_eq!(answer.header("content-type"), "text/javascript; charset=utf-8");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("cache-control"), "public, max-age=3600");
    assert_eq!(answer.header("cross-origin-resource-policy"), "cross-origin");
    assert_eq!(answer.bytes, include_bytes!("../../../../sdk/browser/dist/form.js"));
    assert_eq!(answer.header("access-control-allow-origin"), "");
    assert_eq!(answer.header("set-cookie"), "");
}

#[tokio::test]
async fn who_has_it_is_not_sent_it_again() {
    let app = TestApp::new().await;
    let tag = app.get(PATH).send().await.expect(200).header("etag").to_owned();
    assert!(tag.len() == 34 && tag.starts_with('"') && tag.ends_with('"'), "{tag}");
    for known in [tag.clone(), format!("W/{tag}"), format!("\"older\", {tag}"), "*".to_owned()] {
        let answer = app.get(PATH).header("if-none-match", &known).send().await.expect(304);
        assert!(answer.bytes.is_empty());
        assert_eq!(answer.header("etag"), tag);
        assert_eq!(answer.header("cache-control"), "public, max-age=3600");
    }
    for other in ["\"older\"", "", &tag[1..33]] {
        app.get(PATH).header("if-none-match", other).send().await.expect(200);
    }
}

#[tokio::test]
async fn the_script_runs_under_a_strict_policy_and_calls_nobody() {
    let script = TestApp::new().await.get(PATH).send().await.expect(200).text();
    for word in ["eval(", "Function(", "innerHTML", "document.write", ".style", "document.cookie"] {
        assert!(!script.contains(word), "{word}");
    }
    for word in
        ["fetch(", "XMLHttpRequest", "sendBeacon", "WebSocket", "EventSource", "import(", "http:", "https:"]
    {
        assert!(!script.contains(word), "{word}");
    }
}

#[tokio::test]
async fn nothing_else_is_there() {
    let app = TestApp::new().await;
    app.get("/assets/").send().await.expect(404);
    app.get("/assets/form.js.map").send().await.expect(404);
    app.post(PATH, &serde_json::json!({})).send().await.expect(405);
}
