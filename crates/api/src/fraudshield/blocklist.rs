//! `/v1/fraud/blocklist`: the block entries of the client's lists, of the key's data set.

use axum::{Json as Answer, extract::State, response::Response};
use portcullis_store::{BlockId, List, ListEntry, ListFilter, ListKind, Once, Repeatable};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    FraudshieldError,
    answer::{created, json, replayed},
    auth::{FraudReader, FraudWriter},
    block::{BlockType, BlockView, NewBlock},
    error::{ErrorBody, ParamError},
    list::{ListPage, PageParams, Start},
    request::{Id, Post, Query},
};
use crate::{AppState, caller::ApiCaller, failure::Failure, manage::checked_note};

/// Block something
///
/// Felt by the next request of every API, in the data set of the key. Needs the scope `fraud:write`. With the header
/// `Idempotency-Key` a retry within 24 hours gets the first answer again, with the header `Idempotent-Replayed: true`.
#[utoipa::path(post, path = "/v1/fraud/blocklist", tag = "fraudshield", security(("fraudshield_key" = [])),
    request_body = NewBlock,
    params(("Idempotency-Key" = Option<String>, Header, description = "10 to 255 characters, valid for 24 hours")),
    responses(
        (status = 201, description = "Blocked", body = BlockView),
        (status = 400, description = "Not well-formed JSON, or parameters are missing or wrong", body = ErrorBody),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The key may not do this, or the account is suspended", body = ErrorBody),
        (status = 409, description = "It is blocked already, or the idempotency key was used with another body",
            body = ErrorBody),
        (status = 413, description = "More than 256 KiB", body = ErrorBody),
        (status = 415, description = "Not JSON", body = ErrorBody),
        (status = 429, description = "Too many calls with this key", body = ErrorBody),
))]
pub(crate) async fn add_block(
    State(state): State<AppState>,
    FraudWriter { caller, actor }: FraudWriter,
    request: Post<NewBlock>,
) -> Result<Response, FraudshieldError> {
    let now = state.clock.now();
    let new = request.body.check(&caller, now)?;
    let configuration = state.store.configuration(caller.tenant);
    let made = match request.idempotency {
        None => configuration.add_list_entry(&actor, new).await.map(Once::Now),
        Some(idempotency) => {
            let render = move |entry: &ListEntry| json(&BlockView::new(entry, now));
            let request = Repeatable { idempotency, render: Box::new(render) };
            configuration.add_list_entry_once(&actor, new, request).await
        }
    };
    match made {
        Ok(Once::Now(entry)) => Ok(created(json(&BlockView::new(&entry, now)))),
        Ok(Once::Before(answer)) => Ok(replayed(created(answer))),
        Err(portcullis_store::Error::Exists(_)) => {
            Err(FraudshieldError::Conflict("This is on the blocklist already.".into()))
        }
        Err(error) => Err(error.into()),
    }
}

/// Which entries.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct BlockParams {
    /// Only of this type: device, ip, email, phone, document or user.
    r#type: Option<String>,
}

impl BlockParams {
    fn kind(&self) -> Result<Option<ListKind>, FraudshieldError> {
        let kind = self.r#type.as_deref().map(BlockType::parse).transpose();
        let kind = kind.map_err(|why| FraudshieldError::param(ParamError::invalid("type", why)))?;
        Ok(kind.map(|kind| kind.0))
    }
}

/// List what is blocked
///
/// Newest first; expired entries too, with `active` false. Needs the scope `fraud:read`.
#[utoipa::path(get, path = "/v1/fraud/blocklist", tag = "fraudshield", security(("fraudshield_key" = [])),
    params(BlockParams, PageParams), responses(
        (status = 200, description = "One page", body = ListPage<BlockView>),
        (status = 400, description = "Parameters are wrong", body = ErrorBody),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The key may not do this, or the account is suspended", body = ErrorBody),
        (status = 429, description = "Too many calls with this key", body = ErrorBody),
))]
pub(crate) async fn list_blocks(
    State(state): State<AppState>,
    FraudReader(caller): FraudReader,
    Query(params): Query<BlockParams>,
    Query(page): Query<PageParams>,
) -> Result<Answer<ListPage<BlockView>>, FraudshieldError> {
    let filter = ListFilter { list: Some(List::Block), kind: params.kind()? };
    let page = page.check::<BlockId>()?;
    let (configuration, mode, limit) =
        (state.store.configuration(caller.tenant), caller.mode, page.to_read());
    let found = match page.start {
        Start::Newest => configuration.list_entries(mode, filter, None, limit).await?,
        Start::After(id) => {
            configuration.list_entries(mode, filter, Some(*id.range().start()), limit).await?
        }
        Start::Before(id) => configuration.list_entries_newer(mode, filter, *id.range().end(), limit).await?,
    };
    let now = state.clock.now();
    let views = found.iter().map(|entry| BlockView::new(entry, now)).collect();
    Ok(Answer(ListPage::new(&page, views, |view| &view.id)))
}

/// An entry that was taken off the blocklist.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldRemovedBlock)]
pub(crate) struct RemovedBlock {
    /// Always `blocklist_entry`.
    #[schema(example = "blocklist_entry")]
    object: &'static str,
    /// Its id.
    #[schema(example = "blk_0vqkz1q3c7ab")]
    id: String,
    /// Always true.
    deleted: bool,
}

/// Unblock something
///
/// Felt by the next request of every API. Needs the scope `fraud:write`.
#[utoipa::path(delete, path = "/v1/fraud/blocklist/{id}", tag = "fraudshield", security(("fraudshield_key" = [])),
    params(("id" = String, Path, description = "The entry's id")), responses(
        (status = 200, description = "Unblocked", body = RemovedBlock),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The key may not do this, or the account is suspended", body = ErrorBody),
        (status = 404, description = "There is no such entry in the key's data set", body = ErrorBody),
        (status = 429, description = "Too many calls with this key", body = ErrorBody),
))]
pub(crate) async fn remove_block(
    State(state): State<AppState>,
    FraudWriter { caller, actor }: FraudWriter,
    Id(id): Id<BlockId>,
) -> Result<Answer<RemovedBlock>, FraudshieldError> {
    let entry = own(&state, &caller, id).await?;
    state.store.configuration(caller.tenant).remove_list_entry(&actor, entry.id).await?;
    let id = BlockId::of(entry.id).to_string();
    Ok(Answer(RemovedBlock { object: "blocklist_entry", id, deleted: true }))
}

/// An appeal to be noted. Other fields are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = FraudshieldAppeal)]
pub(crate) struct Appeal {
    /// What whoever is blocked says against it, in at most 500 characters; null takes the note away.
    #[schema(example = "Says that the card was reported stolen by mistake")]
    note: Option<String>,
}

/// Note an appeal
///
/// Keeps with the entry what whoever is blocked says against it, for the person who decides; the entry goes on to block
/// until it is removed. Needs the scope `fraud:write`.
#[utoipa::path(post, path = "/v1/fraud/blocklist/{id}/appeal", tag = "fraudshield",
    security(("fraudshield_key" = [])), request_body = Appeal,
    params(("id" = String, Path, description = "The entry's id")), responses(
        (status = 200, description = "The entry as it is now", body = BlockView),
        (status = 400, description = "Not well-formed JSON, or the note is wrong", body = ErrorBody),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The key may not do this, or the account is suspended", body = ErrorBody),
        (status = 404, description = "There is no such entry in the key's data set", body = ErrorBody),
        (status = 413, description = "More than 256 KiB", body = ErrorBody),
        (status = 415, description = "Not JSON", body = ErrorBody),
        (status = 429, description = "Too many calls with this key", body = ErrorBody),
))]
pub(crate) async fn note_appeal(
    State(state): State<AppState>,
    FraudWriter { caller, actor }: FraudWriter,
    Id(id): Id<BlockId>,
    request: Post<Appeal>,
) -> Result<Answer<BlockView>, FraudshieldError> {
    let note = checked_note(request.body.note.as_deref());
    let note = note.map_err(|why| FraudshieldError::param(ParamError::invalid("note", why)))?;
    let entry = own(&state, &caller, id).await?;
    let entry = state.store.configuration(caller.tenant).note_appeal(&actor, entry.id, note).await?;
    Ok(Answer(BlockView::new(&entry, state.clock.now())))
}

/// The block entry with this id, of the key's own data set.
async fn own(state: &AppState, caller: &ApiCaller, id: BlockId) -> Result<ListEntry, FraudshieldError> {
    let entry = state.store.configuration(caller.tenant).list_entry_by_block_id(id).await?;
    let is_ours = entry.realm == caller.realm() && entry.list == List::Block;
    Ok(is_ours.then_some(entry).ok_or(Failure::NotFound)?)
}
