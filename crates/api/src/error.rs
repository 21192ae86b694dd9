//! Errors as RFC 9457 problem documents: the envelope of everything that is not a dialect's.

use std::borrow::Cow;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{fraudsense::AlsoHere, request_id};

/// What kinds of problem there are. Codes are permanent: clients match on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The request says something that can not be.
    Invalid,
    /// No valid credential.
    Unauthenticated,
    /// A valid credential that may not do this.
    Forbidden,
    /// The client is suspended.
    Suspended,
    /// Nothing there, or not yours.
    NotFound,
    /// The path has no such method.
    MethodNotAllowed,
    /// In the way of what is there.
    Conflict,
    /// The body is too large.
    TooLarge,
    /// The body is not JSON.
    UnsupportedMediaType,
    /// The body did not arrive in time.
    TooSlow,
    /// Too many requests.
    TooManyRequests,
    /// Our mistake.
    Internal,
    /// Can not be served now.
    Unavailable,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 13] = [
        Self::Invalid,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::Suspended,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::Conflict,
        Self::TooLarge,
        Self::UnsupportedMediaType,
        Self::TooSlow,
        Self::TooManyRequests,
        Self::Internal,
        Self::Unavailable,
    ];

    /// Its status, code, and title.
    pub const fn describe(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Invalid => (StatusCode::BAD_REQUEST, "invalid", "The request is invalid"),
            Self::Unauthenticated => (StatusCode::UNAUTHORIZED, "unauthenticated", "Not authenticated"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "forbidden", "Not allowed"),
            Self::Suspended => (StatusCode::FORBIDDEN, "suspended", "The client is suspended"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not-found", "Not found"),
            Self::MethodNotAllowed => {
                (StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "Method not allowed")
            }
            Self::Conflict => (StatusCode::CONFLICT, "conflict", "Conflict with what is there"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The body is too large"),
            Self::UnsupportedMediaType => {
                (StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", "The body must be JSON")
            }
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, "too-slow", "The body did not arrive in time"),
            Self::TooManyRequests => {
                (StatusCode::TOO_MANY_REQUESTS, "too-many-requests", "Too many requests")
            }
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "internal", "Internal error"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Not available now"),
        }
    }

    /// What to do about it, for the page that the document's `type` names.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Invalid => "Correct what `detail` and `errors` name. The same request will fail again.",
            Self::Unauthenticated => "Log in with POST /v1/auth/login and send the token as a bearer token.",
            Self::Forbidden => "Ask somebody whose role allows it.",
            Self::Suspended => "The operator of this installation suspended the client; ask them.",
            Self::NotFound => "Check the address. What belongs to another client is not found either.",
            Self::MethodNotAllowed => "The header Allow names the methods that there are.",
            Self::Conflict => "Look at what is there, and choose another name or change that instead.",
            Self::TooLarge => "Send less: management requests may have 256 KiB, reputation lists 8 MiB.",
            Self::UnsupportedMediaType => "Send JSON, with the header Content-Type: application/json.",
            Self::TooSlow => "Send the whole body within 10 seconds.",
            Self::TooManyRequests => "Wait as many seconds as the header Retry-After says.",
            Self::Internal => "Try again; if it stays, tell the operator the request id.",
            Self::Unavailable => "Try again in a moment.",
        }
    }
}

/// What is wrong with a field that must be there and is not.
pub(crate) const REQUIRED: &str = "is required";

/// One thing that is wrong with the request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// Where in the body, as a JSON pointer; where in the query, as the parameter's name.
    pub pointer: String,
    /// What is wrong, as the end of a sentence that begins with the field.
    pub message: String,
}

impl FieldError {
    /// A complaint about one field.
    pub fn new(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), message: message.into() }
    }
}

/// An answer that is an error.
#[derive(Clone, Debug)]
pub struct Problem {
    kind: Kind,
    detail: Cow<'static, str>,
    errors: Vec<FieldError>,
    retry_after_s: Option<u32>,
}

impl Problem {
    /// A problem of this kind; `detail` is a sentence for the caller.
    pub fn new(kind: Kind, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, detail: detail.into(), errors: Vec::new(), retry_after_s: None }
    }

    /// The request is wrong in these fields.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [only] if only.pointer.is_empty() => format!("The body {}", only.message),
            [only] => format!("{} {}", only.pointer, only.message),
            several => format!("{} fields are wrong", several.len()),
        };
        Self { errors, ..Self::new(Kind::Invalid, detail) }
    }

    /// The request is wrong in this field.
    pub fn field(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self::invalid(vec![FieldError::new(pointer, message)])
    }

    /// There is no such thing, or it is not the caller's.
    pub fn not_found() -> Self {
        Self::new(Kind::NotFound, "There is nothing here, or it is not yours.")
    }

    /// Too many requests; the next may come in so many seconds.
    pub fn too_many_requests(retry_after_s: u32) -> Self {
        let detail = "There were too many requests of this kind lately.";
        Self { retry_after_s: Some(retry_after_s), ..Self::new(Kind::TooManyRequests, detail) }
    }

    /// Can not be served now; it may be tried again in so many seconds.
    pub fn unavailable(detail: &'static str, retry_after_s: u32) -> Self {
        Self { retry_after_s: Some(retry_after_s), ..Self::new(Kind::Unavailable, detail) }
    }

    /// Our mistake; what it was is in the log, never in the answer.
    pub fn internal() -> Self {
        Self::new(Kind::Internal, "Something went wrong on our side.")
    }

    /// What kind of problem it is.
    pub(crate) const fn kind(&self) -> Kind {
        self.kind
    }

    /// The sentence for the caller.
    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    /// What is wrong, field by field.
    pub(crate) fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    /// When the request may be tried again, s.
    pub(crate) const fn retry_after_s(&self) -> Option<u32> {
        self.retry_after_s
    }
}

/// The document as it is sent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// A page about this kind of problem.
    #[schema(example = "/problems/not-found")]
    r#type: String,
    /// The kind in words.
    #[schema(example = "Not found")]
    title: &'static str,
    /// The status code.
    #[schema(example = 404)]
    status: u16,
    /// What is wrong with this request.
    detail: Cow<'static, str>,
    /// The request's path.
    instance: String,
    /// The request's id, as in the header `X-Request-Id`.
    request_id: String,
    /// What is wrong, field by field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
    /// Whether the same request may succeed later.
    retryable: bool,
    #[serde(flatten)]
    also: AlsoHere,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (status, code, title) = self.kind.describe();
        let instance = request_id::path();
        let body = ProblemBody {
            also: AlsoHere::of(&self, &instance),
            r#type: format!("/problems/{code}"),
            title,
            status: status.as_u16(),
            detail: self.detail,
            instance,
            request_id: request_id::current(),
            errors: self.errors,
            retryable: matches!(
                self.kind,
                Kind::TooSlow | Kind::TooManyRequests | Kind::Internal | Kind::Unavailable
            ),
        };
        let json = serde_json::to_vec(&body).unwrap_or_default();
        let mut response = (status, json).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self.kind == Kind::Unauthenticated {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<portcullis_store::Error> for Problem {
    fn from(error: portcullis_store::Error) -> Self {
        use portcullis_store::Error;
        match error {
            Error::NotFound(_) => Self::not_found(),
            Error::Exists(what) => Self::new(Kind::Conflict, format!("A {what} exists already.")),
            Error::TooMany { what, most } => {
                Self::new(Kind::Conflict, format!("There may be at most {most} {what}."))
            }
            Error::LastAdmin => {
                Self::new(Kind::Conflict, "Nobody else is an admin who may log in; make somebody one first.")
            }
            Error::Closed => Self::unavailable("The server is stopping.", 5),
            error => {
                tracing::error!(%error, request.id = crate::request_id::current(), "storage failed");
                Self::internal()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique() {
        let codes: std::collections::HashSet<_> =
            Kind::ALL.into_iter().map(|kind| kind.describe().1).collect();
        assert_eq!(codes.len(), Kind::ALL.len());
    }
}
