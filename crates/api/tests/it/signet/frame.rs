//! Errors that no handler makes, told in the dialect's envelope, and the document.

use http::Method;
use portcullis_testkit::Call;
use serde_json::json;

use super::support::{USER, enrolled, error, names, two_partners};

const BLACKLIST: &str = "/fraud/v1/blacklist";

#[tokio::test]
async fn every_error_below_the_dialects_paths_is_in_its_envelope() {
    let (app, acme, _other) = two_partners().await;
    let key = &acme.live;
    let (json, invalid) = ("application/json", "invalid_request");
    let post = || app.call(Method::POST, BLACKLIST).bearer(key);
    let enroll = || app.call(Method::POST, "/vc/v1/enroll").bearer(key);
    let cases: Vec<(Call, u16, &str, &str)> = vec![
        (app.get("/fraud/v1"), 404, "not_found", "not_found"),
        (app.get("/fraud/v1/nothing").bearer(key), 404, "not_found", "not_found"),
        (app.get("/vc/v1/enrolled").bearer(key), 404, "not_found", "not_found"),
        (app.delete("/fraud/v1/blacklist/%ff").bearer(key), 404, "not_found", "not_found"),
        (app.call(Method::PUT, BLACKLIST), 405, invalid, "method_not_allowed"),
        (app.get("/vc/v1/enroll").bearer(key), 405, invalid, "method_not_allowed"),
        (post(), 415, invalid, "unsupported_media_type"),
        (post().text("text/plain", "{}"), 415, invalid, "unsupported_media_type"),
        (post().text(json, " ".repeat(256 * 1024 + 1)), 413, invalid, "request_too_large"),
        (post().text(json, "{"), 400, invalid, "malformed_request"),
        (post().text(json, "[".repeat(10_000)), 400, invalid, "malformed_request"),
        (post().text(json, "[]"), 400, invalid, "invalid_field"),
        (post().text(json, r#"{"userId": 7}"#), 400, invalid, "invalid_field"),
        (post().text(json, &b"{\"unknown\": \"\xff\"}"[..]), 400, invalid, "malformed_request"),
        (app.get("/fraud/v1/ip-check?ip=1&ip=2").bearer(key), 400, invalid, "malformed_request"),
        (enroll().text(json, " ".repeat(256 * 1024 + 1)), 413, invalid, "request_too_large"),
        (enroll(), 415, invalid, "unsupported_media_type"),
        (enroll().text(json, "{"), 400, invalid, "malformed_request"),
    ];
    for (index, (call, status, kind, code)) in cases.into_iter().enumerate() {
        let id = format!("case-{index}");
        let told = error(call.header("x-request-id", &id).send().await, status, kind, code);
        assert_eq!(told["requestId"], id);
    }
    let answer = app.call(Method::PUT, BLACKLIST).send().await;
    for method in ["GET", "HEAD", "POST"] {
        assert!(answer.header("allow").split(',').any(|allowed| allowed == method), "{method}");
    }
    // What only begins like one of them is not.
    let elsewhere = app.get("/fraud/v10").send().await.expect(404);
    assert_eq!(elsewhere.header("content-type"), "application/problem+json");
}

#[tokio::test]
async fn what_is_shed_or_too_slow_is_told_in_the_envelope_too() {
    for path in [BLACKLIST, "/vc/v1/enroll"] {
        let request = http::Request::builder().uri(path).header("x-request-id", "mine").body(()).unwrap();
        for (response, status, kind, code) in [
            (portcullis_api::overloaded(&request), 503, "api_error", "service_unavailable"),
            (portcullis_api::too_slow(&request), 408, "invalid_request", "request_timeout"),
        ] {
            assert_eq!(response.status(), status);
            assert_eq!(response.headers()["x-request-id"], "mine");
            assert_eq!(response.headers().contains_key("retry-after"), status == 503);
            let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
            let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(body["success"], false);
            let errors = &body["errors"];
            assert_eq!(
                (&errors["type"], &errors["code"], &errors["requestId"]),
                (&kind.into(), &code.into(), &"mine".into())
            );
        }
    }
}

#[tokio::test]
async fn a_server_that_stops_says_so_and_when_to_come_again() {
    let (app, acme, _other) = enrolled().await;
    app.store.close().await.unwrap();
    let body = json!({ "userId": USER, "reason": "r", "name": "Jane", "email": "jane@example.com",
                       "description": "d", "deviceId": "d", "ip": "192.0.2.1", "reasons": ["payment_fraud"] });
    for path in ["/fraud/v1/blacklist", "/fraud/v1/flag-device", "/fraud/v1/report-fraud", "/vc/v1/enroll"] {
        let body = if path == "/vc/v1/enroll" {
            json!({ "name": "J", "email": "j@example.com" })
        } else {
            body.clone()
        };
        let answer = app.post(path, &body).bearer(&acme.live).send().await;
        error(answer, 503, "api_error", "service_unavailable");
    }
}

#[test]
fn the_document_describes_the_18_calls_and_the_registry() {
    let document = serde_json::to_value(portcullis_api::openapi()).unwrap();
    let scheme = &document["components"]["securitySchemes"]["signet_key"];
    assert_eq!((&scheme["type"], &scheme["scheme"]), (&"http".into(), &"bearer".into()));
    let mut calls = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        if !path.starts_with("/fraud/v1/") && !path.starts_with("/vc/v1/") {
            continue;
        }
        for (method, operation) in item.as_object().unwrap() {
            assert_eq!(operation["tags"][0], "signet", "{path}");
            assert!(operation["security"][0]["signet_key"].is_array(), "{path}");
            for status in ["400", "401", "403", "404", "409", "429", "500"] {
                let content = &operation["responses"][status]["content"]["application/json"];
                assert_eq!(content["schema"]["$ref"], "#/components/schemas/SignetError", "{path}");
            }
            calls.push(format!("{} {path}", method.to_uppercase()));
        }
    }
    calls.sort();
    assert_eq!(
        calls,
        [
            "DELETE /fraud/v1/blacklist/{id}",
            "DELETE /fraud/v1/ip-flag/{id}",
            "GET /fraud/v1/blacklist",
            "GET /fraud/v1/device-check",
            "GET /fraud/v1/geo-verify",
            "GET /fraud/v1/ip-check",
            "PATCH /fraud/v1/blacklist/{id}",
            "POST /fraud/v1/blacklist",
            "POST /fraud/v1/check-risk-score",
            "POST /fraud/v1/check-user",
            "POST /fraud/v1/flag-device",
            "POST /fraud/v1/get-reports-by-user",
            "POST /fraud/v1/ip-flag",
            "POST /fraud/v1/remove-report",
            "POST /fraud/v1/report-fraud",
            "POST /fraud/v1/report-user",
            "POST /fraud/v1/unflag-device",
            "POST /fraud/v1/unflag-user",
            "POST /vc/v1/enroll",
        ]
    );
    assert!(names(&document["components"]["schemas"]).contains(&"SignetError"));
}
