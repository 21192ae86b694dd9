//! `GET /v1/fraud/devices/{id}` and what is below it.

use axum::{Json as Answer, extract::State};
use domain::{Entity, EntityKind, EventId, facts};
use portcullis_domain as domain;
use portcullis_store::{
    DeviceId, DeviceUser, EventQuery, List, ListEntry, ListKind, ListValue, SeenDevice, StoredEvent,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::view::DeviceView;
use crate::{
    AppState,
    caller::ApiCaller,
    failure::Failure,
    fraudshield::{
        FraudshieldError,
        auth::FraudReader,
        error::{ErrorBody, ParamError},
        level::Level,
        list::checked_limit,
        request::{Id, Query},
    },
};

/// A known device of the key's data set.
pub(super) struct Known {
    pub(super) device: SeenDevice,
    pub(super) users: Vec<DeviceUser>,
    pub(super) last: StoredEvent,
    /// The entry that blocks it, if one does.
    pub(super) block: Option<ListEntry>,
}

impl Known {
    pub(super) async fn find(
        state: &AppState,
        caller: &ApiCaller,
        id: DeviceId,
    ) -> Result<Self, FraudshieldError> {
        let realm = state.store.of(caller.realm());
        let (device, users) = realm.device(id).await?.ok_or(Failure::NotFound)?;
        let last = device.last_event.ok_or(Failure::NotFound)?;
        let last = realm.find_event(last).await?.ok_or(Failure::Internal)?;
        let block = find_block(state, caller, &device).await?;
        Ok(Self { device, users, last, block })
    }

    pub(super) fn view(&self, is_blocked: bool) -> DeviceView {
        let mut view =
            DeviceView::new(&self.device, &self.users, self.last.id.to_string(), &self.last.decision);
        view.is_blocked = is_blocked;
        view
    }
}

async fn find_block(
    state: &AppState,
    caller: &ApiCaller,
    device: &SeenDevice,
) -> Result<Option<ListEntry>, FraudshieldError> {
    let names = [device.id.to_string(), device.hash.to_string()];
    let values = names.iter().filter_map(|name| ListValue::parse(ListKind::Device, name).ok()).collect();
    let configuration = state.store.configuration(caller.tenant);
    let found = configuration.find_listed(caller.mode, List::Block, values).await?;
    Ok(found.into_iter().flatten().next())
}

/// Show a device
///
/// Its score, signals and address are those of the event that it was last seen in. Needs the scope `fraud:read`.
#[utoipa::path(get, path = "/v1/fraud/devices/{id}", tag = "fraudshield", security(("fraudshield_key" = [])),
    params(("id" = String, Path, description = "The device's id")), responses(
        (status = 200, description = "The device", body = DeviceView),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The key may not do this, or the account is suspended", body = ErrorBody),
        (status = 404, description = "There is no such device in the key's data set", body = ErrorBody),
        (status = 429, description = "Too many calls with this key", body = ErrorBody),
))]
pub(crate) async fn show_device(
    State(state): State<AppState>,
    FraudReader(caller): FraudReader,
    Id(id): Id<DeviceId>,
) -> Result<Answer<DeviceView>, FraudshieldError> {
    let known = Known::find(&state, &caller, id).await?;
    Ok(Answer(known.view(known.block.is_some())))
}

/// Which part of a device's past.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct HistoryParams {
    /// How many events, 1 to 100; 20 when left out.
    #[param(value_type = Option<u32>)]
    limit: Option<String>,
    /// The id of the last event of the page before: only older ones.
    starting_after: Option<String>,
}

/// A device's past, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldDeviceHistory)]
pub(crate) struct History {
    /// Always `list`.
    #[schema(example = "list")]
    object: &'static str,
    /// The device.
    #[schema(example = "dev_a1b2c3d4e5f6")]
    device_id: String,
    /// Its events.
    data: Vec<HistoryItem>,
    /// Whether there may be more.
    has_more: bool,
    /// The id for `starting_after`, to get what comes next.
    next_cursor: Option<String>,
}

/// An event of a device.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldDeviceEvent)]
struct HistoryItem {
    /// Its id.
    event_id: String,
    /// What happened.
    #[schema(example = "device_registration")]
    r#type: &'static str,
    /// When.
    created_at: String,
    /// Who used it.
    #[schema(example = "usr_123")]
    user_id: Option<String>,
    /// From which address.
    #[schema(example = "102.45.67.89")]
    ip_address: Option<String>,
    /// Where that is.
    #[schema(example = "MA")]
    country: Option<String>,
    /// Its risk.
    #[schema(example = 250)]
    risk_score: i32,
    /// That score's level.
    risk_level: Level,
    /// What was decided: allow, challenge, review or block.
    #[schema(example = "challenge")]
    decision: &'static str,
}

impl From<&StoredEvent> for HistoryItem {
    fn from(event: &StoredEvent) -> Self {
        let decision = &event.decision;
        Self {
            event_id: event.id.to_string(),
            r#type: decision.event_type.name(),
            created_at: decision.at.to_string(),
            user_id: decision.subject.user.as_ref().map(ToString::to_string),
            ip_address: decision.facts.known(facts::ip::ADDRESS).map(str::to_owned),
            country: decision.facts.known(facts::ip::COUNTRY_CODE).map(str::to_owned),
            risk_score: decision.assessment.score,
            risk_level: Level::of(decision.assessment.score),
            decision: decision.outcome().name(),
        }
    }
}

/// Show a device's past
///
/// Every event it was in, newest first. Needs the scope `fraud:read`.
#[utoipa::path(get, path = "/v1/fraud/devices/{id}/history", tag = "fraudshield",
    security(("fraudshield_key" = [])),
    params(HistoryParams, ("id" = String, Path, description = "The device's id")), responses(
        (status = 200, description = "One page", body = History),
        (status = 400, description = "Parameters are wrong", body = ErrorBody),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The key may not do this, or the account is suspended", body = ErrorBody),
        (status = 404, description = "There is no such device in the key's data set", body = ErrorBody),
        (status = 429, description = "Too many calls with this key", body = ErrorBody),
))]
pub(crate) async fn device_history(
    State(state): State<AppState>,
    FraudReader(caller): FraudReader,
    Id(id): Id<DeviceId>,
    Query(params): Query<HistoryParams>,
) -> Result<Answer<History>, FraudshieldError> {
    let limit = checked_limit(params.limit.as_deref()).map_err(FraudshieldError::param)?;
    let before = params.starting_after.as_deref().map(str::parse::<EventId>).transpose();
    let wrong = |_| ParamError::invalid("starting_after", "must be the id of an event");
    let before = before.map_err(wrong).map_err(FraudshieldError::param)?;
    let known = Known::find(&state, &caller, id).await?;
    let entity = Entity::new(EntityKind::Device, known.device.hash.clone());
    let key = state.assessor.entity_key(caller.realm(), &entity);
    let query =
        EventQuery { before, entities: [key].into_iter().collect(), ..EventQuery::newest(limit as usize) };
    let (events, next) = state.store.of(caller.realm()).list_events(query).await?;
    Ok(Answer(History {
        object: "list",
        device_id: known.device.id.to_string(),
        data: events.iter().map(HistoryItem::from).collect(),
        has_more: next.is_some(),
        next_cursor: next.map(|id| id.to_string()),
    }))
}

/// Who was seen on a device.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldLinkedAccounts)]
#[allow(clippy::struct_field_names, reason = "the contract has them")]
pub(crate) struct LinkedAccounts {
    /// The device.
    #[schema(example = "dev_a1b2c3d4e5f6")]
    device_id: String,
    /// The accounts, in the order in which they came, at most the 1,024 seen last.
    accounts: Vec<LinkedAccount>,
    /// How many they are.
    #[schema(example = 2)]
    linked_accounts: usize,
}

/// An account on a device.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldLinkedAccount)]
struct LinkedAccount {
    /// Its id.
    #[schema(example = "usr_123")]
    user_id: String,
    /// When it was first seen on the device.
    first_seen: String,
    /// When it was last seen there.
    last_seen: String,
    /// How often.
    #[schema(example = 3)]
    times_seen: u64,
}

/// Show the accounts on a device
///
/// Needs the scope `fraud:read`.
#[utoipa::path(get, path = "/v1/fraud/devices/{id}/linked-accounts", tag = "fraudshield",
    security(("fraudshield_key" = [])),
    params(("id" = String, Path, description = "The device's id")), responses(
        (status = 200, description = "The accounts", body = LinkedAccounts),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The key may not do this, or the account is suspended", body = ErrorBody),
        (status = 404, description = "There is no such device in the key's data set", body = ErrorBody),
        (status = 429, description = "Too many calls with this key", body = ErrorBody),
))]
pub(crate) async fn linked_accounts(
    State(state): State<AppState>,
    FraudReader(caller): FraudReader,
    Id(id): Id<DeviceId>,
) -> Result<Answer<LinkedAccounts>, FraudshieldError> {
    let Known { device, users, .. } = Known::find(&state, &caller, id).await?;
    let account = |user: &DeviceUser| LinkedAccount {
        user_id: user.user.to_string(),
        first_seen: user.first_seen.to_string(),
        last_seen: user.last_seen.to_string(),
        times_seen: user.times_seen,
    };
    let accounts: Vec<_> = users.iter().map(account).collect();
    Ok(Answer(LinkedAccounts { device_id: device.id.to_string(), linked_accounts: accounts.len(), accounts }))
}
