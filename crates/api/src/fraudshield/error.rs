//! The dialect's errors: `{"error": {"code", "message", "type", "param"?, "request_id", "retry_after"?}}`.

use std::borrow::Cow;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use portcullis_pipeline::AssessError;
use portcullis_store as store;
use portcullis_vision::ImageError;
use serde::Serialize;
use utoipa::ToSchema;

pub(crate) use crate::failure::FieldError as ParamError;
use crate::{
    body::BodyError,
    caller::Refusal,
    event_time::{EVENT_TIME, EventTimeError},
    failure::{self, Failure},
    request_id,
    velocity_rules::Complaint,
};

/// Why a request is not answered as asked.
#[derive(Debug)]
pub(crate) enum FraudshieldError {
    /// Parameters are missing or wrong.
    Invalid(Vec<ParamError>),
    /// An image can not be used.
    Image(ImageProblem),
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
    /// It is in the way of what is there.
    Conflict(Cow<'static, str>),
    /// What can go wrong in any dialect.
    Failure(Failure),
}

/// An image that can not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ImageProblem {
    /// The parameter that it is.
    pub(crate) param: &'static str,
    /// What is wrong with it.
    pub(crate) why: ImageError,
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
            Self::NoKey => (S::UNAUTHORIZED, "authentication_error", "unauthorized"),
            Self::KeyRevoked => (S::UNAUTHORIZED, "authentication_error", "key_revoked"),
            Self::KeyExpired => (S::UNAUTHORIZED, "authentication_error", "key_expired"),
            Self::AddressNotAllowed => (S::FORBIDDEN, "authorization_error", "ip_not_allowed"),
            Self::Forbidden(_) => (S::FORBIDDEN, "authorization_error", "forbidden"),
            Self::Conflict(_) => (S::CONFLICT, "conflict_error", "already_exists"),
            Self::Failure(failure) => {
                let (r#type, code) = code(failure);
                (failure.status(), r#type, code)
            }
        }
    }

    /// What is wrong, for a person.
    fn message(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Invalid(errors) => return ParamError::summary(errors).into(),
            Self::Image(ImageProblem { param, why }) => return format!("{param} {why}").into(),
            Self::Forbidden(reason) | Self::Conflict(reason) => return reason.clone(),
            Self::Failure(failure) => return failure.message(),
            Self::NoKey => "A valid API key is required as a bearer token in the Authorization header.",
            Self::KeyRevoked => "This API key was revoked.",
            Self::KeyExpired => "This API key has expired.",
            Self::AddressNotAllowed => "This API key may not be used from this address.",
        })
    }
}

/// The type and code of a failure.
const fn code(failure: &Failure) -> (&'static str, &'static str) {
    match failure {
        Failure::Malformed(_) => ("validation_error", "invalid_request"),
        Failure::TooLarge(_) => ("validation_error", "request_too_large"),
        Failure::NotJson => ("validation_error", "unsupported_media_type"),
        Failure::NotFound => ("not_found_error", "not_found"),
        Failure::MethodNotAllowed => ("validation_error", "method_not_allowed"),
        Failure::IdempotencyConflict => ("idempotency_error", "idempotency_key_conflict"),
        Failure::RateLimited(_) => ("rate_limit_error", "rate_limit_exceeded"),
        Failure::TooSlow => ("validation_error", "request_timeout"),
        Failure::Overloaded | Failure::Unavailable => ("api_error", "model_unavailable"),
        Failure::Internal => ("api_error", "internal_error"),
    }
}

impl IntoResponse for FraudshieldError {
    fn into_response(self) -> Response {
        let ((status, r#type, code), message) = (self.kind(), self.message());
        let (param, retry_after) = match self {
            Self::Invalid(errors) => (errors.into_iter().next().map(|error| error.field), None),
            Self::Image(problem) => (Some(problem.param.to_owned()), None),
            Self::Failure(failure) => (None, failure.retry_after_s()),
            _ => (None, None),
        };
        let request_id = request_id::current();
        let error = ErrorDetail { code, message, r#type, param, request_id, retry_after };
        let mut response = failure::answer(status, &ErrorBody { error }, retry_after);
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

impl From<Failure> for FraudshieldError {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<Complaint> for ParamError {
    fn from(Complaint { field, message }: Complaint) -> Self {
        Self::invalid(field, message)
    }
}

impl From<BodyError> for FraudshieldError {
    fn from(error: BodyError) -> Self {
        error.told(Self::param)
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
            Refusal::TooManyRequests(seconds) => Failure::RateLimited(seconds).into(),
        }
    }
}

impl From<AssessError> for FraudshieldError {
    fn from(error: AssessError) -> Self {
        Failure::from(error).into()
    }
}

impl From<store::Error> for FraudshieldError {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Exists(what) => Self::Conflict(format!("A {what} exists already.").into()),
            store::Error::TooMany { what, most } => {
                Self::Conflict(format!("There may be at most {most} {what}.").into())
            }
            error => Failure::from(error).into(),
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
}
