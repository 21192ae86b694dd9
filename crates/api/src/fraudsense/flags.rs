//! Flags: the signals that fired, by who saw them.

use std::borrow::Cow;

use domain::{Check, CheckStatus, Decision, Policy, PolicyRule};
use engine::Plan;
use portcullis_domain as domain;
use portcullis_engine as engine;
use serde::Serialize;
use utoipa::ToSchema;

use super::catalog::{self, Group, Severity};

/// A signal that fired.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudsenseFlag)]
pub(crate) struct Flag<'a> {
    /// Its code.
    #[schema(example = "EMULATOR_DETECTED")]
    code: &'a str,
    /// Its points before they are multiplied for the type of event; 0 when it does not count.
    #[schema(example = 40)]
    points: i32,
    /// What it looks at.
    category: Group,
    /// How bad it is.
    severity: Severity,
    /// What was seen.
    #[schema(example = "Device is running in an emulator or simulator")]
    description: Cow<'a, str>,
    /// Who saw it.
    source: Source,
}

/// Who saw a signal fire.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = FraudsenseSource)]
pub(crate) enum Source {
    /// The SDK, by its own word.
    Sdk,
    /// The server.
    Server,
}

/// What the SDK said, in its order; what the catalogue does not have counts nothing. What it can not know of is told
/// where the server saw it.
pub(super) fn sent<'a>(codes: &'a [String], decision: &Decision, policy: &Policy) -> Vec<Flag<'a>> {
    let is_seen = |code: &str| {
        catalog::claimable(code).is_none() && fired(decision, policy).any(|(_, rule)| rule.code == code)
    };
    codes.iter().filter(|code| !is_seen(code)).map(|code| sent_flag(code, decision, policy)).collect()
}

fn sent_flag<'a>(code: &'a str, decision: &Decision, policy: &Policy) -> Flag<'a> {
    let Some(row) = catalog::claimable(code) else {
        let description = Cow::Borrowed("Not in the catalogue");
        let (category, severity) = (Group::Unknown, Severity::None);
        return Flag { code, points: 0, category, severity, description, source: Source::Sdk };
    };
    let counting = fired(decision, policy).find(|(_, rule)| rule.code == row.code);
    Flag {
        code,
        points: counting.map_or(0, |(_, rule)| rule.weight),
        category: row.group,
        severity: row.severity,
        description: Cow::Borrowed(row.condition),
        source: Source::Sdk,
    }
}

/// What the server saw and the SDK did not say, in the catalogue's order.
pub(super) fn seen<'a>(decision: &'a Decision, plan: &'a Plan) -> Vec<Flag<'a>> {
    let is_ours = |(_, rule): &(Check, &PolicyRule)| !engine::is_claimed(&decision.facts, &rule.signal);
    let fired = fired(decision, plan.policy()).filter(is_ours);
    fired.map(|(check, rule)| seen_flag(check, rule, decision, plan)).collect()
}

fn seen_flag<'a>(check: Check, rule: &'a PolicyRule, decision: &Decision, plan: &Plan) -> Flag<'a> {
    let row = catalog::find(&rule.code);
    let description = plan.explain(check, &decision.facts).map_or(Cow::Borrowed(&*rule.label), Cow::Owned);
    Flag {
        code: &rule.code,
        points: rule.weight,
        category: row.map_or(Group::Rule, |row| row.group),
        severity: row.map_or_else(|| severity_of_own(rule), |row| row.severity),
        description,
        source: Source::Server,
    }
}

fn severity_of_own(rule: &PolicyRule) -> Severity {
    rule.custom.as_ref().map_or(Severity::None, |custom| Severity::of_action(custom.action))
}

/// The codes of all that fired and counts, whoever saw it, in the catalogue's order.
pub(super) fn codes<'a>(decision: &'a Decision, policy: &'a Policy) -> Vec<&'a str> {
    fired(decision, policy).map(|(_, rule)| rule.code.as_str()).collect()
}

fn fired<'a>(decision: &'a Decision, policy: &'a Policy) -> impl Iterator<Item = (Check, &'a PolicyRule)> {
    let fired = decision.assessment.checks.iter().filter(|check| check.status == CheckStatus::Fired);
    fired.filter_map(|&check| Some((check, policy.rules.get(usize::from(check.rule))?)))
}
