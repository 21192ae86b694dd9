//! What labels taught of a client's rules, every version of it, and going back to an older one.

use std::collections::HashMap;

use axum::{Json as Answer, extract::State};
use domain::{Mode, Realm};
use portcullis_domain as domain;
use portcullis_engine::trust::TrustModel;
use portcullis_store::{Tenant, TrustVersion};
use serde::{Deserialize, Serialize};
use serde_json::Number;
use utoipa::{IntoParams, ToSchema};

use super::{Page, Problems, checked_limit, events::number};
use crate::{
    AppState,
    body::{Json, Params},
    caller::{Member, TenantAdmin},
    cursor,
    error::Problem,
    fraudshield,
};

/// What labels taught.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TrustModelView {
    /// The data it was learned of: live or test.
    #[schema(value_type = String, example = "live")]
    mode: Mode,
    /// The how-manieth it is; 0 before the first label.
    #[schema(example = 12)]
    version: u64,
    /// The same for two models that judge alike.
    #[schema(example = "00c3a5f09b1e7d42")]
    hash: String,
    /// The rules that labeled events fired, by code.
    rules: Vec<LearnedRuleView>,
}

/// What labels taught of a rule, on a scale of 0 to 1000.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TrustModelRule)]
pub(crate) struct LearnedRuleView {
    /// The code of the signal, or of the custom rule.
    #[schema(example = "ip.tor_exit")]
    code: String,
    /// Its label; null when no rule with this code is left.
    label: Option<String>,
    /// Its points; null when no rule with this code is left.
    #[schema(example = 300)]
    points: Option<i32>,
    /// What labels add to them, or take off.
    #[schema(value_type = f64, example = 41.5)]
    learned: Number,
    /// How many labeled events it fired on.
    #[schema(example = 4)]
    labels: u32,
    /// What it adds to a score when it fires alone.
    #[schema(value_type = f64, example = 341.5)]
    adds: Number,
}

/// A version of the model.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = TrustModelVersion)]
pub(crate) struct VersionView {
    /// Its number.
    version: u64,
    /// The same for two models that judge alike.
    hash: String,
    /// Since when it is, or was, in force.
    created_at: String,
    /// What made it.
    #[schema(example = "label CONFIRMED_FRAUD of evt_01k7unpkdu4oahnel2bokk894c")]
    cause: String,
}

impl From<&TrustVersion> for VersionView {
    fn from(version: &TrustVersion) -> Self {
        let id = version.model.id();
        Self {
            version: id.version,
            hash: format!("{:016x}", id.hash),
            created_at: version.created_at.to_string(),
            cause: version.cause.clone(),
        }
    }
}

/// Which model.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct TrustModelParams {
    /// The data set: live or test; live when left out.
    #[param(value_type = Option<String>)]
    mode: Option<Mode>,
}

/// Which versions.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct VersionParams {
    /// How many, 1 to 200; 50 when left out.
    limit: Option<u32>,
    /// `nextCursor` of the page before.
    after: Option<String>,
    /// The data set: live or test; live when left out.
    #[param(value_type = Option<String>)]
    mode: Option<Mode>,
}

/// Which version to go back to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TrustRollback {
    /// Its number; 0 for the model before the first label.
    #[schema(example = 11)]
    version: u64,
    /// The data set: live or test; live when left out.
    #[schema(value_type = Option<String>)]
    mode: Option<Mode>,
}

/// Shows what labels taught of the client's rules.
#[utoipa::path(get, path = "/api/v1/client/trust-model", tag = "trust-model", security(("token" = [])),
    params(TrustModelParams), responses((status = 200, description = "The model in force", body = TrustModelView), Problems))]
pub(crate) async fn show_trust_model(
    State(state): State<AppState>,
    member: Member,
    Params(params): Params<TrustModelParams>,
) -> Result<Answer<TrustModelView>, Problem> {
    view(&state, &member.tenant, params.mode.unwrap_or(Mode::Live)).map(Answer)
}

/// Lists the versions of the model, newest first; the first 1,000 are kept.
#[utoipa::path(get, path = "/api/v1/client/trust-model/versions", tag = "trust-model", security(("token" = [])),
    params(VersionParams), responses((status = 200, description = "One page", body = Page<VersionView>), Problems))]
pub(crate) async fn list_trust_versions(
    State(state): State<AppState>,
    member: Member,
    Params(params): Params<VersionParams>,
) -> Result<Answer<Page<VersionView>>, Problem> {
    let limit = checked_limit(params.limit)?;
    let realm = Realm { tenant: member.tenant.id, mode: params.mode.unwrap_or(Mode::Live) };
    let scope = ["trust-model", &realm.code().to_string()];
    let after = state.cursors.position(&scope, params.after.as_deref())?;
    let found = state.store.configuration(realm.tenant).trust_versions(realm.mode, after, limit + 1).await?;
    let (versions, next_cursor) =
        cursor::page(found, limit, |last| state.cursors.issue(&scope, &last.model.id().version.to_string()));
    Ok(Answer(Page { items: versions.iter().map(VersionView::from).collect(), next_cursor }))
}

/// Makes what an older version held the newest version, from the next event on.
#[utoipa::path(post, path = "/api/v1/client/trust-model/rollback", tag = "trust-model", security(("token" = [])),
    request_body = TrustRollback, responses((status = 200, description = "The model in force", body = TrustModelView), Problems))]
pub(crate) async fn roll_trust_model_back(
    State(state): State<AppState>,
    admin: TenantAdmin,
    Json(rollback): Json<TrustRollback>,
) -> Result<Answer<TrustModelView>, Problem> {
    let mode = rollback.mode.unwrap_or(Mode::Live);
    let configuration = state.store.configuration(admin.tenant.id);
    configuration.roll_trust_back(&admin.actor, mode, rollback.version).await?;
    view(&state, &admin.tenant, mode).map(Answer)
}

fn view(state: &AppState, tenant: &Tenant, mode: Mode) -> Result<TrustModelView, Problem> {
    let untaught = TrustModel::untaught();
    let control = state.store.control();
    let model = control.trust(Realm { tenant: tenant.id, mode }).map_or(&untaught, |model| model);
    let plan = state.assessor.plan(tenant.id, &fraudshield::PROFILE).map_err(|error| {
        tracing::error!(%error, "the policy of a client can not be run");
        Problem::internal()
    })?;
    let rules = plan.policy().rules.iter().filter(|rule| !rule.soft);
    let rules: HashMap<_, _> = rules.map(|rule| (portcullis_engine::trust::key(rule), rule)).collect();
    let rules = model.worth().into_iter().map(|worth| {
        let rule = rules.get(worth.code.as_str());
        let points = rule.map(|rule| rule.weight);
        LearnedRuleView {
            label: rule.map(|rule| rule.label.clone()),
            points,
            learned: number(worth.hundredths),
            labels: worth.labels,
            adds: number(points.map_or(0, |points| i64::from(points) * 100 + worth.hundredths)),
            code: worth.code,
        }
    });
    let id = model.id();
    let hash = format!("{:016x}", id.hash);
    Ok(TrustModelView { mode, version: id.version, hash, rules: rules.collect() })
}
