//! `POST /v1/fraud/signals/{id}/confirm` and `…/dismiss`: what a signal turned out to be.

use axum::{Json as Answer, extract::State};
use portcullis_store::{Decided, Finding, SignalId};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    super::{
        FraudshieldError,
        auth::FraudWriter,
        error::{ErrorBody, ParamError},
        request::{Id, MaybePost},
    },
    view::SignalView,
};
use crate::{AppState, manage::checked_text};

/// What to say beside the decision; the whole body may be left out. Other fields are ignored.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = FraudshieldDecisionNotes)]
pub(crate) struct DecisionNotes {
    /// Why, in at most 1,000 characters.
    #[schema(example = "Confirmed chargeback from bank")]
    notes: Option<String>,
}

/// Confirm a signal
///
/// Says that it was fraud. The event that the signal is about is labeled so, and later scores learn from it. Once
/// more changes nothing; a signal that was dismissed stays dismissed: 409. Needs the scope `fraud:write`.
#[utoipa::path(post, path = "/v1/fraud/signals/{id}/confirm", tag = "fraudshield",
    security(("fraudshield_key" = [])), request_body = Option<DecisionNotes>,
    params(("id" = String, Path, description = "The signal's id")), responses(
        (status = 200, description = "The signal as it is now", body = SignalView),
        (status = 400, description = "Not well-formed JSON, or the notes are wrong", body = ErrorBody),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The key may not do this, or the account is suspended", body = ErrorBody),
        (status = 404, description = "There is no such signal in the key's data set", body = ErrorBody),
        (status = 409, description = "It was dismissed", body = ErrorBody),
        (status = 413, description = "More than 256 KiB", body = ErrorBody),
        (status = 415, description = "Not JSON", body = ErrorBody),
        (status = 429, description = "Too many calls with this key", body = ErrorBody),
))]
pub(crate) async fn confirm_signal(
    State(state): State<AppState>,
    writer: FraudWriter,
    Id(id): Id<SignalId>,
    MaybePost(body): MaybePost<DecisionNotes>,
) -> Result<Answer<SignalView>, FraudshieldError> {
    decide(&state, &writer, id, Finding::Fraud, &body).await
}

/// Dismiss a signal
///
/// Says that it was a false positive. The event that the signal is about is labeled so, and later scores learn from
/// it. Once more changes nothing; a signal that was confirmed stays confirmed: 409. Needs the scope `fraud:write`.
#[utoipa::path(post, path = "/v1/fraud/signals/{id}/dismiss", tag = "fraudshield",
    security(("fraudshield_key" = [])), request_body = Option<DecisionNotes>,
    params(("id" = String, Path, description = "The signal's id")), responses(
        (status = 200, description = "The signal as it is now", body = SignalView),
        (status = 400, description = "Not well-formed JSON, or the notes are wrong", body = ErrorBody),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The key may not do this, or the account is suspended", body = ErrorBody),
        (status = 404, description = "There is no such signal in the key's data set", body = ErrorBody),
        (status = 409, description = "It was confirmed", body = ErrorBody),
        (status = 413, description = "More than 256 KiB", body = ErrorBody),
        (status = 415, description = "Not JSON", body = ErrorBody),
        (status = 429, description = "Too many calls with this key", body = ErrorBody),
))]
pub(crate) async fn dismiss_signal(
    State(state): State<AppState>,
    writer: FraudWriter,
    Id(id): Id<SignalId>,
    MaybePost(body): MaybePost<DecisionNotes>,
) -> Result<Answer<SignalView>, FraudshieldError> {
    decide(&state, &writer, id, Finding::Legitimate, &body).await
}

async fn decide(
    state: &AppState,
    FraudWriter { caller, actor }: &FraudWriter,
    id: SignalId,
    finding: Finding,
    body: &DecisionNotes,
) -> Result<Answer<SignalView>, FraudshieldError> {
    let notes = checked_text(body.notes.as_deref());
    let notes = notes.map_err(|why| FraudshieldError::param(ParamError::invalid("notes", why)))?;
    match state.store.of(caller.realm()).decide_signal(actor, id, finding, notes).await? {
        Decided::Now(signal) | Decided::Before(signal) => Ok(Answer(SignalView::from(&signal))),
        Decided::Otherwise(signal) => {
            let message = format!("This signal was {} before.", signal.status.as_str());
            Err(FraudshieldError::Conflict(message.into()))
        }
    }
}
