//! A client's own settings, as far as its admins may change them.

use axum::{Json as Answer, extract::State};
use portcullis_store::{Enforcement, Settings, TenantChange};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Problems, nullable};
use crate::{
    AppState,
    body::Json,
    caller::{Member, TenantAdmin},
    error::Problem,
    signet,
};

/// The most reports that can be asked for before a user is flagged.
const HIGHEST_FLAG_THRESHOLD: u32 = 1_000;

/// A client's settings.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Settings)]
pub(crate) struct SettingsView {
    /// `enforce`, or `monitor` for a client that is only told what would have been done.
    #[schema(value_type = String, example = "enforce")]
    enforcement: Enforcement,
    /// How many reports that stand flag a user of the signet API.
    #[schema(example = 1)]
    user_flag_threshold: u32,
}

impl From<Settings> for SettingsView {
    fn from(settings: Settings) -> Self {
        Self {
            enforcement: settings.enforcement,
            user_flag_threshold: settings.user_flag_threshold.unwrap_or(signet::USER_FLAG_THRESHOLD),
        }
    }
}

/// What to change: what is left out stays, and null returns a setting to what it is at first.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct SettingsChange {
    /// `enforce`, which it is at first, or `monitor` to be only told what would have been done.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>, example = "monitor")]
    enforcement: Option<Option<Enforcement>>,
    /// How many reports that stand flag a user of the signet API, 1 to 1000; 1 at first. A report of fraud flags alone.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<u32>, example = 1)]
    user_flag_threshold: Option<Option<u32>>,
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
    Ok(Answer(tenant.settings.into()))
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
    let threshold = change.user_flag_threshold;
    if threshold.flatten().is_some_and(|reports| !(1..=HIGHEST_FLAG_THRESHOLD).contains(&reports)) {
        let message = format!("must be null or from 1 to {HIGHEST_FLAG_THRESHOLD}");
        return Err(Problem::field("/userFlagThreshold", message));
    }
    let change = TenantChange {
        enforcement: change.enforcement.map(Option::unwrap_or_default),
        user_flag_threshold: threshold,
        ..TenantChange::default()
    };
    let tenant = state.store.update_tenant(&admin.actor, &admin.tenant.slug, change).await?;
    Ok(Answer(tenant.settings.into()))
}
