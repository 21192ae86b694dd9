//! Errors that no handler makes, and what every answer has.

use axum::body::Body;
use http::Method;
use portcullis_testkit::TestApp;
use serde_json::json;

#[tokio::test]
async fn problems_look_the_same_from_every_layer() {
    let app = TestApp::new().await;
    let large = format!(r#"{{"name":"{}"}}"#, "x".repeat(256 * 1024));
    let json = "application/json";
    let post = || app.call(Method::POST, "/api/v1/admin/clients").bearer(&app.admin);
    let cases = [
        (app.get("/nothing"), 404, "not-found"),
        (app.get("/api/v1/admin/nothing").bearer(&app.admin), 404, "not-found"),
        (app.call(Method::PUT, "/healthz"), 405, "method-not-allowed"),
        (app.get("/api/v1/admin/clients"), 401, "unauthenticated"),
        (post().text(json, large), 413, "too-large"),
        (post().text("text/plain", "{}"), 415, "unsupported-media-type"),
        (post(), 415, "unsupported-media-type"),
        (post().text(json, "{"), 400, "invalid"),
        (post().text(json, "[".repeat(10_000)), 400, "invalid"),
        (post().text(json, r#"{"name":"a","name":"b","slug":"c"}"#), 400, "invalid"),
        (post().text(json, "{\"name\":\"\\ud800\",\"slug\":\"c\"}"), 400, "invalid"),
        (post().text(json, "{\"name\":\"a\\u0000\",\"slug\":\"c\"}"), 400, "invalid"),
        (post().text("application/json; charset=utf-8", "{}"), 400, "invalid"),
    ];
    for (index, (call, status, code)) in cases.into_iter().enumerate() {
        let id = format!("case-{index}");
        let answer = call.header("x-request-id", &id).send().await.expect(status);
        assert_eq!(answer.header("content-type"), "application/problem+json");
        assert_eq!(answer.header("x-request-id"), id);
        let body = answer.json();
        assert_eq!(body["type"], format!("/problems/{code}"));
        assert_eq!((&body["status"], &body["request_id"]), (&json!(status), &json!(id)));
        assert!(body["title"].is_string() && body["detail"].is_string() && body["instance"].is_string());
        let page = app.get(body["type"].as_str().unwrap()).send().await.expect(200);
        assert!(page.header("content-type").starts_with("text/html"));
    }
    assert_eq!(app.call(Method::PUT, "/healthz").send().await.header("allow"), "GET,HEAD");
}

#[tokio::test]
async fn ingest_paths_answer_in_their_own_envelope() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    for (call, status, code) in [
        (app.get("/api/v1/events/a/b/c"), 404, "not_found"),
        (app.get("/api/v1/events/ingest").key(&acme.key), 405, "method_not_allowed"),
        (app.get("/api/v1/events/nonsense").key(&acme.key), 404, "not_found"),
        (app.call(Method::PUT, "/api/v1/events/ingest"), 405, "method_not_allowed"),
    ] {
        let answer = call.send().await;
        let body = answer.json();
        assert_eq!(body["error"]["code"], code, "{status} {body}");
        assert_eq!(answer.status.as_u16(), status);
    }
}

#[tokio::test]
async fn a_path_whose_escapes_make_no_text_names_nothing_in_any_api() {
    let app = TestApp::new().await;
    for (path, pointer, code) in [
        ("/api/v1/admin/clients/%ff", "/type", "/problems/not-found"),
        ("/api/v1/client/lists/%ff", "/type", "/problems/not-found"),
        ("/%ff", "/type", "/problems/not-found"),
        ("/api/v1/events/%ff", "/error/code", "not_found"),
        ("/v1/risk/history/%ff", "/code", "NOT_FOUND"),
        ("/v1/keys/%ff", "/code", "NOT_FOUND"),
        ("/v1/fraud/devices/%ff", "/error/code", "not_found"),
        ("/fraud/v1/blacklist/%c3%28", "/errors/code", "not_found"),
    ] {
        for method in [Method::GET, Method::DELETE] {
            let body = app.call(method, path).send().await.expect_json(404);
            assert_eq!(body.pointer(pointer), Some(&json!(code)), "{path} {body}");
        }
    }
    app.get("/api/v1/admin/clients/%C3%BC").bearer(&app.admin).send().await.expect(404);
}

#[tokio::test]
async fn a_body_without_a_length_is_bounded_too() {
    let app = TestApp::new().await;
    let chunks = (0..100).map(|_| Ok::<_, std::io::Error>(bytes::Bytes::from(vec![b' '; 4096])));
    let stream = Body::from_stream(futures_util::stream::iter(chunks));
    let call = app.call(Method::POST, "/api/v1/admin/clients").bearer(&app.admin);
    call.text("application/json", stream).send().await.expect(413);
}

#[tokio::test]
async fn every_answer_has_an_id_and_safe_headers_and_no_cors() {
    let app = TestApp::new().await;
    for path in ["/healthz", "/nothing", "/openapi.json", "/docs", "/api/v1/admin/clients"] {
        let answer = app.get(path).header("origin", "https://evil.example").send().await;
        assert!(answer.header("x-request-id").starts_with("req_"), "{path}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert!(answer.header("content-security-policy").contains("default-src 'none'"));
        assert!(answer.headers.keys().all(|name| !name.as_str().starts_with("access-control-")));
    }
    assert_eq!(app.get("/api/v1/admin/clients").send().await.header("cache-control"), "no-store");
    let preflight = app.call(Method::OPTIONS, "/api/v1/events/ingest").header("origin", "https://a.example");
    let answer = preflight.header("access-control-request-method", "POST").send().await.expect(405);
    assert!(answer.headers.keys().all(|name| !name.as_str().starts_with("access-control-")));
    let odd = app.get("/healthz").header("x-request-id", "a b\"c").send().await;
    assert!(odd.header("x-request-id").starts_with("req_"));
}

#[tokio::test]
async fn what_is_missing_or_given_twice_is_named() {
    let app = TestApp::new().await;
    let acme = app.tenant("acme").await;
    let clients = || app.call(Method::POST, "/api/v1/admin/clients").bearer(&app.admin);
    for (body, pointer, message) in [
        ("{}", "/name", "is required"),
        (r#"{"name":"a"}"#, "/slug", "is required"),
        (r#"{"name":"a","name":"b","slug":"c"}"#, "/name", "is given twice"),
        ("[]", "", "must be an object"),
    ] {
        let problem = clients().text("application/json", body).send().await.expect_json(400);
        assert_eq!(problem["errors"], json!([{ "pointer": pointer, "message": message }]));
        assert!(!problem["detail"].as_str().unwrap().starts_with(' '), "{problem}");
    }
    let ingest = || app.call(Method::POST, "/api/v1/events/ingest").key(&acme.key);
    for (body, field, message) in [
        ("[]", "body", "must be an object"),
        (r#"{"type":"LOGIN","type":"LOGIN"}"#, "type", "is given twice"),
        (r#"{"behavior":{"mousePath":[{"x":1,"y":2}]}}"#, "behavior.mousePath[0].t", "is required"),
    ] {
        let error = ingest().text("application/json", body).send().await.expect_json(400)["error"].clone();
        assert_eq!(error["fields"], json!([{ "field": field, "message": message }]));
        assert_eq!(error["message"], format!("{field} {message}"));
    }
    let missing = app.call(Method::POST, "/v1/auth/login").text("application/json", "{}").send().await;
    let missing = missing.expect_json(400);
    assert_eq!(
        (&missing["errors"][0]["pointer"], &missing["code"]),
        (&json!("/email"), &json!("MISSING_FIELD"))
    );
}
