//! Errors that no handler makes, and those under failure, told in the dialect's envelope (G2.20).

use axum::body::Body;
use http::{Method, Response, Uri};
use portcullis_testkit::{Answer, Call, TestApp};
use serde_json::{Value, json};

use super::support::{Shop, laptop};

const PATH: &str = "/v1/client";
const JSON: &str = "application/json";

/// The sentence of an error, which is where all clients look for it.
fn told(answer: &Answer, status: u16, code: &str) -> String {
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (status, JSON), "{}", answer.text());
    sentence(&answer.json(), code)
}

fn sentence(body: &Value, code: &str) -> String {
    assert_eq!(body["error"]["code"], code, "{body}");
    assert_eq!(body["message"], body["error"]["message"]);
    let names: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["error", "message", "requestId"]);
    body["message"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn every_error_below_the_dialects_paths_is_in_its_envelope() {
    let app = TestApp::new().await;
    let (shop, _other) = (Shop::of(&app, "acme").await, app.tenant("other").await);
    let post = || app.call(Method::POST, PATH);
    let good = shop.body(&shop.web().envelope(shop.now(), laptop("h1")), "u1", "login").to_string();
    let cases: Vec<(Call, u16, &str)> = vec![
        (app.get("/v1/client/nothing"), 404, "not_found"),
        (app.get("/v1/client/public-key/"), 404, "not_found"),
        (app.get(PATH), 405, "method_not_allowed"),
        (app.call(Method::DELETE, PATH), 405, "method_not_allowed"),
        (app.call(Method::POST, "/v1/client/public-key"), 405, "method_not_allowed"),
        (post(), 415, "unsupported_media_type"),
        (post().text("text/plain", good), 415, "unsupported_media_type"),
        (post().text(JSON, " ".repeat(256 * 1024 + 1)), 413, "payload_too_large"),
        (post().text(JSON, ""), 400, "malformed_json"),
        (post().text(JSON, "{"), 400, "malformed_json"),
        (post().text(JSON, "[".repeat(10_000)), 400, "malformed_json"),
        (post().text(JSON, vec![0xff, 0xfe]), 400, "malformed_json"),
        (post().text(JSON, "[]"), 400, "invalid_field"),
        (post().text(JSON, "null"), 400, "invalid_field"),
        (post().text(JSON, "{}"), 400, "invalid_field"),
    ];
    for (index, (call, status, code)) in cases.into_iter().enumerate() {
        let id = format!("case-{index}");
        let answer = call.header("x-request-id", &id).send().await;
        told(&answer, status, code);
        assert_eq!((answer.header("x-request-id"), &answer.json()["requestId"]), (id.as_str(), &json!(id)));
    }
    let answer = app.get(PATH).send().await;
    assert_eq!(answer.header("allow"), "POST");
    // What only begins like one of them is not.
    let elsewhere = app.get("/v1/clients").send().await.expect(404);
    assert_eq!(elsewhere.header("content-type"), "application/problem+json");
}

#[tokio::test]
async fn a_body_of_unknown_length_is_bounded_too_and_one_that_breaks_off_is_told() {
    let app = TestApp::new().await;
    let post = |body: Body| app.call(Method::POST, PATH).text(JSON, body);
    let chunks = (0..100).map(|_| Ok::<_, std::io::Error>(bytes::Bytes::from(vec![b' '; 4_096])));
    let endless = Body::from_stream(futures_util::stream::iter(chunks));
    told(&post(endless).send().await, 413, "payload_too_large");
    let broken = [Ok(bytes::Bytes::from("{")), Err(std::io::Error::other("gone"))];
    let broken = Body::from_stream(futures_util::stream::iter(broken));
    told(&post(broken).send().await, 400, "malformed_json");
}

#[tokio::test]
async fn what_is_shed_or_too_slow_is_told_in_the_envelope_too() {
    async fn body(response: Response<Body>) -> Value {
        assert_eq!(response.headers()["x-request-id"], "mine");
        let bytes = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }
    let request = http::Request::builder().uri(Uri::from_static(PATH)).header("x-request-id", "mine");
    let request = request.body(()).unwrap();
    let shed = portcullis_api::overloaded(&request);
    assert_eq!((shed.status().as_u16(), &shed.headers()["retry-after"]), (503, &http::HeaderValue::from(1)));
    sentence(&body(shed).await, "overloaded");
    let slow = portcullis_api::too_slow(&request);
    assert_eq!(slow.status(), 408);
    sentence(&body(slow).await, "request_timeout");
}

#[tokio::test]
async fn a_client_that_has_a_limit_is_told_when_to_come_again() {
    let app = TestApp::new().await;
    let (shop, other) = (Shop::of(&app, "acme").await, Shop::of(&app, "other").await);
    let limit = json!({ "rateLimitPerMinute": 2 });
    app.patch("/api/v1/admin/clients/acme", &limit).bearer(&app.admin).send().await.expect(200);
    let body = |shop: &Shop<'_>| shop.body(&shop.web().envelope(shop.now(), laptop("h1")), "u1", "login");
    for remaining in [1, 0] {
        let answer = shop.post(&body(&shop)).await.expect(200);
        assert!(answer.header("ratelimit").starts_with(&format!("\"default\";r={remaining};t=")));
    }
    let answer = shop.post(&body(&shop)).await;
    assert_eq!(told(&answer, 429, "rate_limited"), "Too many requests. Please retry after 60 seconds.");
    assert_eq!(answer.header("retry-after"), "60");
    other.post(&body(&other)).await.expect(200);
    app.clock.advance(60_000);
    shop.post(&body(&shop)).await.expect(200);
}

#[tokio::test]
async fn a_server_that_leaves_says_so() {
    let app = TestApp::new().await;
    let (shop, _other) = (Shop::of(&app, "acme").await, app.tenant("other").await);
    let body = shop.body(&shop.web().envelope(shop.now(), laptop("h1")), "u1", "login");
    app.store.close().await.unwrap();
    let answer = shop.post(&body).await;
    told(&answer, 503, "unavailable");
    assert_eq!(answer.header("retry-after"), "5");
}
