//! Custom rules as JSON.

use portcullis_domain::RuleAction;
use portcullis_store::{NewRule, RuleChange, StoredRule};
use serde::{Deserialize, Deserializer, Serialize, de::IgnoredAny};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::super::{nullable, rule_mode::Mode};
use crate::custom_rules::Trial;

/// A rule that a client wrote.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CustomRule)]
pub(crate) struct RuleView {
    /// Its id, under which the checks of events list it.
    #[schema(example = "rule_0kc1f5c3hslz")]
    id: String,
    /// Its name for people.
    #[schema(example = "High risk new user")]
    name: String,
    /// What it is for.
    description: String,
    /// What it looks for, in the language of docs/rule-language.md.
    #[schema(example = "user.age_days < 7 AND device.is_vpn")]
    condition: String,
    /// What it does when that holds: flag, review, block, challenge or allow.
    #[schema(value_type = String, example = "flag")]
    action: RuleAction,
    /// What it adds to a score of 0 to 1000 when it holds; scores of 0 to 100 get a tenth.
    #[schema(example = 300)]
    score_adjustment: i32,
    /// Whether it is looked at.
    enabled: bool,
    /// `live`, `shadow` for one that is recorded and never counts, or `enforced` for one that acts although the client
    /// only watches.
    #[schema(value_type = String, example = "live")]
    mode: Mode,
    /// 1, and one more for each change.
    version: u32,
    /// When it was made.
    created_at: String,
    /// When it was last changed.
    updated_at: String,
}

impl From<StoredRule> for RuleView {
    fn from(rule: StoredRule) -> Self {
        Self {
            id: rule.id.to_string(),
            name: rule.name,
            description: rule.description,
            condition: rule.condition,
            action: rule.action,
            score_adjustment: rule.points,
            enabled: rule.enabled,
            mode: rule.enforcement.into(),
            version: rule.version,
            created_at: rule.created_at.to_string(),
            updated_at: rule.updated_at.to_string(),
        }
    }
}

/// A rule to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct NewCustomRule {
    /// Its name for people, 1 to 100 characters.
    name: String,
    /// What it is for, at most 1,000 characters.
    description: Option<String>,
    /// What it looks for, in the language of docs/rule-language.md.
    condition: String,
    /// What it does when that holds: flag, review, block, challenge or allow.
    #[schema(value_type = String)]
    action: RuleAction,
    /// What it adds to a score of 0 to 1000, -1,000 to 1,000; 0 when left out.
    score_adjustment: Option<i32>,
    /// Whether it is looked at; true when left out.
    enabled: Option<bool>,
    /// `live`, `shadow` for one that is recorded and never counts, or `enforced` for one that acts although the client
    /// only watches; live when left out.
    #[schema(value_type = Option<String>)]
    mode: Option<Mode>,
}

impl From<NewCustomRule> for NewRule {
    fn from(new: NewCustomRule) -> Self {
        Self {
            name: new.name,
            description: new.description.unwrap_or_default(),
            condition: new.condition,
            action: new.action,
            points: new.score_adjustment.unwrap_or_default(),
            enabled: new.enabled.unwrap_or(true),
            enforcement: new.mode.unwrap_or_default().enforcement(),
        }
    }
}

/// A change of a rule: what is left out stays, and null is what it would be in a new rule. What was shown may be sent
/// back: id, version and times are not looked at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct CustomRuleChange {
    #[serde(default, deserialize_with = "present")]
    name: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    description: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    condition: Option<String>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>)]
    action: Option<RuleAction>,
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<i32>)]
    score_adjustment: Option<Option<i32>>,
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<bool>)]
    enabled: Option<Option<bool>>,
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    mode: Option<Option<Mode>>,
    #[serde(default, rename = "id")]
    #[schema(value_type = Option<String>)]
    _id: IgnoredAny,
    #[serde(default, rename = "version")]
    #[schema(value_type = Option<u32>)]
    _version: IgnoredAny,
    #[serde(default, rename = "createdAt")]
    #[schema(value_type = Option<String>)]
    _created_at: IgnoredAny,
    #[serde(default, rename = "updatedAt")]
    #[schema(value_type = Option<String>)]
    _updated_at: IgnoredAny,
}

/// What must not be null.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

impl From<CustomRuleChange> for RuleChange {
    fn from(change: CustomRuleChange) -> Self {
        Self {
            name: change.name,
            description: change.description.map(Option::unwrap_or_default),
            condition: change.condition,
            action: change.action,
            points: change.score_adjustment.map(Option::unwrap_or_default),
            enabled: change.enabled.map(|enabled| enabled.unwrap_or(true)),
            enforcement: change.mode.map(|mode| mode.unwrap_or_default().enforcement()),
        }
    }
}

/// What to try: a condition, or the one of a rule, over some data.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct RuleTest {
    /// The condition; or else `ruleId`.
    #[schema(example = "user.age_days < 7 AND device.is_vpn")]
    pub(super) condition: Option<String>,
    /// The rule whose condition it is.
    pub(super) rule_id: Option<String>,
    /// Variables with their values, nested or with dots in their names.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub(super) test_data: Map<String, Value>,
}

/// What became of the try.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RuleTestResult {
    /// Whether the condition holds.
    matched: bool,
    /// Its variables that have no value.
    #[schema(example = json!(["transaction.amount"]))]
    missing: Vec<String>,
    /// What it takes at most to evaluate it; 500 is the limit.
    cost: u32,
}

impl From<Trial> for RuleTestResult {
    fn from(Trial { matched, missing, cost }: Trial) -> Self {
        Self { matched, missing, cost }
    }
}
