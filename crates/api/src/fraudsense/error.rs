//! The dialect's errors: `{"error": "Bad Request", "code": "MISSING_FIELD", "message", "fields"?, "requestId"}`.

use std::borrow::Cow;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use portcullis_pipeline::AssessError;
use portcullis_store as store;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    body::BodyError,
    caller::Refusal,
    error::{Kind, Problem, REQUIRED},
    event_time::{EVENT_TIME, EventTimeError},
    password::PasswordError,
    request_id,
};

/// Why a request is not answered as asked.
#[derive(Debug)]
pub(crate) enum FraudsenseError {
    /// Fields are missing or wrong.
    Invalid(Vec<FieldError>),
    /// The body can not be read, for a reason other than one of its fields.
    Malformed(String),
    /// The body has more bytes than that.
    TooLarge(usize),
    /// The body is not JSON.
    NotJson,
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
    /// There is no such thing, or it is not the caller's.
    NotFound,
    /// The path has no such method.
    MethodNotAllowed,
    /// It is in the way of what is there.
    Conflict(Cow<'static, str>),
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = FraudsenseFieldError)]
pub(crate) struct FieldError {
    /// Which field, as `deviceProfile.model`.
    #[schema(example = "deviceId")]
    field: String,
    /// What is wrong with it, as the end of a sentence that begins with the field.
    #[schema(example = "is required")]
    message: String,
    #[serde(skip)]
    is_missing: bool,
}

impl FieldError {
    /// The field must be there and is not.
    pub(crate) fn missing(field: impl Into<String>) -> Self {
        Self { field: field.into(), message: "is required".to_owned(), is_missing: true }
    }

    /// The field has a wrong value.
    pub(crate) fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into(), is_missing: false }
    }

    /// What the parser says of the field at `path`; of one that is missing it tells the parent's path.
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
            Self::Malformed(_) => (StatusCode::BAD_REQUEST, "MALFORMED_JSON"),
            Self::TooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE"),
            Self::NotJson => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE"),
            Self::NoKey | Self::NoToken => (StatusCode::UNAUTHORIZED, "UNAUTHORIZED"),
            Self::Forbidden(_) => (StatusCode::FORBIDDEN, "FORBIDDEN"),
            Self::Suspended => (StatusCode::FORBIDDEN, "ACCOUNT_SUSPENDED"),
            Self::RegistrationClosed => (StatusCode::FORBIDDEN, "REGISTRATION_CLOSED"),
            Self::EmailTaken => (StatusCode::BAD_REQUEST, "EMAIL_TAKEN"),
            Self::NotFound => (StatusCode::NOT_FOUND, "NOT_FOUND"),
            Self::MethodNotAllowed => (StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED"),
            Self::Conflict(_) => (StatusCode::CONFLICT, "CONFLICT"),
            Self::RateLimited(_) => (StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED"),
            Self::Overloaded => (StatusCode::SERVICE_UNAVAILABLE, "OVERLOADED"),
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, "REQUEST_TIMEOUT"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE"),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_ERROR"),
        }
    }

    /// What is wrong, for a person.
    fn message(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Invalid(fields) => return summary(fields).into(),
            Self::Malformed(reason) => return reason.clone().into(),
            Self::TooLarge(limit) => return format!("The body may have at most {limit} bytes.").into(),
            Self::Forbidden(reason) | Self::Conflict(reason) => return reason.clone(),
            Self::NotJson => "Content-Type must be application/json.",
            Self::NoKey => "A valid API key is required in the X-FraudSense-Key header.",
            Self::NoToken => "A valid bearer token is required in the Authorization header.",
            Self::Suspended => "This account is suspended; contact support.",
            Self::RegistrationClosed => "Accounts are made by the operator of this installation.",
            Self::EmailTaken => "There is an account with this email already.",
            Self::NotFound => "There is nothing here, or it is not yours.",
            Self::MethodNotAllowed => "The path has no such method.",
            Self::RateLimited(_) => "Too many requests; see the Retry-After header.",
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

fn summary(fields: &[FieldError]) -> String {
    fields.iter().map(|error| format!("{} {}", error.field, error.message)).collect::<Vec<_>>().join("; ")
}

impl IntoResponse for FraudsenseError {
    fn into_response(self) -> Response {
        let ((status, code), message) = (self.kind(), self.message());
        let retry_after_s = self.retry_after_s();
        let wants_token = matches!(self, Self::NoToken);
        let fields = if let Self::Invalid(fields) = self { fields } else { Vec::new() };
        let error = phrase(status);
        let body = ErrorBody { error, code, message, fields, request_id: request_id::current() };
        let json = serde_json::to_vec(&body).unwrap_or_default();
        let mut response = (status, [(header::CONTENT_TYPE, "application/json")], json).into_response();
        if let Some(seconds) = retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if wants_token {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

fn phrase(status: StatusCode) -> &'static str {
    status.canonical_reason().unwrap_or("Error")
}

/// The members of this dialect's envelope, for problem documents of the paths that it shares with the management API:
/// RFC 9457 lets a document have more members, and so the clients of both can read it.
#[derive(Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct AlsoHere {
    /// Under `/v1/auth` only: the status in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    error: Option<&'static str>,
    /// Under `/v1/auth` only: the kind of error in fraudsense's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "UNAUTHORIZED")]
    code: Option<&'static str>,
    /// Under `/v1/auth` only: the same as `detail`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    message: Option<String>,
}

impl AlsoHere {
    /// For a problem of a shared path; nothing for any other path.
    pub(crate) fn of(problem: &Problem, path: &str) -> Self {
        if path != "/v1/auth" && !path.starts_with("/v1/auth/") {
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

impl From<BodyError> for FraudsenseError {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge(limit) => Self::TooLarge(limit),
            BodyError::NotJson => Self::NotJson,
            BodyError::Incomplete => Self::Malformed("The body ended early.".to_owned()),
            BodyError::Malformed(reason) => {
                Self::Malformed(format!("The body is not well-formed JSON: {reason}"))
            }
            BodyError::Field { path, message } => Self::field(FieldError::parsed(path, message)),
        }
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
            Refusal::TooManyRequests(seconds) => Self::RateLimited(seconds),
        }
    }
}

/// Of what the dialect shares with the management API: its callers, and its handling of keys.
impl From<Problem> for FraudsenseError {
    fn from(problem: Problem) -> Self {
        match problem.kind() {
            Kind::Invalid if problem.errors().is_empty() => Self::Malformed(problem.detail().to_owned()),
            Kind::Invalid => Self::Invalid(problem.errors().iter().cloned().map(FieldError::from).collect()),
            Kind::Unauthenticated => Self::NoToken,
            Kind::Forbidden => Self::Forbidden(problem.detail().to_owned().into()),
            Kind::Suspended => Self::Suspended,
            Kind::NotFound => Self::NotFound,
            Kind::MethodNotAllowed => Self::MethodNotAllowed,
            Kind::Conflict => Self::Conflict(problem.detail().to_owned().into()),
            Kind::TooLarge => Self::TooLarge(crate::body::LIMIT_BYTES),
            Kind::UnsupportedMediaType => Self::NotJson,
            Kind::TooSlow => Self::TooSlow,
            Kind::TooManyRequests => Self::RateLimited(problem.retry_after_s().unwrap_or(1)),
            Kind::Internal => Self::Internal,
            Kind::Unavailable => Self::Unavailable,
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
            store::Error::IdempotencyConflict => {
                Self::Conflict("The Idempotency-Key was used before with another body.".into())
            }
            error => Problem::from(error).into(),
        }
    }
}

impl From<AssessError> for FraudsenseError {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_parser_misses_is_named() {
        let missing = |path: &str, message: &str| FieldError::parsed(path.to_owned(), message.to_owned());
        assert_eq!(missing("", "missing field `deviceId`"), FieldError::missing("deviceId"));
        assert_eq!(missing("a.b", "missing field `c`"), FieldError::missing("a.b.c"));
        assert_eq!(missing("a", "invalid type"), FieldError::invalid("a", "invalid type"));
        assert_eq!(missing("", "must be an object"), FieldError::invalid("body", "must be an object"));
    }

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
