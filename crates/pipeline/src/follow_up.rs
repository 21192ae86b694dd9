//! What follows from a decision: which of the tenant's rules are told and counted, and whether a person looks at it.

use compact_str::CompactString;
use domain::{CheckStatus, Decision, Dialect, EventType, Outcome, RuleAction};
use portcullis_domain as domain;
use portcullis_engine::Plan;
use portcullis_store::{CheckHit, FollowUp, OnExceed, RuleHit, VelocityOutcome};
use smallvec::SmallVec;

pub(crate) fn follow_up(decision: &Decision, plan: &Plan, attempt: Option<&VelocityOutcome>) -> FollowUp {
    let rules = rule_hits(decision, plan);
    let asks = |hit: &RuleHit| hit.counts && hit.action == RuleAction::Review;
    let velocity_asks = attempt.is_some_and(|attempt| {
        let mut triggered = attempt.triggered.iter().filter(|triggered| triggered.counts());
        triggered.any(|triggered| triggered.rule.terms.on_exceed == OnExceed::Review)
    });
    let review = rules.iter().any(asks) || velocity_asks || is_held_for_review(decision);
    FollowUp { review, rules, checks: check_hits(decision, plan) }
}

/// Whether the decision itself is that a person decides. Other dialects than fraudshield have no queue of their own, and
/// a device that registers, or an attempt that is counted, waits for nobody.
fn is_held_for_review(decision: &Decision) -> bool {
    decision.dialect == Dialect::Fraudshield
        && decision.outcome() == Outcome::Review
        && !matches!(decision.event_type, EventType::DeviceRegistration | EventType::Attempt)
}

/// The checks that held and that no operator wrote.
fn check_hits(decision: &Decision, plan: &Plan) -> SmallVec<[CheckHit; 8]> {
    let rules = &plan.policy().rules;
    let held = decision.assessment.checks.iter().filter_map(|check| {
        let counts = fired(check.status)?;
        let rule = rules.get(usize::from(check.rule)).filter(|rule| rule.custom.is_none())?;
        Some(CheckHit { code: CompactString::from(&rule.code), counts })
    });
    held.collect()
}

/// Whether a check that held counts; `None` when it did not hold.
const fn fired(status: CheckStatus) -> Option<bool> {
    match status {
        CheckStatus::Fired => Some(true),
        CheckStatus::ShadowFired => Some(false),
        _ => None,
    }
}

fn rule_hits(decision: &Decision, plan: &Plan) -> SmallVec<[RuleHit; 1]> {
    let rules = &plan.policy().rules;
    let hit = |check: &domain::Check| {
        let counts = fired(check.status)?;
        let rule = rules.get(usize::from(check.rule))?;
        let condition = rule.custom.as_ref()?;
        let name = CompactString::from(&rule.label);
        Some(RuleHit { id: rule.code.parse().ok()?, name, action: condition.action, counts })
    };
    decision.assessment.checks.iter().filter_map(hit).collect()
}
