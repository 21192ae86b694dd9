//! The API key after `Bearer` in the header `Authorization`: any live key of the client, whichever API it was made for.

use axum::extract::FromRequestParts;
use http::request::Parts;
use portcullis_store::{Actor, Scope};

use super::{
    FraudshieldError,
    limits::{ANALYTICS_PER_KEY, PER_KEY},
};
use crate::{
    AppState,
    caller::{ApiCaller, ClientAddress, Limit, Refusal, bearer},
    credential, request_id,
};

/// A client's backend that may read what is known.
pub(crate) struct FraudReader(pub(crate) ApiCaller);

/// The same that asks for figures, which is limited apart.
pub(crate) struct AnalyticsReader(pub(crate) ApiCaller);

/// A client's backend that may change what is known.
pub(crate) struct FraudWriter {
    /// The same as for reading.
    pub(crate) caller: ApiCaller,
    /// For the audit log.
    pub(crate) actor: Actor,
}

impl FromRequestParts<AppState> for FraudReader {
    type Rejection = FraudshieldError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, FraudshieldError> {
        holder(parts, state, Scope::FraudRead, PER_KEY).map(Self)
    }
}

impl FromRequestParts<AppState> for AnalyticsReader {
    type Rejection = FraudshieldError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, FraudshieldError> {
        holder(parts, state, Scope::FraudRead, ANALYTICS_PER_KEY).map(Self)
    }
}

/// A client's backend that may verify identities.
pub(crate) struct IdentityCaller(pub(crate) ApiCaller);

impl FromRequestParts<AppState> for IdentityCaller {
    type Rejection = FraudshieldError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, FraudshieldError> {
        holder(parts, state, Scope::Identity, PER_KEY).map(Self)
    }
}

impl FromRequestParts<AppState> for FraudWriter {
    type Rejection = FraudshieldError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, FraudshieldError> {
        let caller = holder(parts, state, Scope::FraudWrite, PER_KEY)?;
        let Ok(ClientAddress(from)) = ClientAddress::from_request_parts(parts, state).await;
        let actor = Actor::api_key(caller.key.id, caller.key.name.clone(), request_id::current(), from);
        Ok(Self { caller, actor })
    }
}

/// Whoever holds the request's key, if it has `scope` and calls no more often than `limit`. That a key was revoked
/// or has expired is told: only who had the whole key can ask.
fn holder(
    parts: &Parts,
    state: &AppState,
    scope: Scope,
    limit: Limit,
) -> Result<ApiCaller, FraudshieldError> {
    let key = bearer(parts);
    ApiCaller::authenticate(state, parts, key, scope, limit).map_err(|refusal| match refusal {
        Refusal::Unauthenticated => why_unknown(state, key),
        refusal => refusal.into(),
    })
}

fn why_unknown(state: &AppState, key: Option<&str>) -> FraudshieldError {
    let control = state.store.control();
    match key.and_then(credential::recognize) {
        Some(sha256) if control.is_revoked_key(&sha256) => FraudshieldError::KeyRevoked,
        Some(sha256) if control.is_expired_key(&sha256, state.clock.now()) => FraudshieldError::KeyExpired,
        _ => FraudshieldError::NoKey,
    }
}
