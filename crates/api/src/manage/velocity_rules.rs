//! Velocity rules: how often something may be attempted, written by a client's admins.

use axum::{
    Json as Answer,
    extract::{Path, State},
};
use http::StatusCode;
use portcullis_store::{OnExceed, VelocityRule, VelocityRuleId, VelocityScope};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Page, PageParams, Problems, nullable, rule_mode::Mode};
use crate::{
    AppState,
    body::{Json, Params},
    caller::{Member, TenantAdmin},
    cursor,
    error::{FieldError, Problem},
    velocity_rules::{Complaint, DraftChange, NewDraft, shown_span},
};

/// How often something may be attempted.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = VelocityRule)]
pub(crate) struct VelocityRuleView {
    /// Its id.
    #[schema(example = "vrule_0vqkz1q3c7ab")]
    id: String,
    /// Its name for people.
    #[schema(example = "Verification limit")]
    name: String,
    /// What it is for.
    description: String,
    /// What is attempted.
    #[schema(example = "verification_attempt")]
    action: String,
    /// How many attempts a window may have.
    #[schema(example = 3)]
    limit: u32,
    /// How far back attempts count.
    #[schema(example = "1h")]
    window: String,
    /// Whose attempts are counted together: those of a user_id, an ip_address or a device_id.
    #[schema(value_type = String, example = "user_id")]
    scope: VelocityScope,
    /// What one more leads to: block, challenge, review or flag.
    #[schema(value_type = String, example = "block")]
    on_exceed: OnExceed,
    /// How long the rule goes on to hold once it was exceeded; null for no longer than the window is full.
    #[schema(example = "30m")]
    cooldown: Option<String>,
    /// Whether it is looked at.
    enabled: bool,
    /// `live`, `shadow` for one that only tells what it would have done, or `enforced` for one that acts although the
    /// client only watches.
    #[schema(value_type = String, example = "live")]
    mode: Mode,
    /// When it was made.
    created_at: String,
    /// When it was last changed.
    updated_at: String,
}

impl From<&VelocityRule> for VelocityRuleView {
    fn from(rule: &VelocityRule) -> Self {
        let terms = &rule.terms;
        Self {
            id: rule.id.to_string(),
            name: terms.name.clone(),
            description: terms.description.clone(),
            action: terms.action.clone(),
            limit: terms.limit,
            window: shown_span(terms.window_ms),
            scope: terms.scope,
            on_exceed: terms.on_exceed,
            cooldown: terms.cooldown_ms.map(shown_span),
            enabled: terms.enabled,
            mode: terms.enforcement.into(),
            created_at: rule.created_at.to_string(),
            updated_at: rule.updated_at.to_string(),
        }
    }
}

/// A velocity rule to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(as = NewVelocityRule)]
pub(crate) struct NewVelocityRuleBody {
    /// Its name for people, 1 to 100 characters.
    name: String,
    /// What it is for, at most 1,000 characters.
    description: Option<String>,
    /// What is attempted, 1 to 100 characters; compared with that of checks as it is.
    action: String,
    /// How many attempts a window may have, 1 to 1,000,000.
    limit: i64,
    /// How far back attempts count, such as 30s, 15m, 1h or 30d; at most 366d.
    window: String,
    /// Whose attempts are counted together: those of a user_id, an ip_address or a device_id.
    #[schema(value_type = String)]
    scope: VelocityScope,
    /// What one more leads to: block, challenge, review or flag; block when left out.
    #[schema(value_type = Option<String>)]
    on_exceed: Option<OnExceed>,
    /// How long the rule goes on to hold once it was exceeded, at most 366d; null or left out for no longer than the
    /// window is full.
    cooldown: Option<String>,
    /// Whether it is looked at; true when left out.
    enabled: Option<bool>,
    /// `live`, `shadow` for one that only tells what it would have done, or `enforced` for one that acts although the
    /// client only watches; live when left out.
    #[schema(value_type = Option<String>)]
    mode: Option<Mode>,
}

/// A change of a velocity rule: what is left out, or null, stays, but a `cooldown` of null ends.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(as = VelocityRuleChange)]
pub(crate) struct VelocityRuleEdit {
    name: Option<String>,
    description: Option<String>,
    action: Option<String>,
    limit: Option<i64>,
    window: Option<String>,
    #[schema(value_type = Option<String>)]
    scope: Option<VelocityScope>,
    #[schema(value_type = Option<String>)]
    on_exceed: Option<OnExceed>,
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    cooldown: Option<Option<String>>,
    enabled: Option<bool>,
    #[schema(value_type = Option<String>)]
    mode: Option<Mode>,
}

/// Makes a velocity rule, which counts from the next attempt on, with those that were counted before.
#[utoipa::path(post, path = "/api/v1/client/velocity-rules", tag = "velocity-rules", security(("token" = [])),
    request_body = NewVelocityRuleBody,
    responses((status = 201, description = "Created", body = VelocityRuleView), Problems))]
pub(crate) async fn create_own_velocity_rule(
    State(state): State<AppState>,
    admin: TenantAdmin,
    Json(new): Json<NewVelocityRuleBody>,
) -> Result<(StatusCode, Answer<VelocityRuleView>), Problem> {
    let draft = NewDraft {
        name: new.name,
        description: new.description,
        action: new.action,
        limit: new.limit,
        window: new.window,
        scope: new.scope,
        on_exceed: new.on_exceed,
        cooldown: new.cooldown,
        enforcement: new.mode.unwrap_or_default().enforcement(),
        enabled: new.enabled,
    };
    let terms = draft.check().map_err(refused)?;
    let rule = state.store.configuration(admin.tenant.id).create_velocity_rule(&admin.actor, terms).await?;
    Ok((StatusCode::CREATED, Answer(VelocityRuleView::from(&rule))))
}

/// Lists the client's velocity rules, newest first.
#[utoipa::path(get, path = "/api/v1/client/velocity-rules", tag = "velocity-rules", security(("token" = [])),
    params(PageParams), responses((status = 200, description = "One page", body = Page<VelocityRuleView>), Problems))]
pub(crate) async fn list_own_velocity_rules(
    State(state): State<AppState>,
    member: Member,
    Params(params): Params<PageParams>,
) -> Result<Answer<Page<VelocityRuleView>>, Problem> {
    let limit = params.limit()?;
    let tenant = member.tenant.id;
    let scope = ["velocity-rules", &tenant.0.to_string()];
    let after = state.cursors.position(&scope, params.after.as_deref())?;
    let found = state.store.configuration(tenant).velocity_rules(after, limit + 1).await?;
    let (rules, next_cursor) =
        cursor::page(found, limit, |last| state.cursors.issue(&scope, &last.id.to_string()));
    let items = rules.iter().map(|rule| VelocityRuleView::from(&**rule)).collect();
    Ok(Answer(Page { items, next_cursor }))
}

/// Shows a velocity rule.
#[utoipa::path(get, path = "/api/v1/client/velocity-rules/{id}", tag = "velocity-rules", security(("token" = [])),
    params(("id" = String, Path)),
    responses((status = 200, description = "The rule", body = VelocityRuleView), Problems))]
pub(crate) async fn show_own_velocity_rule(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<String>,
) -> Result<Answer<VelocityRuleView>, Problem> {
    let rule = state.store.configuration(member.tenant.id).velocity_rule(parse_id(&id)?).await?;
    Ok(Answer(VelocityRuleView::from(&rule)))
}

/// Changes a velocity rule, from the next attempt on.
#[utoipa::path(put, path = "/api/v1/client/velocity-rules/{id}", tag = "velocity-rules", security(("token" = [])),
    params(("id" = String, Path)), request_body = VelocityRuleEdit,
    responses((status = 200, description = "The rule as it is now", body = VelocityRuleView), Problems))]
pub(crate) async fn change_own_velocity_rule(
    State(state): State<AppState>,
    admin: TenantAdmin,
    Path(id): Path<String>,
    Json(edit): Json<VelocityRuleEdit>,
) -> Result<Answer<VelocityRuleView>, Problem> {
    let change = DraftChange {
        name: edit.name,
        description: edit.description,
        action: edit.action,
        limit: edit.limit,
        window: edit.window,
        scope: edit.scope,
        on_exceed: edit.on_exceed,
        cooldown: edit.cooldown,
        enforcement: edit.mode.map(Mode::enforcement),
        enabled: edit.enabled,
    };
    let (id, change) = (parse_id(&id)?, change.check().map_err(refused)?);
    let configuration = state.store.configuration(admin.tenant.id);
    let rule = configuration.update_velocity_rule(&admin.actor, id, change).await?;
    Ok(Answer(VelocityRuleView::from(&rule)))
}

/// Deletes a velocity rule, which is gone from the next attempt on, with its cooldowns.
#[utoipa::path(delete, path = "/api/v1/client/velocity-rules/{id}", tag = "velocity-rules", security(("token" = [])),
    params(("id" = String, Path)), responses((status = 204, description = "Deleted"), Problems))]
pub(crate) async fn delete_own_velocity_rule(
    State(state): State<AppState>,
    admin: TenantAdmin,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let configuration = state.store.configuration(admin.tenant.id);
    configuration.delete_velocity_rule(&admin.actor, parse_id(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn parse_id(text: &str) -> Result<VelocityRuleId, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}

fn refused(complaints: Vec<Complaint>) -> Problem {
    let error = |Complaint { field, message }| FieldError::new(format!("/{field}"), message);
    Problem::invalid(complaints.into_iter().map(error).collect())
}
