//! `POST` and `DELETE /v1/fraud/devices/{id}/block`: a device on the blocklist, by its id.

use std::sync::Arc;

use axum::{
    Json as Answer,
    extract::State,
    response::{IntoResponse as _, Response},
};
use domain::Timestamp;
use portcullis_domain as domain;
use portcullis_store::{
    BlockId, DeviceId, List, ListEntry, ListKind, ListValue, NewListEntry, Once, Repeatable,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{read::Known, view::DeviceView};
use crate::{
    AppState,
    failure::Failure,
    fraudshield::{
        FraudshieldError,
        answer::{json, json_answer, replayed},
        auth::FraudWriter,
        block::checked_expiry,
        error::{ErrorBody, ParamError},
        normalize::Checker,
        request::{Id, Post},
    },
    manage::checked_note,
};

/// Why to block a device, and for how long. Other fields are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = FraudshieldDeviceBlock)]
pub(crate) struct BlockRequest {
    /// Why, in 1 to 500 characters. It is in the audit log, so it should name nobody.
    #[schema(example = "confirmed_fraud")]
    reason: Option<String>,
    /// `temporary` or `permanent`; follows from `expires_in` when left out.
    #[schema(example = "temporary")]
    duration: Option<String>,
    /// For how long: seconds, or a text such as 30s, 15m, 1h or 30d. Needed by, and only for, a temporary block.
    #[schema(value_type = Option<u64>, example = 86400)]
    expires_in: Option<Value>,
}

/// Why, and until when.
struct Terms {
    reason: Option<String>,
    expires_at: Option<Timestamp>,
}

impl BlockRequest {
    fn check(self, now: Timestamp) -> Result<Terms, FraudshieldError> {
        let mut checker = Checker::default();
        let reason = self.reason.as_deref().map(str::trim).filter(|text| !text.is_empty());
        let reason = checker.keep(reason.ok_or_else(|| ParamError::missing("reason")));
        let note = checked_note(reason).map_err(|why| ParamError::invalid("reason", why));
        let reason = checker.keep(note).flatten();
        let expires_in = self.expires_in.as_ref().filter(|value| !value.is_null());
        let fits = match (self.duration.as_deref(), expires_in) {
            (None, _) | (Some("permanent"), None) | (Some("temporary"), Some(_)) => Ok(()),
            (Some("temporary"), None) => Err(ParamError::missing("expires_in")),
            (Some("permanent"), Some(_)) => {
                Err(ParamError::invalid("expires_in", "may not be given for a permanent block"))
            }
            (Some(_), _) => Err(ParamError::invalid("duration", "must be temporary or permanent")),
        };
        checker.keep(fits);
        let expires_at = checker.keep(checked_expiry(expires_in, None, now)).flatten();
        let errors = checker.errors;
        if errors.is_empty() {
            Ok(Terms { reason, expires_at })
        } else {
            Err(FraudshieldError::Invalid(errors))
        }
    }
}

/// A device after it was blocked or unblocked.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldBlockedDevice)]
pub(crate) struct BlockedDevice {
    #[serde(flatten)]
    device: DeviceView,
    /// The entry that blocks it; null when none does.
    block: Option<BlockOfDevice>,
}

/// The entry of the blocklist that blocks a device.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldBlockOfDevice)]
struct BlockOfDevice {
    /// Its id.
    #[schema(example = "blk_0vqkz1q3c7ab")]
    id: String,
    /// Why.
    #[schema(example = "confirmed_fraud")]
    reason: Option<String>,
    /// `temporary` or `permanent`.
    #[schema(example = "permanent")]
    duration: &'static str,
    /// When it was made.
    created_at: String,
    /// Until when it holds; null for ever.
    expires_at: Option<String>,
}

impl BlockedDevice {
    fn new(known: &Known) -> Self {
        Self::with(known, known.block.as_ref())
    }

    /// The device when `entry` is what blocks it.
    fn with(known: &Known, entry: Option<&ListEntry>) -> Self {
        let block = entry.map(|entry| BlockOfDevice {
            id: BlockId::of(entry.id).to_string(),
            reason: entry.reason.clone(),
            duration: if entry.expires_at.is_some() { "temporary" } else { "permanent" },
            created_at: entry.created_at.to_string(),
            expires_at: entry.expires_at.map(|at| at.to_string()),
        });
        Self { device: known.view(entry.is_some()), block }
    }
}

/// Block a device
///
/// Puts it on the blocklist by its id: felt by the next request of every API, in the data set of the key. Asking the
/// same again changes nothing; other terms than those that hold are a conflict, so unblock it first. Needs the scope
/// `fraud:write`. With the header `Idempotency-Key` a retry within 24 hours gets the first answer again, with the header
/// `Idempotent-Replayed: true`.
#[utoipa::path(post, path = "/v1/fraud/devices/{id}/block", tag = "fraudshield", security(("fraudshield_key" = [])),
    request_body = BlockRequest,
    params(
        ("id" = String, Path, description = "The device's id"),
        ("Idempotency-Key" = Option<String>, Header, description = "10 to 255 characters, valid for 24 hours"),
    ),
    responses(
        (status = 200, description = "Blocked", body = BlockedDevice),
        (status = 400, description = "Not well-formed JSON, or parameters are missing or wrong", body = ErrorBody),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The key may not do this, or the account is suspended", body = ErrorBody),
        (status = 404, description = "There is no such device in the key's data set", body = ErrorBody),
        (status = 409, description = "It is blocked already, on other terms, or the idempotency key was used with another body",
            body = ErrorBody),
        (status = 413, description = "More than 256 KiB", body = ErrorBody),
        (status = 415, description = "Not JSON", body = ErrorBody),
        (status = 429, description = "Too many calls with this key", body = ErrorBody),
))]
pub(crate) async fn block_device(
    State(state): State<AppState>,
    FraudWriter { caller, actor }: FraudWriter,
    Id(id): Id<DeviceId>,
    request: Post<BlockRequest>,
) -> Result<Response, FraudshieldError> {
    let terms = request.body.check(state.clock.now())?;
    let known = Known::find(&state, &caller, id).await?;
    if known.block.as_ref().is_some_and(|entry| is_as_asked(entry, &terms)) {
        return Ok(Answer(BlockedDevice::new(&known)).into_response());
    }
    let value = ListValue::parse(ListKind::Device, &known.device.id.to_string());
    let value = value.map_err(|_| Failure::Internal)?;
    let Terms { reason, expires_at } = terms;
    let new = NewListEntry { mode: caller.mode, list: List::Block, value, reason, expires_at };
    let configuration = state.store.configuration(caller.tenant);
    let known = Arc::new(known);
    let made = match request.idempotency {
        None => configuration.add_list_entry(&actor, new).await.map(Once::Now),
        Some(idempotency) => {
            let known = Arc::clone(&known);
            let render = move |entry: &ListEntry| json(&BlockedDevice::with(&known, Some(entry)));
            let request = Repeatable { idempotency, render: Box::new(render) };
            configuration.add_list_entry_once(&actor, new, request).await
        }
    };
    match made {
        Ok(Once::Now(entry)) => Ok(Answer(BlockedDevice::with(&known, Some(&entry))).into_response()),
        Ok(Once::Before(answer)) => Ok(replayed(json_answer(answer))),
        Err(portcullis_store::Error::Exists(_)) => {
            Err(FraudshieldError::Conflict("This device is blocked already, on other terms.".into()))
        }
        Err(error) => Err(error.into()),
    }
}

fn is_as_asked(entry: &ListEntry, terms: &Terms) -> bool {
    entry.reason == terms.reason && entry.expires_at.is_none() && terms.expires_at.is_none()
}

/// Unblock a device
///
/// Takes it off the blocklist; changes nothing when it is not there. Needs the scope `fraud:write`.
#[utoipa::path(delete, path = "/v1/fraud/devices/{id}/block", tag = "fraudshield",
    security(("fraudshield_key" = [])), params(("id" = String, Path, description = "The device's id")), responses(
        (status = 200, description = "Not blocked", body = BlockedDevice),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The key may not do this, or the account is suspended", body = ErrorBody),
        (status = 404, description = "There is no such device in the key's data set", body = ErrorBody),
        (status = 429, description = "Too many calls with this key", body = ErrorBody),
))]
pub(crate) async fn unblock_device(
    State(state): State<AppState>,
    FraudWriter { caller, actor }: FraudWriter,
    Id(id): Id<DeviceId>,
) -> Result<Answer<BlockedDevice>, FraudshieldError> {
    let mut known = Known::find(&state, &caller, id).await?;
    let configuration = state.store.configuration(caller.tenant);
    // Somebody else may be quicker: then it is gone all the same.
    if let Some(entry) = known.block.take()
        && let Err(error) = configuration.remove_list_entry(&actor, entry.id).await
        && !matches!(error, portcullis_store::Error::NotFound(_))
    {
        return Err(error.into());
    }
    Ok(Answer(BlockedDevice::new(&known)))
}
