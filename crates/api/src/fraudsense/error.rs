//! The dialect's errors: `{"error": "Bad Request", "code": "MISSING_FIELD", "message", "fields"?, "requestId"}`.

use std::borrow::Cow;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use portcullis_pipeline::AssessError;
use portcullis_store as store;
use serde::Serialize;
use utoipa::ToSchema;

pub(crate) use crate::failure::FieldError;
use crate::{
    body::BodyError,
    caller::Refusal,
    error::{Kind, Problem, REQUIRED},
    event_time::{EVENT_TIME, EventTimeError},
    failure::{self, Failure},
    password::PasswordError,
    request_id,
};

/// Why a request is not answered as asked.
#[derive(Debug)]
pub(crate) enum FraudsenseError {
    /// Fields are missing or wrong.
    Invalid(Vec<FieldError>),
    /// No key, or none that is known and live: the same answer for all, so that nobody can probe for keys.
    NoKey,
    /// No token, or none that is valid.
    NoToken,
    /// The caller may not do this.
    Forbidden(Cow<'static, str>),
    /// The account is suspended.
    Suspended,
    /// Nobody may register.
    RegistrationClosed,
    /// There is a user with this address already.
    EmailTaken,
    /// It is in the way of what is there.
    Conflict(Cow<'static, str>),
    /// What can go wrong in any dialect.
    Failure(Failure),
}

impl From<crate::error::FieldError> for FieldError {
    fn from(error: crate::error::FieldError) -> Self {
        let field = error.pointer.trim_start_matches('/').replace('/', ".");
        if error.message == REQUIRED { Self::missing(field) } else { Self::parsed(field, error.message) }
    }
}

/// The document as it is sent.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FraudsenseError)]
pub(crate) struct ErrorBody {
    /// The status in words.
    #[schema(example = "Bad Request")]
    error: &'static str,
    /// The kind of error; permanent.
    #[schema(example = "MISSING_FIELD")]
    code: &'static str,
    /// What is wrong, in words.
    #[schema(example = "deviceId is required")]
    message: Cow<'static, str>,
    /// What is wrong, field by field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fields: Vec<FieldError>,
    /// The request's id, as in the header `X-Request-Id`.
    request_id: String,
}

impl FraudsenseError {
    /// The request is wrong in this field.
    pub(crate) fn field(error: FieldError) -> Self {
        Self::Invalid(vec![error])
    }

    /// Its status and code.
    fn kind(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Invalid(fields) if fields.iter().any(|field| field.is_missing) => {
                (StatusCode::BAD_REQUEST, "MISSING_FIELD")
            }
            Self::Invalid(_) => (StatusCode::BAD_REQUEST, "INVALID_FIELD"),
            Self::NoKey | Self::NoToken => (StatusCode::UNAUTHORIZED, "UNAUTHORIZED"),
            Self::Forbidden(_) => (StatusCode::FORBIDDEN, "FORBIDDEN"),
            Self::Suspended => (StatusCode::FORBIDDEN, "ACCOUNT_SUSPENDED"),
            Self::RegistrationClosed => (StatusCode::FORBIDDEN, "REGISTRATION_CLOSED"),
            Self::EmailTaken => (StatusCode::BAD_REQUEST, "EMAIL_TAKEN"),
            Self::Conflict(_) => (StatusCode::CONFLICT, "CONFLICT"),
            Self::Failure(failure) => (failure.status(), code(failure)),
        }
    }

    /// What is wrong, for a person.
    fn message(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Invalid(fields) => return FieldError::summary(fields).into(),
            Self::Forbidden(reason) | Self::Conflict(reason) => return reason.clone(),
            Self::Failure(Failure::RateLimited(_)) => "Too many requests; see the Retry-After header.",
            Self::Failure(failure) => return failure.message(),
            Self::NoKey => "A valid API key is required in the X-FraudSense-Key header.",
            Self::NoToken => "A valid bearer token is required in the Authorization header.",
            Self::Suspended => "This account is suspended; contact support.",
            Self::RegistrationClosed => "Accounts are made by the operator of this installation.",
            Self::EmailTaken => "There is an account with this email already.",
        })
    }
}

const fn code(failure: &Failure) -> &'static str {
    match failure {
        Failure::Malformed(_) => "MALFORMED_JSON",
        Failure::TooLarge(_) => "PAYLOAD_TOO_LARGE",
        Failure::NotJson => "UNSUPPORTED_MEDIA_TYPE",
        Failure::NotFound => "NOT_FOUND",
        Failure::MethodNotAllowed => "METHOD_NOT_ALLOWED",
        Failure::IdempotencyConflict => "CONFLICT",
        Failure::RateLimited(_) => "RATE_LIMITED",
        Failure::Overloaded => "OVERLOADED",
        Failure::TooSlow => "REQUEST_TIMEOUT",
        Failure::Unavailable => "UNAVAILABLE",
        Failure::Internal => "INTERNAL_ERROR",
    }
}

impl IntoResponse for FraudsenseError {
    fn into_response(self) -> Response {
        let ((status, code), message) = (self.kind(), self.message());
        let wants_token = matches!(self, Self::NoToken);
        let (fields, retry_after_s) = match self {
            Self::Invalid(fields) => (fields, None),
            Self::Failure(failure) => (Vec::new(), failure.retry_after_s()),
            _ => (Vec::new(), None),
        };
        let error = phrase(status);
        let body = ErrorBody { error, code, message, fields, request_id: request_id::current() };
        let mut response = failure::answer(status, &body, retry_after_s);
        if wants_token {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

fn phrase(status: StatusCode) -> &'static str {
    status.canonical_reason().unwrap_or("Error")
}

/// The members of this dialect's envelope, for problem documents of the paths that it shares with the management API, and
/// of those that nothing is at: RFC 9457 lets a document have more members, and so the clients of both can read it.
#[derive(Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct AlsoHere {
    /// Below `/v1/` only: the status in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    error: Option<&'static str>,
    /// Below `/v1/` only: the kind of error in fraudsense's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "UNAUTHORIZED")]
    code: Option<&'static str>,
    /// Below `/v1/` only: the same as `detail`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    message: Option<String>,
}

impl AlsoHere {
    /// For a problem of a path below `/v1/`, which is no other dialect's if it has come to be a problem; nothing for any
    /// other path.
    pub(crate) fn of(problem: &Problem, path: &str) -> Self {
        if !path.starts_with("/v1/") {
            return Self::default();
        }
        let (status, code) = FraudsenseError::from(problem.clone()).kind();
        let message = Some(problem.detail().to_owned());
        Self { error: Some(phrase(status)), code: Some(code), message }
    }
}

impl From<EventTimeError> for FraudsenseError {
    fn from(EventTimeError(why): EventTimeError) -> Self {
        Self::field(FieldError::invalid(EVENT_TIME, why))
    }
}

impl From<Failure> for FraudsenseError {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<BodyError> for FraudsenseError {
    fn from(error: BodyError) -> Self {
        error.told(Self::field)
    }
}

/// Of a key's holder.
impl From<Refusal> for FraudsenseError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unauthenticated => Self::NoKey,
            Refusal::Suspended => Self::Suspended,
            Refusal::AddressNotAllowed => {
                Self::Forbidden("This API key may not be used from this address.".into())
            }
            Refusal::ScopeMissing(scope) => {
                Self::Forbidden(format!("This API key lacks the scope {}.", scope.as_str()).into())
            }
            Refusal::TooManyRequests(seconds) => Failure::RateLimited(seconds).into(),
        }
    }
}

/// Of what the dialect shares with the management API: its callers, and its handling of keys.
impl From<Problem> for FraudsenseError {
    fn from(problem: Problem) -> Self {
        match problem.kind() {
            Kind::Invalid if !problem.errors().is_empty() => {
                Self::Invalid(problem.errors().iter().cloned().map(FieldError::from).collect())
            }
            Kind::Unauthenticated => Self::NoToken,
            Kind::Forbidden => Self::Forbidden(problem.detail().to_owned().into()),
            Kind::Suspended => Self::Suspended,
            Kind::Conflict => Self::Conflict(problem.detail().to_owned().into()),
            Kind::Invalid => Failure::Malformed(problem.detail().to_owned()).into(),
            Kind::NotFound => Failure::NotFound.into(),
            Kind::MethodNotAllowed => Failure::MethodNotAllowed.into(),
            Kind::TooLarge => Failure::TooLarge(crate::body::LIMIT_BYTES).into(),
            Kind::UnsupportedMediaType => Failure::NotJson.into(),
            Kind::TooSlow => Failure::TooSlow.into(),
            Kind::TooManyRequests => Failure::RateLimited(problem.retry_after_s().unwrap_or(1)).into(),
            Kind::Internal => Failure::Internal.into(),
            Kind::Unavailable => Failure::Unavailable.into(),
        }
    }
}

impl From<PasswordError> for FraudsenseError {
    fn from(error: PasswordError) -> Self {
        Problem::from(error).into()
    }
}

impl From<store::Error> for FraudsenseError {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::IdempotencyConflict => Failure::IdempotencyConflict.into(),
            error => Problem::from(error).into(),
        }
    }
}

impl From<AssessError> for FraudsenseError {
    fn from(error: AssessError) -> Self {
        Failure::from(error).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_missing_field_makes_the_code() {
        let wrong = || FieldError::invalid("email", "must be an address");
        let code = |fields| FraudsenseError::Invalid(fields).kind().1;
        assert_eq!(code(vec![wrong()]), "INVALID_FIELD");
        assert_eq!(code(vec![wrong(), FieldError::missing("password")]), "MISSING_FIELD");
        let error = FraudsenseError::Invalid(vec![wrong(), FieldError::missing("password")]);
        assert_eq!(error.message(), "email must be an address; password is required");
    }

    #[test]
    fn shared_paths_alone_have_the_members_of_both() {
        let problem = Problem::new(Kind::Unauthenticated, "No.");
        let also = AlsoHere::of(&problem, "/v1/auth/login");
        let of_both = (also.error, also.code, also.message.as_deref());
        assert_eq!(of_both, (Some("Unauthorized"), Some("UNAUTHORIZED"), Some("No.")));
        assert_eq!(AlsoHere::of(&problem, "/api/v1/admin/clients"), AlsoHere::default());
    }
}
