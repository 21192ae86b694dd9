//! What is refused.

use std::convert::Infallible;

use axum::body::Body;
use futures_util::stream;
use portcullis_testkit::Answer;
use serde_json::{Value, json};

use super::{
    super::support::{error, key, two_shops},
    SEARCH, base64, call, picture, png, search,
};

/// The error of an image, which names its parameter.
#[track_caller]
fn image_error(answer: Answer, status: u16, code: &str, param: &str) -> Value {
    let error = answer.expect_json(status)["error"].clone();
    assert_eq!((&error["type"], &error["code"]), (&json!("validation_error"), &json!(code)), "{error}");
    assert_eq!(error["param"], param, "{error}");
    assert!(error["message"].as_str().unwrap().starts_with(param));
    error
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let (app, acme, _other) = two_shops().await;
    let image = picture(1, 0);
    for (body, code, param) in [
        (json!({}), "missing_parameter", "type"),
        (json!({ "threshold": 0.9 }), "missing_parameter", "type"),
        (json!({ "type": "face" }), "missing_parameter", "image"),
        (json!({ "image": image }), "missing_parameter", "type"),
        (json!({ "type": "voice", "image": image }), "invalid_parameter", "type"),
        (json!({ "type": 7, "image": image }), "invalid_parameter", "type"),
        (json!({ "type": "face", "image": 7 }), "invalid_parameter", "image"),
        (json!({ "type": "face", "image": image, "threshold": 1.01 }), "invalid_parameter", "threshold"),
        (json!({ "type": "face", "image": image, "threshold": -0.1 }), "invalid_parameter", "threshold"),
        (json!({ "type": "face", "image": image, "threshold": "high" }), "invalid_parameter", "threshold"),
        (json!({ "type": "face", "image": image, "user_id": " " }), "invalid_parameter", "user_id"),
        (json!({ "document_number": "x".repeat(65) }), "invalid_parameter", "document_number"),
        (json!({ "document_number": "-" }), "invalid_parameter", "document_number"),
        (
            json!({ "document_number": "x", "verification_id": "v".repeat(257) }),
            "invalid_parameter",
            "verification_id",
        ),
        (json!({ "type": "face", "image": image, "face_image": image }), "invalid_parameter", "image"),
    ] {
        let answer = call(&app, &acme.live, &body).send().await;
        assert_eq!(error(answer, 400, "validation_error", code)["param"], param);
    }
}

#[tokio::test]
async fn images_that_can_not_be_used_are_named() {
    let (app, acme, _other) = two_shops().await;
    let (small, pdf) = (base64(&png(15, 100, |x, _| x as u8)), base64(b"%PDF-1.7"));
    let file = png(100, 100, |x, y| (x * y) as u8);
    let damaged = base64(&file[..file.len() / 2]);
    for (image, says) in [
        ("no image", "must be an image in Base64"),
        ("", "must be an image in Base64"),
        (&*pdf, "must be a PNG, JPEG or WebP image"),
        (&*small, "must have sides of 16 to 10000 pixels"),
        (&*damaged, "is damaged"),
    ] {
        for (body, param) in [
            (json!({ "type": "face", "image": image, "user_id": "usr_1" }), "image"),
            (json!({ "face_image": image, "document_image": picture(1, 0) }), "face_image"),
            (json!({ "document_image": image }), "document_image"),
        ] {
            let answer = call(&app, &acme.live, &body).send().await;
            let error = image_error(answer, 400, "invalid_document", param);
            assert!(error["message"].as_str().unwrap().contains(says), "{error}");
        }
    }
}

#[tokio::test]
async fn bodies_and_images_have_a_limit() {
    let (app, acme, _other) = two_shops().await;
    let large = "A".repeat((8 << 20) / 3 * 4 + 8);
    let answer = call(&app, &acme.live, &json!({ "type": "face", "image": large })).send().await;
    let error_of_image = image_error(answer, 413, "request_too_large", "image");
    assert!(error_of_image["message"].as_str().unwrap().contains("8 MiB"));
    let answer =
        call(&app, &acme.live, &json!({ "type": "face", "image": "A".repeat(12 << 20) })).send().await;
    error(answer, 413, "validation_error", "request_too_large");
}

#[tokio::test]
async fn enrolling_needs_the_scope_to_write() {
    let (app, acme, _other) = two_shops().await;
    let reader = key(&app, &acme.tenant, &json!({ "scopes": ["fraud:read"] })).await;
    let writer = key(&app, &acme.tenant, &json!({ "scopes": ["fraud:write"] })).await;
    let mut body = json!({ "type": "face", "image": picture(1, 0) });
    let found = search(&app, &reader, &body).await;
    let path = format!("/v1/fraud/duplicates/{}", found["id"].as_str().unwrap());
    app.get(&path).bearer(&reader).send().await.expect(200);
    error(call(&app, &writer, &body).send().await, 403, "authorization_error", "forbidden");
    for param in ["verification_id", "user_id"] {
        let mut body = body.clone();
        body[param] = json!("x");
        error(call(&app, &reader, &body).send().await, 403, "authorization_error", "forbidden");
    }
    body["user_id"] = json!("usr_1");
    assert_eq!(search(&app, &acme.live, &body).await["match_count"], 0, "nothing was enrolled");
}

#[tokio::test]
async fn more_requests_with_images_than_there_are_places_for_are_shed() {
    let (app, acme, _other) = two_shops().await;
    let mut waiting = Vec::new();
    for _ in 0..16 {
        let never = Body::from_stream(stream::pending::<Result<Vec<u8>, Infallible>>());
        let call = app.call(http::Method::POST, SEARCH).bearer(&acme.live).text("application/json", never);
        waiting.push(tokio::spawn(call.send()));
    }
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    let body = json!({ "document_number": "X1" });
    error(call(&app, &acme.live, &body).send().await, 503, "api_error", "model_unavailable");
    for one in waiting {
        one.abort();
        assert!(one.await.unwrap_err().is_cancelled());
    }
    search(&app, &acme.live, &body).await;
}
