//! A client's own settings, as far as its admins may change them.

use axum::{Json as Answer, extract::State};
use portcullis_store::{Enforcement, TenantChange};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Problems;
use crate::{
    AppState,
    body::Json,
    caller::{Member, TenantAdmin},
    error::Problem,
};

/// A client's settings.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Settings)]
pub(crate) struct SettingsView {
    /// `enforce`, or `monitor` for a client that is only told what would have been done.
    #[schema(value_type = String, example = "enforce")]
    enforcement: Enforcement,
}

/// What to change.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettingsChange {
    /// `enforce`, or `monitor` to be only told what would have been done.
    #[schema(value_type = String, example = "monitor")]
    enforcement: Enforcement,
}

/// Shows the settings.
#[utoipa::path(get, path = "/api/v1/client/settings", tag = "rules", security(("token" = [])),
    responses((status = 200, description = "The settings", body = SettingsView), Problems))]
pub(crate) async fn show_own_settings(
    State(state): State<AppState>,
    member: Member,
) -> Result<Answer<SettingsView>, Problem> {
    let control = state.store.control();
    let tenant = control.tenant(member.tenant.id).ok_or_else(Problem::not_found)?;
    Ok(Answer(SettingsView { enforcement: tenant.settings.enforcement }))
}

/// Changes the settings, from the next event on, for live and test data.
#[utoipa::path(put, path = "/api/v1/client/settings", tag = "rules", security(("token" = [])),
    request_body = SettingsChange,
    responses((status = 200, description = "The settings as they are now", body = SettingsView), Problems))]
pub(crate) async fn change_own_settings(
    State(state): State<AppState>,
    admin: TenantAdmin,
    Json(change): Json<SettingsChange>,
) -> Result<Answer<SettingsView>, Problem> {
    let change = TenantChange { enforcement: Some(change.enforcement), ..TenantChange::default() };
    let tenant = state.store.update_tenant(&admin.actor, &admin.tenant.slug, change).await?;
    Ok(Answer(SettingsView { enforcement: tenant.settings.enforcement }))
}
