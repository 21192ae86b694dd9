//! The way of every request that is judged: the same view answers it now and is kept for its repetitions.

use axum::{
    Json as Answer,
    response::{IntoResponse as _, Response},
};
use domain::{Decision, EventId};
use portcullis_domain as domain;
use portcullis_engine::Plan;
use portcullis_pipeline::{AnswerWriter, Assessed, Request};
use portcullis_store::Found;
use serde::Serialize;

use super::{
    FraudshieldError,
    answer::{json, json_answer, replayed},
};
use crate::{AppState, failure::Failure, request_id};

/// Judges a request, or gives the first answer again. A view of nothing is a mistake of ours.
pub(super) async fn judge<T: Serialize>(
    state: &AppState,
    request: Request,
    view: impl Fn(EventId, &Decision, &Plan, &Found) -> Option<T> + Clone + Send + 'static,
) -> Result<Response, FraudshieldError> {
    let answer = request.idempotency.is_some().then(|| {
        let view = view.clone();
        AnswerWriter(Box::new(move |id, decision, plan, found| json(&view(id, decision, plan, found))))
    });
    match state.assessor.assess(Request { answer, ..request }).await? {
        Assessed::Now { id, decision, plan, found } => {
            let view = view(id, &decision, &plan, &found.unwrap_or_default());
            view.map(|view| Answer(view).into_response()).ok_or_else(|| {
                tracing::error!(event.id = %id, request.id = request_id::current(), "there is nothing to show");
                Failure::Internal.into()
            })
        }
        Assessed::Answered(answer) => Ok(replayed(json_answer(answer))),
        // Only a request without an answer of its own is told the event.
        Assessed::Before(_) => Err(Failure::Internal.into()),
    }
}
