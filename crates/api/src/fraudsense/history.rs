//! `GET /v1/risk/history/{deviceId}`: a device's last sessions.

use axum::{
    Json as Answer,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use domain::{Dialect, Policy};
use portcullis_domain as domain;
use portcullis_store::StoredEvent;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    FraudsenseError,
    auth::FraudsenseReader,
    device_history::DeviceHistory,
    error::ErrorBody,
    flags,
    labels::{Label, labels},
    level::{Level, event_label, event_word},
};
use crate::AppState;

/// A device's last sessions.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FraudsenseHistory)]
pub(crate) struct HistoryResponse<'a> {
    /// As it was asked for.
    #[schema(example = "fs_a3f9b2c1d4e5")]
    device_id: &'a str,
    /// The last 50, newest first; a session that was scored again is told once, by its latest score.
    sessions: Vec<PastSession<'a>>,
    /// All of them in summary.
    summary: DeviceHistory,
}

/// A session as it was scored last.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FraudsenseSession)]
pub(crate) struct PastSession<'a> {
    /// Your id of it.
    #[schema(example = "sess_20260411_7f3a")]
    session_id: &'a str,
    /// What it was for; null when that was none of the five words.
    #[schema(example = "PAYMENT")]
    event_type: Option<&'static str>,
    /// The same for people.
    #[schema(example = "Payment transaction")]
    event_label: &'static str,
    /// 0 to 100.
    #[schema(example = 63)]
    risk_score: i32,
    /// The score's level.
    risk_level: Level,
    /// Why the score was high; CLEAN alone when no label applied.
    risk_labels: Vec<Label<'a>>,
    /// The codes of what fired and counted, whoever saw it.
    #[schema(example = json!(["EMULATOR_DETECTED"]))]
    flags: Vec<&'a str>,
    /// When it was scored.
    #[schema(example = "2026-04-11T05:00:00.000Z")]
    scored_at: String,
    /// The event's id with this server.
    #[schema(example = "cm0k8z3v1q9a2b4")]
    event_id: String,
}

impl<'a> PastSession<'a> {
    fn of(event: &'a StoredEvent) -> Self {
        let (decision, policy): (_, &Policy) = (&event.decision, &event.policy);
        Self {
            session_id: decision.subject.session.as_deref().unwrap_or_default(),
            event_type: event_word(decision.event_type),
            event_label: event_label(decision.event_type),
            risk_score: decision.assessment.score,
            risk_level: Level::of_band(decision.assessment.band),
            risk_labels: labels(policy, decision.assessment.labels),
            flags: flags::codes(decision, policy),
            scored_at: decision.at.to_string(),
            event_id: event.id.to_string(),
        }
    }
}

/// Show a device's last sessions
///
/// Of the data that the key works on. A device that was never seen has an empty history.
#[utoipa::path(
    get,
    path = "/v1/risk/history/{deviceId}",
    tag = "fraudsense",
    params(("deviceId" = String, Path, description = "The device's fingerprint, as it was sent")),
    responses(
        (status = 200, description = "The history", body = HistoryResponse<'_>),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The account is suspended, or the key may not do this", body = ErrorBody),
        (status = 429, description = "More than 1,000 calls of the key in 15 minutes", body = ErrorBody),
    ),
    security(("fraudsense_key" = []))
)]
pub(crate) async fn history(
    State(state): State<AppState>,
    FraudsenseReader(caller): FraudsenseReader,
    Path(device_id): Path<String>,
) -> Result<Response, FraudsenseError> {
    let realm = caller.realm();
    let store = state.store.of(realm);
    let device = state.assessor.device_key_of_fingerprint(realm, &device_id);
    let record = store.device_record(device, Dialect::Fraudsense).await?;
    let newest_first = record.iter().flat_map(|record| record.recent.iter().rev()).map(|mark| mark.event);
    let events = store.find_events(newest_first.collect()).await?;
    let sessions = events.iter().map(PastSession::of).collect();
    let summary = DeviceHistory::of(record.as_ref());
    Ok(Answer(HistoryResponse { device_id: &device_id, sessions, summary }).into_response())
}
