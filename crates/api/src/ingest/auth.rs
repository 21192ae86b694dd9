//! The key in the header `x-api-key`.

use axum::extract::FromRequestParts;
use http::request::Parts;
use portcullis_store::Scope;

use super::IngestError;
use crate::{
    AppState,
    caller::{ApiCaller, Limit, Refusal},
    failure::Failure,
};

/// A client's backend that may send events.
pub(crate) struct IngestCaller(pub(crate) ApiCaller);

impl FromRequestParts<AppState> for IngestCaller {
    type Rejection = IngestError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, IngestError> {
        let key = parts.headers.get("x-api-key").and_then(|value| value.to_str().ok());
        // No limit until the tenant sets one.
        ApiCaller::authenticate(state, parts, key, Scope::Ingest, Limit::PER_MINUTE)
            .map(Self)
            .map_err(IngestError::from)
    }
}

impl From<Refusal> for IngestError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unauthenticated => Self::Unauthorized,
            Refusal::Suspended => Self::Suspended,
            Refusal::AddressNotAllowed | Refusal::ScopeMissing(_) => Self::Forbidden,
            Refusal::TooManyRequests(seconds) => Failure::RateLimited(seconds).into(),
        }
    }
}
