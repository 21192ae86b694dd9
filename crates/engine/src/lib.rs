//! Facts and a policy in, an assessment out: signals, profiles, scoring.
//!
//! Pure and synchronous: no clock, file, network or randomness. The same facts and policy give the same assessment
//! for ever, which is what lets a stored decision be computed again.

mod claims;
pub mod geo;
mod labels;
pub mod mouse_path;
mod os;
#[cfg(test)]
mod pages;
pub mod plan;
pub mod profile;
mod score;
pub mod signals;
#[cfg(test)]
mod testing;

use portcullis_domain::facts::client;
use portcullis_domain::{Assessment, Check, CheckStatus, EventType, Facts};

pub use claims::is_claimed;
pub use labels::labels_of;
pub use plan::{Plan, PlanError};
pub use profile::{OverrideError, Profile, ProfileBand, ProfileLabel, ProfileRule};
pub use signals::{Reading, Signal};

use claims::Claims;
use score::Points;
use smallvec::SmallVec;

/// Judges an event of this type, of which `facts` are known, by the policy that `plan` was compiled from.
///
/// The checks are those of the policy's rules that are for the event type, in the policy's order. The score is the sum
/// of the points of the live rules that fired, each by its factor, never below zero nor above the policy's end of the
/// scale. A rule that only watches gives `ShadowFired`, or `ShadowQuiet` when it did not fire or could not tell. A
/// signal that the client says fired did fire; it counts once, whoever saw it.
pub fn evaluate(facts: &Facts, event_type: EventType, plan: &Plan) -> Assessment {
    let policy = plan.policy();
    let claims = Claims::of(facts);
    let mut points = Points::default();
    let checks: SmallVec<_> = plan
        .steps(event_type)
        .iter()
        .map(|step| {
            let is_claimed = claims.has(step.signal.code);
            let status = step.run(facts, &policy.limits, is_claimed);
            if status == CheckStatus::Fired {
                points.add(step.hundredths, is_claimed);
            }
            Check { rule: step.rule, status }
        })
        .collect();
    let score = points.score(facts.known(client::SCORE).unwrap_or_default(), policy.max_score);
    let (band, outcome) = score::band(&policy.bands, score);
    let labels = plan.labels().of(&checks, event_type);
    Assessment { score, band, outcome, checks, labels }
}

#[cfg(test)]
mod tests {
    use portcullis_domain::facts::{device, email, ip, links};
    use portcullis_domain::{Outcome, Overrides, RuleMode, RuleOverride};
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{PROFILE, any_facts};

    fn plan_of(rules: &[(&str, RuleOverride)]) -> Plan {
        let rules = rules.iter().map(|(code, change)| ((*code).to_owned(), *change)).collect();
        let tenant = Overrides { rules, ..Overrides::default() };
        Plan::compile(PROFILE.policy(&Overrides::default(), &tenant)).unwrap()
    }

    fn weight(weight: i32) -> RuleOverride {
        RuleOverride { weight: Some(weight), ..RuleOverride::default() }
    }

    /// A signup from a Tor exit and nothing else known.
    fn from_tor() -> Facts {
        let mut facts = Facts::unknown();
        facts.set(ip::IS_TOR, true);
        facts
    }

    #[test]
    fn a_score_on_a_cut_belongs_to_the_milder_band() {
        let cases = [
            (79, 0, Outcome::Allow),
            (80, 1, Outcome::Challenge),
            (119, 1, Outcome::Challenge),
            (120, 2, Outcome::Block),
        ];
        for (score, band, outcome) in cases {
            let assessment = evaluate(&from_tor(), EventType::Signup, &plan_of(&[("TOR", weight(score))]));
            assert_eq!((assessment.score, assessment.band, assessment.outcome), (score, band, outcome));
        }
    }

    #[test]
    fn points_add_up_past_a_hundred_and_never_below_zero() {
        let mut facts = from_tor();
        facts.set(email::IS_DISPOSABLE, true);
        facts.set(links::USERS_ON_DEVICE, 2);
        assert_eq!(evaluate(&facts, EventType::Signup, &plan_of(&[])).score, 60 + 30 + 60);
        let trusting = plan_of(&[("TOR", weight(-500))]);
        assert_eq!(evaluate(&facts, EventType::Signup, &trusting).score, 0);
    }

    #[test]
    fn lists_the_rules_of_the_event_type_in_the_order_of_the_policy() {
        let plan = plan_of(&[]);
        let codes = |event_type| {
            let checks = evaluate(&Facts::unknown(), event_type, &plan).checks;
            checks
                .iter()
                .map(|check| plan.policy().rules[usize::from(check.rule)].code.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(codes(EventType::Signup), ["DEVICE", "MAIL", "TOR", "RATE", "MISSING"]);
        assert_eq!(codes(EventType::Login), ["DEVICE", "MAIL", "TOR", "MISSING", "NEW", "KNOWN"]);
    }

    #[test]
    fn says_why_each_rule_counts_or_not() {
        let status_of_tor = |facts: &Facts, change| {
            let plan = plan_of(&[("TOR", change)]);
            let assessment = evaluate(facts, EventType::Signup, &plan);
            (assessment.checks[2].status, assessment.score)
        };
        let mut clean = Facts::unknown();
        clean.set(ip::IS_TOR, false);
        let live = RuleOverride::default();
        let shadow = RuleOverride { mode: Some(RuleMode::Shadow), ..live };
        let off = RuleOverride { enabled: Some(false), ..live };
        let shadow_and_off = RuleOverride { enabled: Some(false), ..shadow };
        let cases = [
            (from_tor(), live, CheckStatus::Fired, 60),
            (clean.clone(), live, CheckStatus::Quiet, 0),
            (Facts::unknown(), live, CheckStatus::Unknown, 0),
            (from_tor(), shadow, CheckStatus::ShadowFired, 0),
            (clean, shadow, CheckStatus::ShadowQuiet, 0),
            (Facts::unknown(), shadow, CheckStatus::ShadowQuiet, 0),
            (from_tor(), off, CheckStatus::Disabled, 0),
            (from_tor(), shadow_and_off, CheckStatus::Disabled, 0),
        ];
        for (facts, change, status, score) in cases {
            assert_eq!(status_of_tor(&facts, change), (status, score));
        }
    }

    #[test]
    fn explains_what_fired_and_nothing_else() {
        let mut facts = Facts::unknown();
        facts.set(links::USERS_ON_DEVICE, 3);
        facts.set(device::IS_SENT, true);
        facts.set(device::CLIENT_FINGERPRINT, "f");
        let plan = plan_of(&[]);
        let checks = evaluate(&facts, EventType::Signup, &plan).checks;
        let said: Vec<_> = checks.iter().filter_map(|check| plan.explain(*check, &facts)).collect();
        assert_eq!(said, ["3 accounts on this device, limit 1"]);
    }

    proptest! {
        #[test]
        fn the_same_in_gives_the_same_out(facts in any_facts()) {
            let plan = plan_of(&[]);
            let again = Plan::compile(plan.policy().as_ref().clone()).unwrap();
            for event_type in EventType::ALL {
                prop_assert_eq!(evaluate(&facts, event_type, &plan), evaluate(&facts, event_type, &again));
            }
        }

        #[test]
        fn the_order_of_the_rules_does_not_matter(facts in any_facts(), turn in 0_usize..7) {
            let policy = PROFILE.policy(&Overrides::default(), &Overrides::default());
            let mut turned = policy.clone();
            turned.rules.rotate_left(turn % policy.rules.len());
            turned.rules.swap(0, 3);
            let (plan, turned) = (Plan::compile(policy).unwrap(), Plan::compile(turned).unwrap());
            for event_type in EventType::ALL {
                let (a, b) = (evaluate(&facts, event_type, &plan), evaluate(&facts, event_type, &turned));
                prop_assert_eq!((a.score, a.band, a.outcome), (b.score, b.band, b.outcome));
            }
        }

        #[test]
        fn disabled_and_shadow_rules_never_count(facts in any_facts(), disabled: bool) {
            let change = RuleOverride {
                weight: Some(9_999),
                enabled: Some(!disabled),
                mode: Some(RuleMode::Shadow),
            };
            let codes: Vec<_> = PROFILE.rules.iter().map(|rule| (rule.code, change)).collect();
            let plan = plan_of(&codes);
            for event_type in EventType::ALL {
                prop_assert_eq!(evaluate(&facts, event_type, &plan).score, 0);
            }
        }

        #[test]
        fn the_score_is_what_the_fired_checks_add_up_to(facts in any_facts()) {
            let plan = plan_of(&[]);
            for event_type in EventType::ALL {
                let assessment = evaluate(&facts, event_type, &plan);
                let fired = assessment.checks.iter().filter(|check| check.status == CheckStatus::Fired);
                let sum: i32 = fired.map(|check| plan.policy().rules[usize::from(check.rule)].weight).sum();
                prop_assert_eq!(assessment.score, sum.max(0));
            }
        }
    }
}
