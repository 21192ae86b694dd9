//! `/v1/fraud/reviews`: events that a person is to decide about.

mod view;

use axum::{Json as Answer, extract::State};
use portcullis_domain::Realm;
use portcullis_store::{Decided, Finding, Review, ReviewId, ReviewStatus};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use self::view::ReviewView;
use super::{
    FraudshieldError,
    auth::{FraudReader, FraudWriter},
    error::{ErrorBody, ParamError},
    list::{ListPage, PageParams, Start},
    request::{Id, Post, Query},
};
use crate::{
    AppState,
    failure::Failure,
    manage::{checked_text, keep_error},
};

/// Which reviews.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReviewParams {
    /// Only with this status: open, approved or rejected; open when left out.
    status: Option<String>,
}

impl ReviewParams {
    fn status(&self) -> Result<ReviewStatus, FraudshieldError> {
        let Some(text) = self.status.as_deref() else { return Ok(ReviewStatus::Open) };
        let status = ReviewStatus::ALL.iter().copied().find(|status| status.as_str() == text);
        let wrong = || ParamError::invalid("status", "must be open, approved or rejected");
        status.ok_or_else(|| FraudshieldError::param(wrong()))
    }
}

/// List the review queue
///
/// Newest first. Needs the scope `fraud:read`.
#[utoipa::path(get, path = "/v1/fraud/reviews", tag = "fraudshield", security(("fraudshield_key" = [])),
    params(ReviewParams, PageParams), responses(
        (status = 200, description = "One page", body = ListPage<ReviewView>),
        (status = 400, description = "Parameters are wrong", body = ErrorBody),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The key may not do this, or the account is suspended", body = ErrorBody),
        (status = 429, description = "Too many calls with this key", body = ErrorBody),
))]
pub(crate) async fn list_reviews(
    State(state): State<AppState>,
    FraudReader(caller): FraudReader,
    Query(params): Query<ReviewParams>,
    Query(page): Query<PageParams>,
) -> Result<Answer<ListPage<ReviewView>>, FraudshieldError> {
    let (realm, status) = (caller.realm(), Some(params.status()?));
    let page = page.check::<ReviewId>()?;
    let (store, limit) = (state.store.of(realm), page.to_read());
    let found = match page.start {
        Start::Newest => store.reviews(status, None, limit).await?,
        Start::After(id) => store.reviews(status, Some(id), limit).await?,
        Start::Before(id) => store.reviews_newer(status, id, limit).await?,
    };
    let views = with_events(&state, realm, found).await?;
    Ok(Answer(ListPage::new(&page, views, |view| &view.id)))
}

/// Look up a review
///
/// Needs the scope `fraud:read`.
#[utoipa::path(get, path = "/v1/fraud/reviews/{id}", tag = "fraudshield", security(("fraudshield_key" = [])),
    params(("id" = String, Path, description = "The review's id")), responses(
        (status = 200, description = "The review", body = ReviewView),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The key may not do this, or the account is suspended", body = ErrorBody),
        (status = 404, description = "There is no such review in the key's data set", body = ErrorBody),
        (status = 429, description = "Too many calls with this key", body = ErrorBody),
))]
pub(crate) async fn show_review(
    State(state): State<AppState>,
    FraudReader(caller): FraudReader,
    Id(id): Id<ReviewId>,
) -> Result<Answer<ReviewView>, FraudshieldError> {
    let review = state.store.of(caller.realm()).review(id).await?;
    one(&state, caller.realm(), review).await
}

/// What a person decided. Other fields are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = FraudshieldResolution)]
pub(crate) struct Resolution {
    /// `approve`: it was no fraud; `reject`: it was.
    #[schema(example = "approve")]
    decision: String,
    /// Why, in at most 1,000 characters.
    notes: Option<String>,
}

impl Resolution {
    /// What was found out, and the notes; all complaints are told at once.
    fn check(&self) -> Result<(Finding, Option<String>), FraudshieldError> {
        let mut errors = Vec::new();
        let finding = match self.decision.as_str() {
            "approve" => Ok(Finding::Legitimate),
            "reject" => Ok(Finding::Fraud),
            _ => Err(ParamError::invalid("decision", "must be approve or reject")),
        };
        let finding = keep_error(finding, &mut errors);
        let notes = checked_text(self.notes.as_deref()).map_err(|why| ParamError::invalid("notes", why));
        let notes = keep_error(notes, &mut errors);
        finding.zip(notes).ok_or(FraudshieldError::Invalid(errors))
    }
}

/// Resolve a review
///
/// Says what the event was and labels it so, and later scores learn from it. The same once more changes nothing; the
/// opposite is 409. Needs the scope `fraud:write`.
#[utoipa::path(post, path = "/v1/fraud/reviews/{id}/resolve", tag = "fraudshield",
    security(("fraudshield_key" = [])), request_body = Resolution,
    params(("id" = String, Path, description = "The review's id")), responses(
        (status = 200, description = "The review as it is now", body = ReviewView),
        (status = 400, description = "Not well-formed JSON, or parameters are missing or wrong", body = ErrorBody),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The key may not do this, or the account is suspended", body = ErrorBody),
        (status = 404, description = "There is no such review in the key's data set", body = ErrorBody),
        (status = 409, description = "The opposite was decided before", body = ErrorBody),
        (status = 413, description = "More than 256 KiB", body = ErrorBody),
        (status = 415, description = "Not JSON", body = ErrorBody),
        (status = 429, description = "Too many calls with this key", body = ErrorBody),
))]
pub(crate) async fn resolve_review(
    State(state): State<AppState>,
    FraudWriter { caller, actor }: FraudWriter,
    Id(id): Id<ReviewId>,
    request: Post<Resolution>,
) -> Result<Answer<ReviewView>, FraudshieldError> {
    let (id, (finding, notes)) = (id, request.body.check()?);
    match state.store.of(caller.realm()).resolve_review(&actor, id, finding, notes).await? {
        Decided::Now(review) | Decided::Before(review) => one(&state, caller.realm(), review).await,
        Decided::Otherwise(review) => {
            let message = format!("This review was {} before.", review.status.as_str());
            Err(FraudshieldError::Conflict(message.into()))
        }
    }
}

async fn one(state: &AppState, realm: Realm, review: Review) -> Result<Answer<ReviewView>, FraudshieldError> {
    let view = with_events(state, realm, vec![review]).await?.pop();
    Ok(view.map(Answer).ok_or(Failure::Internal)?)
}

/// Reviews with their events, in the same order.
async fn with_events(
    state: &AppState,
    realm: Realm,
    reviews: Vec<Review>,
) -> Result<Vec<ReviewView>, FraudshieldError> {
    let ids = reviews.iter().map(|review| review.id.event()).collect();
    let events = state.store.of(realm).find_events(ids).await?;
    // Every review has its event: they are recorded together.
    Ok(reviews.into_iter().zip(&events).map(|(review, event)| ReviewView::new(review, event)).collect())
}
