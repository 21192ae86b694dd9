//! A rule in the dialect's words.

use portcullis_domain::RuleAction;
use portcullis_store::{Enforcement, NewRule, RuleChange, StoredRule};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{FraudshieldError, error::ParamError};
use crate::custom_rules::{self, Complaint, RuleField, Trial};
use crate::manage::nullable;

/// A rule that the client wrote.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldRule)]
pub(crate) struct RuleView {
    /// Its id, under which the checks of events list it.
    #[schema(example = "rule_0vqkz1q3c7ab")]
    pub(super) id: String,
    /// Always `rule`.
    #[schema(example = "rule")]
    object: &'static str,
    /// Its name for people.
    #[schema(example = "High Risk New User")]
    name: String,
    /// What it is for.
    description: String,
    /// What it looks for, as it was written.
    #[schema(example = "user.age_days < 7 AND device.is_vpn = true")]
    condition: String,
    /// What it does when that holds: flag, review, block, challenge or allow.
    #[schema(value_type = String, example = "flag")]
    action: RuleAction,
    /// What it adds to a score of 0 to 1000 when it holds.
    #[schema(example = 300)]
    score_adjustment: i32,
    /// Whether it is looked at.
    enabled: bool,
    /// `enforce`, or `monitor` for one that is recorded and never acts; null for one that does as the account does.
    #[schema(value_type = Option<String>, example = "enforce")]
    enforcement: Option<Enforcement>,
    /// 1, and one more for each change.
    version: u32,
    /// When it was made.
    created_at: String,
    /// When it was last changed.
    updated_at: String,
}

impl From<&StoredRule> for RuleView {
    fn from(rule: &StoredRule) -> Self {
        Self {
            id: rule.id.to_string(),
            object: "rule",
            name: rule.name.clone(),
            description: rule.description.clone(),
            condition: rule.condition.clone(),
            action: rule.action,
            score_adjustment: rule.points,
            enabled: rule.enabled,
            enforcement: rule.enforcement,
            version: rule.version,
            created_at: rule.created_at.to_string(),
            updated_at: rule.updated_at.to_string(),
        }
    }
}

/// A rule to be made. Other fields are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = FraudshieldNewRule)]
pub(crate) struct NewFraudRule {
    /// Its name for people, 1 to 100 characters.
    #[schema(example = "High Risk New User")]
    name: String,
    /// What it is for, at most 1,000 characters.
    description: Option<String>,
    /// What it looks for, in the language of docs/rule-language.md.
    #[schema(example = "user.age_days < 7 AND device.is_vpn = true")]
    condition: String,
    /// What it does when that holds: flag, review, block, challenge or allow.
    #[schema(value_type = String, example = "flag")]
    action: RuleAction,
    /// What it adds to a score of 0 to 1000, -1000 to 1000; 0 when left out.
    #[schema(example = 300)]
    score_adjustment: Option<i32>,
    /// Whether it is looked at; true when left out.
    enabled: Option<bool>,
    /// `enforce`, or `monitor` for one that is recorded and never acts; does as the account does when left out.
    #[schema(value_type = Option<String>)]
    enforcement: Option<Enforcement>,
}

impl NewFraudRule {
    /// The rule, if it can be kept.
    pub(super) fn check(self) -> Result<NewRule, FraudshieldError> {
        let new = NewRule {
            name: self.name,
            description: self.description.unwrap_or_default(),
            condition: self.condition,
            action: self.action,
            points: self.score_adjustment.unwrap_or_default(),
            enabled: self.enabled.unwrap_or(true),
            enforcement: self.enforcement,
        };
        custom_rules::check_new(new).map_err(refused)
    }
}

/// A change of a rule: what is left out, or null, stays, but an `enforcement` of null does as the account does. Other
/// fields are ignored, so a rule as it was shown is a change.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = FraudshieldRuleChange)]
pub(crate) struct FraudRuleChange {
    name: Option<String>,
    description: Option<String>,
    condition: Option<String>,
    #[schema(value_type = Option<String>)]
    action: Option<RuleAction>,
    score_adjustment: Option<i32>,
    enabled: Option<bool>,
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    enforcement: Option<Option<Enforcement>>,
}

impl FraudRuleChange {
    /// The change, if what it says can be kept.
    pub(super) fn check(self) -> Result<RuleChange, FraudshieldError> {
        let change = RuleChange {
            name: self.name,
            description: self.description,
            condition: self.condition,
            action: self.action,
            points: self.score_adjustment,
            enabled: self.enabled,
            enforcement: self.enforcement,
        };
        custom_rules::check_change(change).map_err(refused)
    }
}

/// What to try: a condition, or the one of a rule, over some data.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = FraudshieldRuleTest)]
pub(crate) struct FraudRuleTest {
    /// The condition; or else `rule_id`.
    #[schema(example = "user.age_days < 7 AND device.is_vpn = true")]
    pub(super) condition: Option<String>,
    /// The rule whose condition it is.
    pub(super) rule_id: Option<String>,
    /// Variables with their values, nested or with dots in their names.
    #[schema(value_type = Option<Object>, example = json!({ "user": { "age_days": 3 }, "device.is_vpn": true }))]
    test_data: Option<Map<String, Value>>,
}

/// What became of the try.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldRuleTestResult)]
pub(crate) struct FraudRuleTestResult {
    /// Whether the condition holds.
    matched: bool,
    /// Its variables that have no value, in the order of the condition.
    missing: Vec<String>,
    /// What it takes at most to evaluate it; 500 is the limit.
    #[schema(example = 3)]
    cost: u32,
}

impl FraudRuleTest {
    /// What `condition` says about the data.
    pub(super) fn run(&self, condition: &str) -> Result<FraudRuleTestResult, FraudshieldError> {
        let none = Map::new();
        let data = self.test_data.as_ref().unwrap_or(&none);
        let trial = custom_rules::try_condition(condition, data);
        let Trial { matched, missing, cost } = trial.map_err(|complaint| refused(vec![complaint]))?;
        Ok(FraudRuleTestResult { matched, missing, cost })
    }
}

fn refused(complaints: Vec<Complaint>) -> FraudshieldError {
    let error = |Complaint { field, message }| {
        let param = match field {
            RuleField::Name => "name",
            RuleField::Description => "description",
            RuleField::Condition => "condition",
            RuleField::Points => "score_adjustment",
            RuleField::TestData => "test_data",
        };
        ParamError::invalid(param, message)
    };
    FraudshieldError::Invalid(complaints.into_iter().map(error).collect())
}
