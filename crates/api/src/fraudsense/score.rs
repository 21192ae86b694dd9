//! `POST /v1/risk/score`: a device's session in, a durable score out.

use axum::{
    Json as Answer,
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use http::HeaderMap;
use portcullis_pipeline::{Assessed, Request};

use super::{
    FraudsenseError,
    auth::FraudsenseCaller,
    error::ErrorBody,
    normalize::{Asked, normalize},
    profile::PROFILE,
    request::ScoreRequest,
    response::ScoreResponse,
};
use crate::{
    AppState, body,
    caller::ClientAddress,
    event_time::{self, EventTime, When},
    failure::Failure,
};

/// Score a device's session
///
/// The SDK calls this at each checkpoint; a backend may as well. The address is the caller's own. The score is the sum
/// of the points of what fired, each multiplied for the type of event, and the same signal counts once, whoever saw it.
/// Sending a session again scores it anew: it stays one session in the device's history, with its latest score.
#[utoipa::path(
    post,
    path = "/v1/risk/score",
    tag = "fraudsense",
    request_body = ScoreRequest,
    params(("Portcullis-Event-Time" = Option<String>, Header, description = event_time::ABOUT)),
    responses(
        (status = 200, description = "The score", body = ScoreResponse<'_>),
        (status = 400, description = "Not well-formed JSON, or fields are missing or wrong", body = ErrorBody),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The account is suspended, or the key may not do this", body = ErrorBody),
        (status = 413, description = "More than 256 KiB", body = ErrorBody),
        (status = 415, description = "Not JSON", body = ErrorBody),
        (status = 429, description = "More than 1,000 calls of the key in 15 minutes", body = ErrorBody),
        (status = 500, description = "Our mistake; try again shortly", body = ErrorBody),
    ),
    security(("fraudsense_key" = []))
)]
pub(crate) async fn score(
    State(state): State<AppState>,
    FraudsenseCaller(caller): FraudsenseCaller,
    ClientAddress(from): ClientAddress,
    event_time: EventTime,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, FraudsenseError> {
    let bytes = body::read(&headers, body, body::LIMIT_BYTES).await?;
    let request: ScoreRequest = body::parse(&bytes)?;
    let When { at, stated } = event_time.check(caller.mode, state.clock.now())?;
    let asked = normalize(request, from, at).map_err(FraudsenseError::Invalid)?;
    let Asked { event, words } = asked;
    let request = Request { stated_at: stated, ..Request::new(caller.realm(), &PROFILE, event) };
    match state.assessor.assess(request).await? {
        Assessed::Now { id, decision, plan, found } => {
            let device = found.and_then(|found| found.sessions);
            Ok(Answer(ScoreResponse::new(id, &decision, &plan, device.as_ref(), &words)).into_response())
        }
        // Only a request with an idempotency key can have been judged before.
        Assessed::Before(_) | Assessed::Answered(_) => Err(Failure::Internal.into()),
    }
}
