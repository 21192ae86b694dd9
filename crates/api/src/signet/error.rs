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

pub(super) use crate::failure::FieldError;
use crate::{
    body::BodyError,
    caller::Refusal,
    failure::{self, Failure},
    request_id,
};

/// Why a request is not answered as asked.
#[derive(Debug)]
pub(crate) enum SignetError {
    /// Fields are missing or wrong.
    Invalid(Vec<FieldError>),
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
    /// What is to be taken away is not there; its code, and a sentence.
    Absent(&'static str, &'static str),
    /// It is there already; its code, and a sentence.
    Exists(&'static str, &'static str),
    /// What can go wrong in any dialect.
    Failure(Failure),
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
        match self {
            Self::Invalid(errors) if errors.first().is_some_and(|error| error.is_missing) => {
                (S::BAD_REQUEST, REQUEST, "missing_field")
            }
            Self::Invalid(_) => (S::BAD_REQUEST, REQUEST, "invalid_field"),
            Self::NoHeader => (S::UNAUTHORIZED, REQUEST, "missing_header"),
            Self::BadKey => (S::UNAUTHORIZED, "authentication_error", "invalid_api_key"),
            Self::NoPartner => (S::FORBIDDEN, "authorization_error", "partner_missing"),
            Self::Suspended => (S::FORBIDDEN, "authorization_error", "partner_suspended"),
            Self::AddressNotAllowed => (S::FORBIDDEN, "authorization_error", "ip_not_allowed"),
            Self::ScopeMissing(_) => (S::FORBIDDEN, "authorization_error", "scope_missing"),
            Self::NotEnrolled => (S::NOT_FOUND, "not_found", "user_not_enrolled"),
            Self::Absent(code, _) => (S::NOT_FOUND, "not_found", code),
            Self::Exists(code, _) => (S::CONFLICT, "conflict", code),
            Self::Failure(failure) => {
                let (r#type, code) = code(failure);
                (failure.status(), r#type, code)
            }
        }
    }

    /// What is wrong, for a person.
    pub(super) fn message(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Invalid(errors) => return FieldError::summary(errors).into(),
            Self::ScopeMissing(scope) => {
                return format!("This API key lacks the scope {}", scope.as_str()).into();
            }
            Self::Failure(Failure::RateLimited(seconds)) => {
                return format!("Too many requests; try again in {seconds} seconds").into();
            }
            Self::Failure(Failure::NotFound) => "There is nothing here",
            Self::Failure(failure) => return failure.message().trim_end_matches('.').to_owned().into(),
            Self::Absent(_, message) | Self::Exists(_, message) => message,
            Self::NoHeader => "Authorization header missing or malformed",
            Self::BadKey => "Invalid API key",
            Self::NoPartner => "No partner ID in the authentication context",
            Self::Suspended => "This partner is suspended",
            Self::AddressNotAllowed => "This API key may not be used from this address",
            Self::NotEnrolled => "User not found in VC enrollments",
        })
    }
}

const REQUEST: &str = "invalid_request";

/// The type and code of a failure.
const fn code(failure: &Failure) -> (&'static str, &'static str) {
    match failure {
        Failure::Malformed(_) => (REQUEST, "malformed_request"),
        Failure::TooLarge(_) => (REQUEST, "request_too_large"),
        Failure::NotJson => (REQUEST, "unsupported_media_type"),
        Failure::NotFound => ("not_found", "not_found"),
        Failure::MethodNotAllowed => (REQUEST, "method_not_allowed"),
        Failure::IdempotencyConflict => ("conflict", "idempotency_conflict"),
        Failure::RateLimited(_) => ("rate_limit_error", "rate_limit_exceeded"),
        Failure::TooSlow => (REQUEST, "request_timeout"),
        Failure::Overloaded | Failure::Unavailable => ("api_error", "service_unavailable"),
        Failure::Internal => ("api_error", "internal_error"),
    }
}

impl IntoResponse for SignetError {
    fn into_response(self) -> Response {
        let ((status, r#type, code), message) = (self.kind(), self.message());
        let (fields, retry_after_s) = match self {
            Self::Invalid(errors) => (errors, None),
            Self::Failure(failure) => (Vec::new(), failure.retry_after_s()),
            _ => (Vec::new(), None),
        };
        let errors = ErrorDetail { r#type, code, fields, request_id: request_id::current() };
        let mut response =
            failure::answer(status, &ErrorBody { success: false, message, errors }, retry_after_s);
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl From<Failure> for SignetError {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<BodyError> for SignetError {
    fn from(error: BodyError) -> Self {
        error.told(Self::field)
    }
}

impl From<Refusal> for SignetError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unauthenticated => Self::BadKey,
            Refusal::Suspended => Self::Suspended,
            Refusal::AddressNotAllowed => Self::AddressNotAllowed,
            Refusal::ScopeMissing(scope) => Self::ScopeMissing(scope),
            Refusal::TooManyRequests(seconds) => Failure::RateLimited(seconds).into(),
        }
    }
}

impl From<AssessError> for SignetError {
    fn from(error: AssessError) -> Self {
        Failure::from(error).into()
    }
}

impl From<store::Error> for SignetError {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Exists(_) => Self::Exists("already_exists", "It is there already"),
            error => Failure::from(error).into(),
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
