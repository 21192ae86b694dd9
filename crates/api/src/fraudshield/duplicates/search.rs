//! `POST /v1/fraud/duplicates/search`.

use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::{HeaderValue, header};
use portcullis_store::{DuplicateReport, DuplicateSearch, Once, Repeatable, Scope};

use super::{
    super::{
        FraudshieldError,
        answer::{json, replayed},
        auth::FraudReader,
        error::ErrorBody,
    },
    images::extract,
    post::ImagePost,
    request::SearchRequest,
    view::SearchView,
};
use crate::{AppState, caller::Refusal};

/// Search for duplicates
///
/// Earlier verifications that came with the same picture or the same document number, of any user, in the data set of
/// the key. Pictures are compared by a perceptual hash: the same picture is found again when it was re-encoded, resized
/// or brightened, and another photo of the same person or document is not. A search is not found by later ones, unless
/// it has a `verification_id` or `user_id`. Needs the scope `fraud:read`, and with one of these `fraud:write`. With the
/// header `Idempotency-Key` a retry within 24 hours gets the first answer again, with `Idempotent-Replayed: true`.
#[utoipa::path(post, path = "/v1/fraud/duplicates/search", tag = "fraudshield",
    security(("fraudshield_key" = [])), request_body = SearchRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "10 to 255 characters, valid for 24 hours")),
    responses(
        (status = 200, description = "What was found", body = SearchView),
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
pub(crate) async fn search_duplicates(
    State(state): State<AppState>,
    FraudReader(caller): FraudReader,
    request: ImagePost<SearchRequest>,
) -> Result<Response, FraudshieldError> {
    let ImagePost { body, idempotency, place: _place } = request;
    let mut checked = body.check()?;
    let enroll = checked.enrolls();
    if enroll && !caller.key.scopes.contains(Scope::FraudWrite) {
        return Err(Refusal::ScopeMissing(Scope::FraudWrite).into());
    }
    let samples = extract(std::mem::take(&mut checked.images)).await?;
    checked.verification.samples.extend(samples);
    let (threshold, differing_bits) = (checked.threshold, checked.differing_bits());
    let search = DuplicateSearch { verification: checked.verification, differing_bits, enroll };
    let render = move |report: &DuplicateReport| json(&SearchView::new(report, threshold));
    let realm = state.store.of(caller.realm());
    let done = match idempotency {
        None => Once::Now(realm.search_duplicates(search).await?),
        Some(idempotency) => {
            let request = Repeatable { idempotency, render: Box::new(render) };
            realm.search_duplicates_once(search, request).await?
        }
    };
    let answer = |json: Vec<u8>| {
        let kind = HeaderValue::from_static("application/json");
        ([(header::CONTENT_TYPE, kind)], json).into_response()
    };
    Ok(match done {
        Once::Now(report) => answer(render(&report)),
        Once::Before(json) => replayed(answer(json)),
    })
}
