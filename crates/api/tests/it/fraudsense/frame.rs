//! Errors that no handler makes, told in the dialect's envelope below each of its paths.

use http::{Method, Request};
use portcullis_testkit::Call;
use serde_json::{Value, json};

use super::support::{KEYS, REGISTER, STATS, error, names, two_accounts};

const SCORE: &str = "/v1/risk/score";
const EVENTS: &str = "/v1/events";

#[tokio::test]
async fn every_error_below_the_dialects_paths_is_in_its_envelope() {
    let (app, acme, _other) = two_accounts().await;
    let call =
        |method, path: &str| app.call(method, path).header("x-fraudsense-key", &acme.key).bearer(&acme.token);
    let mut cases: Vec<(Call, u16, &str)> = Vec::new();
    for path in [SCORE, EVENTS, REGISTER, STATS, KEYS] {
        cases.push((call(Method::PUT, path), 405, "METHOD_NOT_ALLOWED"));
    }
    for path in
        ["/v1/risk", "/v1/risk/x", "/v1/events/x", "/v1/keys/a/b", "/v1/dashboard", "/v1/auth/register/x"]
    {
        cases.push((call(Method::GET, path), 404, "NOT_FOUND"));
    }
    for path in [SCORE, EVENTS, REGISTER, KEYS] {
        let sent = |content_type: &str, body: Vec<u8>| call(Method::POST, path).text(content_type, body);
        cases.push((call(Method::POST, path), 415, "UNSUPPORTED_MEDIA_TYPE"));
        cases.push((sent("text/plain", b"{}".to_vec()), 415, "UNSUPPORTED_MEDIA_TYPE"));
        cases.push((sent("application/json", vec![b' '; 256 * 1024 + 1]), 413, "PAYLOAD_TOO_LARGE"));
        cases.push((sent("application/json", b"{".to_vec()), 400, "MALFORMED_JSON"));
        cases.push((sent("application/json", b"[".repeat(10_000)), 400, "MALFORMED_JSON"));
        cases.push((sent("application/json", b"{\"unknown\": \"\xff\"}".to_vec()), 400, "MALFORMED_JSON"));
        cases.push((sent("application/json", b"[]".to_vec()), 400, "INVALID_FIELD"));
    }
    for (index, (call, status, code)) in cases.into_iter().enumerate() {
        let id = format!("case-{index}");
        assert_eq!(error(call.header("x-request-id", &id).send().await, status, code)["requestId"], id);
    }
}

#[tokio::test]
async fn what_is_shed_or_too_slow_is_told_in_the_envelope_too() {
    for path in [SCORE, EVENTS, KEYS, STATS, REGISTER, "/v1/auth/login"] {
        let request = Request::builder().uri(path).header("x-request-id", "mine").body(()).unwrap();
        for (response, status, code) in [
            (portcullis_api::overloaded(&request), 503, ["OVERLOADED", "UNAVAILABLE"]),
            (portcullis_api::too_slow(&request), 408, ["REQUEST_TIMEOUT"; 2]),
        ] {
            assert_eq!(response.status(), status);
            assert_eq!(response.headers()["x-request-id"], "mine");
            assert_eq!(response.headers().contains_key("retry-after"), status == 503);
            let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
            let body: Value = serde_json::from_slice(&body).unwrap();
            assert!(code.contains(&body["code"].as_str().unwrap()), "{path} {body}");
            assert!(body["error"].is_string() && body["message"].is_string(), "{body}");
        }
    }
}

#[tokio::test]
async fn a_server_that_stops_says_so_and_when_to_come_again() {
    let (app, acme, _other) = two_accounts().await;
    app.store.close().await.unwrap();
    let score = json!({ "deviceId": "d", "sessionId": "s" });
    let answer = app.post(SCORE, &score).header("x-fraudsense-key", &acme.key).send().await;
    error(answer, 503, "UNAVAILABLE");
    let answer = app.post(KEYS, &json!({ "name": "k" })).bearer(&acme.token).send().await;
    error(answer, 503, "UNAVAILABLE");
}

#[tokio::test]
async fn paths_that_are_not_the_dialects_alone_have_the_members_of_both() {
    let (app, ..) = two_accounts().await;
    for (call, status, code) in [
        (app.get("/v1/auth/me"), 401, "UNAUTHORIZED"),
        (app.get("/v1/auth/login"), 405, "METHOD_NOT_ALLOWED"),
        (app.get("/v1/auth/nothing"), 404, "NOT_FOUND"),
        (app.get("/v1/auth"), 404, "NOT_FOUND"),
        (app.get("/v1/risks"), 404, "NOT_FOUND"),
        (app.get("/v1/nothing"), 404, "NOT_FOUND"),
        (app.post("/v1/auth/login", &json!({ "email": 7, "password": "x" })), 400, "INVALID_FIELD"),
        (app.call(Method::POST, "/v1/auth/login"), 415, "UNSUPPORTED_MEDIA_TYPE"),
    ] {
        let body = call.send().await.expect_json(status);
        assert_eq!(body["code"], code, "{body}");
        for name in ["code", "error", "message", "detail", "type"] {
            assert!(names(&body).contains(&name), "no {name} in {body}");
        }
    }
}
