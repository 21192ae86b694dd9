//! `POST /api/v1/events/ingest`: a signup or login in, a durable decision out.

use axum::{
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use pipeline::{Assessed, Request};
use portcullis_pipeline as pipeline;
use portcullis_store::Idempotency;
use serde::Serialize;

use super::{
    IngestError,
    auth::IngestCaller,
    error::{ErrorBody, FieldError},
    normalize::normalize,
    profile::PROFILE,
    request::IngestRequest,
    response::{IngestResponse, PassedTexts},
};
use crate::{
    AppState, body,
    event_time::{self, EventTime, When},
    failure::Failure,
    forced::forced_outcome,
    idempotency::first_half,
};

/// The header that promises that a repetition is the same event.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const LONGEST_KEY: usize = 255;

/// Judge a signup or login
///
/// Call it from your backend before you create the account or start the session. The answer is durable when it
/// arrives. A header `Idempotency-Key` makes a retry within 24 hours the same event: it gets the first answer again,
/// with the header `Idempotent-Replayed: true`.
#[utoipa::path(
    post,
    path = "/api/v1/events/ingest",
    tag = "ingest",
    request_body = IngestRequest,
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 255 characters, valid for 24 hours"),
        ("Portcullis-Event-Time" = Option<String>, Header, description = event_time::ABOUT),
    ),
    responses(
        (status = 200, description = "The decision", body = IngestResponse<'_>),
        (status = 400, description = "Not well-formed JSON, or fields are missing or wrong", body = ErrorBody),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The key may not do this, or the client is suspended", body = ErrorBody),
        (status = 409, description = "The idempotency key was used with another body", body = ErrorBody),
        (status = 413, description = "More than 256 KiB", body = ErrorBody),
        (status = 415, description = "Not JSON", body = ErrorBody),
        (status = 429, description = "Over the client's own limit", body = ErrorBody),
        (status = 500, description = "Our mistake; try again with the same idempotency key", body = ErrorBody),
    ),
    security(("ingest_key" = []))
)]
pub(crate) async fn ingest(
    State(state): State<AppState>,
    IngestCaller(caller): IngestCaller,
    event_time: EventTime,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, IngestError> {
    let bytes = body::read(&headers, body, body::LIMIT_BYTES).await?;
    let idempotency = idempotency(&headers, &bytes)?;
    let request: IngestRequest = body::parse(&bytes)?;
    let When { at, stated } = event_time.check(caller.mode, state.clock.now())?;
    let event = normalize(request, at).map_err(IngestError::Invalid)?;
    let forced = forced_outcome(caller.mode, event.email.as_ref());
    let realm = caller.realm();
    let request = Request { stated_at: stated, forced, idempotency, ..Request::new(realm, &PROFILE, event) };
    match state.assessor.assess(request).await? {
        Assessed::Now { id, decision, plan, .. } => {
            let passed = state.passed_texts.of(&plan);
            Ok(json(&IngestResponse::new(id, &decision, &plan, &passed)))
        }
        // The answer is made from the event.
        Assessed::Answered(_) => Err(Failure::Internal.into()),
        Assessed::Before(id) => {
            let event = state.store.of(realm).find_event(id).await?.ok_or(Failure::Internal)?;
            let plan = super::events::plan_of(&event)?;
            let passed = PassedTexts::of(plan.policy());
            let mut response = json(&IngestResponse::new(id, &event.decision, &plan, &passed));
            response.headers_mut().insert("idempotent-replayed", HeaderValue::from_static("true"));
            Ok(response)
        }
    }
}

/// Hashes of the key and the body: neither is kept.
fn idempotency(headers: &HeaderMap, body: &[u8]) -> Result<Option<Idempotency>, IngestError> {
    let Some(key) = headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    if key.is_empty() || key.len() > LONGEST_KEY {
        let message = format!("must have 1 to {LONGEST_KEY} characters");
        return Err(IngestError::Invalid(vec![FieldError::invalid("Idempotency-Key", message)]));
    }
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"ingest\0").update(key.as_bytes());
    Ok(Some(Idempotency { key: first_half(&hasher.finalize()), body: first_half(&blake3::hash(body)) }))
}

pub(super) fn json(value: &impl Serialize) -> Response {
    let mut bytes = Vec::with_capacity(4_096);
    match serde_json::to_writer(&mut bytes, value) {
        Ok(()) => ([(header::CONTENT_TYPE, "application/json")], bytes).into_response(),
        Err(error) => {
            tracing::error!(%error, request.id = crate::request_id::current(), "the answer could not be written");
            IngestError::from(Failure::Internal).into_response()
        }
    }
}
