//! `POST /v1/identity/verify`.

use axum::{extract::State, response::Response};
use http::StatusCode;
use portcullis_pipeline::Request;
use portcullis_store::DuplicateSearch;

use super::{
    request::{Asked, VerifyRequest},
    view::VerifyView,
};
use crate::{
    AppState,
    forced::forced_outcome,
    fraudshield::{
        FraudshieldError,
        auth::IdentityCaller,
        duplicates::{images::extract, post::ImagePost},
        error::ErrorBody,
        judge::judge,
        profile::PROFILE,
    },
};

/// How alike pictures must be to count as the same, as in searches that do not say.
const SIMILARITY: f64 = 0.85;

/// Verify an identity
///
/// The check `fraud` looks at the device, the address, lists, velocity rules for the action `identity.verify`, custom
/// rules, and at earlier verifications with the same document number or the same pictures, which are kept as features
/// and never as images. With `mode` async the answer is the same, and 201. `ocr`, `face_match` and `liveness` are `skipped`: no provider does them here. Needs the scope
/// `identity:*`. With the header `Idempotency-Key` a retry within 24 hours gets the first answer again, with the header
/// `Idempotent-Replayed: true`, and is not counted.
#[utoipa::path(post, path = "/v1/identity/verify", tag = "fraudshield", security(("fraudshield_key" = [])),
    request_body = VerifyRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "10 to 255 characters, valid for 24 hours")),
    responses(
        (status = 200, description = "What became of it", body = VerifyView),
        (status = 201, description = "The same, for `mode` async", body = VerifyView),
        (status = 400, description = "Not well-formed JSON, parameters are missing or wrong, or an image can not be used",
            body = ErrorBody),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The key may not do this, or the account is suspended", body = ErrorBody),
        (status = 409, description = "The idempotency key was used with another body", body = ErrorBody),
        (status = 413, description = "More than 12 MiB, or an image of more than 8 MiB", body = ErrorBody),
        (status = 415, description = "Not JSON", body = ErrorBody),
        (status = 429, description = "Too many calls with this key", body = ErrorBody),
        (status = 503, description = "Too many images are in hand already", body = ErrorBody),
))]
pub(crate) async fn verify_identity(
    State(state): State<AppState>,
    IdentityCaller(caller): IdentityCaller,
    request: ImagePost<VerifyRequest>,
) -> Result<Response, FraudshieldError> {
    let ImagePost { body, idempotency, place: _place } = request;
    let asked = body.check(state.clock.now())?;
    let Asked { event, device_id, attempt, images, mut verification, terms } = asked;
    verification.samples.extend(extract(images).await?);
    let differing_bits = portcullis_vision::distance_within(SIMILARITY);
    let search = DuplicateSearch { verification, differing_bits, enroll: true };
    let mode = caller.mode;
    let forced = forced_outcome(mode, event.email.as_ref());
    let request = Request {
        forced,
        idempotency,
        device_id,
        attempt: Some(attempt),
        verification: Some(search),
        ..Request::new(caller.realm(), &PROFILE, event)
    };
    let is_async = terms.is_async;
    let mut response = judge(&state, request, move |id, decision, plan, found| {
        Some(VerifyView::new(id, decision, plan, found, &terms, mode))
    })
    .await?;
    // Whoever asks for it so expects a verification that was made, whose status is read from its body.
    if is_async {
        *response.status_mut() = StatusCode::CREATED;
    }
    Ok(response)
}
