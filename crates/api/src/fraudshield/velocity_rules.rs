//! `/v1/fraud/velocity/rules`: how often something may be attempted, as the client says.

use axum::{Json as Answer, extract::State, response::Response};
use portcullis_store::{Once, Repeatable, VelocityRule, VelocityRuleId};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    FraudshieldError,
    answer::{created, json, replayed},
    auth::{FraudReader, FraudWriter},
    error::ErrorBody,
    list::{ListPage, PageParams, Start},
    request::{Id, Post, Query},
    velocity_rule::{NewVelocityRule, VelocityRuleEdit, VelocityRuleView},
};
use crate::AppState;

/// Make a velocity rule
///
/// Counts from the next check on, live or test, with the attempts that were counted before. Needs the scope
/// `fraud:write`. With the header `Idempotency-Key` a retry within 24 hours gets the first answer again, with the header
/// `Idempotent-Replayed: true`.
#[utoipa::path(post, path = "/v1/fraud/velocity/rules", tag = "fraudshield", security(("fraudshield_key" = [])),
    request_body = NewVelocityRule,
    params(("Idempotency-Key" = Option<String>, Header, description = "10 to 255 characters, valid for 24 hours")),
    responses(
        (status = 201, description = "Made", body = VelocityRuleView),
        (status = 400, description = "Not well-formed JSON, or parameters are missing or wrong", body = ErrorBody),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The key may not do this, or the account is suspended", body = ErrorBody),
        (status = 409, description = "There are 100 rules, or the idempotency key was used with another body",
            body = ErrorBody),
        (status = 413, description = "More than 256 KiB", body = ErrorBody),
        (status = 415, description = "Not JSON", body = ErrorBody),
        (status = 429, description = "Too many calls with this key", body = ErrorBody),
))]
pub(crate) async fn create_velocity_rule(
    State(state): State<AppState>,
    FraudWriter { caller, actor }: FraudWriter,
    request: Post<NewVelocityRule>,
) -> Result<Response, FraudshieldError> {
    let terms = request.body.check()?;
    let configuration = state.store.configuration(caller.tenant);
    let made = match request.idempotency {
        None => Once::Now(configuration.create_velocity_rule(&actor, terms).await?),
        Some(idempotency) => {
            let render = Box::new(|rule: &VelocityRule| json(&VelocityRuleView::from(rule)));
            let request = Repeatable { idempotency, render };
            configuration.create_velocity_rule_once(&actor, caller.mode, terms, request).await?
        }
    };
    Ok(match made {
        Once::Now(rule) => created(json(&VelocityRuleView::from(&rule))),
        Once::Before(answer) => replayed(created(answer)),
    })
}

/// List the velocity rules
///
/// Newest first. Needs the scope `fraud:read`.
#[utoipa::path(get, path = "/v1/fraud/velocity/rules", tag = "fraudshield", security(("fraudshield_key" = [])),
    params(PageParams), responses(
        (status = 200, description = "One page", body = ListPage<VelocityRuleView>),
        (status = 400, description = "Parameters are wrong", body = ErrorBody),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The key may not do this, or the account is suspended", body = ErrorBody),
        (status = 429, description = "Too many calls with this key", body = ErrorBody),
))]
pub(crate) async fn list_velocity_rules(
    State(state): State<AppState>,
    FraudReader(caller): FraudReader,
    Query(page): Query<PageParams>,
) -> Result<Answer<ListPage<VelocityRuleView>>, FraudshieldError> {
    let page = page.check::<VelocityRuleId>()?;
    let configuration = state.store.configuration(caller.tenant);
    let found = match page.start {
        Start::Newest => configuration.velocity_rules(None, page.to_read()).await?,
        Start::After(id) => configuration.velocity_rules(Some(id), page.to_read()).await?,
        Start::Before(id) => configuration.velocity_rules_newer(id, page.to_read()).await?,
    };
    let views = found.iter().map(|rule| VelocityRuleView::from(&**rule)).collect();
    Ok(Answer(ListPage::new(&page, views, |view| &view.id)))
}

/// Look up a velocity rule
///
/// Needs the scope `fraud:read`.
#[utoipa::path(get, path = "/v1/fraud/velocity/rules/{id}", tag = "fraudshield", security(("fraudshield_key" = [])),
    params(("id" = String, Path, description = "The rule's id")), responses(
        (status = 200, description = "The rule", body = VelocityRuleView),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The key may not do this, or the account is suspended", body = ErrorBody),
        (status = 404, description = "There is no such rule", body = ErrorBody),
        (status = 429, description = "Too many calls with this key", body = ErrorBody),
))]
pub(crate) async fn show_velocity_rule(
    State(state): State<AppState>,
    FraudReader(caller): FraudReader,
    Id(id): Id<VelocityRuleId>,
) -> Result<Answer<VelocityRuleView>, FraudshieldError> {
    let rule = state.store.configuration(caller.tenant).velocity_rule(id).await?;
    Ok(Answer(VelocityRuleView::from(&rule)))
}

/// Change a velocity rule
///
/// What is left out stays. Counts from the next check on. Needs the scope `fraud:write`.
#[utoipa::path(put, path = "/v1/fraud/velocity/rules/{id}", tag = "fraudshield", security(("fraudshield_key" = [])),
    request_body = VelocityRuleEdit, params(("id" = String, Path, description = "The rule's id")), responses(
        (status = 200, description = "The rule as it is now", body = VelocityRuleView),
        (status = 400, description = "Not well-formed JSON, or parameters are wrong", body = ErrorBody),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The key may not do this, or the account is suspended", body = ErrorBody),
        (status = 404, description = "There is no such rule", body = ErrorBody),
        (status = 413, description = "More than 256 KiB", body = ErrorBody),
        (status = 415, description = "Not JSON", body = ErrorBody),
        (status = 429, description = "Too many calls with this key", body = ErrorBody),
))]
pub(crate) async fn change_velocity_rule(
    State(state): State<AppState>,
    FraudWriter { caller, actor }: FraudWriter,
    Id(id): Id<VelocityRuleId>,
    request: Post<VelocityRuleEdit>,
) -> Result<Answer<VelocityRuleView>, FraudshieldError> {
    let (id, change) = (id, request.body.check()?);
    let rule = state.store.configuration(caller.tenant).update_velocity_rule(&actor, id, change).await?;
    Ok(Answer(VelocityRuleView::from(&rule)))
}

/// A velocity rule that was deleted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldDeletedVelocityRule)]
pub(crate) struct DeletedVelocityRule {
    /// Always `velocity_rule`.
    #[schema(example = "velocity_rule")]
    object: &'static str,
    /// Its id.
    #[schema(example = "vrule_0vqkz1q3c7ab")]
    id: String,
    /// Always true.
    deleted: bool,
}

/// Delete a velocity rule
///
/// It is gone from the next check on, with its cooldowns. Needs the scope `fraud:write`.
#[utoipa::path(delete, path = "/v1/fraud/velocity/rules/{id}", tag = "fraudshield",
    security(("fraudshield_key" = [])),
    params(("id" = String, Path, description = "The rule's id")), responses(
        (status = 200, description = "Deleted", body = DeletedVelocityRule),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The key may not do this, or the account is suspended", body = ErrorBody),
        (status = 404, description = "There is no such rule", body = ErrorBody),
        (status = 429, description = "Too many calls with this key", body = ErrorBody),
))]
pub(crate) async fn delete_velocity_rule(
    State(state): State<AppState>,
    FraudWriter { caller, actor }: FraudWriter,
    Id(id): Id<VelocityRuleId>,
) -> Result<Answer<DeletedVelocityRule>, FraudshieldError> {
    let rule = state.store.configuration(caller.tenant).delete_velocity_rule(&actor, id).await?;
    Ok(Answer(DeletedVelocityRule { object: "velocity_rule", id: rule.id.to_string(), deleted: true }))
}
