//! The dialect's errors: `{"error": {"code", "message", "fields"?, "requestId"}}`.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use portcullis_pipeline::AssessError;
use portcullis_store as store;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    body::{BodyError, missing_field},
    error::REQUIRED,
    event_time::{EVENT_TIME, EventTimeError},
    request_id,
};

/// Why a request is not answered as asked.
#[derive(Debug)]
pub(crate) enum IngestError {
    /// No key, or none that is known and live: the same answer for all, so that nobody can probe for keys.
    Unauthorized,
    /// The key may not be used for this, or from there.
    Forbidden,
    /// The client is suspended.
    Suspended,
    /// Fields are missing or wrong.
    Invalid(Vec<FieldError>),
    /// The body can not be read.
    Body(BodyError),
    /// Too many requests; the next may come in so many seconds.
    RateLimited(u32),
    /// The idempotency key was used with another body.
    IdempotencyConflict,
    /// There is no such event, or it is not the caller's.
    NotFound,
    /// The path has no such method.
    MethodNotAllowed,
    /// The server is stopping.
    Unavailable,
    /// There is too much to do already.
    Overloaded,
    /// The body did not arrive in time.
    TooSlow,
    /// Our mistake; what it was is in the log, never in the answer.
    Internal,
}

/// One thing that is wrong with the request.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = IngestFieldError)]
pub(crate) struct FieldError {
    /// Which field.
    #[schema(example = "ip")]
    pub(crate) field: String,
    /// What is wrong with it.
    #[schema(example = "must be an IPv4 or IPv6 address")]
    pub(crate) message: String,
}

impl FieldError {
    pub(crate) fn new(field: &str, message: impl Into<String>) -> Self {
        Self { field: field.to_owned(), message: message.into() }
    }
}

/// The document as it is sent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IngestError)]
pub(crate) struct ErrorBody {
    error: ErrorDetail,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = IngestErrorDetail)]
struct ErrorDetail {
    /// The kind of error; permanent.
    #[schema(example = "validation_failed")]
    code: &'static str,
    /// What is wrong, in words.
    message: String,
    /// What is wrong, field by field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fields: Vec<FieldError>,
    /// The request's id, as in the header `X-Request-Id`.
    request_id: String,
}

impl IngestError {
    fn describe(&self) -> (StatusCode, &'static str, String) {
        let (status, code, message) = match self {
            Self::Unauthorized => (
                StatusCode::UNAUTHORIZED,
                "unauthorized",
                "A valid API key is required in the x-api-key header.",
            ),
            Self::Forbidden => {
                (StatusCode::FORBIDDEN, "forbidden", "This API key may not be used for this request.")
            }
            Self::Suspended => (StatusCode::FORBIDDEN, "tenant_suspended", "The client is suspended."),
            Self::Invalid(fields) => return (StatusCode::BAD_REQUEST, "validation_failed", summary(fields)),
            Self::Body(error) => return describe_body(error),
            Self::RateLimited(_) => (
                StatusCode::TOO_MANY_REQUESTS,
                "rate_limited",
                "Too many requests; see the Retry-After header.",
            ),
            Self::IdempotencyConflict => (
                StatusCode::CONFLICT,
                "idempotency_conflict",
                "The Idempotency-Key was used before with another body.",
            ),
            Self::NotFound => {
                (StatusCode::NOT_FOUND, "not_found", "There is nothing here, or it is not yours.")
            }
            Self::MethodNotAllowed => {
                (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "The path has no such method.")
            }
            Self::Overloaded => (
                StatusCode::SERVICE_UNAVAILABLE,
                "overloaded",
                "There is too much to do already; try again shortly.",
            ),
            Self::TooSlow => {
                (StatusCode::REQUEST_TIMEOUT, "request_timeout", "The request's body did not arrive in time.")
            }
            Self::Unavailable => {
                (StatusCode::SERVICE_UNAVAILABLE, "unavailable", "The server is stopping; try again.")
            }
            Self::Internal => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal_error",
                "Something went wrong on our side; try again, with the same Idempotency-Key if there was one.",
            ),
        };
        (status, code, message.to_owned())
    }
}

fn summary(fields: &[FieldError]) -> String {
    fields.iter().map(|error| format!("{} {}", error.field, error.message)).collect::<Vec<_>>().join("; ")
}

fn describe_body(error: &BodyError) -> (StatusCode, &'static str, String) {
    match error {
        BodyError::TooLarge(limit) => (
            StatusCode::PAYLOAD_TOO_LARGE,
            "payload_too_large",
            format!("The body may have at most {limit} bytes."),
        ),
        BodyError::NotJson => (
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "Content-Type must be application/json.".to_owned(),
        ),
        BodyError::Incomplete => {
            (StatusCode::BAD_REQUEST, "malformed_json", "The body ended early.".to_owned())
        }
        BodyError::Malformed(reason) => {
            (StatusCode::BAD_REQUEST, "malformed_json", format!("The body is not well-formed JSON: {reason}"))
        }
        BodyError::Field { path, message } => {
            (StatusCode::BAD_REQUEST, "validation_failed", summary(&[parsed(path, message)]))
        }
    }
}

/// What the parser says of the field at `path`; of one that is missing it tells the parent's path.
fn parsed(path: &str, message: &str) -> FieldError {
    match missing_field(message) {
        Some(name) if path.is_empty() => FieldError::new(name, REQUIRED),
        Some(name) => FieldError::new(&format!("{path}.{name}"), REQUIRED),
        None if path.is_empty() => FieldError::new("body", message),
        None => FieldError::new(path, message),
    }
}

impl IntoResponse for IngestError {
    fn into_response(self) -> Response {
        let (status, code, message) = self.describe();
        let retry_after_s = match self {
            Self::RateLimited(seconds) => Some(seconds),
            Self::Unavailable => Some(5),
            Self::Overloaded => Some(1),
            _ => None,
        };
        let fields = match self {
            Self::Invalid(fields) => fields,
            Self::Body(BodyError::Field { path, message }) => vec![parsed(&path, &message)],
            _ => Vec::new(),
        };
        let detail = ErrorDetail { code, message, fields, request_id: request_id::current() };
        let json = serde_json::to_vec(&ErrorBody { error: detail }).unwrap_or_default();
        let mut response = (status, [(header::CONTENT_TYPE, "application/json")], json).into_response();
        if let Some(seconds) = retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<EventTimeError> for IngestError {
    fn from(EventTimeError(why): EventTimeError) -> Self {
        Self::Invalid(vec![FieldError::new(EVENT_TIME, why)])
    }
}

impl From<BodyError> for IngestError {
    fn from(error: BodyError) -> Self {
        Self::Body(error)
    }
}

impl From<store::Error> for IngestError {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::IdempotencyConflict => Self::IdempotencyConflict,
            store::Error::NotFound(_) => Self::NotFound,
            store::Error::Closed => Self::Unavailable,
            error => {
                tracing::error!(%error, request.id = crate::request_id::current(), "storage failed");
                Self::Internal
            }
        }
    }
}

impl From<AssessError> for IngestError {
    fn from(error: AssessError) -> Self {
        match error {
            AssessError::Store(error) => error.into(),
            AssessError::Plan(error) => {
                tracing::error!(%error, request.id = crate::request_id::current(), "the client's policy can not be run");
                Self::Internal
            }
        }
    }
}
