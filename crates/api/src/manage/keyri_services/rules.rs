//! A keyri service's own rules (G2.16).

use axum::{
    Json as Answer,
    extract::{Path, State},
};
use portcullis_engine::rules::{Condition, Schema, json};
use portcullis_store::KeyriRule;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{Problems, find, parse_id};
use crate::{
    AppState,
    body::{Json, objects},
    caller::{Member, TenantAdmin},
    error::{FieldError, Problem},
    keyri::{profile::USUAL_STRENGTH, risk::MOST_STRENGTH},
    manage::checked_name,
};

/// How many rules a service may have of its own.
const MOST_RULES: usize = 100;
/// The longest outcome or signal.
const LONGEST_WORD: usize = 64;

/// A service's own rules, in their order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KeyriRules)]
pub(crate) struct RulesView {
    rules: Vec<RuleView>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KeyriRule)]
struct RuleView {
    /// Its name.
    #[schema(example = "strangers pay")]
    rule: String,
    /// What it looks for, as it was written.
    #[schema(value_type = Object)]
    conditions: Value,
    /// The same in the language of custom rules.
    #[schema(example = "ip.country_code != 'DE' AND user.age_days < 7")]
    condition: String,
    /// What it asks for: allow, warn, deny or a word of its own.
    #[schema(example = "warn")]
    outcome: String,
    /// What it is told by among the signals; nothing when null.
    signal: Option<String>,
    /// Whether it is looked at.
    enabled: bool,
    /// Of the rules that fired the strongest decides.
    strength: i32,
}

impl RulesView {
    fn of(rules: &[KeyriRule]) -> Self {
        let of = |rule: &KeyriRule| RuleView {
            rule: rule.rule.clone(),
            conditions: rule.conditions.clone(),
            condition: rule.condition.clone(),
            outcome: rule.outcome.clone(),
            signal: rule.signal.clone(),
            enabled: rule.enabled,
            strength: rule.strength,
        };
        Self { rules: rules.iter().map(of).collect() }
    }
}

/// The rules to be had from now on, in place of all earlier ones.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = KeyriRulesChange)]
pub(crate) struct RulesChange {
    #[serde(deserialize_with = "objects")]
    rules: Vec<NewRule>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewKeyriRule)]
struct NewRule {
    /// Its name.
    rule: String,
    /// What it looks for.
    #[schema(value_type = Object, example = json!({"ipGeoData.country_code": {"$ne": "DE"}}))]
    conditions: Value,
    /// What it asks for: allow, warn, deny or a word of its own.
    #[schema(example = "warn")]
    outcome: String,
    /// What it is told by among the signals.
    signal: Option<String>,
    /// Whether it is looked at; it is when left out.
    enabled: Option<bool>,
    /// 0 to 1000; 1 when left out.
    strength: Option<i32>,
}

impl NewRule {
    fn check(self, index: usize, errors: &mut Vec<FieldError>) -> Option<KeyriRule> {
        let before = errors.len();
        let at = |field: &str| format!("/rules/{index}/{field}");
        let mut keep = |name: Result<String, FieldError>| name.map_err(|error| errors.push(error)).ok();
        let name = keep(checked_name(&at("rule"), &self.rule));
        let outcome = keep(checked_word(at("outcome"), &self.outcome));
        let signal = self.signal.as_deref().map(|signal| keep(checked_word(at("signal"), signal)));
        let strength = self.strength.unwrap_or(USUAL_STRENGTH);
        if !(0..=MOST_STRENGTH).contains(&strength) {
            errors.push(FieldError::new(at("strength"), format!("must be from 0 to {MOST_STRENGTH}")));
        }
        let condition = match json::parse(&self.conditions) {
            Ok(condition) => {
                compile(&condition).map_err(|message| FieldError::new(at("conditions"), message))
            }
            Err(error) => Err(FieldError::new(at("conditions") + &error.pointer, error.message)),
        };
        let condition = condition.map_err(|error| errors.push(error)).ok();
        if errors.len() > before {
            return None;
        }
        Some(KeyriRule {
            rule: name?,
            conditions: self.conditions,
            condition: condition?,
            outcome: outcome?,
            signal: signal.flatten(),
            enabled: self.enabled.unwrap_or(true),
            strength,
        })
    }
}

/// The condition's text, when it can be run.
fn compile(condition: &Condition) -> Result<String, String> {
    condition.compile(Schema::standard()).map_err(|error| error.message)?;
    Ok(condition.to_string())
}

fn checked_word(pointer: String, text: &str) -> Result<String, FieldError> {
    let text = text.trim();
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    if text.is_empty() || text.len() > LONGEST_WORD || !text.bytes().all(is_word) {
        let message = format!("must have 1 to {LONGEST_WORD} letters, digits, and `_`, `-` or `.`");
        return Err(FieldError::new(pointer, message));
    }
    Ok(text.to_owned())
}

/// Shows a service's own rules.
#[utoipa::path(get, path = "/api/v1/client/keyri-services/{id}/rules", tag = "keyri", security(("token" = [])),
    params(("id" = String, Path)), responses((status = 200, description = "The rules", body = RulesView), Problems))]
pub(crate) async fn show_keyri_rules(
    State(state): State<AppState>,
    member: Member,
    Path(id): Path<String>,
) -> Result<Answer<RulesView>, Problem> {
    Ok(Answer(RulesView::of(&find(&state, &member.tenant, &id)?.rules)))
}

/// Replaces a service's own rules, from the next event on.
#[utoipa::path(put, path = "/api/v1/client/keyri-services/{id}/rules", tag = "keyri", security(("token" = [])),
    params(("id" = String, Path)), request_body = RulesChange,
    responses((status = 200, description = "The rules as they are now", body = RulesView), Problems))]
pub(crate) async fn change_keyri_rules(
    State(state): State<AppState>,
    admin: TenantAdmin,
    Path(id): Path<String>,
    Json(change): Json<RulesChange>,
) -> Result<Answer<RulesView>, Problem> {
    let id = parse_id(&id)?;
    if change.rules.len() > MOST_RULES {
        return Err(Problem::field("/rules", format!("may be at most {MOST_RULES}")));
    }
    let mut errors = Vec::new();
    let rules = change.rules.into_iter().enumerate();
    let rules: Vec<_> = rules.filter_map(|(index, rule)| rule.check(index, &mut errors)).collect();
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    let configuration = state.store.configuration(admin.tenant.id);
    let service = configuration.set_keyri_rules(&admin.actor, id, rules).await?;
    Ok(Answer(RulesView::of(&service.rules)))
}
