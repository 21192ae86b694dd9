//! A service's policy: its settings and own rules over the profile.

use std::sync::Arc;

use domain::{Condition, EventTypes, Policy, PolicyRule, RuleAction, RuleMode, policy::RuleVerdict};
use portcullis_domain as domain;
use portcullis_pipeline::Variant;
use portcullis_store::KeyriService;

use super::profile::{ALLOW, BLOCKLISTED, BUILT_IN, DENY, USUAL_STRENGTH, WARN};

/// What a service's rule may be at most; what is on the block list is stronger.
pub(crate) const MOST_STRENGTH: i32 = 1_000;
/// What the codes of a service's own rules begin with, where they are told by a signal; the label is that signal.
pub(super) const OWN_SIGNAL: &str = "own_signal.";
const OWN_RULE: &str = "own_rule.";

/// What changes the tenant's policy for the events of this service.
pub(super) fn variant(service: &Arc<KeyriService>) -> Variant {
    let (id, service) = (service.id.as_u64(), Arc::clone(service));
    Variant { id, apply: Box::new(move |policy| apply(&service, policy)) }
}

fn apply(service: &KeyriService, policy: &mut Policy) {
    let risk = &service.risk;
    let limits = &mut policy.limits;
    let set = |limit: &mut i64, own: Option<i64>| *limit = own.unwrap_or(*limit);
    set(&mut limits.signups_per_device, risk.limits.signups_per_device);
    set(&mut limits.accounts_per_device, risk.limits.accounts_per_device);
    set(&mut limits.events_per_10s, risk.limits.events_per_10s);
    policy.verdicts.push(verdict(BLOCKLISTED, DENY, MOST_STRENGTH + 1));
    for rule in BUILT_IN {
        let own = risk.rules.get(rule.code);
        let outcome = own.and_then(|own| own.outcome.as_deref()).unwrap_or(rule.outcome);
        let strength = own.and_then(|own| own.strength).unwrap_or(USUAL_STRENGTH);
        policy.verdicts.push(verdict(rule.code, outcome, strength));
        if let Some(enabled) = own.and_then(|own| own.enabled)
            && let Some(row) = policy.rules.iter_mut().find(|row| row.code == rule.code)
        {
            row.enabled = enabled;
        }
    }
    // The tenant's rules for every dialect ask for the nearest that there is here.
    for rule in &policy.rules {
        let word = match rule.custom.as_ref().map(|custom| custom.action) {
            Some(RuleAction::Allow) => ALLOW,
            Some(RuleAction::Challenge | RuleAction::Review) => WARN,
            Some(RuleAction::Block) => DENY,
            Some(RuleAction::Flag) | None => continue,
        };
        policy.verdicts.push(verdict(&rule.code, word, USUAL_STRENGTH));
    }
    for (index, rule) in service.rules.iter().enumerate() {
        let prefix = if rule.signal.is_some() { OWN_SIGNAL } else { OWN_RULE };
        let code = format!("{prefix}{index}");
        policy.verdicts.push(verdict(&code, &rule.outcome, rule.strength));
        policy.rules.push(PolicyRule {
            signal: String::new(),
            code,
            label: rule.signal.clone().unwrap_or_else(|| rule.rule.clone()),
            weight: 0,
            enabled: rule.enabled,
            mode: RuleMode::Live,
            applies_to: EventTypes::ALL,
            category: None,
            soft: false,
            custom: Some(Condition {
                text: rule.condition.clone(),
                action: RuleAction::Flag,
                enforced: false,
            }),
        });
    }
}

/// What a rule is called where people read it: a service's own rules have no code but a number.
pub(crate) fn shown_code(rule: &PolicyRule) -> String {
    let is_own = rule.code.starts_with(OWN_SIGNAL) || rule.code.starts_with(OWN_RULE);
    if is_own { rule.label.clone() } else { rule.code.clone() }
}

fn verdict(code: &str, word: &str, strength: i32) -> RuleVerdict {
    RuleVerdict { code: code.to_owned(), word: word.to_owned(), strength }
}
