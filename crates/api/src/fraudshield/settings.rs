//! `/v1/fraud/settings`: whether the account acts on what it finds, or only watches.

use axum::{Json as Answer, extract::State};
use portcullis_store::{Enforcement, Error, TenantChange};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    FraudshieldError,
    auth::{FraudReader, FraudWriter},
    error::ErrorBody,
    request::Post,
};
use crate::{AppState, caller::ApiCaller, failure::Failure};

/// The account's settings.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldSettings)]
pub(crate) struct SettingsView {
    /// Always `settings`.
    #[schema(example = "settings")]
    object: &'static str,
    /// `enforce`, or `monitor` for an account that is only told what would have been done.
    #[schema(value_type = String, example = "enforce")]
    enforcement: Enforcement,
}

impl SettingsView {
    const fn new(enforcement: Enforcement) -> Self {
        Self { object: "settings", enforcement }
    }
}

/// What to change. Other fields are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = FraudshieldSettingsEdit)]
pub(crate) struct SettingsEdit {
    /// `enforce`, or `monitor` to be only told what would have been done.
    #[schema(value_type = String, example = "monitor")]
    enforcement: Enforcement,
}

/// Show the settings
///
/// They are the account's, for live and test data. Needs the scope `fraud:read`.
#[utoipa::path(get, path = "/v1/fraud/settings", tag = "fraudshield", security(("fraudshield_key" = [])),
    responses(
        (status = 200, description = "The settings", body = SettingsView),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The key may not do this, or the account is suspended", body = ErrorBody),
        (status = 429, description = "Too many calls with this key", body = ErrorBody),
))]
pub(crate) async fn show_settings(
    State(state): State<AppState>,
    FraudReader(caller): FraudReader,
) -> Result<Answer<SettingsView>, FraudshieldError> {
    let control = state.store.control();
    let tenant = control.tenant(caller.tenant).ok_or(Failure::NotFound)?;
    Ok(Answer(SettingsView::new(tenant.settings.enforcement)))
}

/// Change the settings
///
/// From the next call on, for live and test data. Needs the scope `fraud:write`.
#[utoipa::path(put, path = "/v1/fraud/settings", tag = "fraudshield", security(("fraudshield_key" = [])),
    request_body = SettingsEdit, responses(
        (status = 200, description = "The settings as they are now", body = SettingsView),
        (status = 400, description = "Not well-formed JSON, or parameters are missing or wrong", body = ErrorBody),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The key may not do this, or the account is suspended", body = ErrorBody),
        (status = 413, description = "More than 256 KiB", body = ErrorBody),
        (status = 415, description = "Not JSON", body = ErrorBody),
        (status = 429, description = "Too many calls with this key", body = ErrorBody),
))]
pub(crate) async fn change_settings(
    State(state): State<AppState>,
    FraudWriter { caller, actor }: FraudWriter,
    request: Post<SettingsEdit>,
) -> Result<Answer<SettingsView>, FraudshieldError> {
    let slug = slug(&state, &caller).ok_or(Error::NotFound("client"))?;
    let change = TenantChange { enforcement: Some(request.body.enforcement), ..TenantChange::default() };
    let tenant = state.store.update_tenant(&actor, &slug, change).await?;
    Ok(Answer(SettingsView::new(tenant.settings.enforcement)))
}

fn slug(state: &AppState, caller: &ApiCaller) -> Option<String> {
    state.store.control().tenant(caller.tenant).map(|tenant| tenant.slug.clone())
}
