//! `GET /v1/dashboard/devices`: the devices that an account saw last.

use axum::{
    Json as Answer,
    extract::{Query, State, rejection::QueryRejection},
};
use domain::{
    Dialect, EntityKey, Mode, Realm,
    facts::device::{MODEL, OS},
};
use portcullis_domain as domain;
use portcullis_store::{RECENT, StoredEvent};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    FraudsenseError,
    auth::AccountCaller,
    device_history::DeviceHistory,
    error::{ErrorBody, FieldError},
    level::Level,
};
use crate::AppState;

/// Which devices.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DevicesQuery {
    /// `test` or `live`: of that data only. Both when left out.
    mode: Option<String>,
}

/// The devices that were seen last.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudsenseDevices)]
pub(crate) struct DeviceList {
    /// At most 50, the one that was seen last first.
    devices: Vec<SeenDevice>,
}

/// A device as it was seen last.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FraudsenseDevice)]
pub(crate) struct SeenDevice {
    /// Its fingerprint.
    #[schema(example = "fs_a3f9b2c1d4e5")]
    device_id: String,
    /// Its model, when it told it in its last session.
    #[schema(example = "iPhone 15")]
    model: Option<String>,
    /// Its operating system, likewise.
    #[schema(example = "iOS 17")]
    os: Option<String>,
    /// When it was first seen.
    first_seen_at: Option<String>,
    /// When it was last seen.
    last_seen_at: String,
    /// Its sessions.
    total_sessions: u64,
    /// The score of the last one.
    last_risk_score: i32,
    /// That score's level.
    last_risk_level: Level,
    /// Sessions that are HIGH or CRITICAL.
    high_risk_count: u32,
    /// The data it is in: test or live.
    #[schema(value_type = String, example = "test")]
    mode: Mode,
}

impl SeenDevice {
    fn new(event: &StoredEvent, history: &DeviceHistory) -> Self {
        let decision = &event.decision;
        let (total_sessions, high_risk_count) = history.counts();
        Self {
            device_id: decision.subject.device.as_deref().unwrap_or_default().to_owned(),
            model: decision.facts.known(MODEL).map(str::to_owned),
            os: decision.facts.known(OS).map(str::to_owned),
            first_seen_at: history.first_seen_at().map(str::to_owned),
            last_seen_at: decision.at.to_string(),
            total_sessions,
            last_risk_score: decision.assessment.score,
            last_risk_level: Level::of_band(decision.assessment.band),
            high_risk_count,
            mode: event.realm.mode,
        }
    }
}

/// List the devices that were seen last
#[utoipa::path(get, path = "/v1/dashboard/devices", tag = "fraudsense", params(DevicesQuery),
    security(("token" = [])), responses(
    (status = 200, description = "The devices", body = DeviceList),
    (status = 400, description = "No such mode", body = ErrorBody),
    (status = 401, description = "No valid token", body = ErrorBody),
    (status = 403, description = "The account is suspended", body = ErrorBody),
    (status = 429, description = "More than 1,000 calls of the account in 15 minutes", body = ErrorBody),
))]
pub(crate) async fn devices(
    State(state): State<AppState>,
    caller: AccountCaller,
    query: Result<Query<DevicesQuery>, QueryRejection>,
) -> Result<Answer<DeviceList>, FraudsenseError> {
    let modes = modes(query)?;
    let mut seen = Vec::new();
    for &mode in modes {
        seen.extend(last_seen(&state, Realm { tenant: caller.tenant.id, mode }).await?);
    }
    seen.sort_by_key(|(_, event)| std::cmp::Reverse(event.id));
    seen.truncate(RECENT);
    let mut devices = Vec::with_capacity(seen.len());
    for (device, event) in seen {
        let record = state.store.of(event.realm).device_record(device, Dialect::Fraudsense).await?;
        devices.push(SeenDevice::new(&event, &DeviceHistory::of(record.as_ref())));
    }
    Ok(Answer(DeviceList { devices }))
}

fn modes(query: Result<Query<DevicesQuery>, QueryRejection>) -> Result<&'static [Mode], FraudsenseError> {
    let wrong = || FraudsenseError::field(FieldError::invalid("mode", "must be test or live, once"));
    let Query(query) = query.map_err(|_| wrong())?;
    match query.mode.as_deref() {
        None => Ok(&[Mode::Test, Mode::Live]),
        Some("test") => Ok(&[Mode::Test]),
        Some("live") => Ok(&[Mode::Live]),
        Some(_) => Err(wrong()),
    }
}

/// The devices of one realm that were seen last, each with its last event.
async fn last_seen(state: &AppState, realm: Realm) -> Result<Vec<(EntityKey, StoredEvent)>, FraudsenseError> {
    let store = state.store.of(realm);
    let devices = store.recent_devices(Dialect::Fraudsense).await?;
    let events = store.find_events(devices.iter().map(|(_, event)| *event).collect()).await?;
    // An event that is not found is left out of the answer, so the two lists are matched by the event's id.
    let device_of =
        |event: &StoredEvent| devices.iter().find(|(_, id)| *id == event.id).map(|(device, _)| *device);
    Ok(events.into_iter().filter_map(|event| Some((device_of(&event)?, event))).collect())
}
