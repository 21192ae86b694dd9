//! What succeeds: `{"success": true, "data": …}`.

use axum::{
    Json,
    response::{IntoResponse as _, Response},
};
use domain::Timestamp;
use http::{HeaderName, HeaderValue, StatusCode, header};
use portcullis_domain as domain;
use serde::Serialize;
use utoipa::ToSchema;

const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
const MILLIS_PER_SECOND: i64 = 1_000;

/// An answer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SignetAnswer)]
pub(crate) struct Success<T> {
    /// Always true.
    #[schema(example = true)]
    success: bool,
    /// What was asked for.
    data: T,
}

impl<T> Success<T> {
    pub(super) const fn new(data: T) -> Self {
        Self { success: true, data }
    }
}

/// 200 with this.
pub(super) const fn answer<T>(data: T) -> Json<Success<T>> {
    Json(Success::new(data))
}

/// A sentence that says what was done.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SignetMessage)]
pub(crate) struct Message {
    /// What was done.
    message: String,
}

/// 200 with this sentence.
pub(super) fn done(message: impl Into<String>) -> Json<Success<Message>> {
    answer(Message { message: message.into() })
}

/// The body of an answer that may be kept and given again.
pub(super) fn json<T: Serialize>(data: T) -> Vec<u8> {
    serde_json::to_vec(&Success::new(data)).unwrap_or_default()
}

/// An answer that was made now, or one that was given before and is marked so.
pub(super) fn repeatable(status: StatusCode, json: Vec<u8>, is_replayed: bool) -> Response {
    let mut response = (status, [(header::CONTENT_TYPE, "application/json")], json).into_response();
    if is_replayed {
        response.headers_mut().insert(IDEMPOTENT_REPLAYED, HeaderValue::from_static("true"));
    }
    response
}

/// A time as the contract shows it: UTC to the second.
pub(super) fn time(at: Timestamp) -> String {
    let whole = at.as_millis().div_euclid(MILLIS_PER_SECOND) * MILLIS_PER_SECOND;
    let text = Timestamp::from_millis(whole).to_string();
    text.replace(".000Z", "Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_whole_seconds() {
        assert_eq!(time("2026-01-15T10:30:00.999Z".parse().unwrap()), "2026-01-15T10:30:00Z");
        assert_eq!(time(Timestamp::from_millis(-1)), "1969-12-31T23:59:59Z");
    }
}
