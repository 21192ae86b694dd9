//! The users and devices that a client's events were about, whatever API these came through: the one seen last comes
//! first.

use axum::{
    Json as Answer,
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{Entity, EntityKind, Timestamp, facts::device};
use http::{HeaderMap, Uri};
use portcullis_domain as domain;
use portcullis_store::{EntityRecord, StoredEvent};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Page, Problems,
    event_query::{EventParams, Found},
    events::EventSummary,
    export,
};
use crate::{AppState, body::Params, caller::Member, csv::Format, error::Problem};

const DAY_MS: f64 = 86_400_000.0;

/// A user of the client's product.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SeenUser)]
pub(crate) struct UserView {
    /// The client's own id of the account.
    pub(super) user: String,
    #[serde(flatten)]
    pub(super) figures: Figures,
    /// Devices it was seen on; exact to 1,024, as `ips`.
    pub(super) devices: u64,
    /// Addresses it was seen at.
    pub(super) ips: u64,
    /// Its newest event.
    pub(super) last: EventSummary,
}

/// A device that the client's users have.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SeenDevice)]
pub(crate) struct DeviceView {
    /// The device's hash.
    pub(super) device: String,
    #[serde(flatten)]
    pub(super) figures: Figures,
    /// Users it was seen with; exact to 1,024, as `ips`.
    pub(super) users: u64,
    /// Addresses it was seen at.
    pub(super) ips: u64,
    /// Its newest event, which has its id, type, browser and operating system.
    pub(super) last: EventSummary,
}

/// What is known of either.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Figures {
    /// When it was first seen.
    pub(super) first_seen: String,
    /// For how many days it is known.
    #[schema(example = 12.5)]
    pub(super) age_days: f64,
    /// When it was last seen.
    pub(super) last_seen: String,
    /// Events there ever were.
    pub(super) events: u64,
    /// Those of them that were refused: whose decision was block.
    pub(super) denials: u64,
}

/// Something that was seen, and its newest event.
struct Seen<'a> {
    name: String,
    record: EntityRecord,
    event: &'a StoredEvent,
}

impl Seen<'_> {
    fn figures(&self, now: Timestamp) -> Figures {
        let first_seen = self.record.first_seen;
        Figures {
            first_seen: first_seen.to_string(),
            age_days: now.millis_since(first_seen).max(0) as f64 / DAY_MS,
            last_seen: self.event.decision.at.to_string(),
            events: self.record.events,
            denials: self.record.denials,
        }
    }
}

/// Lists users
///
/// Those whose last event is the newest come first. The filters are about that event. A page may be short although there
/// are more: go on while there is a `nextCursor`, or as CSV while there is a `Link`.
#[utoipa::path(get, path = "/api/v1/client/users", tag = "events", security(("token" = [])), params(EventParams),
    responses((status = 200, description = "One page; as CSV where that is wanted", body = Page<UserView>), Problems))]
pub(crate) async fn list_seen_users(
    State(state): State<AppState>,
    member: Member,
    uri: Uri,
    headers: HeaderMap,
    Params(params): Params<EventParams>,
) -> Result<Response, Problem> {
    let format = params.format(&headers);
    let found = params.find(&state, &member, format, Some(EntityKind::User)).await?;
    let now = state.clock.now();
    let mut items = Vec::with_capacity(found.events.len());
    let user = |event: &StoredEvent| event.decision.subject.user.as_ref().map(ToString::to_string);
    for seen in see(&state, &found, EntityKind::User, user).await? {
        items.push(UserView {
            user: seen.name.clone(),
            figures: seen.figures(now),
            devices: seen.record.devices,
            ips: seen.record.ips,
            last: EventSummary::from(seen.event),
        });
    }
    Ok(match format {
        Format::Json => Answer(Page { items, next_cursor: found.next_cursor }).into_response(),
        Format::Csv => export::users(&items).into_response("users", found.next_page(&uri).as_deref()),
    })
}

/// Lists devices
///
/// Those whose last event is the newest come first. The filters are about that event. A page may be short although there
/// are more: go on while there is a `nextCursor`, or as CSV while there is a `Link`.
#[utoipa::path(get, path = "/api/v1/client/devices", tag = "events", security(("token" = [])), params(EventParams),
    responses((status = 200, description = "One page; as CSV where that is wanted", body = Page<DeviceView>), Problems))]
pub(crate) async fn list_seen_devices(
    State(state): State<AppState>,
    member: Member,
    uri: Uri,
    headers: HeaderMap,
    Params(params): Params<EventParams>,
) -> Result<Response, Problem> {
    let format = params.format(&headers);
    let found = params.find(&state, &member, format, Some(EntityKind::Device)).await?;
    let now = state.clock.now();
    let mut items = Vec::with_capacity(found.events.len());
    let hash = |event: &StoredEvent| event.decision.facts.known(device::HASH).map(str::to_owned);
    for seen in see(&state, &found, EntityKind::Device, hash).await? {
        items.push(DeviceView {
            device: seen.name.clone(),
            figures: seen.figures(now),
            users: seen.record.users,
            ips: seen.record.ips,
            last: EventSummary::from(seen.event),
        });
    }
    Ok(match format {
        Format::Json => Answer(Page { items, next_cursor: found.next_cursor }).into_response(),
        Format::Csv => export::devices(&items).into_response("devices", found.next_page(&uri).as_deref()),
    })
}

/// What history has of what the events name.
async fn see<'a>(
    state: &AppState,
    found: &'a Found,
    kind: EntityKind,
    name: impl Fn(&StoredEvent) -> Option<String>,
) -> Result<Vec<Seen<'a>>, Problem> {
    let named: Vec<_> = found.events.iter().filter_map(|event| Some((name(event)?, event))).collect();
    let key =
        |(name, _): &(String, _)| state.assessor.entity_key(found.realm, &Entity::new(kind, name.as_str()));
    let keys: Vec<_> = named.iter().map(key).collect();
    let records = found.store.entity_records(&keys).await?;
    let seen = named.into_iter().zip(records);
    Ok(seen.filter_map(|((name, event), record)| Some(Seen { name, record: record?, event })).collect())
}
