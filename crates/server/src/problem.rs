//! The RFC 9457 answers that the server gives itself, before or instead of a handler.

use axum::body::Body;
use http::{HeaderValue, Response, StatusCode, header};

/// An `application/problem+json` answer. `request_id` is the caller's own `X-Request-Id`, when there was one.
pub(crate) fn problem(status: StatusCode, detail: &str, request_id: Option<&str>) -> Response<Body> {
    let mut body = serde_json::json!({
        "type": "about:blank",
        "title": status.canonical_reason().unwrap_or_default(),
        "status": status.as_u16(),
        "detail": detail,
    });
    if let Some(id) = request_id {
        body["request_id"] = id.into();
    }
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    let media_type = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    response
}
