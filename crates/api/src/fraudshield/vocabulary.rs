//! What was seen, in the words of the contract (G1.19).

use domain::{CheckStatus, Decision, facts::lists};
use portcullis_domain as domain;
use portcullis_engine::Plan;
use portcullis_store::VelocityOutcome;

/// The words for what fired, in the order of the profile, and at last the tenant's own rules. What only watches is not
/// among them.
pub(super) fn words(decision: &Decision, plan: &Plan, attempt: Option<&VelocityOutcome>) -> Vec<String> {
    let rules = &plan.policy().rules;
    let fired = decision.assessment.checks.iter().filter(|check| check.status == CheckStatus::Fired);
    let fired = fired.filter_map(|check| rules.get(usize::from(check.rule)));
    let mut words = Vec::new();
    for rule in fired {
        match rule.code.as_str() {
            _ if rule.custom.is_some() => words.push(format!("rule:{}", rule.label)),
            "BLOCKLISTED" => words.extend(listed("blocklisted", decision.facts.known(lists::BLOCKED))),
            "WATCHLISTED" => words.extend(listed("watchlisted", decision.facts.known(lists::WATCHED))),
            "ALLOWLISTED" => words.extend(listed("allowlisted", decision.facts.known(lists::ALLOWED))),
            code => words.push(word(code)),
        }
    }
    if attempt.is_some_and(|attempt| !attempt.triggered.iter().any(portcullis_store::TriggeredRule::counts)) {
        words.push("normal_velocity".to_owned());
    }
    words.dedup();
    words
}

fn listed(word: &'static str, kinds: Option<&str>) -> impl Iterator<Item = String> {
    let kinds: Vec<_> = kinds.unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    kinds.into_iter().map(move |kind| format!("{word}_{kind}"))
}

fn word(code: &str) -> String {
    match code {
        "VPN" | "PROXY" | "TOR" | "DATACENTER" | "EMULATOR" | "BOT" => {
            format!("{}_detected", code.to_ascii_lowercase())
        }
        "ROOTED" => "rooted_device".to_owned(),
        // One word for the scale of three.
        "LINKED_ACCOUNTS_2" | "LINKED_ACCOUNTS_3" | "LINKED_ACCOUNTS_4" => "linked_accounts".to_owned(),
        code => code.to_ascii_lowercase(),
    }
}
