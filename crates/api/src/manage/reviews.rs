//! The review queue for a client's people. Analysts may decide about what is in it.

use axum::{
    Json as Answer,
    extract::{Path, State},
};
use domain::{Mode, Realm};
use portcullis_domain as domain;
use portcullis_store::{Decided, Finding, Review, ReviewId, ReviewStatus};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Page, Problems, checked_limit, checked_text, events::EventSummary, signals::ModeParam};
use crate::{
    AppState,
    body::{Json, Params},
    caller::{Member, TenantAnalyst},
    cursor,
    error::{Kind, Problem},
};

/// Something that waits for a person's decision, or did.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Review)]
pub(crate) struct ReviewView {
    /// Its id.
    #[schema(example = "rev_0k8z3v1q9a2b4")]
    id: String,
    /// The data it is about: live or test.
    #[schema(value_type = String, example = "live")]
    mode: Mode,
    /// What became of it: open, approved or rejected.
    #[schema(value_type = String, example = "open")]
    status: ReviewStatus,
    /// What was judged.
    event: EventSummary,
    /// Since when it waits.
    opened_at: String,
    /// The words of whoever decided.
    notes: Option<String>,
    /// The id of the API key or user that decided.
    resolved_by: Option<String>,
    /// When it was decided.
    resolved_at: Option<String>,
}

/// Which reviews.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReviewParams {
    /// How many, 1 to 200; 50 when left out.
    limit: Option<u32>,
    /// `nextCursor` of the page before.
    after: Option<String>,
    /// Only with this status: open, approved or rejected; open when left out.
    #[param(value_type = Option<String>)]
    status: Option<ReviewStatus>,
    /// The data set: live or test; live when left out.
    #[param(value_type = Option<String>)]
    mode: Option<Mode>,
}

/// Lists what waits for a decision, newest first.
#[utoipa::path(get, path = "/api/v1/client/reviews", tag = "signals", security(("token" = [])),
    params(ReviewParams), responses((status = 200, description = "One page", body = Page<ReviewView>), Problems))]
pub(crate) async fn list_own_reviews(
    State(state): State<AppState>,
    member: Member,
    Params(params): Params<ReviewParams>,
) -> Result<Answer<Page<ReviewView>>, Problem> {
    let limit = checked_limit(params.limit)?;
    let realm = Realm { tenant: member.tenant.id, mode: params.mode.unwrap_or(Mode::Live) };
    let status = params.status.unwrap_or(ReviewStatus::Open);
    let scope = ["reviews", &realm.code().to_string(), status.as_str()];
    let after = state.cursors.position(&scope, params.after.as_deref())?;
    let found = state.store.of(realm).reviews(Some(status), after, limit + 1).await?;
    let (reviews, next_cursor) =
        cursor::page(found, limit, |last| state.cursors.issue(&scope, &last.id.to_string()));
    Ok(Answer(Page { items: with_events(&state, realm, reviews).await?, next_cursor }))
}

/// What a person decided.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReviewResolution {
    /// `approve`: it was no fraud; `reject`: it was.
    #[schema(value_type = String, example = "approve")]
    decision: ReviewDecision,
    /// Why, in at most 1,000 characters.
    notes: Option<String>,
}

/// What can be decided.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ReviewDecision {
    Approve,
    Reject,
}

/// Resolves a review. The event is labeled accordingly, and later scores learn from it.
#[utoipa::path(post, path = "/api/v1/client/reviews/{id}/resolve", tag = "signals", security(("token" = [])),
    params(("id" = String, Path), ModeParam), request_body = ReviewResolution,
    responses((status = 200, description = "The review as it is now", body = ReviewView), Problems))]
pub(crate) async fn resolve_own_review(
    State(state): State<AppState>,
    analyst: TenantAnalyst,
    Path(id): Path<String>,
    Params(mode): Params<ModeParam>,
    Json(resolution): Json<ReviewResolution>,
) -> Result<Answer<ReviewView>, Problem> {
    let id: ReviewId = id.parse().map_err(|_| Problem::not_found())?;
    let notes = checked_text(resolution.notes.as_deref()).map_err(|why| Problem::field("/notes", why))?;
    let finding = match resolution.decision {
        ReviewDecision::Approve => Finding::Legitimate,
        ReviewDecision::Reject => Finding::Fraud,
    };
    let realm = mode.realm(analyst.tenant.id);
    match state.store.of(realm).resolve_review(&analyst.actor, id, finding, notes).await? {
        Decided::Now(review) | Decided::Before(review) => {
            let view = with_events(&state, realm, vec![review]).await?.pop();
            view.map(Answer).ok_or_else(Problem::internal)
        }
        Decided::Otherwise(review) => {
            let detail = format!("This review was {} before.", review.status.as_str());
            Err(Problem::new(Kind::Conflict, detail))
        }
    }
}

/// Reviews with their events, in the same order.
async fn with_events(
    state: &AppState,
    realm: Realm,
    reviews: Vec<Review>,
) -> Result<Vec<ReviewView>, Problem> {
    let ids = reviews.iter().map(|review| review.id.event()).collect();
    let events = state.store.of(realm).find_events(ids).await?;
    // Every review has its event: they are recorded together.
    let view = |(review, event): (Review, _)| ReviewView {
        id: review.id.to_string(),
        mode: realm.mode,
        status: review.status,
        event: EventSummary::from(event),
        opened_at: review.opened_at.to_string(),
        notes: review.notes,
        resolved_by: review.resolved_by,
        resolved_at: review.resolved_at.map(|at| at.to_string()),
    };
    Ok(reviews.into_iter().zip(&events).map(view).collect())
}
