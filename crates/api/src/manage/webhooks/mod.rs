//! Webhooks: where a client wants to be told of what happens. Its admins change them, everybody reads.

mod deliveries;
mod view;

use std::sync::Arc;

use axum::{
    Json as Answer,
    extract::{Path, State},
};
use domain::TenantId;
use http::StatusCode;
use portcullis_domain as domain;
use portcullis_store::{OLD_SECRET_MS, Webhook, WebhookId};

pub(crate) use self::deliveries::*;
use self::view::{MadeWebhook, NewSecret, NewWebhookBody, WebhookChangeBody, WebhookView, secret_text};
use super::{Page, Problems};
use crate::{
    AppState,
    body::Json,
    caller::{Member, TenantAdmin},
    error::Problem,
};

/// Makes a webhook, which is told of what happens from now on. The secret is shown this once.
#[utoipa::path(post, path = "/api/v1/client/webhooks", tag = "webhooks", security(("token" = [])),
    request_body = NewWebhookBody, responses((status = 201, description = "Created", body = MadeWebhook), Problems))]
pub(crate) async fn create_webhook(
    State(state): State<AppState>,
    admin: TenantAdmin,
    Json(new): Json<NewWebhookBody>,
) -> Result<(StatusCode, Answer<MadeWebhook>), Problem> {
    let new = new.check(state.webhook_allow_private)?;
    let configuration = state.store.configuration(admin.tenant.id);
    let (webhook, secret) = configuration.create_webhook(&admin.actor, new).await?;
    let made = MadeWebhook { webhook: (&webhook).into(), secret: secret_text(&secret) };
    Ok((StatusCode::CREATED, Answer(made)))
}

/// Lists the client's webhooks, newest first: all of them, as there are at most 20.
#[utoipa::path(get, path = "/api/v1/client/webhooks", tag = "webhooks", security(("token" = [])),
    responses((status = 200, description = "All", body = Page<WebhookView>), Problems))]
pub(crate) async fn list_webhooks(
    State(state): State<AppState>,
    member: Member,
) -> Result<Answer<Page<WebhookView>>, Problem> {
    let control = state.store.control();
    let webhooks = control.webhooks(member.tenant.id).iter().rev();
    let items = webhooks.map(|webhook| webhook.as_ref().into()).collect();
    Ok(Answer(Page { items, next_cursor: None }))
}

/// Shows a webhook.
#[utoipa::path(get, path = "/api/v1/client/webhooks/{id}", tag = "webhooks", security(("token" = [])),
    params(("id" = String, Path)), responses((status = 200, description = "The webhook", body = WebhookView), Problems))]
pub(crate) async fn show_webhook(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<String>,
) -> Result<Answer<WebhookView>, Problem> {
    Ok(Answer(find(&state, member.tenant.id, parse_id(&id)?)?.as_ref().into()))
}

/// Changes a webhook. What was not sent yet is sent to where it points then.
#[utoipa::path(patch, path = "/api/v1/client/webhooks/{id}", tag = "webhooks", security(("token" = [])),
    params(("id" = String, Path)), request_body = WebhookChangeBody,
    responses((status = 200, description = "The webhook as it is now", body = WebhookView), Problems))]
pub(crate) async fn change_webhook(
    State(state): State<AppState>,
    admin: TenantAdmin,
    Path(id): Path<String>,
    Json(change): Json<WebhookChangeBody>,
) -> Result<Answer<WebhookView>, Problem> {
    let change = change.check(state.webhook_allow_private)?;
    let configuration = state.store.configuration(admin.tenant.id);
    let webhook = configuration.update_webhook(&admin.actor, parse_id(&id)?, change).await?;
    Ok(Answer((&webhook).into()))
}

/// Deletes a webhook: nothing more is sent to it, and its log is gone.
#[utoipa::path(delete, path = "/api/v1/client/webhooks/{id}", tag = "webhooks", security(("token" = [])),
    params(("id" = String, Path)), responses((status = 204, description = "Deleted"), Problems))]
pub(crate) async fn delete_webhook(
    State(state): State<AppState>,
    admin: TenantAdmin,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let configuration = state.store.configuration(admin.tenant.id);
    configuration.delete_webhook(&admin.actor, parse_id(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives a webhook a new secret, which is shown this once. For 24 hours its messages are signed with the old one too.
#[utoipa::path(post, path = "/api/v1/client/webhooks/{id}/rotate-secret", tag = "webhooks", security(("token" = [])),
    params(("id" = String, Path)), responses((status = 200, description = "The new secret", body = NewSecret), Problems))]
pub(crate) async fn rotate_webhook_secret(
    State(state): State<AppState>,
    admin: TenantAdmin,
    Path(id): Path<String>,
) -> Result<Answer<NewSecret>, Problem> {
    let configuration = state.store.configuration(admin.tenant.id);
    let secret = configuration.rotate_webhook_secret(&admin.actor, parse_id(&id)?).await?;
    let until = state.clock.now().plus_millis(OLD_SECRET_MS);
    Ok(Answer(NewSecret { secret: secret_text(&secret), old_secret_valid_until: until.to_string() }))
}

fn find(state: &AppState, tenant: TenantId, id: WebhookId) -> Result<Arc<Webhook>, Problem> {
    let control = state.store.control();
    let found = control.webhooks(tenant).iter().find(|webhook| webhook.id == id);
    found.cloned().ok_or_else(Problem::not_found)
}

fn parse_id(text: &str) -> Result<WebhookId, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}
