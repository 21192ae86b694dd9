//! `/v1/fraud/rules`: conditions that the client writes, for its events of every API.

use axum::{Json as Answer, extract::State, response::Response};
use portcullis_store::{Once, Repeatable, RuleId, StoredRule};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    FraudshieldError,
    answer::{created, json, replayed},
    auth::{FraudReader, FraudWriter},
    error::{ErrorBody, ParamError},
    list::{ListPage, PageParams, Start},
    request::{Id, Post, Query},
    rule::{FraudRuleChange, FraudRuleTest, FraudRuleTestResult, NewFraudRule, RuleView},
};
use crate::{AppState, failure::Failure};

/// Make a rule
///
/// Counts from the next event of every API, live or test. The condition is read and checked: what is wrong with it is
/// told with line and column. Needs the scope `fraud:write`. With the header `Idempotency-Key` a retry within 24 hours
/// gets the first answer again, with the header `Idempotent-Replayed: true`.
#[utoipa::path(post, path = "/v1/fraud/rules", tag = "fraudshield", security(("fraudshield_key" = [])),
    request_body = NewFraudRule,
    params(("Idempotency-Key" = Option<String>, Header, description = "10 to 255 characters, valid for 24 hours")),
    responses(
        (status = 201, description = "Made", body = RuleView),
        (status = 400, description = "Not well-formed JSON, or parameters are missing or wrong", body = ErrorBody),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The key may not do this, or the account is suspended", body = ErrorBody),
        (status = 409, description = "There are 200 rules, or the idempotency key was used with another body",
            body = ErrorBody),
        (status = 413, description = "More than 256 KiB", body = ErrorBody),
        (status = 415, description = "Not JSON", body = ErrorBody),
        (status = 429, description = "Too many calls with this key", body = ErrorBody),
))]
pub(crate) async fn create_fraud_rule(
    State(state): State<AppState>,
    FraudWriter { caller, actor }: FraudWriter,
    request: Post<NewFraudRule>,
) -> Result<Response, FraudshieldError> {
    let new = request.body.check()?;
    let configuration = state.store.configuration(caller.tenant);
    let made = match request.idempotency {
        None => Once::Now(configuration.create_rule(&actor, new).await?),
        Some(idempotency) => {
            let render = Box::new(|rule: &StoredRule| json(&RuleView::from(rule)));
            let request = Repeatable { idempotency, render };
            configuration.create_rule_once(&actor, caller.mode, new, request).await?
        }
    };
    Ok(match made {
        Once::Now(rule) => created(json(&RuleView::from(&rule))),
        Once::Before(answer) => replayed(created(answer)),
    })
}

/// List the rules
///
/// Newest first. Needs the scope `fraud:read`.
#[utoipa::path(get, path = "/v1/fraud/rules", tag = "fraudshield", security(("fraudshield_key" = [])),
    params(PageParams), responses(
        (status = 200, description = "One page", body = ListPage<RuleView>),
        (status = 400, description = "Parameters are wrong", body = ErrorBody),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The key may not do this, or the account is suspended", body = ErrorBody),
        (status = 429, description = "Too many calls with this key", body = ErrorBody),
))]
pub(crate) async fn list_fraud_rules(
    State(state): State<AppState>,
    FraudReader(caller): FraudReader,
    Query(page): Query<PageParams>,
) -> Result<Answer<ListPage<RuleView>>, FraudshieldError> {
    let page = page.check::<RuleId>()?;
    let configuration = state.store.configuration(caller.tenant);
    let found = match page.start {
        Start::Newest => configuration.rules(None, page.to_read()).await?,
        Start::After(id) => configuration.rules(Some(id), page.to_read()).await?,
        Start::Before(id) => configuration.rules_newer(id, page.to_read()).await?,
    };
    let views = found.iter().map(RuleView::from).collect();
    Ok(Answer(ListPage::new(&page, views, |view| &view.id)))
}

/// Look up a rule
///
/// Needs the scope `fraud:read`.
#[utoipa::path(get, path = "/v1/fraud/rules/{id}", tag = "fraudshield", security(("fraudshield_key" = [])),
    params(("id" = String, Path, description = "The rule's id")), responses(
        (status = 200, description = "The rule", body = RuleView),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The key may not do this, or the account is suspended", body = ErrorBody),
        (status = 404, description = "There is no such rule", body = ErrorBody),
        (status = 429, description = "Too many calls with this key", body = ErrorBody),
))]
pub(crate) async fn show_fraud_rule(
    State(state): State<AppState>,
    FraudReader(caller): FraudReader,
    Id(id): Id<RuleId>,
) -> Result<Answer<RuleView>, FraudshieldError> {
    let rule = state.store.configuration(caller.tenant).rule(id).await?;
    Ok(Answer(RuleView::from(&rule)))
}

/// Change a rule
///
/// What is left out stays. Counts from the next event. Needs the scope `fraud:write`.
#[utoipa::path(put, path = "/v1/fraud/rules/{id}", tag = "fraudshield", security(("fraudshield_key" = [])),
    request_body = FraudRuleChange, params(("id" = String, Path, description = "The rule's id")), responses(
        (status = 200, description = "The rule as it is now", body = RuleView),
        (status = 400, description = "Not well-formed JSON, or parameters are wrong", body = ErrorBody),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The key may not do this, or the account is suspended", body = ErrorBody),
        (status = 404, description = "There is no such rule", body = ErrorBody),
        (status = 413, description = "More than 256 KiB", body = ErrorBody),
        (status = 415, description = "Not JSON", body = ErrorBody),
        (status = 429, description = "Too many calls with this key", body = ErrorBody),
))]
pub(crate) async fn change_fraud_rule(
    State(state): State<AppState>,
    FraudWriter { caller, actor }: FraudWriter,
    Id(id): Id<RuleId>,
    request: Post<FraudRuleChange>,
) -> Result<Answer<RuleView>, FraudshieldError> {
    let (id, change) = (id, request.body.check()?);
    let rule = state.store.configuration(caller.tenant).update_rule(&actor, id, change).await?;
    Ok(Answer(RuleView::from(&rule)))
}

/// A rule that was deleted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldDeletedRule)]
pub(crate) struct DeletedRule {
    /// Its id.
    #[schema(example = "rule_0vqkz1q3c7ab")]
    id: String,
    /// Always `rule`.
    #[schema(example = "rule")]
    object: &'static str,
    /// Always true.
    deleted: bool,
}

/// Delete a rule
///
/// It is gone from the next event on. Needs the scope `fraud:write`.
#[utoipa::path(delete, path = "/v1/fraud/rules/{id}", tag = "fraudshield", security(("fraudshield_key" = [])),
    params(("id" = String, Path, description = "The rule's id")), responses(
        (status = 200, description = "Deleted", body = DeletedRule),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The key may not do this, or the account is suspended", body = ErrorBody),
        (status = 404, description = "There is no such rule", body = ErrorBody),
        (status = 429, description = "Too many calls with this key", body = ErrorBody),
))]
pub(crate) async fn delete_fraud_rule(
    State(state): State<AppState>,
    FraudWriter { caller, actor }: FraudWriter,
    Id(id): Id<RuleId>,
) -> Result<Answer<DeletedRule>, FraudshieldError> {
    let rule = state.store.configuration(caller.tenant).delete_rule(&actor, id).await?;
    Ok(Answer(DeletedRule { id: rule.id.to_string(), object: "rule", deleted: true }))
}

/// Try a condition
///
/// Runs a condition, or that of a rule, over the data in the request, which may be nested or have dots in its names.
/// Nothing is changed or recorded. Needs the scope `fraud:read`.
#[utoipa::path(post, path = "/v1/fraud/rules/test", tag = "fraudshield", security(("fraudshield_key" = [])),
    request_body = FraudRuleTest, responses(
        (status = 200, description = "What it says", body = FraudRuleTestResult),
        (status = 400, description = "Not well-formed JSON, or parameters are missing or wrong", body = ErrorBody),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The key may not do this, or the account is suspended", body = ErrorBody),
        (status = 404, description = "There is no such rule", body = ErrorBody),
        (status = 413, description = "More than 256 KiB", body = ErrorBody),
        (status = 415, description = "Not JSON", body = ErrorBody),
        (status = 429, description = "Too many calls with this key", body = ErrorBody),
))]
pub(crate) async fn test_fraud_rule(
    State(state): State<AppState>,
    FraudReader(caller): FraudReader,
    Post { body, .. }: Post<FraudRuleTest>,
) -> Result<Answer<FraudRuleTestResult>, FraudshieldError> {
    let result = match (&body.condition, &body.rule_id) {
        (Some(condition), None) => body.run(condition),
        (None, Some(id)) => {
            let id = id.parse().map_err(|_| Failure::NotFound)?;
            body.run(&state.store.configuration(caller.tenant).rule(id).await?.condition)
        }
        (None, None) => Err(FraudshieldError::param(ParamError::missing("condition"))),
        (Some(_), Some(_)) => {
            let error = ParamError::invalid("rule_id", "may not be given together with condition");
            Err(FraudshieldError::param(error))
        }
    };
    result.map(Answer)
}
