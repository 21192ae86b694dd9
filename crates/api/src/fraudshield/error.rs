//! The dialect's errors: `{"error": {"code", "message", "type", "param"?, "request_id", "retry_after"?}}`.

use std::borrow::Cow;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use portcullis_pipeline::AssessError;
use portcullis_store as store;
use portcullis_vision::ImageError;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    body::BodyError,
    caller::Refusal,
    event_time::{EVENT_TIME, EventTimeError},
    request_id,
};

/// Why a request is not answered as asked.
#[derive(Debug)]
pub(crate) enum FraudshieldError {
    /// Parameters are missing or wrong.
    Invalid(Vec<ParamError>),
    /// An image can not be used.
    Image(ImageProblem),
    /// The request can not be read, for a reason other than one of its parameters.
    Malformed(String),
    /// The body has more bytes than that.
    TooLarge(usize),
    /// The body is not JSON.
    NotJson,
    /// No key, or none that was ever known.
    NoKey,
    /// The key worked once and was revoked.
    KeyRevoked,
    /// The key worked once and has expired.
    KeyExpired,
    /// The key may not be used from this address.
    AddressNotAllowed,
    /// The key may not do this.
    Forbidden(Cow<'static, str>),
    /// There is no such thing, or it is not the caller's.
    NotFound,
    /// The path has no such method.
    MethodNotAllowed,
    /// It is in the way of what is there.
    Conflict(Cow<'static, str>),
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

/// One thing that is wrong with the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ParamError {
    param: String,
    message: Cow<'static, str>,
    is_missing: bool,
}

/// An image that can not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ImageProblem {
    /// The parameter that it is.
    pub(crate) param: &'static str,
    /// What is wrong with it.
    pub(crate) why: ImageError,
}

impl ParamError {
    /// The parameter must be there and is not.
    pub(crate) fn missing(param: impl Into<String>) -> Self {
        Self { param: param.into(), message: "is required".into(), is_missing: true }
    }

    /// The parameter has a wrong value; `message` is the end of a sentence that begins with its name.
    pub(crate) fn invalid(param: impl Into<String>, message: impl Into<Cow<'static, str>>) -> Self {
        Self { param: param.into(), message: message.into(), is_missing: false }
    }

    /// What the parser says of the parameter at `path`; of one that is missing it tells the parent's path.
    fn parsed(path: String, message: String) -> Self {
        let missing = message.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'));
        match missing {
            Some(name) if path.is_empty() => Self::missing(name),
            Some(name) => Self::missing(format!("{path}.{name}")),
            None if path.is_empty() => Self::invalid("body", message),
            None => Self::invalid(path, message),
        }
    }
}

/// The document as it is sent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldError)]
pub(crate) struct ErrorBody {
    error: ErrorDetail,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldErrorDetail)]
struct ErrorDetail {
    /// The kind of error; permanent.
    #[schema(example = "invalid_parameter")]
    code: &'static str,
    /// What is wrong, in words.
    #[schema(example = "value must be an address or a network such as 192.0.2.0/24")]
    message: Cow<'static, str>,
    /// The family that the code belongs to; permanent.
    #[schema(example = "validation_error")]
    r#type: &'static str,
    /// The parameter that is wrong, the first of several.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "value")]
    param: Option<String>,
    /// The request's id, as in the header `X-Request-Id`.
    request_id: String,
    /// When the request may be tried again, in seconds, as in the header `Retry-After`.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u32>,
}

impl FraudshieldError {
    /// The request is wrong in this parameter.
    pub(crate) fn param(error: ParamError) -> Self {
        Self::Invalid(vec![error])
    }

    /// Its status, type and code.
    fn kind(&self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::Invalid(errors) if errors.first().is_some_and(|error| error.is_missing) => {
                (S::BAD_REQUEST, "validation_error", "missing_parameter")
            }
            Self::Invalid(_) => (S::BAD_REQUEST, "validation_error", "invalid_parameter"),
            Self::Image(ImageProblem { why: ImageError::TooLarge, .. }) => {
                (S::PAYLOAD_TOO_LARGE, "validation_error", "request_too_large")
            }
            Self::Image(_) => (S::BAD_REQUEST, "validation_error", "invalid_document"),
            Self::Malformed(_) => (S::BAD_REQUEST, "validation_error", "invalid_request"),
            Self::TooLarge(_) => (S::PAYLOAD_TOO_LARGE, "validation_error", "request_too_large"),
            Self::NotJson => (S::UNSUPPORTED_MEDIA_TYPE, "validation_error", "unsupported_media_type"),
            Self::NoKey => (S::UNAUTHORIZED, "authentication_error", "unauthorized"),
            Self::KeyRevoked => (S::UNAUTHORIZED, "authentication_error", "key_revoked"),
            Self::KeyExpired => (S::UNAUTHORIZED, "authentication_error", "key_expired"),
            Self::AddressNotAllowed => (S::FORBIDDEN, "authorization_error", "ip_not_allowed"),
            Self::Forbidden(_) => (S::FORBIDDEN, "authorization_error", "forbidden"),
            Self::NotFound => (S::NOT_FOUND, "not_found_error", "not_found"),
            Self::MethodNotAllowed => (S::METHOD_NOT_ALLOWED, "validation_error", "method_not_allowed"),
            Self::Conflict(_) => (S::CONFLICT, "conflict_error", "already_exists"),
            Self::IdempotencyConflict => (S::CONFLICT, "idempotency_error", "idempotency_key_conflict"),
            Self::RateLimited(_) => (S::TOO_MANY_REQUESTS, "rate_limit_error", "rate_limit_exceeded"),
            Self::TooSlow => (S::REQUEST_TIMEOUT, "validation_error", "request_timeout"),
            Self::Overloaded | Self::Unavailable => {
                (S::SERVICE_UNAVAILABLE, "api_error", "model_unavailable")
            }
            Self::Internal => (S::INTERNAL_SERVER_ERROR, "api_error", "internal_error"),
        }
    }

    /// What is wrong, for a person.
    fn message(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Invalid(errors) => return summary(errors).into(),
            Self::Image(ImageProblem { param, why }) => return format!("{param} {why}").into(),
            Self::Malformed(reason) => return reason.clone().into(),
            Self::TooLarge(limit) => return format!("The body may have at most {limit} bytes.").into(),
            Self::Forbidden(reason) | Self::Conflict(reason) => return reason.clone(),
            Self::RateLimited(seconds) => {
                return format!("Too many requests. Please retry after {seconds} seconds.").into();
            }
            Self::NotJson => "Content-Type must be application/json.",
            Self::NoKey => "A valid API key is required as a bearer token in the Authorization header.",
            Self::KeyRevoked => "This API key was revoked.",
            Self::KeyExpired => "This API key has expired.",
            Self::AddressNotAllowed => "This API key may not be used from this address.",
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
    const fn retry_after_s(&self) -> Option<u32> {
        match self {
            Self::RateLimited(seconds) => Some(*seconds),
            Self::Unavailable => Some(5),
            Self::Overloaded => Some(1),
            _ => None,
        }
    }
}

fn summary(errors: &[ParamError]) -> String {
    errors.iter().map(|error| format!("{} {}", error.param, error.message)).collect::<Vec<_>>().join("; ")
}

impl IntoResponse for FraudshieldError {
    fn into_response(self) -> Response {
        let ((status, r#type, code), message) = (self.kind(), self.message());
        let retry_after = self.retry_after_s();
        let param = match self {
            Self::Invalid(errors) => errors.into_iter().next().map(|error| error.param),
            Self::Image(problem) => Some(problem.param.to_owned()),
            _ => None,
        };
        let request_id = request_id::current();
        let error = ErrorDetail { code, message, r#type, param, request_id, retry_after };
        let json = serde_json::to_vec(&ErrorBody { error }).unwrap_or_default();
        let mut response = (status, [(header::CONTENT_TYPE, "application/json")], json).into_response();
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<EventTimeError> for FraudshieldError {
    fn from(EventTimeError(why): EventTimeError) -> Self {
        Self::param(ParamError::invalid(EVENT_TIME, why))
    }
}

impl From<BodyError> for FraudshieldError {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge(limit) => Self::TooLarge(limit),
            BodyError::NotJson => Self::NotJson,
            BodyError::Incomplete => Self::Malformed("The body ended early.".to_owned()),
            BodyError::Malformed(reason) => {
                Self::Malformed(format!("The body is not well-formed JSON: {reason}"))
            }
            BodyError::Field { path, message } => Self::param(ParamError::parsed(path, message)),
        }
    }
}

impl From<Refusal> for FraudshieldError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unauthenticated => Self::NoKey,
            Refusal::Suspended => Self::Forbidden("The account is suspended.".into()),
            Refusal::AddressNotAllowed => Self::AddressNotAllowed,
            Refusal::ScopeMissing(scope) => {
                Self::Forbidden(format!("This API key lacks the scope {}.", scope.as_str()).into())
            }
            Refusal::TooManyRequests(seconds) => Self::RateLimited(seconds),
        }
    }
}

impl From<AssessError> for FraudshieldError {
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

impl From<store::Error> for FraudshieldError {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::NotFound(_) => Self::NotFound,
            store::Error::Exists(what) => Self::Conflict(format!("A {what} exists already.").into()),
            store::Error::TooMany { what, most } => {
                Self::Conflict(format!("There may be at most {most} {what}.").into())
            }
            store::Error::IdempotencyConflict => Self::IdempotencyConflict,
            store::Error::Closed => Self::Unavailable,
            error => {
                tracing::error!(%error, request.id = request_id::current(), "storage failed");
                Self::Internal
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_complaint_makes_the_code() {
        let (wrong, missing) = (ParamError::invalid("value", "must be one"), ParamError::missing("type"));
        let error = FraudshieldError::Invalid(vec![missing.clone(), wrong.clone()]);
        assert_eq!(error.kind().2, "missing_parameter");
        assert_eq!(error.message(), "type is required; value must be one");
        assert_eq!(FraudshieldError::Invalid(vec![wrong, missing]).kind().2, "invalid_parameter");
    }

    #[test]
    fn what_the_parser_misses_is_named() {
        let missing = |path: &str, message: &str| ParamError::parsed(path.to_owned(), message.to_owned());
        assert_eq!(missing("", "missing field `type`"), ParamError::missing("type"));
        assert_eq!(missing("checks[1]", "missing field `type`"), ParamError::missing("checks[1].type"));
        assert_eq!(missing("", "must be an object"), ParamError::invalid("body", "must be an object"));
    }
}
