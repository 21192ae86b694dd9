//! Lists: whom and what a client blocks, allows or watches. Analysts may change them, not only admins.

use axum::{
    Json as Answer,
    extract::{Path, State},
};
use domain::{Mode, Realm, Timestamp};
use http::StatusCode;
use portcullis_domain as domain;
use portcullis_store::{List, ListEntry, ListEntryId, ListFilter, ListKind, ListValue, NewListEntry};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Page, Problems, checked_expiry, checked_limit, checked_note, keep_error};
use crate::{
    AppState,
    body::{Json, Params},
    caller::{Member, TenantAnalyst},
    cursor,
    error::{FieldError, Problem},
};

/// An entry of a list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ListEntry)]
pub(crate) struct EntryView {
    /// Its id.
    #[schema(example = "lst_01k7unpkdu4oahnel2bokk894c")]
    id: String,
    /// Which list: block, allow or watch.
    #[schema(value_type = String, example = "block")]
    list: List,
    /// What is listed: user, device, ip, email, phone or document.
    #[schema(value_type = String, example = "ip")]
    kind: ListKind,
    /// It, in the form that events are compared with.
    #[schema(example = "192.0.2.0/24")]
    value: String,
    /// The data it counts for: live or test.
    #[schema(value_type = String, example = "live")]
    mode: Mode,
    /// Why.
    reason: Option<String>,
    /// The id of the user or API key that made it.
    author: String,
    /// When it was made.
    created_at: String,
    /// From when on it does not count any more; null when it stays.
    expires_at: Option<String>,
    /// What whoever is listed says against it, as somebody wrote it down.
    appeal: Option<String>,
}

impl From<ListEntry> for EntryView {
    fn from(entry: ListEntry) -> Self {
        Self {
            id: entry.id.to_string(),
            list: entry.list,
            kind: entry.value.kind(),
            value: entry.value.to_string(),
            mode: entry.realm.mode,
            reason: entry.reason,
            author: entry.author,
            created_at: entry.created_at.to_string(),
            expires_at: entry.expires_at.map(|at| at.to_string()),
            appeal: entry.appeal,
        }
    }
}

/// An entry to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct NewEntry {
    /// Which list: block, allow or watch.
    #[schema(value_type = String, example = "block")]
    list: List,
    /// What is listed: user, device, ip, email, phone or document.
    #[schema(value_type = String, example = "ip")]
    kind: ListKind,
    /// It: an id of 1 to 256 characters, an address or network, an e-mail address, a phone number with its country's
    /// code, or a document's number.
    #[schema(example = "192.0.2.0/24")]
    value: String,
    /// Why, in at most 500 characters. It is in the audit log, so it should name nobody.
    reason: Option<String>,
    /// From when on it does not count any more, RFC 3339; never when left out.
    #[schema(example = "2027-01-31T09:30:00Z")]
    expires_at: Option<String>,
    /// The data it counts for: live or test; live when left out.
    #[schema(value_type = Option<String>, example = "live")]
    mode: Option<Mode>,
}

/// Which entries.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EntryParams {
    /// How many, 1 to 200; 50 when left out.
    limit: Option<u32>,
    /// `nextCursor` of the page before.
    after: Option<String>,
    /// Only of this list: block, allow or watch.
    #[param(value_type = Option<String>)]
    list: Option<List>,
    /// Only of this kind: user, device, ip, email, phone or document.
    #[param(value_type = Option<String>)]
    kind: Option<ListKind>,
    /// The data set: live or test; live when left out.
    #[param(value_type = Option<String>)]
    mode: Option<Mode>,
}

impl EntryParams {
    /// Everything that a cursor is bound to.
    fn scope(&self, realm: Realm) -> [String; 4] {
        let list = self.list.map_or("", List::as_str);
        let kind = self.kind.map_or("", ListKind::as_str);
        ["lists".to_owned(), realm.code().to_string(), list.to_owned(), kind.to_owned()]
    }
}

/// Puts something on a list, from the next event on.
#[utoipa::path(post, path = "/api/v1/client/lists", tag = "lists", security(("token" = [])),
    request_body = NewEntry, responses((status = 201, description = "Listed", body = EntryView), Problems))]
pub(crate) async fn add_entry(
    State(state): State<AppState>,
    analyst: TenantAnalyst,
    Json(new): Json<NewEntry>,
) -> Result<(StatusCode, Answer<EntryView>), Problem> {
    let new = new.check(state.clock.now())?;
    let entry = state.store.configuration(analyst.tenant.id).add_list_entry(&analyst.actor, new).await?;
    Ok((StatusCode::CREATED, Answer(entry.into())))
}

/// Lists what is listed, newest first; expired entries too.
#[utoipa::path(get, path = "/api/v1/client/lists", tag = "lists", security(("token" = [])), params(EntryParams),
    responses((status = 200, description = "One page", body = Page<EntryView>), Problems))]
pub(crate) async fn list_entries(
    State(state): State<AppState>,
    member: Member,
    Params(params): Params<EntryParams>,
) -> Result<Answer<Page<EntryView>>, Problem> {
    let limit = checked_limit(params.limit)?;
    let realm = Realm { tenant: member.tenant.id, mode: params.mode.unwrap_or(Mode::Live) };
    let scope = params.scope(realm);
    let scope = scope.each_ref().map(String::as_str);
    let after = state.cursors.position(&scope, params.after.as_deref())?;
    let filter = ListFilter { list: params.list, kind: params.kind };
    let configuration = state.store.configuration(realm.tenant);
    let found = configuration.list_entries(realm.mode, filter, after, limit + 1).await?;
    let (entries, next_cursor) =
        cursor::page(found, limit, |last| state.cursors.issue(&scope, &last.id.to_string()));
    Ok(Answer(Page { items: entries.into_iter().map(EntryView::from).collect(), next_cursor }))
}

/// Shows an entry.
#[utoipa::path(get, path = "/api/v1/client/lists/{id}", tag = "lists", security(("token" = [])),
    params(("id" = String, Path)), responses((status = 200, description = "The entry", body = EntryView), Problems))]
pub(crate) async fn show_entry(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<String>,
) -> Result<Answer<EntryView>, Problem> {
    let entry = state.store.configuration(member.tenant.id).list_entry(parse_id(&id)?).await?;
    Ok(Answer(entry.into()))
}

/// Takes an entry off its list, from the next event on.
#[utoipa::path(delete, path = "/api/v1/client/lists/{id}", tag = "lists", security(("token" = [])),
    params(("id" = String, Path)), responses((status = 204, description = "Removed"), Problems))]
pub(crate) async fn remove_entry(
    State(state): State<AppState>,
    analyst: TenantAnalyst,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let configuration = state.store.configuration(analyst.tenant.id);
    configuration.remove_list_entry(&analyst.actor, parse_id(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn parse_id(text: &str) -> Result<ListEntryId, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}

impl NewEntry {
    fn check(self, now: Timestamp) -> Result<NewListEntry, Problem> {
        let mut errors = Vec::new();
        let value = ListValue::parse(self.kind, &self.value)
            .map_err(|error| FieldError::new("/value", error.to_string()));
        let value = keep_error(value, &mut errors);
        let reason =
            checked_note(self.reason.as_deref()).map_err(|message| FieldError::new("/reason", message));
        let reason = keep_error(reason, &mut errors).flatten();
        let expires_at = keep_error(checked_expiry(self.expires_at.as_deref(), now), &mut errors).flatten();
        let (Some(value), []) = (value, errors.as_slice()) else { return Err(Problem::invalid(errors)) };
        let mode = self.mode.unwrap_or(Mode::Live);
        Ok(NewListEntry { mode, list: self.list, value, reason, expires_at })
    }
}
