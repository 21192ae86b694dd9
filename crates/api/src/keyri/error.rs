//! The dialect's errors: `{"error": {"message", "code"}, "message", "requestId"}`.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use portcullis_pipeline::AssessError;
use portcullis_store as store;
use serde::Serialize;
use std::borrow::Cow;
use utoipa::ToSchema;

use super::envelope::EnvelopeError;
use crate::{
    body::BodyError,
    failure::{self, Failure, FieldError},
    request_id,
};

/// Why a request is not answered as asked.
#[derive(Debug)]
pub(crate) enum KeyriError {
    /// A field outside the envelope is missing or wrong; the sentence begins with its name.
    Field(String),
    /// What is sealed can not be opened, read or verified: which of these is not told.
    Payload,
    /// There is no such service, or the API key is not its.
    NoService,
    /// The client is suspended.
    Suspended,
    /// What can go wrong in any dialect.
    Failure(Failure),
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
            Self::Payload => (S::BAD_REQUEST, "invalid_payload"),
            Self::NoService => (S::UNAUTHORIZED, "unauthorized"),
            Self::Suspended => (S::FORBIDDEN, "suspended"),
            Self::Failure(failure) => (failure.status(), failure.code()),
        }
    }

    fn message(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Field(sentence) => return sentence.clone().into(),
            Self::Failure(Failure::NotFound) => "There is nothing here.",
            Self::Failure(failure) => return failure.message(),
            Self::Payload => "The payload can not be decrypted or verified.",
            Self::NoService => "Service_Encryption_Key or API_Key is not one of a service.",
            Self::Suspended => "The account is suspended.",
        })
    }
}

impl IntoResponse for KeyriError {
    fn into_response(self) -> Response {
        let ((status, code), message) = (self.kind(), self.message().into_owned());
        let error = ErrorDetail { message: message.clone(), code };
        let body = ErrorBody { error, message, request_id: request_id::current() };
        let retry_after_s = if let Self::Failure(failure) = &self { failure.retry_after_s() } else { None };
        failure::answer(status, &body, retry_after_s)
    }
}

impl From<Failure> for KeyriError {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<BodyError> for KeyriError {
    fn from(error: BodyError) -> Self {
        error.told(|FieldError { field, message, is_missing }| {
            let colon = if is_missing || field == "body" { "" } else { ":" };
            Self::Field(format!("{field}{colon} {message}"))
        })
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
        Failure::from(error).into()
    }
}

impl From<store::Error> for KeyriError {
    fn from(error: store::Error) -> Self {
        Failure::from(error).into()
    }
}
