//! A velocity rule in the dialect's words.

use portcullis_store::{
    Enforcement, OnExceed, VelocityRule, VelocityRuleChange, VelocityScope, VelocityTerms,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{FraudshieldError, error::ParamError};
use crate::{
    manage::nullable,
    velocity_rules::{Complaint, DraftChange, NewDraft, shown_span},
};

/// How often something may be attempted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldVelocityRule)]
pub(crate) struct VelocityRuleView {
    /// Always `velocity_rule`.
    #[schema(example = "velocity_rule")]
    object: &'static str,
    /// Its id.
    #[schema(example = "vrule_0vqkz1q3c7ab")]
    pub(super) id: String,
    /// Its name for people.
    #[schema(example = "Verification Limit")]
    name: String,
    /// What it is for.
    #[schema(example = "Max 3 verification attempts per hour")]
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
    /// The same under its other name.
    #[schema(value_type = String, example = "block")]
    response: OnExceed,
    /// How long the rule goes on to hold once it was exceeded; null for no longer than the window is full.
    #[schema(example = "30m")]
    cooldown: Option<String>,
    /// `enforce`, or `monitor` for a rule that only tells what it would have done; null as the account does.
    #[schema(value_type = Option<String>, example = "enforce")]
    enforcement: Option<Enforcement>,
    /// Whether it is looked at.
    enabled: bool,
    /// When it was made.
    created_at: String,
    /// When it was last changed.
    updated_at: String,
}

impl From<&VelocityRule> for VelocityRuleView {
    fn from(rule: &VelocityRule) -> Self {
        let terms = &rule.terms;
        Self {
            object: "velocity_rule",
            id: rule.id.to_string(),
            name: terms.name.clone(),
            description: terms.description.clone(),
            action: terms.action.clone(),
            limit: terms.limit,
            window: shown_span(terms.window_ms),
            scope: terms.scope,
            on_exceed: terms.on_exceed,
            response: terms.on_exceed,
            cooldown: terms.cooldown_ms.map(shown_span),
            enforcement: terms.enforcement,
            enabled: terms.enabled,
            created_at: rule.created_at.to_string(),
            updated_at: rule.updated_at.to_string(),
        }
    }
}

/// A velocity rule to be made. Other fields are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = FraudshieldNewVelocityRule)]
pub(crate) struct NewVelocityRule {
    /// Its name for people, 1 to 100 characters.
    #[schema(example = "Verification Limit")]
    name: String,
    /// What it is for, at most 1,000 characters.
    #[schema(example = "Max 3 verification attempts per hour")]
    description: Option<String>,
    /// What is attempted, 1 to 100 characters; compared with that of checks as it is.
    #[schema(example = "verification_attempt")]
    action: String,
    /// How many attempts a window may have, 1 to 1,000,000.
    #[schema(example = 3)]
    limit: i64,
    /// How far back attempts count, such as 30s, 15m, 1h or 30d; at most 366d.
    #[schema(example = "1h")]
    window: String,
    /// Whose attempts are counted together: those of a user_id, an ip_address or a device_id.
    #[schema(value_type = String, example = "user_id")]
    scope: VelocityScope,
    /// What one more leads to: block, challenge, review or flag; block when left out.
    #[schema(value_type = Option<String>, example = "block")]
    on_exceed: Option<OnExceed>,
    /// The same under its other name; counts only without `on_exceed`.
    #[schema(value_type = Option<String>, example = "block")]
    response: Option<OnExceed>,
    /// How long the rule goes on to hold once it was exceeded, at most 366d; null or left out for no longer than the
    /// window is full.
    #[schema(example = "30m")]
    cooldown: Option<String>,
    /// `enforce`, or `monitor` for a rule that only tells what it would have done; null or left out as the account does.
    #[schema(value_type = Option<String>, example = "enforce")]
    enforcement: Option<Enforcement>,
    /// Whether it is looked at; true when left out.
    enabled: Option<bool>,
}

impl NewVelocityRule {
    /// The rule, if it can be kept; all complaints are told at once.
    pub(super) fn check(self) -> Result<VelocityTerms, FraudshieldError> {
        let draft = NewDraft {
            name: self.name,
            description: self.description,
            action: self.action,
            limit: self.limit,
            window: self.window,
            scope: self.scope,
            on_exceed: self.on_exceed.or(self.response),
            cooldown: self.cooldown,
            enforcement: self.enforcement,
            enabled: self.enabled,
        };
        draft.check().map_err(refused)
    }
}

/// A change of a velocity rule: what is left out, or null, stays, but a `cooldown` of null ends, and an
/// `enforcement` of null is as the account does. Other fields are
/// ignored, so a rule as it was shown is a change.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = FraudshieldVelocityRuleChange)]
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
    #[schema(value_type = Option<String>)]
    response: Option<OnExceed>,
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    cooldown: Option<Option<String>>,
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    enforcement: Option<Option<Enforcement>>,
    enabled: Option<bool>,
}

impl VelocityRuleEdit {
    /// The change, if what it says can be kept; all complaints are told at once.
    pub(super) fn check(self) -> Result<VelocityRuleChange, FraudshieldError> {
        let change = DraftChange {
            name: self.name,
            description: self.description,
            action: self.action,
            limit: self.limit,
            window: self.window,
            scope: self.scope,
            on_exceed: self.on_exceed.or(self.response),
            cooldown: self.cooldown,
            enforcement: self.enforcement,
            enabled: self.enabled,
        };
        change.check().map_err(refused)
    }
}

fn refused(complaints: Vec<Complaint>) -> FraudshieldError {
    FraudshieldError::Invalid(complaints.into_iter().map(ParamError::from).collect())
}
