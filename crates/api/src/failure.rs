//! What can go wrong with any request of any dialect: each has its own codes and envelope for it, and tells it in much the
//! same words.

use std::borrow::Cow;

use axum::{
    extract::{Query, rejection::QueryRejection},
    response::{IntoResponse as _, Response},
};
use http::{HeaderValue, StatusCode, header, request::Parts};
use portcullis_pipeline::AssessError;
use portcullis_store as store;
use serde::{Serialize, de::DeserializeOwned};
use utoipa::ToSchema;

use crate::{
    body::{BodyError, join, missing_field},
    error::REQUIRED,
    request_id,
};

/// Why a request is not answered, as far as that is not about what it asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// It can not be read, for a reason other than one of its fields; in words.
    Malformed(String),
    /// The body has more bytes than that.
    TooLarge(usize),
    /// The body is not JSON.
    NotJson,
    /// There is no such thing, or it is not the caller's.
    NotFound,
    /// The path has no such method.
    MethodNotAllowed,
    /// The idempotency key was used with another body.
    IdempotencyConflict,
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

impl Failure {
    pub(crate) const fn status(&self) -> StatusCode {
        match self {
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::IdempotencyConflict => StatusCode::CONFLICT,
            Self::RateLimited(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Overloaded | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Its code, in the dialects whose contract names none.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed_json",
            Self::TooLarge(_) => "payload_too_large",
            Self::NotJson => "unsupported_media_type",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::IdempotencyConflict => "idempotency_conflict",
            Self::RateLimited(_) => "rate_limited",
            Self::Overloaded => "overloaded",
            Self::TooSlow => "request_timeout",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal_error",
        }
    }

    /// What is wrong, for a person.
    pub(crate) fn message(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Malformed(reason) => return reason.clone().into(),
            Self::TooLarge(limit) => return format!("The body may have at most {limit} bytes.").into(),
            Self::RateLimited(seconds) => {
                return format!("Too many requests. Please retry after {seconds} seconds.").into();
            }
            Self::NotJson => "Content-Type must be application/json.",
            Self::NotFound => "There is nothing here, or it is not yours.",
            Self::MethodNotAllowed => "The path has no such method.",
            Self::IdempotencyConflict => "The Idempotency-Key was used before with another body.",
            Self::Overloaded => "There is too much to do already; try again shortly.",
            Self::TooSlow => "The request's body did not arrive in time.",
            Self::Unavailable => "This can not be served right now; try again.",
            Self::Internal => "Something went wrong on our side; try again shortly.",
        })
    }

    /// When the request may be tried again, s.
    pub(crate) const fn retry_after_s(&self) -> Option<u32> {
        match self {
            Self::RateLimited(seconds) => Some(*seconds),
            Self::Unavailable => Some(5),
            Self::Overloaded => Some(1),
            _ => None,
        }
    }
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::NotFound(_) => Self::NotFound,
            store::Error::IdempotencyConflict => Self::IdempotencyConflict,
            store::Error::Closed => Self::Unavailable,
            error => {
                tracing::error!(%error, request.id = request_id::current(), "storage failed");
                Self::Internal
            }
        }
    }
}

impl From<AssessError> for Failure {
    fn from(error: AssessError) -> Self {
        match error {
            AssessError::Store(error) => error.into(),
            AssessError::Plan(error) => {
                tracing::error!(%error, request.id = request_id::current(), "the client's policy can not be run");
                Self::Internal
            }
        }
    }
}

/// One thing that is wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = DialectFieldError)]
pub(crate) struct FieldError {
    /// Which field, as `deviceProfile.model` or `reasons[1]`.
    #[schema(example = "userId")]
    pub(crate) field: String,
    /// What is wrong with it, as the end of a sentence that begins with the field.
    #[schema(example = "is required")]
    pub(crate) message: Cow<'static, str>,
    /// Whether it must be there and is not.
    #[serde(skip)]
    pub(crate) is_missing: bool,
}

impl FieldError {
    /// The field must be there and is not.
    pub(crate) fn missing(field: impl Into<String>) -> Self {
        Self { field: field.into(), message: REQUIRED.into(), is_missing: true }
    }

    /// The field has a wrong value.
    pub(crate) fn invalid(field: impl Into<String>, message: impl Into<Cow<'static, str>>) -> Self {
        Self { field: field.into(), message: message.into(), is_missing: false }
    }

    /// What the parser says of the field at `path`; of one that is missing it tells the parent's path.
    pub(crate) fn parsed(path: String, message: String) -> Self {
        match missing_field(&message) {
            Some(name) => Self::missing(join(&path, name)),
            None if path.is_empty() => Self::invalid("body", message),
            None => Self::invalid(path, message),
        }
    }

    /// All that is wrong, in one sentence.
    pub(crate) fn summary(errors: &[Self]) -> String {
        errors.iter().map(|error| format!("{} {}", error.field, error.message)).collect::<Vec<_>>().join("; ")
    }
}

impl BodyError {
    /// The same as the error of a dialect; `field` is its way of telling what is wrong with one field.
    pub(crate) fn told<E: From<Failure>>(self, field: impl FnOnce(FieldError) -> E) -> E {
        let failure = match self {
            Self::TooLarge(limit) => Failure::TooLarge(limit),
            Self::NotJson => Failure::NotJson,
            Self::Incomplete => Failure::Malformed("The body ended early.".to_owned()),
            Self::Malformed(reason) => {
                Failure::Malformed(format!("The body is not well-formed JSON: {reason}"))
            }
            Self::Field { path, message } => return field(FieldError::parsed(path, message)),
        };
        failure.into()
    }
}

/// Whether `path` is this place or below it.
pub(crate) fn is_below(place: &str, path: &str) -> bool {
    path.strip_prefix(place).is_some_and(|below| below.is_empty() || below.starts_with('/'))
}

/// The query of a request. Parameters that its type does not have are ignored.
pub(crate) fn query<T: DeserializeOwned>(parts: &Parts) -> Result<T, Failure> {
    let query = Query::try_from_uri(&parts.uri);
    let refused =
        |error: QueryRejection| Failure::Malformed(format!("The query is wrong: {}", error.body_text()));
    query.map(|Query(value)| value).map_err(refused)
}

/// An error as it is sent, and when the request may be tried again, s.
pub(crate) fn answer(status: StatusCode, body: &impl Serialize, retry_after_s: Option<u32>) -> Response {
    let json = serde_json::to_vec(body).unwrap_or_default();
    let mut response = (status, [(header::CONTENT_TYPE, "application/json")], json).into_response();
    if let Some(seconds) = retry_after_s {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_parser_misses_is_named() {
        let parsed = |path: &str, message: &str| FieldError::parsed(path.to_owned(), message.to_owned());
        assert_eq!(parsed("", "missing field `deviceId`"), FieldError::missing("deviceId"));
        assert_eq!(parsed("checks[1]", "missing field `type`"), FieldError::missing("checks[1].type"));
        assert_eq!(parsed("a", "invalid type"), FieldError::invalid("a", "invalid type"));
        assert_eq!(parsed("", "must be an object"), FieldError::invalid("body", "must be an object"));
        let both = [parsed("a", "is wrong"), parsed("", "missing field `b`")];
        assert_eq!(FieldError::summary(&both), "a is wrong; b is required");
    }
}
