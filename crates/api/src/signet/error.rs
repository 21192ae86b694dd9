//! The dialect's errors: `{"success": false, "message", "errors": {"type", "code", "fields"?, "requestId"}}`.

use std::{borrow::Cow, collections::BTreeMap};

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use portcullis_pipeline::AssessError;
use portcullis_store as store;
use serde::Serialize;
use utoipa::{
    IntoResponses, ToSchema,
    openapi::{Ref, RefOr, ResponseBuilder, content::ContentBuilder},
};

use crate::{body::BodyError, caller::Refusal, request_id};

/// Why a request is not answered as asked.
#[derive(Debug)]
pub(crate) enum SignetError {
    /// Fields are missing or wrong.
    Invalid(Vec<FieldError>),
    /// The request can not be read, for a reason other than one of its fields.
    Malformed(String),
    /// The body has more bytes than that.
    TooLarge(usize),
    /// The body is not JSON.
    NotJson,
    /// There is no bearer token.
    NoHeader,
    /// The token is no key that works.
    BadKey,
    /// The credential works, and is not a partner's.
    NoPartner,
    /// The partner is suspended.
    Suspended,
    /// The key may not be used from this address.
    AddressNotAllowed,
    /// The key may not do this.
    ScopeMissing(store::Scope),
    /// The person is not enrolled with the partner.
    NotEnrolled,
    /// There is nothing at this path.
    NotFound,
    /// What is to be taken away is not there; its code, and a sentence.
    Absent(&'static str, &'static str),
    /// The path has no such method.
    MethodNotAllowed,
    /// It is there already; its code, and a sentence.
    Exists(&'static str, &'static str),
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

/// One field that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SignetFieldError)]
pub(crate) struct FieldError {
    /// Which.
    #[schema(example = "userId")]
    field: String,
    /// What is wrong, as the end of a sentence that begins with the field.
    #[schema(example = "must be a UUID")]
    message: Cow<'static, str>,
    #[serde(skip)]
    is_missing: bool,
}

impl FieldError {
    /// The field must be there and is not.
    pub(super) fn missing(field: impl Into<String>) -> Self {
        Self { field: field.into(), message: "is required".into(), is_missing: true }
    }

    /// The field has a wrong value.
    pub(super) fn invalid(field: impl Into<String>, message: impl Into<Cow<'static, str>>) -> Self {
        Self { field: field.into(), message: message.into(), is_missing: false }
    }
}

/// The document as it is sent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SignetError)]
pub(crate) struct ErrorBody {
    /// Always false.
    #[schema(example = false)]
    success: bool,
    /// What is wrong, in words.
    #[schema(example = "User not found in VC enrollments")]
    message: Cow<'static, str>,
    errors: ErrorDetail,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SignetErrorDetail)]
struct ErrorDetail {
    /// The family that the code belongs to; permanent.
    #[schema(example = "not_found")]
    r#type: &'static str,
    /// The kind of error; permanent.
    #[schema(example = "user_not_enrolled")]
    code: &'static str,
    /// What is wrong, field by field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fields: Vec<FieldError>,
    /// The request's id, as in the header `X-Request-Id`.
    #[serde(rename = "requestId")]
    request_id: String,
}

impl SignetError {
    /// The request is wrong in this field.
    pub(super) fn field(error: FieldError) -> Self {
        Self::Invalid(vec![error])
    }

    /// Its status, type and code.
    fn kind(&self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        const REQUEST: &str = "invalid_request";
        match self {
            Self::Invalid(errors) if errors.first().is_some_and(|error| error.is_missing) => {
                (S::BAD_REQUEST, REQUEST, "missing_field")
            }
            Self::Invalid(_) => (S::BAD_REQUEST, REQUEST, "invalid_field"),
            Self::Malformed(_) => (S::BAD_REQUEST, REQUEST, "malformed_request"),
            Self::TooLarge(_) => (S::PAYLOAD_TOO_LARGE, REQUEST, "request_too_large"),
            Self::NotJson => (S::UNSUPPORTED_MEDIA_TYPE, REQUEST, "unsupported_media_type"),
            Self::NoHeader => (S::UNAUTHORIZED, REQUEST, "missing_header"),
            Self::BadKey => (S::UNAUTHORIZED, "authentication_error", "invalid_api_key"),
            Self::NoPartner => (S::FORBIDDEN, "authorization_error", "partner_missing"),
            Self::Suspended => (S::FORBIDDEN, "authorization_error", "partner_suspended"),
            Self::AddressNotAllowed => (S::FORBIDDEN, "authorization_error", "ip_not_allowed"),
            Self::ScopeMissing(_) => (S::FORBIDDEN, "authorization_error", "scope_missing"),
            Self::NotEnrolled => (S::NOT_FOUND, "not_found", "user_not_enrolled"),
            Self::NotFound => (S::NOT_FOUND, "not_found", "not_found"),
            Self::Absent(code, _) => (S::NOT_FOUND, "not_found", code),
            Self::MethodNotAllowed => (S::METHOD_NOT_ALLOWED, REQUEST, "method_not_allowed"),
            Self::Exists(code, _) => (S::CONFLICT, "conflict", code),
            Self::IdempotencyConflict => (S::CONFLICT, "conflict", "idempotency_conflict"),
            Self::RateLimited(_) => (S::TOO_MANY_REQUESTS, "rate_limit_error", "rate_limit_exceeded"),
            Self::TooSlow => (S::REQUEST_TIMEOUT, REQUEST, "request_timeout"),
            Self::Overloaded | Self::Unavailable => {
                (S::SERVICE_UNAVAILABLE, "api_error", "service_unavailable")
            }
            Self::Internal => (S::INTERNAL_SERVER_ERROR, "api_error", "internal_error"),
        }
    }

    /// What is wrong, for a person.
    pub(super) fn message(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Invalid(errors) => {
                let each = errors.iter().map(|error| format!("{} {}", error.field, error.message));
                return each.collect::<Vec<_>>().join("; ").into();
            }
            Self::Malformed(reason) => return reason.clone().into(),
            Self::TooLarge(limit) => return format!("The body may have at most {limit} bytes").into(),
            Self::ScopeMissing(scope) => {
                return format!("This API key lacks the scope {}", scope.as_str()).into();
            }
            Self::RateLimited(seconds) => {
                return format!("Too many requests; try again in {seconds} seconds").into();
            }
            Self::Absent(_, message) | Self::Exists(_, message) => message,
            Self::NotJson => "Content-Type must be application/json",
            Self::NoHeader => "Authorization header missing or malformed",
            Self::BadKey => "Invalid API key",
            Self::NoPartner => "No partner ID in the authentication context",
            Self::Suspended => "This partner is suspended",
            Self::AddressNotAllowed => "This API key may not be used from this address",
            Self::NotEnrolled => "User not found in VC enrollments",
            Self::NotFound => "There is nothing here",
            Self::MethodNotAllowed => "The path has no such method",
            Self::IdempotencyConflict => "The Idempotency-Key was used before with another body",
            Self::Overloaded => "There is too much to do already; try again shortly",
            Self::TooSlow => "The request's body did not arrive in time",
            Self::Unavailable => "This can not be served right now; try again",
            Self::Internal => "Something went wrong on our side; try again shortly",
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

impl IntoResponse for SignetError {
    fn into_response(self) -> Response {
        let ((status, r#type, code), message) = (self.kind(), self.message());
        let retry_after = self.retry_after_s();
        let fields = match self {
            Self::Invalid(errors) => errors,
            _ => Vec::new(),
        };
        let errors = ErrorDetail { r#type, code, fields, request_id: request_id::current() };
        let json = serde_json::to_vec(&ErrorBody { success: false, message, errors }).unwrap_or_default();
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

impl From<BodyError> for SignetError {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge(limit) => Self::TooLarge(limit),
            BodyError::NotJson => Self::NotJson,
            BodyError::Incomplete => Self::Malformed("The body ended early".to_owned()),
            BodyError::Malformed(reason) => {
                Self::Malformed(format!("The body is not well-formed JSON: {reason}"))
            }
            BodyError::Field { path, message } => {
                let field = if path.is_empty() { "body".to_owned() } else { path };
                Self::field(FieldError::invalid(field, message))
            }
        }
    }
}

impl From<Refusal> for SignetError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unauthenticated => Self::BadKey,
            Refusal::Suspended => Self::Suspended,
            Refusal::AddressNotAllowed => Self::AddressNotAllowed,
            Refusal::ScopeMissing(scope) => Self::ScopeMissing(scope),
            Refusal::TooManyRequests(seconds) => Self::RateLimited(seconds),
        }
    }
}

impl From<AssessError> for SignetError {
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

impl From<store::Error> for SignetError {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::NotFound(_) => Self::NotFound,
            store::Error::Exists(_) => Self::Exists("already_exists", "It is there already"),
            store::Error::IdempotencyConflict => Self::IdempotencyConflict,
            store::Error::Closed => Self::Unavailable,
            error => {
                tracing::error!(%error, request.id = request_id::current(), "storage failed");
                Self::Internal
            }
        }
    }
}

/// The errors that any call of the dialect may get.
pub(crate) struct Errors;

impl IntoResponses for Errors {
    fn responses() -> BTreeMap<String, RefOr<utoipa::openapi::Response>> {
        const ALL: [(u16, &str); 9] = [
            (400, "Not well-formed JSON, or fields are missing or wrong"),
            (401, "Invalid or missing bearer token"),
            (403, "No partner in the authentication context, or the key may not do this"),
            (404, "The user is not enrolled with the partner, or there is nothing to take away"),
            (409, "It is there already, or the idempotency key was used with another body"),
            (413, "More than 256 KiB"),
            (429, "Too many calls with this key"),
            (500, "Our mistake"),
            (503, "Too much to do already, or the server is stopping"),
        ];
        let one = |(status, description): (u16, &str)| {
            let schema = Ref::from_schema_name("SignetError");
            let content = ContentBuilder::new().schema(Some(schema)).build();
            let response =
                ResponseBuilder::new().description(description).content("application/json", content);
            (status.to_string(), response.build().into())
        };
        ALL.into_iter().map(one).collect()
    }
}
