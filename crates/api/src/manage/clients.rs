//! Clients, the tenants of this installation: for super admins.

use axum::{
    Json as Answer,
    extract::{Path, State},
};
use http::StatusCode;
use portcullis_store::{Slug, SlugError, Tenant, TenantChange, TenantStatus};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Page, PageParams, Problems, checked_name, keep_error, nullable};
use crate::{
    AppState,
    body::{Json, Params},
    caller::SuperAdmin,
    cursor,
    error::{FieldError, Problem},
};

/// The highest limits that can be set.
const HIGHEST_RATE_LIMIT: u32 = 1_000_000;
const HIGHEST_REQUESTS_PER_15_MIN: u32 = 10_000_000;
const SCOPE: &[&str] = &["clients"];

/// A client.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Client {
    /// Its name in addresses; never changes.
    #[schema(example = "acme")]
    slug: String,
    /// Its name for people.
    #[schema(example = "Acme Inc.")]
    name: String,
    /// Whether it is served.
    #[schema(value_type = String, example = "active")]
    status: TenantStatus,
    /// Requests a minute for each of its keys; null for the default of the API in question.
    rate_limit_per_minute: Option<u32>,
    /// fraudsense: requests in 15 minutes for each of its keys; null for 1000.
    #[serde(rename = "requestsPer15Min")]
    requests_per_15_min: Option<u32>,
    /// fraudshield: requests of analytics a minute for each of its keys; null for 30.
    analytics_per_minute: Option<u32>,
    /// When it was created.
    created_at: String,
}

impl From<&Tenant> for Client {
    fn from(tenant: &Tenant) -> Self {
        Self {
            slug: tenant.slug.clone(),
            name: tenant.name.clone(),
            status: tenant.status,
            rate_limit_per_minute: tenant.settings.rate_limit_per_minute,
            requests_per_15_min: tenant.settings.requests_per_15_min,
            analytics_per_minute: tenant.settings.analytics_per_minute,
            created_at: tenant.created_at.to_string(),
        }
    }
}

/// A client to be created.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewClient {
    /// Its name for people.
    #[schema(example = "Acme Inc.")]
    name: String,
    /// 1 to 63 lower-case letters, digits and single hyphens.
    #[schema(example = "acme")]
    slug: String,
}

/// Creates a client.
#[utoipa::path(post, path = "/api/v1/admin/clients", tag = "clients", security(("token" = [])),
    request_body = NewClient, responses((status = 201, description = "Created", body = Client), Problems))]
pub(crate) async fn create_client(
    State(state): State<AppState>,
    admin: SuperAdmin,
    Json(new): Json<NewClient>,
) -> Result<(StatusCode, Answer<Client>), Problem> {
    let mut errors = Vec::new();
    let name = keep_error(checked_name("/name", &new.name), &mut errors);
    let slug = new.slug.parse::<Slug>();
    let slug =
        keep_error(slug.map_err(|error: SlugError| FieldError::new("/slug", error.to_string())), &mut errors);
    let (Some(name), Some(slug)) = (name, slug) else { return Err(Problem::invalid(errors)) };
    let tenant = state.store.create_tenant(&admin.actor, name, slug).await?;
    Ok((StatusCode::CREATED, Answer(Client::from(&tenant))))
}

/// Lists the clients, oldest first.
#[utoipa::path(get, path = "/api/v1/admin/clients", tag = "clients", security(("token" = [])),
    params(PageParams), responses((status = 200, description = "One page", body = Page<Client>), Problems))]
pub(crate) async fn list_clients(
    State(state): State<AppState>,
    _admin: SuperAdmin,
    Params(params): Params<PageParams>,
) -> Result<Answer<Page<Client>>, Problem> {
    let limit = params.limit()?;
    let after = state.cursors.position(SCOPE, params.after.as_deref())?.map(portcullis_domain::TenantId);
    let control = state.store.control();
    let found: Vec<_> = control.tenants_after(after).take(limit as usize + 1).collect();
    let (items, next_cursor) =
        cursor::page(found, limit, |last| state.cursors.issue(SCOPE, &last.id.0.to_string()));
    Ok(Answer(Page { items: items.into_iter().map(|tenant| Client::from(&**tenant)).collect(), next_cursor }))
}

/// Shows a client.
#[utoipa::path(get, path = "/api/v1/admin/clients/{slug}", tag = "clients", security(("token" = [])),
    params(("slug" = String, Path)), responses((status = 200, description = "The client as it is now", body = Client), Problems))]
pub(crate) async fn show_client(
    State(state): State<AppState>,
    _admin: SuperAdmin,
    Path(slug): Path<String>,
) -> Result<Answer<Client>, Problem> {
    super::client(&state, &slug).map(|tenant| Answer(Client::from(&*tenant)))
}

/// What to change of a client; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct ClientPatch {
    /// Another name for people.
    name: Option<String>,
    /// `suspended` refuses all its keys and users at once; `active` takes that back.
    #[schema(value_type = Option<String>, example = "suspended")]
    status: Option<TenantStatus>,
    /// Another limit, 1 to 1000000; null for the default of the API in question.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<u32>)]
    rate_limit_per_minute: Option<Option<u32>>,
    /// Another limit for fraudsense, 1 to 10000000; null for 1000.
    #[serde(default, deserialize_with = "nullable", rename = "requestsPer15Min")]
    #[schema(value_type = Option<u32>)]
    requests_per_15_min: Option<Option<u32>>,
    /// Another limit for the analytics of fraudshield, 1 to 1000000; null for 30.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<u32>)]
    analytics_per_minute: Option<Option<u32>>,
}

/// Changes a client.
#[utoipa::path(patch, path = "/api/v1/admin/clients/{slug}", tag = "clients", security(("token" = [])),
    params(("slug" = String, Path)), request_body = ClientPatch, responses((status = 200, description = "The client as it is now", body = Client), Problems))]
pub(crate) async fn update_client(
    State(state): State<AppState>,
    admin: SuperAdmin,
    Path(slug): Path<String>,
    Json(patch): Json<ClientPatch>,
) -> Result<Answer<Client>, Problem> {
    let mut errors = Vec::new();
    let name = patch.name.and_then(|name| keep_error(checked_name("/name", &name), &mut errors));
    for (pointer, limit, highest) in [
        ("/rateLimitPerMinute", patch.rate_limit_per_minute, HIGHEST_RATE_LIMIT),
        ("/requestsPer15Min", patch.requests_per_15_min, HIGHEST_REQUESTS_PER_15_MIN),
        ("/analyticsPerMinute", patch.analytics_per_minute, HIGHEST_RATE_LIMIT),
    ] {
        if limit.flatten().is_some_and(|limit| !(1..=highest).contains(&limit)) {
            errors.push(FieldError::new(pointer, format!("must be null or from 1 to {highest}")));
        }
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let change = TenantChange {
        name,
        status: patch.status,
        rate_limit_per_minute: patch.rate_limit_per_minute,
        requests_per_15_min: patch.requests_per_15_min,
        analytics_per_minute: patch.analytics_per_minute,
        ..TenantChange::default()
    };
    let tenant = state.store.update_tenant(&admin.actor, &slug, change).await?;
    Ok(Answer(Client::from(&tenant)))
}
