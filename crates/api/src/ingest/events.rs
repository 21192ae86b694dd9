//! `/api/v1/events/{eventId}`: looking an event up, and telling what became of it.

use axum::{
    body::Body,
    extract::{Path, State},
    response::Response,
};
use domain::{EventId, Label};
use http::HeaderMap;
use portcullis_domain as domain;
use portcullis_engine::Plan;
use portcullis_store::{LabelReport, StoredEvent};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    IngestError,
    assess::json,
    auth::IngestCaller,
    error::{ErrorBody, FieldError},
    response::{IngestResponse, PassedTexts},
};
use crate::{AppState, body, failure::Failure};

const LONGEST_NOTES: usize = 2_000;

/// An event as it was judged, and what became of it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EventResponse<'a> {
    #[serde(flatten)]
    decision: IngestResponse<'a>,
    /// `SIGNUP` or `LOGIN`.
    r#type: String,
    /// When it was recorded.
    created_at: String,
    /// What became of it, when that was reported.
    outcome: Option<OutcomeReport>,
}

/// What became of an event.
#[derive(Serialize, ToSchema)]
pub(crate) struct OutcomeReport {
    /// What was reported.
    #[schema(value_type = OutcomeName)]
    outcome: Label,
    /// When.
    at: String,
    /// The reporter's words.
    notes: Option<String>,
}

/// The answer to a report.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OutcomeResponse {
    /// Which event.
    event_id: String,
    #[serde(flatten)]
    report: OutcomeReport,
}

/// What can become of an event.
#[derive(ToSchema)]
#[schema(rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(dead_code, reason = "only names the values in the API's description")]
pub(crate) enum OutcomeName {
    /// The person passed the extra proof.
    ChallengePassed,
    /// The person failed the extra proof.
    ChallengeFailed,
    /// It was fraud.
    ConfirmedFraud,
    /// It was not fraud.
    FalsePositive,
}

/// A report of what became of an event.
#[derive(Deserialize, ToSchema)]
pub(crate) struct OutcomeRequest {
    /// What became of it.
    #[schema(required = true, nullable = false, value_type = OutcomeName)]
    outcome: Option<String>,
    /// At most 2,000 characters.
    notes: Option<String>,
}

/// Look an event up
#[utoipa::path(
    get,
    path = "/api/v1/events/{eventId}",
    tag = "ingest",
    params(("eventId" = String, Path, description = "The event's id")),
    responses(
        (status = 200, description = "The event", body = EventResponse<'_>),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The key may not do this, or the client is suspended", body = ErrorBody),
        (status = 404, description = "No such event of this client", body = ErrorBody),
    ),
    security(("ingest_key" = []))
)]
pub(crate) async fn get_event(
    State(state): State<AppState>,
    IngestCaller(caller): IngestCaller,
    Path(id): Path<String>,
) -> Result<Response, IngestError> {
    let id: EventId = id.parse().map_err(|_| Failure::NotFound)?;
    let event = state.store.of(caller.realm()).find_event(id).await?.ok_or(Failure::NotFound)?;
    let plan = plan_of(&event)?;
    let passed = PassedTexts::of(plan.policy());
    Ok(json(&EventResponse {
        decision: IngestResponse::new(id, &event.decision, &plan, &passed),
        r#type: event.decision.event_type.name().to_ascii_uppercase(),
        created_at: event.recorded_at().to_string(),
        outcome: event.label.as_ref().map(OutcomeReport::from),
    }))
}

/// Report what became of an event
///
/// Such as that the person passed the challenge, or that the account turned out to be a fraud. A later report replaces
/// an earlier one.
#[utoipa::path(
    post,
    path = "/api/v1/events/{eventId}/outcome",
    tag = "ingest",
    params(("eventId" = String, Path, description = "The event's id")),
    request_body = OutcomeRequest,
    responses(
        (status = 200, description = "Noted", body = OutcomeResponse),
        (status = 400, description = "Fields are missing or wrong", body = ErrorBody),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The key may not do this, or the client is suspended", body = ErrorBody),
        (status = 404, description = "No such event of this client", body = ErrorBody),
    ),
    security(("ingest_key" = []))
)]
pub(crate) async fn report_outcome(
    State(state): State<AppState>,
    IngestCaller(caller): IngestCaller,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, IngestError> {
    let bytes = body::read(&headers, body, body::LIMIT_BYTES).await?;
    let request: OutcomeRequest = body::parse(&bytes)?;
    let id: EventId = id.parse().map_err(|_| Failure::NotFound)?;
    let (label, notes) = check(request).map_err(IngestError::Invalid)?;
    let report = LabelReport { label, at: state.clock.now(), notes };
    let answer = OutcomeResponse { event_id: id.to_string(), report: OutcomeReport::from(&report) };
    state.store.of(caller.realm()).set_label(id, report).await?;
    Ok(json(&answer))
}

fn check(request: OutcomeRequest) -> Result<(Label, Option<String>), Vec<FieldError>> {
    let label = match request.outcome.as_deref() {
        Some("CHALLENGE_PASSED") => Ok(Label::ChallengePassed),
        Some("CHALLENGE_FAILED") => Ok(Label::ChallengeFailed),
        Some("CONFIRMED_FRAUD") => Ok(Label::ConfirmedFraud),
        Some("FALSE_POSITIVE") => Ok(Label::FalsePositive),
        Some(_) => Err("must be CHALLENGE_PASSED, CHALLENGE_FAILED, CONFIRMED_FRAUD or FALSE_POSITIVE"),
        None => Err("is required"),
    };
    let notes_are_fine = request.notes.as_ref().is_none_or(|notes| notes.chars().count() <= LONGEST_NOTES);
    match label {
        Ok(label) if notes_are_fine => Ok((label, request.notes)),
        label => {
            let wrong_label = label.err().map(|message| FieldError::invalid("outcome", message));
            let too_long =
                || FieldError::invalid("notes", format!("must have at most {LONGEST_NOTES} characters"));
            Err(wrong_label.into_iter().chain((!notes_are_fine).then(too_long)).collect())
        }
    }
}

impl From<&LabelReport> for OutcomeReport {
    fn from(report: &LabelReport) -> Self {
        Self { outcome: report.label, at: report.at.to_string(), notes: report.notes.clone() }
    }
}

/// The plan of the policy that a recorded event was judged by.
pub(super) fn plan_of(event: &StoredEvent) -> Result<Plan, IngestError> {
    Plan::compile(event.policy.as_ref().clone()).map_err(|error| {
        tracing::error!(%error, request.id = crate::request_id::current(), "the policy of a recorded event can not be run");
        Failure::Internal.into()
    })
}
