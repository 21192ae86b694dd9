//! What 100 rules of an account's own add to `engine::evaluate`.

use portcullis_domain::{EventTypes, PolicyRule, RuleAction, RuleMode, policy::Condition};
use portcullis_engine::Plan;

use crate::evaluate::{micros_per_run, shipped_policy};

const RULES: usize = 100;
const RUNS: u32 = 200_000;

/// Conditions of three terms, none of which holds for the ordinary signup: the first three only because of their last
/// term, so that all of them is run, the next because of its first, and the last because a value is missing.
const CONDITIONS: [&str; 5] = [
    "ip.country_code = 'GB' AND email.domain = 'gmail.com' AND links.users_on_device > 3",
    "email.is_free AND device.browser_major >= 100 AND ip.country_code IN ('MA', 'US', 'FR', 'DE', 'ES')",
    "ip.asn != 0 AND NOT ip.is_tor AND device.timezone != ip.timezone",
    "device.is_vpn = true AND links.users_on_ip > 2 AND velocity.signups_per_ip_1h > 5",
    "user.age_days < 7 AND device.is_new AND behavior.completion_ms < 2000",
];

/// Prints what evaluating takes with the shipped signals alone, and with the rules beside them; the median of `rounds`,
/// taken in turns.
pub fn run(rounds: usize) {
    let alone = Plan::compile(shipped_policy()).unwrap();
    let mut policy = shipped_policy();
    policy.rules.extend((0..RULES).map(rule));
    let with = Plan::compile(policy).unwrap();
    let measure = || (micros_per_run(&alone, RUNS), micros_per_run(&with, RUNS));
    let (alone, with): (Vec<_>, Vec<_>) = (0..rounds.max(1)).map(|_| measure()).unzip();
    let (alone, with) = (median(alone), median(with));
    println!(
        "rules: {alone:.2} µs without and {with:.2} µs with {RULES} rules, {:.2} µs more; ratio {:.1}",
        with - alone,
        with / alone
    );
}

fn rule(number: usize) -> PolicyRule {
    let condition = Condition {
        text: CONDITIONS[number % CONDITIONS.len()].to_owned(),
        action: RuleAction::Review,
        enforced: false,
    };
    PolicyRule {
        signal: String::new(),
        code: format!("rule_{number:012}"),
        label: format!("Rule {number}"),
        weight: 10,
        enabled: true,
        mode: RuleMode::Live,
        applies_to: EventTypes::ALL,
        category: None,
        soft: false,
        custom: Some(condition),
    }
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
