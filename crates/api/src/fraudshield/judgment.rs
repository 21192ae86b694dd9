//! What was decided about a recorded event, as the dialect tells it.

use domain::{CheckStatus, Dialect, Outcome, RuleAction};
use portcullis_domain as domain;
use portcullis_engine::Plan;
use portcullis_store::{RuleId, StoredEvent};
use serde::Serialize;
use utoipa::ToSchema;

use super::level::Level;

const HIGHEST_SCORE: i32 = 1_000;

/// What was decided about an event, and why.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldJudgment)]
pub(crate) struct Judgment {
    /// 0 to 1000.
    #[schema(example = 640)]
    risk_score: i32,
    /// 0-200 low, 201-500 medium, 501-800 high, 801-1000 critical.
    risk_level: Level,
    /// What the caller was told: allow, challenge, review or block.
    #[schema(value_type = String, example = "review")]
    decision: Outcome,
    /// The rules of the account that held and counted.
    triggered_rules: Vec<FiredRule>,
    /// The codes of the signals that fired and counted.
    #[schema(example = json!(["ip.tor_exit"]))]
    signals: Vec<String>,
    /// What was seen, a sentence for each of those rules and signals.
    reasons: Vec<String>,
}

/// A rule that held.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldFiredRule)]
pub(crate) struct FiredRule {
    /// Its id.
    #[schema(example = "rule_0vqkz1q3c7ab")]
    id: String,
    /// Its name.
    name: String,
    /// What it does.
    #[schema(value_type = String, example = "review")]
    action: RuleAction,
}

impl Judgment {
    /// What was decided about this event.
    pub(crate) fn of(event: &StoredEvent) -> Self {
        let (decision, policy) = (&event.decision, &event.policy);
        let risk_score = on_scale(decision.dialect, decision.assessment.score);
        let plan = Plan::compile(policy.as_ref().clone());
        if let Err(error) = &plan {
            tracing::error!(%error, request.id = crate::request_id::current(), "the policy of a recorded event can not be run");
        }
        let mut judgment = Self {
            risk_score,
            risk_level: Level::of(risk_score),
            decision: told(decision.outcome()),
            triggered_rules: Vec::new(),
            signals: Vec::new(),
            reasons: Vec::new(),
        };
        for check in decision.assessment.checks.iter().filter(|check| check.status == CheckStatus::Fired) {
            let Some(rule) = policy.rules.get(usize::from(check.rule)) else { continue };
            let seen = plan.as_ref().ok().and_then(|plan| plan.explain(*check, &decision.facts));
            match &rule.custom {
                Some(condition) if rule.code.parse::<RuleId>().is_ok() => {
                    judgment.reasons.push(format!("The rule {} holds", rule.label));
                    let (id, name) = (rule.code.clone(), rule.label.clone());
                    judgment.triggered_rules.push(FiredRule { id, name, action: condition.action });
                }
                _ => {
                    judgment.reasons.push(seen.unwrap_or_else(|| rule.label.clone()));
                    judgment.signals.push(rule.signal.clone());
                }
            }
        }
        judgment
    }
}

/// The dialect has no word for what is only remembered.
const fn told(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Flag => Outcome::Allow,
        outcome => outcome,
    }
}

/// A score of any dialect on this dialect's scale: the others count in points that are ten times as large.
fn on_scale(dialect: Dialect, score: i32) -> i32 {
    let score = if dialect == Dialect::Fraudshield { score } else { score.saturating_mul(10) };
    score.clamp(0, HIGHEST_SCORE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_of_other_dialects_are_brought_to_this_scale() {
        assert_eq!(on_scale(Dialect::Fraudshield, 250), 250);
        assert_eq!(on_scale(Dialect::Ingest, 25), 250);
        assert_eq!(on_scale(Dialect::Ingest, 185), 1_000);
        assert_eq!(on_scale(Dialect::Fraudsense, -5), 0);
    }
}
