//! The audit log: a client's own, and all of it for super admins.

use axum::{Json as Answer, extract::State};
use portcullis_store::{Actor, AuditRecord, Control, Role};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{Page, PageParams, Problems};
use crate::{
    AppState,
    body::Params,
    caller::{Member, SuperAdmin},
    cursor,
    error::Problem,
};

/// One change that somebody made.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuditEntry {
    /// Its number; numbers grow and none is left out.
    id: u64,
    /// When.
    at: String,
    /// Who.
    actor: AuditActor,
    /// The slug of the client that was changed; null for the installation.
    client: Option<String>,
    /// What was done, as `kind.verb`.
    #[schema(example = "api_key.revoke")]
    action: String,
    /// To what: an id, slug or name.
    target: String,
    /// How it was; null when it was made.
    #[schema(value_type = Option<Object>)]
    before: Option<Value>,
    /// How it is; null when it was removed.
    #[schema(value_type = Option<Object>)]
    after: Option<Value>,
    /// The request that did it.
    request_id: String,
    /// The address that the request came from.
    ip: Option<String>,
}

/// Who made a change.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditActor {
    /// The id of the user or API key, or `machine` for somebody with access to the server itself.
    id: String,
    /// The user's e-mail address, the key's name, or the command.
    name: Option<String>,
    /// The user's role at that time, or `API_KEY`.
    role: String,
}

impl AuditEntry {
    /// A client is not told the names and addresses of the installation's operators.
    fn new(record: AuditRecord, control: &Control, is_for_client: bool) -> Self {
        let of_client = [Role::ClientAdmin, Role::Analyst, Role::Viewer].map(Role::as_str);
        let is_client = of_client.contains(&record.role.as_str()) || record.role == Actor::API_KEY;
        let is_shown = !is_for_client || is_client;
        let slug = record.tenant.and_then(|id| control.tenant(id)).map(|tenant| tenant.slug.clone());
        Self {
            id: record.id,
            at: record.at.to_string(),
            actor: AuditActor {
                id: record.actor,
                name: is_shown.then_some(record.actor_name),
                role: record.role,
            },
            client: slug,
            action: record.action,
            target: record.target,
            before: record.before,
            after: record.after,
            request_id: record.request_id,
            ip: (is_shown && !record.peer_ip.is_empty()).then_some(record.peer_ip),
        }
    }
}

/// Lists every change, newest first.
#[utoipa::path(get, path = "/api/v1/admin/audit", tag = "audit", security(("token" = [])), params(PageParams),
    responses((status = 200, description = "One page", body = Page<AuditEntry>), Problems))]
pub(crate) async fn list_audit(
    State(state): State<AppState>,
    _admin: SuperAdmin,
    Params(params): Params<PageParams>,
) -> Result<Answer<Page<AuditEntry>>, Problem> {
    let limit = params.limit()?;
    let scope = ["audit"];
    let after = state.cursors.position(&scope, params.after.as_deref())?;
    let found = state.store.audit(after, limit + 1).await?;
    Ok(answer(&state, found, limit, &scope, false))
}

/// Lists the changes to one's own client, newest first.
#[utoipa::path(get, path = "/api/v1/client/audit", tag = "audit", security(("token" = [])), params(PageParams),
    responses((status = 200, description = "One page", body = Page<AuditEntry>), Problems))]
pub(crate) async fn list_own_audit(
    State(state): State<AppState>,
    member: Member,
    Params(params): Params<PageParams>,
) -> Result<Answer<Page<AuditEntry>>, Problem> {
    let limit = params.limit()?;
    let scope = ["audit", member.tenant.slug.as_str()];
    let after = state.cursors.position(&scope, params.after.as_deref())?;
    let found = state.store.configuration(member.tenant.id).audit(after, limit + 1).await?;
    Ok(answer(&state, found, limit, &scope, true))
}

fn answer(
    state: &AppState,
    found: Vec<AuditRecord>,
    limit: u32,
    scope: &[&str],
    is_for_client: bool,
) -> Answer<Page<AuditEntry>> {
    let control = state.store.control();
    let (records, next_cursor) =
        cursor::page(found, limit, |last| state.cursors.issue(scope, &last.id.to_string()));
    let items = records.into_iter().map(|record| AuditEntry::new(record, &control, is_for_client)).collect();
    Answer(Page { items, next_cursor })
}
