//! The API key after `Bearer` in the header `Authorization`: any live key of the partner, whichever API it was made for.

use axum::extract::FromRequestParts;
use http::{header, request::Parts};
use portcullis_store::{Actor, Role, Scope};

use super::SignetError;
use crate::{
    AppState,
    caller::{ApiCaller, ClientAddress, Limit, Refusal, bearer},
    request_id,
};

/// A partner's backend that may look.
pub(crate) struct SignetReader(pub(crate) ApiCaller);

/// A partner's backend that may change lists and report.
pub(crate) struct SignetWriter {
    /// The same as for reading.
    pub(crate) caller: ApiCaller,
    /// For the audit log.
    pub(crate) actor: Actor,
}

/// A partner's backend that may enroll people.
pub(crate) struct SignetEnroller {
    /// The same as for reading.
    pub(crate) caller: ApiCaller,
    /// For the audit log.
    pub(crate) actor: Actor,
}

impl FromRequestParts<AppState> for SignetReader {
    type Rejection = SignetError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, SignetError> {
        holder(parts, state, Scope::FraudRead).map(Self)
    }
}

impl FromRequestParts<AppState> for SignetWriter {
    type Rejection = SignetError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, SignetError> {
        let caller = holder(parts, state, Scope::FraudWrite)?;
        let actor = actor(&caller, parts, state).await;
        Ok(Self { caller, actor })
    }
}

impl FromRequestParts<AppState> for SignetEnroller {
    type Rejection = SignetError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, SignetError> {
        let caller = holder(parts, state, Scope::Identity)?;
        let actor = actor(&caller, parts, state).await;
        Ok(Self { caller, actor })
    }
}

async fn actor(caller: &ApiCaller, parts: &mut Parts, state: &AppState) -> Actor {
    let Ok(ClientAddress(from)) = ClientAddress::from_request_parts(parts, state).await;
    Actor::api_key(caller.key.id, caller.key.name.clone(), request_id::current(), from)
}

/// Whoever holds the request's key, if it has `scope` and the partner's own limit allows the call.
fn holder(parts: &Parts, state: &AppState, scope: Scope) -> Result<ApiCaller, SignetError> {
    if !parts.headers.contains_key(header::AUTHORIZATION) {
        return Err(SignetError::NoHeader);
    }
    let credential = bearer(parts).filter(|text| !text.is_empty()).ok_or(SignetError::NoHeader)?;
    ApiCaller::authenticate(state, parts, Some(credential), scope, Limit::PER_MINUTE).map_err(|refusal| {
        match refusal {
            Refusal::Unauthenticated if is_super_admin(state, credential) => SignetError::NoPartner,
            refusal => refusal.into(),
        }
    })
}

/// Whether it is the token of somebody who is nobody's partner.
fn is_super_admin(state: &AppState, token: &str) -> bool {
    let user = state.tokens.read(token, &state.store.control(), state.clock.now());
    user.is_some_and(|user| user.role == Role::SuperAdmin)
}

/// The partner's id: the client's slug.
pub(super) fn partner_id(state: &AppState, caller: &ApiCaller) -> Result<String, SignetError> {
    let control = state.store.control();
    control.tenant(caller.tenant).map(|tenant| tenant.slug.clone()).ok_or(SignetError::NoPartner)
}
