//! Errors that no handler makes, told in the dialect's envelope.

use http::Method;
use portcullis_testkit::Call;

use super::support::{BLOCKLIST, CHECK, error, two_shops};

#[tokio::test]
async fn every_error_below_the_dialects_paths_is_in_its_envelope() {
    let (app, acme, _other) = two_shops().await;
    let key = &acme.live;
    let (json, validation) = ("application/json", "validation_error");
    let post = || app.call(Method::POST, BLOCKLIST).bearer(key);
    let cases: Vec<(Call, u16, &str, &str)> = vec![
        (app.get("/v1/fraud"), 404, "not_found_error", "not_found"),
        (app.get("/v1/fraud/nothing").bearer(key), 404, "not_found_error", "not_found"),
        (app.get("/v1/identity/a/b/c"), 404, "not_found_error", "not_found"),
        (app.delete("/v1/fraud/blocklist/%ff").bearer(key), 404, "not_found_error", "not_found"),
        (app.delete("/v1/fraud/blocklist/nonsense").bearer(key), 404, "not_found_error", "not_found"),
        (app.call(Method::PUT, BLOCKLIST), 405, validation, "method_not_allowed"),
        (app.get(CHECK).bearer(key), 405, validation, "method_not_allowed"),
        (post(), 415, validation, "unsupported_media_type"),
        (post().text("text/plain", "{}"), 415, validation, "unsupported_media_type"),
        (post().text(json, " ".repeat(256 * 1024 + 1)), 413, validation, "request_too_large"),
        (post().text(json, "{"), 400, validation, "invalid_request"),
        (post().text(json, "[".repeat(10_000)), 400, validation, "invalid_request"),
        (post().text(json, "[]"), 400, validation, "invalid_parameter"),
        (app.get("/v1/fraud/blocklist?limit=1&limit=2").bearer(key), 400, validation, "invalid_request"),
    ];
    for (index, (call, status, kind, code)) in cases.into_iter().enumerate() {
        let id = format!("case-{index}");
        let told = error(call.header("x-request-id", &id).send().await, status, kind, code);
        assert_eq!(told["request_id"], id);
    }
    let answer = app.call(Method::PUT, BLOCKLIST).send().await;
    for method in ["GET", "HEAD", "POST"] {
        assert!(answer.header("allow").split(',').any(|allowed| allowed == method), "{method}");
    }
    // What only begins like one of them is not.
    let elsewhere = app.get("/v1/frauds").send().await.expect(404);
    assert_eq!(elsewhere.header("content-type"), "application/problem+json");
}

#[tokio::test]
async fn what_is_shed_or_too_slow_is_told_in_the_envelope_too() {
    let request = http::Request::builder().uri(BLOCKLIST).header("x-request-id", "mine").body(()).unwrap();
    for (response, status, kind, code) in [
        (portcullis_api::overloaded(&request), 503, "api_error", "model_unavailable"),
        (portcullis_api::too_slow(&request), 408, "validation_error", "request_timeout"),
    ] {
        assert_eq!(response.status(), status);
        assert_eq!(response.headers()["x-request-id"], "mine");
        assert_eq!(response.headers().contains_key("retry-after"), status == 503);
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let error = &body["error"];
        assert_eq!(
            (&error["type"], &error["code"], &error["request_id"]),
            (&kind.into(), &code.into(), &"mine".into())
        );
    }
}

#[test]
fn the_document_describes_the_calls_and_their_credential() {
    let document = serde_json::to_value(portcullis_api::openapi()).unwrap();
    let scheme = &document["components"]["securitySchemes"]["fraudshield_key"];
    assert_eq!((&scheme["type"], &scheme["scheme"]), (&"http".into(), &"bearer".into()));
    let mut calls = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        if path.starts_with("/v1/fraud/") {
            for operation in item.as_object().unwrap().values() {
                assert_eq!(operation["tags"][0], "fraudshield", "{path}");
                assert!(operation["security"][0]["fraudshield_key"].is_array(), "{path}");
                for status in ["401", "403", "429"] {
                    let content = &operation["responses"][status]["content"]["application/json"];
                    assert_eq!(content["schema"]["$ref"], "#/components/schemas/FraudshieldError", "{path}");
                }
                calls += 1;
            }
        }
    }
    assert!(calls >= 5);
}
