//! The dialect's errors: `{"error": {"message", "code"}, "message", "requestId"}`.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use portcullis_pipeline::AssessError;
use portcullis_store as store;
use serde::Serialize;
use std::borrow::Cow;
use utoipa::ToSchema;

use super::envelope::EnvelopeError;
use crate::{body::BodyError, request_id};

/// Why a request is not answered as asked.
#[derive(Debug)]
pub(crate) enum KeyriError {
    /// A field outside the envelope is missing or wrong; the sentence begins with its name.
    Field(String),
    /// The body can not be read.
    Malformed(String),
    /// What is sealed can not be opened, read or verified: which of these is not told.
    Payload,
    /// The body has more bytes than that.
    TooLarge(usize),
    /// The body is not JSON.
    NotJson,
    /// There is no such service, or the API key is not its.
    NoService,
    /// The client is suspended.
    Suspended,
    /// There is no such thing.
    NotFound,
    /// The path has no such method.
    MethodNotAllowed,
    /// Too many requests; the next may come in so many seconds.
    RateLimited(u32),
    /// There is too much to do already.
    Overloaded,
    /// The body did not arrive in time.
    TooSlow,
    /// Can not be served now.
    Unavailable,
    /// Our mistake; what it was is in the log, never in the answer.
    Internal,
}

/// The document as it is sent.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = KeyriError)]
pub(crate) struct ErrorBody {
    error: ErrorDetail,
    /// The same sentence, for clients that look for it here.
    message: String,
    /// The request's id, as in the header `X-Request-Id`.
    request_id: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KeyriErrorDetail)]
struct ErrorDetail {
    /// What is wrong, in words.
    #[schema(example = "The payload can not be decrypted or verified.")]
    message: String,
    /// The kind of error; permanent.
    #[schema(example = "invalid_payload")]
    code: &'static str,
}

impl KeyriError {
    /// Its status and code.
    const fn kind(&self) -> (StatusCode, &'static str) {
        use StatusCode as S;
        match self {
            Self::Field(_) => (S::BAD_REQUEST, "invalid_field"),
            Self::Malformed(_) => (S::BAD_REQUEST, "malformed_json"),
            Self::Payload => (S::BAD_REQUEST, "invalid_payload"),
            Self::TooLarge(_) => (S::PAYLOAD_TOO_LARGE, "payload_too_large"),
            Self::NotJson => (S::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type"),
            Self::NoService => (S::UNAUTHORIZED, "unauthorized"),
            Self::Suspended => (S::FORBIDDEN, "suspended"),
            Self::NotFound => (S::NOT_FOUND, "not_found"),
            Self::MethodNotAllowed => (S::METHOD_NOT_ALLOWED, "method_not_allowed"),
            Self::RateLimited(_) => (S::TOO_MANY_REQUESTS, "rate_limited"),
            Self::Overloaded => (S::SERVICE_UNAVAILABLE, "overloaded"),
            Self::TooSlow => (S::REQUEST_TIMEOUT, "request_timeout"),
            Self::Unavailable => (S::SERVICE_UNAVAILABLE, "unavailable"),
            Self::Internal => (S::INTERNAL_SERVER_ERROR, "internal_error"),
        }
    }

    fn message(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Field(sentence) | Self::Malformed(sentence) => return sentence.clone().into(),
            Self::TooLarge(limit) => return format!("The body may have at most {limit} bytes.").into(),
            Self::RateLimited(seconds) => {
                return format!("Too many requests. Please retry after {seconds} seconds.").into();
            }
            Self::Payload => "The payload can not be decrypted or verified.",
            Self::NotJson => "Content-Type must be application/json.",
            Self::NoService => "Service_Encryption_Key or API_Key is not one of a service.",
            Self::Suspended => "The account is suspended.",
            Self::NotFound => "There is nothing here.",
            Self::MethodNotAllowed => "The path has no such method.",
            Self::Overloaded => "There is too much to do already; try again shortly.",
            Self::TooSlow => "The request's body did not arrive in time.",
            Self::Unavailable => "This can not be served right now; try again.",
            Self::Internal => "Something went wrong on our side; try again shortly.",
        })
    }

    const fn retry_after_s(&self) -> Option<u32> {
        match self {
            Self::RateLimited(seconds) => Some(*seconds),
            Self::Unavailable => Some(5),
            Self::Overloaded => Some(1),
            _ => None,
        }
    }
}

impl IntoResponse for KeyriError {
    fn into_response(self) -> Response {
        let ((status, code), message) = (self.kind(), self.message().into_owned());
        let error = ErrorDetail { message: message.clone(), code };
        let body = ErrorBody { error, message, request_id: request_id::current() };
        let json = serde_json::to_vec(&body).unwrap_or_default();
        let mut response = (status, [(header::CONTENT_TYPE, "application/json")], json).into_response();
        if let Some(seconds) = self.retry_after_s() {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<BodyError> for KeyriError {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge(limit) => Self::TooLarge(limit),
            BodyError::NotJson => Self::NotJson,
            BodyError::Incomplete => Self::Malformed("The body ended early.".to_owned()),
            BodyError::Malformed(reason) => {
                Self::Malformed(format!("The body is not well-formed JSON: {reason}"))
            }
            BodyError::Field { path, message } if path.is_empty() => {
                let missing = message.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'));
                Self::Field(
                    missing.map_or_else(|| format!("body {message}"), |name| format!("{name} is required")),
                )
            }
            BodyError::Field { path, message } => Self::Field(format!("{path}: {message}")),
        }
    }
}

/// Of what is sealed nothing is told, also not what could not be read (G2.20, D21).
impl From<EnvelopeError> for KeyriError {
    fn from(_: EnvelopeError) -> Self {
        Self::Payload
    }
}

impl From<AssessError> for KeyriError {
    fn from(error: AssessError) -> Self {
        match error {
            AssessError::Store(error) => error.into(),
            AssessError::Plan(error) => {
                tracing::error!(%error, request.id = request_id::current(), "the policy can not be run");
                Self::Internal
            }
        }
    }
}

impl From<store::Error> for KeyriError {
    fn from(error: store::Error) -> Self {
        if matches!(error, store::Error::Closed) {
            return Self::Unavailable;
        }
        tracing::error!(%error, request.id = request_id::current(), "storage failed");
        Self::Internal
    }
}
