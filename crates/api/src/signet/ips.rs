//! `/fraud/v1/ip-flag` and `/ip-check`: addresses on the watch list.

use std::net::IpAddr;

use axum::{
    Json as Answer,
    extract::{Path, State},
};
use portcullis_store::{List, ListKind, ListValue};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    SignetError,
    answer::{Message, Success, answer, done, time},
    auth::{SignetReader, SignetWriter},
    error::Errors,
    flag::{self, FlagView},
    request::{Checker, LONGEST_REASON, Post, Query, ip, required},
    standing::enrolled,
};
use crate::{AppState, failure::Failure};

/// Which address to flag, and whose it is. Other fields are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SignetIpFlagging)]
pub(crate) struct IpFlagging {
    /// The enrolled user, a UUID.
    #[schema(required, example = "550e8400-e29b-41d4-a716-446655440000")]
    user_id: Option<String>,
    /// The address, IPv4 or IPv6; private ones too.
    #[schema(required, example = "192.168.1.100")]
    ip: Option<String>,
    /// Why, in 1 to 500 characters. It is in the audit log, so it should name nobody.
    #[schema(required, example = "Suspicious login from unknown location")]
    reason: Option<String>,
}

/// An address that was flagged.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SignetFlaggedIp)]
pub(crate) struct FlaggedIp {
    /// What was done.
    #[schema(example = "IP address flagged successfully")]
    message: &'static str,
    /// The address in its usual form.
    #[schema(example = "192.168.1.100")]
    ip: String,
    /// When.
    #[schema(example = "2026-01-15T10:30:00Z")]
    flagged_at: String,
    /// Why.
    #[schema(example = "Suspicious login from unknown location")]
    reason: String,
    /// Whose it is.
    #[schema(example = "550e8400-e29b-41d4-a716-446655440000")]
    user_id: String,
}

/// Which address.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct IpParams {
    /// The address.
    #[param(required, example = "192.168.1.100")]
    ip: Option<String>,
}

/// Flag an address
///
/// Puts it on the watch list that every API of this server looks at, so that it adds to their scores from the next request
/// on, and notes that it is the user's. Needs the scope `fraud:write`.
#[utoipa::path(post, path = "/fraud/v1/ip-flag", tag = "signet", security(("signet_key" = [])),
    request_body = IpFlagging,
    responses((status = 200, description = "Flagged", body = Success<FlaggedIp>), Errors))]
pub(crate) async fn flag_ip(
    State(state): State<AppState>,
    SignetWriter { caller, actor }: SignetWriter,
    request: Post<IpFlagging>,
) -> Result<Answer<Success<FlaggedIp>>, SignetError> {
    let body = request.body;
    let mut checker = Checker::default();
    let user = checker.user_id(body.user_id.as_deref());
    let ip = checker.ip("ip", body.ip.as_deref());
    let reason = checker.text("reason", body.reason.as_deref(), LONGEST_REASON);
    checker.done()?;
    let (Some(user), Some(ip), Some(reason)) = (user, ip, reason) else {
        return Err(Failure::Internal.into());
    };
    let enrollment = enrolled(&state, caller.realm(), &user).await?;
    let new = flag::entry(&caller, List::Watch, value_of(ip)?, reason.clone());
    let added = state.store.of(caller.realm()).list_for(&actor, new, enrollment.id).await;
    let exists = || SignetError::Exists("already_flagged", "IP address is already flagged");
    let entry = added.map_err(|error| flag::told(error, exists))?;
    Ok(answer(FlaggedIp {
        message: "IP address flagged successfully",
        ip: ip.to_string(),
        flagged_at: time(entry.created_at),
        reason,
        user_id: enrollment.person.user,
    }))
}

/// Check whether an address is flagged
///
/// It is when it, or a network around it, is on the watch list. Needs the scope `fraud:read`.
#[utoipa::path(get, path = "/fraud/v1/ip-check", tag = "signet", security(("signet_key" = [])),
    params(IpParams), responses((status = 200, description = "Whether it is", body = Success<FlagView>), Errors))]
pub(crate) async fn check_ip(
    State(state): State<AppState>,
    SignetReader(caller): SignetReader,
    Query(params): Query<IpParams>,
) -> Result<Answer<Success<FlagView>>, SignetError> {
    let text = required("ip", params.ip.as_deref()).map_err(SignetError::field)?;
    let ip = ip("ip", text).map_err(SignetError::field)?;
    Ok(answer(flag::find(&state, &caller, List::Watch, value_of(ip)?).await?.into()))
}

/// Unflag an address
///
/// From the next request on. Needs the scope `fraud:write`.
#[utoipa::path(delete, path = "/fraud/v1/ip-flag/{id}", tag = "signet", security(("signet_key" = [])),
    params(("id" = String, Path, description = "The address itself; the colons of IPv6 may be escaped")),
    responses((status = 200, description = "Not flagged any more", body = Success<Message>), Errors))]
pub(crate) async fn unflag_ip(
    State(state): State<AppState>,
    SignetWriter { caller, actor }: SignetWriter,
    Path(id): Path<String>,
) -> Result<Answer<Success<Message>>, SignetError> {
    let ip = ip("id", &id).map_err(SignetError::field)?;
    let absent = || SignetError::Absent("not_flagged", "IP address is not flagged");
    flag::remove(&state, (&caller, &actor), List::Watch, value_of(ip)?, absent).await?;
    Ok(done("IP address unflagged successfully"))
}

fn value_of(ip: IpAddr) -> Result<ListValue, SignetError> {
    flag::checked("ip", ListKind::Ip, &ip.to_string()).map_err(SignetError::field)
}
