//! A keyri service's risk settings: which built-in rules are looked at, what each asks for, and their limits (G2.13).

use axum::{
    Json as Answer,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::HeaderMap;
use portcullis_store::{KeyriLimits, KeyriRisk, KeyriRiskRule};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Problems, find, parse_id};
use crate::{
    AppState,
    body::{Json, Params, object, objects},
    caller::{Member, TenantAdmin},
    csv::{Cell, Csv, Format},
    error::{FieldError, Problem},
    keyri::{
        profile::{BUILT_IN, BuiltIn, OUTCOMES, PROFILE, USUAL_STRENGTH, built_in},
        risk::MOST_STRENGTH,
    },
};

/// The highest limit: beyond it the rule may as well be disabled.
const MOST_COUNT: i64 = 1_000_000;

/// The risk settings of a service.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KeyriRisk)]
pub(crate) struct RiskView {
    /// Up to which numbers all is well.
    limits: Limits,
    /// The built-in rules, in the order of their signals in answers.
    rules: Vec<RuleView>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = KeyriLimits)]
struct Limits {
    /// Accounts ever created on one device.
    #[schema(example = 3)]
    registrations_per_device: i64,
    /// Accounts ever seen on one device.
    #[schema(example = 3)]
    accounts_per_device: i64,
    /// Events of one account or device within 10 seconds.
    #[schema(example = 3)]
    events_per_10_seconds: i64,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = KeyriRiskRule)]
struct RuleView {
    /// Its signal in answers.
    #[schema(example = "new_device")]
    signal: &'static str,
    /// What it looks for.
    label: &'static str,
    /// Whether it is looked at.
    enabled: bool,
    /// What it asks for: allow, warn or deny.
    #[schema(example = "warn")]
    outcome: String,
    /// What it asks for unless somebody says otherwise.
    default_outcome: &'static str,
    /// Of the rules that fired the strongest decides, of equally strong ones the strictest.
    #[schema(example = 1)]
    strength: i32,
}

impl RiskView {
    fn of(risk: &KeyriRisk) -> Self {
        let usual = &PROFILE.limits;
        let limits = Limits {
            registrations_per_device: risk.limits.signups_per_device.unwrap_or(usual.signups_per_device),
            accounts_per_device: risk.limits.accounts_per_device.unwrap_or(usual.accounts_per_device),
            events_per_10_seconds: risk.limits.events_per_10s.unwrap_or(usual.events_per_10s),
        };
        let none = KeyriRiskRule::default();
        let of = |rule: &'static BuiltIn| {
            let own = risk.rules.get(rule.code).unwrap_or(&none);
            RuleView {
                signal: rule.code,
                label: PROFILE.rule(rule.code).map_or("", |row| row.label),
                enabled: own.enabled.unwrap_or(true),
                outcome: own.outcome.clone().unwrap_or_else(|| rule.outcome.to_owned()),
                default_outcome: rule.outcome,
                strength: own.strength.unwrap_or(USUAL_STRENGTH),
            }
        };
        Self { limits, rules: BUILT_IN.iter().map(of).collect() }
    }
}

/// What to change; all that is left out stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = KeyriRiskChange)]
pub(crate) struct RiskChange {
    #[serde(default, deserialize_with = "object")]
    limits: LimitsChange,
    /// Rules to change, by their signal.
    #[serde(default, deserialize_with = "objects")]
    rules: Vec<RuleChange>,
    /// Whether to forget all earlier changes first.
    #[serde(default)]
    recommended: bool,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(as = KeyriLimitsChange)]
struct LimitsChange {
    registrations_per_device: Option<i64>,
    accounts_per_device: Option<i64>,
    events_per_10_seconds: Option<i64>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(as = KeyriRiskRuleChange)]
struct RuleChange {
    #[schema(example = "new_device")]
    signal: String,
    enabled: Option<bool>,
    /// allow, warn or deny.
    #[schema(example = "allow")]
    outcome: Option<String>,
    /// 0 to 1000.
    strength: Option<i32>,
}

impl RiskChange {
    /// The settings with these changes; all complaints are told at once.
    fn over(self, before: &KeyriRisk) -> Result<KeyriRisk, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut risk = if self.recommended { KeyriRisk::default() } else { before.clone() };
        let LimitsChange { registrations_per_device, accounts_per_device, events_per_10_seconds } =
            self.limits;
        let KeyriLimits { signups_per_device, accounts_per_device: accounts, events_per_10s } =
            &mut risk.limits;
        for (name, limit, change) in [
            ("registrationsPerDevice", signups_per_device, registrations_per_device),
            ("accountsPerDevice", accounts, accounts_per_device),
            ("eventsPer10Seconds", events_per_10s, events_per_10_seconds),
        ] {
            if change.is_some_and(|count| !(1..=MOST_COUNT).contains(&count)) {
                let message = format!("must be from 1 to {MOST_COUNT}");
                errors.push(FieldError::new(format!("/limits/{name}"), message));
            }
            *limit = change.or(*limit);
        }
        for (index, change) in self.rules.into_iter().enumerate() {
            let mut wrong = |field: &str, message: String| {
                errors.push(FieldError::new(format!("/rules/{index}/{field}"), message));
            };
            if built_in(&change.signal).is_none() {
                wrong("signal", "is not the signal of a built-in rule".to_owned());
            }
            if change.outcome.as_deref().is_some_and(|outcome| !OUTCOMES.contains(&outcome)) {
                wrong("outcome", format!("must be one of {}", OUTCOMES.join(", ")));
            }
            if change.strength.is_some_and(|strength| !(0..=MOST_STRENGTH).contains(&strength)) {
                wrong("strength", format!("must be from 0 to {MOST_STRENGTH}"));
            }
            let rule = risk.rules.entry(change.signal).or_default();
            rule.enabled = change.enabled.or(rule.enabled);
            rule.outcome = change.outcome.or(rule.outcome.take());
            rule.strength = change.strength.or(rule.strength);
        }
        if errors.is_empty() { Ok(risk) } else { Err(errors) }
    }
}

/// In what form.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RiskParams {
    /// json, or csv; json when left out, unless the header `Accept` asks for `text/csv`.
    #[param(value_type = Option<String>)]
    format: Option<Format>,
}

/// Shows a service's risk settings; as CSV the rules alone.
#[utoipa::path(get, path = "/api/v1/client/keyri-services/{id}/risk", tag = "keyri", security(("token" = [])),
    params(("id" = String, Path), RiskParams),
    responses((status = 200, description = "The settings; as CSV where that is wanted", body = RiskView), Problems))]
pub(crate) async fn show_keyri_risk(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<String>,
    headers: HeaderMap,
    Params(params): Params<RiskParams>,
) -> Result<Response, Problem> {
    let view = RiskView::of(&find(&state, &member.tenant, &id)?.risk);
    Ok(match Format::of(params.format, &headers) {
        Format::Json => Answer(view).into_response(),
        Format::Csv => table(&view).into_response("risk", None),
    })
}

fn table(view: &RiskView) -> Csv {
    let mut table = Csv::new(&["signal", "label", "enabled", "outcome", "defaultOutcome", "strength"]);
    for rule in &view.rules {
        table.row([
            rule.signal.into(),
            rule.label.into(),
            Cell::Number(rule.enabled.to_string()),
            (&rule.outcome).into(),
            rule.default_outcome.into(),
            rule.strength.into(),
        ]);
    }
    table
}

/// Changes a service's risk settings, from the next event on.
#[utoipa::path(put, path = "/api/v1/client/keyri-services/{id}/risk", tag = "keyri", security(("token" = [])),
    params(("id" = String, Path)), request_body = RiskChange,
    responses((status = 200, description = "The settings as they are now", body = RiskView), Problems))]
pub(crate) async fn change_keyri_risk(
    State(state): State<AppState>,
    admin: TenantAdmin,
    Path(id): Path<String>,
    Json(change): Json<RiskChange>,
) -> Result<Answer<RiskView>, Problem> {
    let (id, configuration) = (parse_id(&id)?, state.store.configuration(admin.tenant.id));
    let edited = configuration.edit_keyri_risk(&admin.actor, id, move |risk| change.over(risk)).await?;
    Ok(Answer(RiskView::of(&edited.map_err(Problem::invalid)?.risk)))
}
