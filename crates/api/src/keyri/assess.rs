//! `POST /v1/client`: an envelope of a web page or an app in, what to do out.

use std::sync::Arc;

use axum::{
    Json as Answer,
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use http::HeaderMap;
use portcullis_pipeline::{Assessed, Request};
use portcullis_store::NewTrace;

use super::{
    KeyriError,
    access::Access,
    claims::Claims,
    envelope::{EncryptedAnswer, Envelope},
    error::ErrorBody,
    normalize::normalize,
    portrait::Painter,
    profile::PROFILE,
    request::ClientRequest,
    response::{ClientAnswer, Echo, Judged},
    risk::variant,
    shown::shown,
};
use crate::{AppState, body, failure::Failure, request_id};

/// Judge an event
///
/// Opens what the user's web page or app sealed, finds out which device it is, and tells what the service's risk settings
/// come to. Without `Service_Decryption_Key` the answer is encrypted to the service's key: `{ciphertext, salt, iv,
/// publicEncryptionKey, apiCiphertextSignature}`. What can not be opened or verified is always answered alike, and
/// leaves no trace.
#[utoipa::path(post, path = "/v1/client", tag = "keyri", request_body = ClientRequest, responses(
    (status = 200, description = "What to do, in clear when the private key was sent and else encrypted", body = ClientAnswer),
    (status = 400, description = "Fields are missing or wrong, or the payload can not be opened or verified", body = ErrorBody),
    (status = 401, description = "No service has this key, or the API key is not its", body = ErrorBody),
    (status = 403, description = "The account is suspended", body = ErrorBody),
    (status = 413, description = "More than 256 KiB", body = ErrorBody),
    (status = 415, description = "Not JSON", body = ErrorBody),
    (status = 429, description = "More calls than the client allows itself", body = ErrorBody),
    (status = 500, description = "Our mistake; try again shortly", body = ErrorBody),
))]
pub(crate) async fn assess_client(
    State(state): State<AppState>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, KeyriError> {
    let bytes = body::read(&headers, body, body::LIMIT_BYTES).await?;
    let request: ClientRequest = body::parse(&bytes)?;
    let access = Access::of(&state, &request)?;
    let opened = Envelope::parse(&request.payload)?.open(&state.keyri.key, access.decryption_key.as_ref())?;
    let claims = Claims::parse(&opened)?;
    access.check_claims(&state, &claims)?;
    let now = state.clock.now();
    let signed = claims.verify(now)?;
    let device = claims.strongest_identifier()?;
    let asked = normalize(&request, &claims, now)?;

    let realm = access.service.realm();
    let wag_id = {
        let facts = os_facts(&state, asked.event.device.as_ref());
        asked.machine.wag_id(&state.keyri, realm, &facts)
    };
    let echo = Arc::new(Echo {
        event_type: asked.event_type,
        ip_address: asked.ip_address,
        metadata: asked.metadata,
        wag_id,
        signature_key: signed.key.map(super::envelope::PublicKey::to_base64),
    });
    let painter = Painter(Arc::clone(&echo));
    let in_transaction = painter.clone();
    let trace = NewTrace {
        service: access.service.id.as_u64(),
        fingerprint: opened.fingerprint,
        is_stale: signed.is_stale,
        device: &device,
        note: Some(asked.note),
        paint: Box::new(move |decision, seen, found| {
            in_transaction.paint(decision, seen, found).map(|painted| painted.to_bytes())
        }),
    };
    let request = Request {
        trace: Some(state.store.trace(realm.mode, trace)),
        variant: Some(variant(&access.service)),
        show: Some(shown(painter.clone(), Arc::clone(&state.intel))),
        ..Request::new(realm, &PROFILE, asked.event)
    };
    // Only a request with an idempotency key can have been judged before.
    let Assessed::Now { id, decision, plan, found } = state.assessor.assess(request).await? else {
        return Err(Failure::Internal.into());
    };
    let found = found.unwrap_or_default();
    let trace = found.trace.as_ref().ok_or(Failure::Internal)?;
    let painted = painter.paint(&decision, found.device.as_ref(), trace);
    let judged = Judged {
        id,
        decision: &decision,
        plan: &plan,
        found: &found,
        trace,
        painted: &painted,
        intel: &state.intel,
    };
    answer(&state, &access, &ClientAnswer::new(&judged, &echo))
}

/// In clear for who sent the key that would open it, else encrypted.
fn answer(state: &AppState, access: &Access, answer: &ClientAnswer) -> Result<Response, KeyriError> {
    if access.decryption_key.is_some() {
        return Ok(Answer(answer).into_response());
    }
    let json = serde_json::to_vec(answer).map_err(|_| Failure::Internal)?;
    let sealed = EncryptedAnswer::seal(&state.keyri.key, access.encryption_key, &json);
    let sealed = sealed.map_err(|error| {
        tracing::error!(%error, request.id = request_id::current(), "an answer can not be encrypted");
        Failure::Internal
    })?;
    Ok(Answer(sealed).into_response())
}

/// What the user agent tells of the operating system.
fn os_facts(state: &AppState, device: Option<&portcullis_domain::Device>) -> portcullis_domain::Facts {
    let mut facts = portcullis_domain::Facts::unknown();
    if let Some(agent) = device.and_then(|device| device.user_agent.as_deref()) {
        state.intel.user_agent(agent).put_into(&mut facts);
    }
    facts
}
