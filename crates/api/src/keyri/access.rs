//! Which service a request is of, by the key material in its body.

use std::sync::Arc;

use domain::Timestamp;
use portcullis_domain as domain;
use portcullis_store::{Control, KeyriService, TenantStatus};

use super::{
    KeyriError,
    claims::Claims,
    envelope::{PrivateKey, PublicKey},
    request::ClientRequest,
};
use crate::{
    AppState,
    caller::{Limit, LimitWindow},
    credential,
    failure::Failure,
    request_id,
};

/// A service whose request this is, and its keys.
pub(super) struct Access {
    pub(super) service: Arc<KeyriService>,
    pub(super) encryption_key: PublicKey,
    /// The caller's, when it wants its answer in clear.
    pub(super) decryption_key: Option<PrivateKey>,
}

impl Access {
    /// Finds the service of a request that may be served.
    pub(super) fn of(state: &AppState, request: &ClientRequest) -> Result<Self, KeyriError> {
        const FIELD: &str = "Service_Encryption_Key";
        let encryption_key = PublicKey::parse(&request.service_encryption_key, FIELD)
            .map_err(|error| KeyriError::Field(error.to_string()))?;
        let control = state.store.control();
        let service = control.keyri_service(&encryption_key.to_base64()).ok_or(KeyriError::NoService)?;
        let tenant = control.tenant(service.tenant).ok_or(KeyriError::NoService)?;
        if tenant.status != TenantStatus::Active {
            return Err(KeyriError::Suspended);
        }
        check_api_key(&control, service, request.api_key.as_deref(), state.clock.now())?;
        if let Some(most) = Limit::PER_MINUTE.of(&tenant.settings) {
            let calls = state.key_calls.of(LimitWindow::Minute);
            let quota = calls.take(&service.api_key, most, state.clock.now());
            request_id::set_quota(quota);
            if !quota.is_allowed {
                return Err(Failure::RateLimited(quota.reset_s).into());
            }
        }
        let decryption_key = match request.service_decryption_key.as_ref() {
            Some(text) => {
                let key = text.parse("Service_Decryption_Key")?;
                key.must_match(encryption_key)?;
                Some(key)
            }
            None => None,
        };
        Ok(Self { service: Arc::clone(service), encryption_key, decryption_key })
    }

    /// Refuses an envelope that names another service, or a wrong API key.
    pub(super) fn check_claims(&self, state: &AppState, claims: &Claims) -> Result<(), KeyriError> {
        let named = claims.service_encryption_key.as_deref();
        // Clients write anything here that their makers put there; only another service's key is one too many.
        let named = named.and_then(|text| PublicKey::parse(text, "serviceEncryptionKey").ok());
        if named.is_some_and(|named| named != self.encryption_key) {
            return Err(KeyriError::Payload);
        }
        let key = claims.api_key.as_deref();
        check_api_key(&state.store.control(), &self.service, key, state.clock.now())
    }
}

/// None is fine; a wrong one is not (D19).
fn check_api_key(
    control: &Control,
    service: &KeyriService,
    text: Option<&str>,
    now: Timestamp,
) -> Result<(), KeyriError> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(()) };
    let key = credential::recognize(text).and_then(|sha256| control.key(&sha256, now).cloned());
    let key = key.filter(|key| key.id == service.api_key).ok_or(KeyriError::NoService)?;
    key.touch(now);
    Ok(())
}
