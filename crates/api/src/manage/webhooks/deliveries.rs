//! What became of the messages to a webhook, and sending one again or one to try.

use axum::{
    Json as Answer,
    extract::{Path, State},
};
use http::StatusCode;

use super::{
    super::{Page, PageParams, Problems},
    find, parse_id,
    view::{DeliveryView, Posted},
};
use crate::{
    AppState,
    body::Params,
    caller::{Member, TenantAdmin},
    cursor,
    error::{Kind, Problem},
};

/// Sends a message of the type `webhook.test` to a webhook, whatever it subscribes to.
#[utoipa::path(post, path = "/api/v1/client/webhooks/{id}/test", tag = "webhooks", security(("token" = [])),
    params(("id" = String, Path)), responses((status = 202, description = "On its way", body = Posted), Problems))]
pub(crate) async fn test_webhook(
    State(state): State<AppState>,
    admin: TenantAdmin,
    Path(id): Path<String>,
) -> Result<(StatusCode, Answer<Posted>), Problem> {
    let webhook = find(&state, admin.tenant.id, parse_id(&id)?)?;
    if !webhook.enabled {
        return Err(Problem::new(Kind::Conflict, "The webhook is switched off."));
    }
    let message = state.store.configuration(admin.tenant.id).test_webhook(webhook.id).await?;
    Ok((StatusCode::ACCEPTED, Answer(Posted { id: message.to_string() })))
}

/// Lists the messages to a webhook and what became of them, newest first. They are kept for 30 days after their end.
#[utoipa::path(get, path = "/api/v1/client/webhooks/{id}/deliveries", tag = "webhooks", security(("token" = [])),
    params(("id" = String, Path), PageParams),
    responses((status = 200, description = "One page", body = Page<DeliveryView>), Problems))]
pub(crate) async fn list_webhook_deliveries(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<String>,
    Params(params): Params<PageParams>,
) -> Result<Answer<Page<DeliveryView>>, Problem> {
    let limit = params.limit()?;
    let (tenant, webhook) = (member.tenant.id, parse_id(&id)?);
    let scope = ["webhook-deliveries", &tenant.0.to_string(), &webhook.to_string()];
    let after = state.cursors.position(&scope, params.after.as_deref())?;
    let found = state.store.configuration(tenant).webhook_deliveries(webhook, after, limit + 1).await?;
    let (deliveries, next_cursor) =
        cursor::page(found, limit, |last| state.cursors.issue(&scope, &last.message.to_string()));
    Ok(Answer(Page { items: deliveries.into_iter().map(DeliveryView::from).collect(), next_cursor }))
}

/// Sends a message again, whatever became of it: the same one, with the same id, and all its attempts before it.
#[utoipa::path(post, path = "/api/v1/client/webhooks/{id}/deliveries/{delivery}/resend", tag = "webhooks",
    security(("token" = [])), params(("id" = String, Path), ("delivery" = String, Path)),
    responses((status = 202, description = "On its way", body = DeliveryView), Problems))]
pub(crate) async fn resend_webhook_delivery(
    State(state): State<AppState>,
    admin: TenantAdmin,
    Path((id, delivery)): Path<(String, String)>,
) -> Result<(StatusCode, Answer<DeliveryView>), Problem> {
    let message = delivery.parse().map_err(|_| Problem::not_found())?;
    let configuration = state.store.configuration(admin.tenant.id);
    let delivery = configuration.resend_webhook(parse_id(&id)?, message).await?;
    Ok((StatusCode::ACCEPTED, Answer(delivery.into())))
}
