//! Reputation lists: shipped, and edited by super admins. An edit is felt by the next event.

use std::collections::HashMap;

use axum::{
    Json as Answer,
    extract::{Path, State},
};
use portcullis_intel::{EditError, Intel, Item, ListEdits, ReputationList};
use portcullis_store::{Actor, Control, ReputationChange};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::Problems;
use crate::{
    AppState,
    body::Json,
    caller::SuperAdmin,
    error::{FieldError, Problem},
};

/// The largest body of a change: a whole list of throw-away mail domains is about 1 MB.
const LIMIT_BYTES: usize = 8 * 1024 * 1024;
/// Edits that are kept of one list at most.
const MOST_EDITS: usize = 500_000;

/// A list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reputation {
    /// What it comes to, edits included.
    #[schema(value_type = Vec<Value>, example = json!(["mailinator.com"]))]
    items: Vec<Item>,
    /// When it was last edited; null when it is as shipped.
    updated_at: Option<String>,
    /// Counted up by every edit; 0 when it is as shipped.
    version: u64,
}

/// Every item of a list.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReputationItems {
    /// Domains, addresses, networks, AS numbers or objects, as the list has them.
    items: Vec<Value>,
}

/// Changes of a list's items.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReputationPatch {
    /// Items to be on the list from now on.
    #[serde(default)]
    add: Vec<Value>,
    /// Items not to be on the list from now on.
    #[serde(default)]
    remove: Vec<Value>,
}

/// Shows a reputation list. `{list}` is one of disposable-domains, high-risk-asns, tor-exits, vpn-networks,
/// proxy-networks, datacenter-asns, ip-overrides.
#[utoipa::path(get, path = "/api/v1/admin/reputation/{list}", tag = "reputation", security(("token" = [])),
    params(("list" = String, Path)), responses((status = 200, description = "The list as it is now", body = Reputation), Problems))]
pub(crate) async fn show_list(
    State(state): State<AppState>,
    _admin: SuperAdmin,
    Path(list): Path<String>,
) -> Result<Answer<Reputation>, Problem> {
    let list = named(&list)?;
    Ok(answer(&state, list))
}

/// Replaces a reputation list.
#[utoipa::path(put, path = "/api/v1/admin/reputation/{list}", tag = "reputation", security(("token" = [])),
    params(("list" = String, Path)), request_body = ReputationItems, responses((status = 200, description = "The list as it is now", body = Reputation), Problems))]
pub(crate) async fn replace_list(
    State(state): State<AppState>,
    admin: SuperAdmin,
    Path(list): Path<String>,
    Json(body): Json<ReputationItems, LIMIT_BYTES>,
) -> Result<Answer<Reputation>, Problem> {
    let list = named(&list)?;
    let items = parse(list, "items", &body.items)?;
    let summary = json!({ "replaced": items.len() });
    edit(&state, admin.actor, list, summary, move |_| ListEdits::replaced(items)).await
}

/// Adds items to a reputation list and removes others.
#[utoipa::path(patch, path = "/api/v1/admin/reputation/{list}", tag = "reputation", security(("token" = [])),
    params(("list" = String, Path)), request_body = ReputationPatch, responses((status = 200, description = "The list as it is now", body = Reputation), Problems))]
pub(crate) async fn patch_list(
    State(state): State<AppState>,
    admin: SuperAdmin,
    Path(list): Path<String>,
    Json(body): Json<ReputationPatch, LIMIT_BYTES>,
) -> Result<Answer<Reputation>, Problem> {
    let list = named(&list)?;
    let add = parse(list, "add", &body.add)?;
    let remove = parse(list, "remove", &body.remove)?;
    let summary = json!({ "added": shortened(&add), "removed": shortened(&remove) });
    let patch = move |mut edits: ListEdits| {
        edits.patch(add, remove);
        edits
    };
    edit(&state, admin.actor, list, summary, patch).await
}

fn named(list: &str) -> Result<ReputationList, Problem> {
    ReputationList::from_name(list).ok_or_else(Problem::not_found)
}

fn parse(list: ReputationList, field: &str, values: &[Value]) -> Result<Vec<Item>, Problem> {
    list.parse_items(values).map_err(|error| {
        let pointer = format!("/{field}/{}", error.index);
        Problem::invalid(vec![FieldError::new(pointer, error.reason)])
    })
}

/// The items for the audit log, if they are few.
fn shortened(items: &[Item]) -> Value {
    if items.len() <= 100 { json!(items) } else { json!({ "count": items.len() }) }
}

/// Writes the edit, then has `intel` take it up, before the answer. In a task of its own: a caller that goes away must
/// not leave the two apart.
async fn edit(
    state: &AppState,
    actor: Actor,
    list: ReputationList,
    summary: Value,
    change: impl FnOnce(ListEdits) -> ListEdits + Send + 'static,
) -> Result<Answer<Reputation>, Problem> {
    let state = state.clone();
    let work = async move {
        let _one_at_a_time = state.reputation_edit.lock().await;
        let make = move |before: Option<&Value>| {
            let before = before.map_or_else(ListEdits::default, read);
            let edits = change(before);
            let count = edits.replace.as_ref().map_or(0, Vec::len) + edits.add.len() + edits.remove.len();
            if count > MOST_EDITS {
                return Err(Problem::field("", format!("makes more than {MOST_EDITS} edits of one list")));
            }
            Ok(ReputationChange { edits: json!(edits), summary })
        };
        state.store.edit_reputation(&actor, list.name(), make).await??;
        let (control, intel) = (state.store.control(), std::sync::Arc::clone(&state.intel));
        let taken_up = tokio::task::spawn_blocking(move || apply_edits(&control, &intel)).await;
        match taken_up {
            Ok(Ok(())) => Ok(answer(&state, list)),
            Ok(Err(error)) => Err(failed(&error)),
            Err(error) => Err(failed(&error)),
        }
    };
    tokio::spawn(work).await.map_err(|error| failed(&error))?
}

fn failed(error: &impl std::fmt::Display) -> Problem {
    tracing::error!(%error, "a reputation list could not be taken up");
    Problem::internal()
}

/// Edits that can not be read are none: the shipped list is better than no list.
fn read(edits: &Value) -> ListEdits {
    ListEdits::deserialize(edits).unwrap_or_else(|error| {
        tracing::error!(%error, "the edits of a reputation list can not be read");
        ListEdits::default()
    })
}

/// Has `intel` take up the stored edits of every list; blocks for some 0.1 s when there are any.
pub fn apply_edits(control: &Control, intel: &Intel) -> Result<(), EditError> {
    let edits: HashMap<ReputationList, ListEdits> = control
        .reputation_lists()
        .filter_map(|(name, stored)| Some((ReputationList::from_name(name)?, read(&stored.edits))))
        .collect();
    if edits.is_empty() { Ok(()) } else { intel.set_edits(&edits) }
}

fn answer(state: &AppState, list: ReputationList) -> Answer<Reputation> {
    let control = state.store.control();
    let edits = control.reputation(list.name());
    Answer(Reputation {
        items: state.intel.reputation(list).items,
        updated_at: edits.map(|edits| edits.updated_at.to_string()),
        version: edits.map_or(0, |edits| edits.version),
    })
}
