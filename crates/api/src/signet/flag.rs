//! Flags of devices and addresses: entries of the watch list.

use portcullis_store::{Actor, List, ListEntry, ListKind, ListValue, NewListEntry};
use serde::Serialize;
use utoipa::ToSchema;

use super::{SignetError, answer::time, error::FieldError};
use crate::{AppState, caller::ApiCaller};

/// Whether something is flagged.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SignetFlag)]
pub(crate) struct FlagView {
    /// Whether it is.
    is_flagged: bool,
    /// Why; null when it is not, or nobody said.
    #[schema(example = "Multiple failed login attempts")]
    reason: Option<String>,
    /// Since when; null when it is not.
    #[schema(example = "2026-01-15T10:30:00Z")]
    flagged_at: Option<String>,
}

impl From<Option<ListEntry>> for FlagView {
    fn from(entry: Option<ListEntry>) -> Self {
        Self {
            is_flagged: entry.is_some(),
            flagged_at: entry.as_ref().map(|entry| time(entry.created_at)),
            reason: entry.and_then(|entry| entry.reason),
        }
    }
}

/// What can be flagged, in the form that requests are compared with.
pub(super) fn checked(field: &str, kind: ListKind, text: &str) -> Result<ListValue, FieldError> {
    ListValue::parse(kind, text).map_err(|error| FieldError::invalid(field, error.to_string()))
}

/// The entry of `list` that has this, or a network around it.
pub(super) async fn find(
    state: &AppState,
    caller: &ApiCaller,
    list: List,
    value: ListValue,
) -> Result<Option<ListEntry>, SignetError> {
    let found = state.store.configuration(caller.tenant).find_listed(caller.mode, list, vec![value]).await?;
    Ok(found.into_iter().flatten().next())
}

/// An entry without an end.
pub(super) const fn entry(caller: &ApiCaller, list: List, value: ListValue, reason: String) -> NewListEntry {
    NewListEntry { mode: caller.mode, list, value, reason: Some(reason), expires_at: None }
}

/// Takes exactly this off `list`; `absent` when it is not there, or somebody else was quicker.
pub(super) async fn remove(
    state: &AppState,
    (caller, actor): (&ApiCaller, &Actor),
    list: List,
    value: ListValue,
    absent: fn() -> SignetError,
) -> Result<(), SignetError> {
    let found = find(state, caller, list, value.clone()).await?;
    let entry = found.filter(|entry| entry.value == value).ok_or_else(absent)?;
    match state.store.configuration(caller.tenant).remove_list_entry(actor, entry.id).await {
        Err(portcullis_store::Error::NotFound(_)) => Err(absent()),
        removed => Ok(removed.map(drop)?),
    }
}

/// What adding an entry failed with: one that is there already is told as `exists`.
pub(super) fn told(error: portcullis_store::Error, exists: fn() -> SignetError) -> SignetError {
    match error {
        portcullis_store::Error::Exists(_) => exists(),
        error => error.into(),
    }
}
