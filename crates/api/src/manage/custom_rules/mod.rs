//! Custom rules: conditions that a client's admins write, for its events of every dialect.

mod view;

use axum::{
    Json as Answer,
    extract::{Path, State},
};
use http::StatusCode;
use portcullis_store::RuleId;

use self::view::{CustomRuleChange, NewCustomRule, RuleTest, RuleTestResult, RuleView};
use super::{Page, PageParams, Problems};
use crate::{
    AppState,
    body::{Json, Params},
    caller::{Member, TenantAdmin},
    cursor,
    custom_rules::{self, Complaint, RuleField},
    error::{FieldError, Problem},
};

/// Makes a rule, which counts from the next event.
#[utoipa::path(post, path = "/api/v1/client/custom-rules", tag = "custom-rules", security(("token" = [])),
    request_body = NewCustomRule, responses((status = 201, description = "Created", body = RuleView), Problems))]
pub(crate) async fn create_custom_rule(
    State(state): State<AppState>,
    admin: TenantAdmin,
    Json(new): Json<NewCustomRule>,
) -> Result<(StatusCode, Answer<RuleView>), Problem> {
    let new = custom_rules::check_new(new.into()).map_err(refused)?;
    let rule = state.store.configuration(admin.tenant.id).create_rule(&admin.actor, new).await?;
    Ok((StatusCode::CREATED, Answer(rule.into())))
}

/// Lists the client's rules, newest first.
#[utoipa::path(get, path = "/api/v1/client/custom-rules", tag = "custom-rules", security(("token" = [])),
    params(PageParams), responses((status = 200, description = "One page", body = Page<RuleView>), Problems))]
pub(crate) async fn list_custom_rules(
    State(state): State<AppState>,
    member: Member,
    Params(params): Params<PageParams>,
) -> Result<Answer<Page<RuleView>>, Problem> {
    let limit = params.limit()?;
    let tenant = member.tenant.id;
    let scope = ["custom-rules", &tenant.0.to_string()];
    let after = state.cursors.position(&scope, params.after.as_deref())?;
    let found = state.store.configuration(tenant).rules(after, limit + 1).await?;
    let (rules, next_cursor) =
        cursor::page(found, limit, |last| state.cursors.issue(&scope, &last.id.to_string()));
    Ok(Answer(Page { items: rules.into_iter().map(RuleView::from).collect(), next_cursor }))
}

/// Shows a rule.
#[utoipa::path(get, path = "/api/v1/client/custom-rules/{id}", tag = "custom-rules", security(("token" = [])),
    params(("id" = String, Path)), responses((status = 200, description = "The rule", body = RuleView), Problems))]
pub(crate) async fn show_custom_rule(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<String>,
) -> Result<Answer<RuleView>, Problem> {
    let rule = state.store.configuration(member.tenant.id).rule(parse_id(&id)?).await?;
    Ok(Answer(rule.into()))
}

/// Changes a rule, from the next event on.
#[utoipa::path(put, path = "/api/v1/client/custom-rules/{id}", tag = "custom-rules", security(("token" = [])),
    params(("id" = String, Path)), request_body = CustomRuleChange,
    responses((status = 200, description = "The rule as it is now", body = RuleView), Problems))]
pub(crate) async fn change_custom_rule(
    State(state): State<AppState>,
    admin: TenantAdmin,
    Path(id): Path<String>,
    Json(change): Json<CustomRuleChange>,
) -> Result<Answer<RuleView>, Problem> {
    let change = custom_rules::check_change(change.into()).map_err(refused)?;
    let configuration = state.store.configuration(admin.tenant.id);
    let rule = configuration.update_rule(&admin.actor, parse_id(&id)?, change).await?;
    Ok(Answer(rule.into()))
}

/// Deletes a rule, which is gone from the next event on.
#[utoipa::path(delete, path = "/api/v1/client/custom-rules/{id}", tag = "custom-rules", security(("token" = [])),
    params(("id" = String, Path)), responses((status = 204, description = "Deleted"), Problems))]
pub(crate) async fn delete_custom_rule(
    State(state): State<AppState>,
    admin: TenantAdmin,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let configuration = state.store.configuration(admin.tenant.id);
    configuration.delete_rule(&admin.actor, parse_id(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tries a condition, or that of a rule, over the data in the request. Nothing is changed or recorded.
#[utoipa::path(post, path = "/api/v1/client/custom-rules/test", tag = "custom-rules", security(("token" = [])),
    request_body = RuleTest, responses((status = 200, description = "What it says", body = RuleTestResult), Problems))]
pub(crate) async fn test_custom_rule(
    State(state): State<AppState>,
    member: Member,
    Json(test): Json<RuleTest>,
) -> Result<Answer<RuleTestResult>, Problem> {
    let condition = match (test.condition, test.rule_id) {
        (Some(condition), None) => condition,
        (None, Some(id)) => state.store.configuration(member.tenant.id).rule(parse_id(&id)?).await?.condition,
        _ => return Err(Problem::field("/condition", "or ruleId is required, and only one of them")),
    };
    let trial = custom_rules::try_condition(&condition, &test.test_data);
    trial.map(|trial| Answer(trial.into())).map_err(|complaint| refused(vec![complaint]))
}

fn parse_id(text: &str) -> Result<RuleId, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}

fn refused(complaints: Vec<Complaint>) -> Problem {
    let error = |Complaint { field, message }| {
        let pointer = match field {
            RuleField::Name => "/name",
            RuleField::Description => "/description",
            RuleField::Condition => "/condition",
            RuleField::Points => "/scoreAdjustment",
            RuleField::TestData => "/testData",
        };
        FieldError::new(pointer, message)
    };
    Problem::invalid(complaints.into_iter().map(error).collect())
}
