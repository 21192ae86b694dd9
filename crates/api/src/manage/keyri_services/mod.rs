//! Keyri services: their keys, their risk settings, and their own rules.

mod risk;
mod rules;

use axum::{
    Json as Answer,
    extract::{Path, State},
};
use domain::{Dialect, Mode};
use http::StatusCode;
use portcullis_domain as domain;
use portcullis_store::{Error, KeyriService, KeyriServiceId, Scopes, Tenant};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

pub(crate) use self::{
    risk::{__path_change_keyri_risk, __path_show_keyri_risk, change_keyri_risk, show_keyri_risk},
    rules::{__path_change_keyri_rules, __path_show_keyri_rules, change_keyri_rules, show_keyri_rules},
};
use super::{Page, Problems, api_keys, checked_name};
use crate::{
    AppState,
    body::Json,
    caller::{Member, TenantAdmin},
    error::Problem,
    keyri::envelope::ServiceKeys,
    request_id,
};

/// A service as its owner sees it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = KeyriService)]
pub(crate) struct ServiceView {
    /// Its id.
    #[schema(example = "kys_0ub3q8r1w6t2")]
    id: String,
    /// Its name for people.
    name: String,
    /// The data it works on: test or live.
    #[schema(value_type = String, example = "live")]
    mode: Mode,
    /// The public key: `Service_Encryption_Key` of requests.
    service_encryption_key: String,
    /// The private key, `Service_Decryption_Key` of requests: shown this once and not kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    service_decryption_key: Option<String>,
    /// The API key, `API_Key` of requests: shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key: Option<String>,
    /// When it was made.
    created_at: String,
}

impl From<&KeyriService> for ServiceView {
    fn from(service: &KeyriService) -> Self {
        Self {
            id: service.id.to_string(),
            name: service.name.clone(),
            mode: service.mode,
            service_encryption_key: service.encryption_key.clone(),
            service_decryption_key: None,
            api_key: None,
            created_at: service.created_at.to_string(),
        }
    }
}

/// A service to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewKeyriService)]
pub(crate) struct NewService {
    /// Its name for people.
    #[schema(example = "web shop")]
    name: String,
    /// The data it works on: `test`, or `live` when left out.
    #[schema(value_type = Option<String>, example = "live")]
    mode: Option<Mode>,
}

/// Makes a service with its keys.
#[utoipa::path(post, path = "/api/v1/client/keyri-services", tag = "keyri", security(("token" = [])),
    request_body = NewService, responses((status = 201, description = "Created", body = ServiceView), Problems))]
pub(crate) async fn create_keyri_service(
    State(state): State<AppState>,
    admin: TenantAdmin,
    Json(new): Json<NewService>,
) -> Result<(StatusCode, Answer<ServiceView>), Problem> {
    let name = checked_name("/name", &new.name).map_err(|error| Problem::invalid(vec![error]))?;
    let mode = new.mode.unwrap_or(Mode::Live);
    api_keys::check_room(&state, &admin.tenant)?;
    let (key, api_key) = api_keys::generate(name, Dialect::Keyri, mode, Scopes::ALL, Vec::new())?;
    let keys = ServiceKeys::generate().map_err(|error| {
        tracing::error!(%error, request.id = request_id::current(), "no key could be made");
        Problem::internal()
    })?;
    let configuration = state.store.configuration(admin.tenant.id);
    let service = configuration.create_keyri_service(&admin.actor, keys.encryption, key).await?;
    let view = ServiceView {
        service_decryption_key: Some(keys.decryption.expose().clone()),
        api_key: Some(api_key.expose().clone()),
        ..ServiceView::from(&service)
    };
    Ok((StatusCode::CREATED, Answer(view)))
}

/// Lists the services, in the order of creation. There is one page.
#[utoipa::path(get, path = "/api/v1/client/keyri-services", tag = "keyri", security(("token" = [])),
    responses((status = 200, description = "All services", body = Page<ServiceView>), Problems))]
pub(crate) async fn list_keyri_services(
    State(state): State<AppState>,
    member: Member,
) -> Answer<Page<ServiceView>> {
    let control = state.store.control();
    let items = control.keyri_services(member.tenant.id).into_iter().map(|service| (&**service).into());
    Answer(Page { items: items.collect(), next_cursor: None })
}

/// Deletes a service and revokes its API key, at once. Its events stay.
#[utoipa::path(delete, path = "/api/v1/client/keyri-services/{id}", tag = "keyri", security(("token" = [])),
    params(("id" = String, Path)), responses((status = 204, description = "Deleted"), Problems))]
pub(crate) async fn delete_keyri_service(
    State(state): State<AppState>,
    admin: TenantAdmin,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let id = parse_id(&id)?;
    state.store.configuration(admin.tenant.id).delete_keyri_service(&admin.actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn parse_id(id: &str) -> Result<KeyriServiceId, Problem> {
    id.parse().map_err(|_| Problem::not_found())
}

/// The tenant's service with this id.
fn find(state: &AppState, tenant: &Tenant, id: &str) -> Result<Arc<KeyriService>, Problem> {
    let id = parse_id(id)?;
    let control = state.store.control();
    let found = control.keyri_services(tenant.id).into_iter().find(|service| service.id == id).cloned();
    found.ok_or_else(|| Error::NotFound("keyri service").into())
}
