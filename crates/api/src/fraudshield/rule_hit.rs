//! The tenant's own rules whose condition held.

use domain::{CheckStatus, Decision, RuleAction};
use portcullis_domain as domain;
use portcullis_engine::Plan;
use serde::Serialize;
use utoipa::ToSchema;

/// A custom rule whose condition held.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = FraudshieldMatchedRule)]
pub(super) struct RuleHit {
    /// Its id.
    #[schema(example = "rule_0vqkz1q3c7ab")]
    pub(super) id: String,
    /// Its name.
    #[schema(example = "High Risk New User")]
    pub(super) name: String,
    /// What it asks for: flag, review, block, challenge or allow.
    #[schema(example = "flag")]
    pub(super) action: &'static str,
    /// What it added to the score.
    #[schema(example = 300)]
    score_adjustment: i32,
    /// Whether it only watches: it added nothing then, and asked for nothing.
    pub(super) monitored: bool,
}

impl RuleHit {
    /// Whether it refuses what was asked.
    pub(super) fn blocks(&self) -> bool {
        !self.monitored && self.action == RuleAction::Block.name()
    }
}

/// The rules that held, in the order of their creation.
pub(super) fn rule_hits(decision: &Decision, plan: &Plan) -> Vec<RuleHit> {
    let rules = &plan.policy().rules;
    let hit = |check: &domain::Check| {
        let monitored = match check.status {
            CheckStatus::Fired => false,
            CheckStatus::ShadowFired => true,
            _ => return None,
        };
        let rule = rules.get(usize::from(check.rule))?;
        let condition = rule.custom.as_ref()?;
        Some(RuleHit {
            id: rule.code.clone(),
            name: rule.label.clone(),
            action: condition.action.name(),
            score_adjustment: if monitored { 0 } else { rule.weight },
            monitored,
        })
    };
    decision.assessment.checks.iter().filter_map(hit).collect()
}
