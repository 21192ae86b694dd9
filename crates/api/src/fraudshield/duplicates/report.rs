//! `GET /v1/fraud/duplicates/{id}`.

use axum::{Json as Answer, extract::State};
use portcullis_store::DuplicateId;

use super::{
    super::{FraudshieldError, auth::FraudReader, error::ErrorBody, request::Id},
    view::ReportView,
};
use crate::{AppState, failure::Failure};

/// Show a group of duplicates
///
/// The verifications that a search found, and how suspicious they are together; for 30 days. Needs the scope
/// `fraud:read`.
#[utoipa::path(get, path = "/v1/fraud/duplicates/{id}", tag = "fraudshield", security(("fraudshield_key" = [])),
    params(("id" = String, Path, description = "The search's id")), responses(
        (status = 200, description = "The group", body = ReportView),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The key may not do this, or the account is suspended", body = ErrorBody),
        (status = 404, description = "There is no such search in the key's data set, or not any more", body = ErrorBody),
        (status = 429, description = "Too many calls with this key", body = ErrorBody),
))]
pub(crate) async fn show_duplicates(
    State(state): State<AppState>,
    FraudReader(caller): FraudReader,
    Id(id): Id<DuplicateId>,
) -> Result<Answer<ReportView>, FraudshieldError> {
    let report = state.store.of(caller.realm()).duplicate_report(id).await?;
    Ok(report.map(|report| Answer(ReportView::from(&report))).ok_or(Failure::NotFound)?)
}
