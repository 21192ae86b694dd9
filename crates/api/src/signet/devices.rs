//! `/fraud/v1/flag-device`, `/device-check` and `/unflag-device`: devices on the watch list.

use axum::{Json as Answer, extract::State};
use portcullis_store::{List, ListKind, ListValue};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    SignetError,
    answer::{Message, Success, answer, done, time},
    auth::{SignetReader, SignetWriter},
    error::{Errors, FieldError},
    flag::{self, FlagView},
    request::{Checker, LONGEST_REASON, Post, Query, required},
    standing::enrolled,
};
use crate::{AppState, failure::Failure};

/// Which device to flag. Other fields are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SignetDeviceFlagging)]
pub(crate) struct DeviceFlagging {
    /// The device: the id that your app gave it, or this server's id or hash of it; 1 to 256 characters.
    #[schema(required, example = "device-12345")]
    device_id: Option<String>,
    /// Why, in 1 to 500 characters. It is in the audit log, so it should name nobody.
    #[schema(required, example = "Multiple failed login attempts")]
    reason: Option<String>,
    /// The enrolled user whose device it is; without it, it counts for the users that are seen on it.
    #[schema(example = "550e8400-e29b-41d4-a716-446655440000")]
    user_id: Option<String>,
}

/// A device that was flagged.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SignetFlaggedDevice)]
pub(crate) struct FlaggedDevice {
    /// The device.
    #[schema(example = "device-12345")]
    device_id: String,
    /// Why.
    #[schema(example = "Multiple failed login attempts")]
    reason: String,
    /// When.
    #[schema(example = "2026-01-15T10:30:00Z")]
    flagged_at: String,
}

/// Which device.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub(crate) struct DeviceParams {
    /// The device.
    #[param(required, example = "device-12345")]
    device_id: Option<String>,
}

/// Which device to unflag. Other fields are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SignetDeviceUnflagging)]
pub(crate) struct DeviceUnflagging {
    /// The device.
    #[schema(required, example = "device-12345")]
    device_id: Option<String>,
}

/// Flag a device
///
/// Puts it on the watch list that every API of this server looks at, so that it adds to their scores from the next request
/// on. Needs the scope `fraud:write`.
#[utoipa::path(post, path = "/fraud/v1/flag-device", tag = "signet", security(("signet_key" = [])),
    request_body = DeviceFlagging,
    responses((status = 200, description = "Flagged", body = Success<FlaggedDevice>), Errors))]
pub(crate) async fn flag_device(
    State(state): State<AppState>,
    SignetWriter { caller, actor }: SignetWriter,
    request: Post<DeviceFlagging>,
) -> Result<Answer<Success<FlaggedDevice>>, SignetError> {
    let body = request.body;
    let mut checker = Checker::default();
    let device = checker.keep(device_of(body.device_id.as_deref()));
    let reason = checker.text("reason", body.reason.as_deref(), LONGEST_REASON);
    let user = body.user_id.as_deref().and_then(|user| checker.user_id(Some(user)));
    checker.done()?;
    let (Some(device), Some(reason)) = (device, reason) else { return Err(Failure::Internal.into()) };
    let device_id = device.to_string();
    let new = flag::entry(&caller, List::Watch, device, reason.clone());
    let added = match user {
        Some(user) => {
            let person = enrolled(&state, caller.realm(), &user).await?.id;
            state.store.of(caller.realm()).list_for(&actor, new, person).await
        }
        None => state.store.configuration(caller.tenant).add_list_entry(&actor, new).await,
    };
    let exists = || SignetError::Exists("already_flagged", "Device is already flagged");
    let entry = added.map_err(|error| flag::told(error, exists))?;
    Ok(answer(FlaggedDevice { device_id, reason, flagged_at: time(entry.created_at) }))
}

/// Check whether a device is flagged
///
/// A device that nothing is known of is not. Needs the scope `fraud:read`.
#[utoipa::path(get, path = "/fraud/v1/device-check", tag = "signet", security(("signet_key" = [])),
    params(DeviceParams), responses((status = 200, description = "Whether it is", body = Success<FlagView>), Errors))]
pub(crate) async fn check_device(
    State(state): State<AppState>,
    SignetReader(caller): SignetReader,
    Query(params): Query<DeviceParams>,
) -> Result<Answer<Success<FlagView>>, SignetError> {
    let device = device_of(params.device_id.as_deref()).map_err(SignetError::field)?;
    Ok(answer(flag::find(&state, &caller, List::Watch, device).await?.into()))
}

/// Unflag a device
///
/// From the next request on. Needs the scope `fraud:write`.
#[utoipa::path(post, path = "/fraud/v1/unflag-device", tag = "signet", security(("signet_key" = [])),
    request_body = DeviceUnflagging,
    responses((status = 200, description = "Not flagged any more", body = Success<Message>), Errors))]
pub(crate) async fn unflag_device(
    State(state): State<AppState>,
    SignetWriter { caller, actor }: SignetWriter,
    request: Post<DeviceUnflagging>,
) -> Result<Answer<Success<Message>>, SignetError> {
    let device = device_of(request.body.device_id.as_deref()).map_err(SignetError::field)?;
    let absent = || SignetError::Absent("not_flagged", "Device is not flagged");
    flag::remove(&state, (&caller, &actor), List::Watch, device, absent).await?;
    Ok(done("Device unflagged successfully"))
}

fn device_of(text: Option<&str>) -> Result<ListValue, FieldError> {
    flag::checked("deviceId", ListKind::Device, required("deviceId", text)?)
}
