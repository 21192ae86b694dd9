//! The dialect's errors: `{"error": {"code", "message", "fields"?, "requestId"}}`.

use std::borrow::Cow;

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use portcullis_pipeline::AssessError;
use portcullis_store as store;
use serde::Serialize;
use utoipa::ToSchema;

pub(super) use crate::failure::FieldError;
use crate::{
    body::BodyError,
    event_time::{EVENT_TIME, EventTimeError},
    failure::{self, Failure},
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
    /// What can go wrong in any dialect.
    Failure(Failure),
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
    message: Cow<'static, str>,
    /// What is wrong, field by field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fields: Vec<FieldError>,
    /// The request's id, as in the header `X-Request-Id`.
    request_id: String,
}

impl IngestError {
    /// Its status and code.
    const fn kind(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "unauthorized"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "forbidden"),
            Self::Suspended => (StatusCode::FORBIDDEN, "tenant_suspended"),
            Self::Invalid(_) => (StatusCode::BAD_REQUEST, "validation_failed"),
            Self::Failure(failure) => (failure.status(), failure.code()),
        }
    }

    /// What is wrong, for a person.
    fn message(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Invalid(fields) => return FieldError::summary(fields).into(),
            Self::Unauthorized => "A valid API key is required in the x-api-key header.",
            Self::Forbidden => "This API key may not be used for this request.",
            Self::Suspended => "The client is suspended.",
            Self::Failure(Failure::RateLimited(_)) => "Too many requests; see the Retry-After header.",
            Self::Failure(Failure::Unavailable) => "The server is stopping; try again.",
            Self::Failure(Failure::Internal) => {
                "Something went wrong on our side; try again, with the same Idempotency-Key if there was one."
            }
            Self::Failure(failure) => return failure.message(),
        })
    }
}

impl IntoResponse for IngestError {
    fn into_response(self) -> Response {
        let ((status, code), message) = (self.kind(), self.message());
        let (fields, retry_after_s) = match self {
            Self::Invalid(fields) => (fields, None),
            Self::Failure(failure) => (Vec::new(), failure.retry_after_s()),
            _ => (Vec::new(), None),
        };
        let error = ErrorDetail { code, message, fields, request_id: request_id::current() };
        failure::answer(status, &ErrorBody { error }, retry_after_s)
    }
}

impl From<Failure> for IngestError {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<EventTimeError> for IngestError {
    fn from(EventTimeError(why): EventTimeError) -> Self {
        Self::Invalid(vec![FieldError::invalid(EVENT_TIME, why)])
    }
}

impl From<BodyError> for IngestError {
    fn from(error: BodyError) -> Self {
        error.told(|field| Self::Invalid(vec![field]))
    }
}

impl From<store::Error> for IngestError {
    fn from(error: store::Error) -> Self {
        Failure::from(error).into()
    }
}

impl From<AssessError> for IngestError {
    fn from(error: AssessError) -> Self {
        Failure::from(error).into()
    }
}
