//! Facts and a policy in, an assessment out: signals, profiles, scoring.
//!
//! Pure and synchronous: no clock, file, network or randomness. The same facts and policy give the same assessment
//! for ever, which is what lets a stored decision be computed again.

mod actions;
mod claims;
pub mod device_match;
pub mod emulator;
pub mod geo;
mod labels;
mod learned;
pub mod mouse_path;
mod os;
#[cfg(test)]
mod pages;
pub mod plan;
pub mod profile;
pub mod rules;
mod score;
pub mod signals;
pub mod synthetic;
#[cfg(test)]
mod testing;
pub mod trust;
mod verdict;

use portcullis_domain::facts::client;
use portcullis_domain::{Assessment, Check, CheckStatus, EventType, Facts};

pub use claims::is_claimed;
pub use labels::labels_of;
pub use learned::LearnedPoints;
pub use plan::{Plan, PlanError};
pub use profile::{OverrideError, Profile, ProfileBand, ProfileLabel, ProfileRule};
pub use signals::{Reading, Signal};
pub use verdict::answered;

use actions::{Actions, Verdict};
use claims::Claims;
use learned::{LearnedPart, labels_of_subject};
use rules::{Schema, Values};
use score::Points;
use smallvec::SmallVec;

/// Judges an event of this type, of which `facts` are known, by the policy that `plan` was compiled from.
///
/// The checks are those of the policy's rules that are for the event type, in the policy's order. The score is the sum
/// of the points of the live rules that fired, each by its factor, never below zero nor above the policy's end of the
/// scale. A rule that only watches gives `ShadowFired`, or `ShadowQuiet` when it did not fire or could not tell. A
/// signal that the client says fired did fire; it counts once, whoever saw it. An operator's rule that fired moves the
/// score to the edge of the band that its action means.
///
/// Where the block list is worth the whole scale, nothing takes points off what is on it.
///
/// What labels taught comes on top of that sum, which has been cut to the scale, and is not added for what is on the
/// block list. It changes the band only where there are [`trust::MIN_LABELS`] labels behind it. A tenant that only
/// watches gets the same score and band, and the mildest outcome.
pub fn evaluate(facts: &Facts, event_type: EventType, plan: &Plan) -> Assessment {
    let policy = plan.policy();
    let steps = plan.steps(event_type);
    let has_conditions = steps.iter().any(|step| step.action().is_some());
    let values = has_conditions.then(|| Values::of_facts(Schema::standard(), facts));
    let claims = Claims::of(facts);
    let mut points = Points::default();
    let mut learned = LearnedPart::default();
    let mut actions = Actions::default();
    let mut is_ended = false;
    let checks: SmallVec<_> = steps
        .iter()
        .map(|step| {
            let is_claimed = claims.has(step.source.signal_code());
            let status = step.run(facts, values.as_ref(), &policy.limits, is_claimed);
            match (status, step.action()) {
                (CheckStatus::Fired, None) if step.soft => {
                    learned.add(step.hundredths, labels_of_subject(facts));
                }
                (CheckStatus::Fired, None) => {
                    points.add(step.hundredths, is_claimed);
                    is_ended |= step.source.ends_scale(step.hundredths, policy.max_score);
                }
                (CheckStatus::Fired, Some((action, is_enforced))) => {
                    points.add(step.hundredths, is_claimed);
                    actions.add(action, is_enforced);
                }
                (CheckStatus::ShadowFired, Some((action, _))) => actions.watch(action),
                _ => {}
            }
            Check { rule: step.rule, status }
        })
        .collect();
    actions.add_velocity(facts);
    let sum = points.sum(facts.known(client::SCORE).unwrap_or_default(), policy.max_score);
    let is_blocked = actions::is_blocked(facts);
    if is_blocked {
        learned = LearnedPart::default();
    }
    for points in plan.learned(facts, &checks) {
        learned.add(points.hundredths, points.labels);
    }
    let score = learned.apply(sum, &policy.bands, policy.max_score);
    let score = actions.apply(score, &policy.bands, is_blocked);
    let score = policy.max_score.filter(|_| is_ended).unwrap_or(score);
    let Verdict { band, outcome, would } = actions.verdict(score, &policy.bands, policy.monitor);
    let labels = plan.labels().of(&checks, event_type);
    if let Some(Verdict { band, outcome, would }) = plan.decided_by_rules(&checks) {
        return Assessment { score, band, outcome, would, checks, labels };
    }
    Assessment { score, band, outcome, would, checks, labels }
}

#[cfg(test)]
mod tests {
    use portcullis_domain::facts::{device, email, ip, links, user};
    use portcullis_domain::{
        Category, Condition, CustomRule, EventTypes, Factor, Outcome, Overrides, Policy, RuleAction,
        RuleMode, RuleOverride,
    };
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

    /// A signup from no Tor exit whose client says that it is from one.
    fn claiming_tor() -> Facts {
        let mut facts = Facts::unknown();
        facts.set(ip::IS_TOR, false);
        facts.set(client::SIGNALS, "ip.tor_exit ");
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
    fn nothing_takes_points_off_what_is_blocked_where_that_is_the_whole_scale() {
        static RULES: &[ProfileRule] = &[
            crate::testing::rule(&signals::lists::blocked::SIGNAL, "BLOCKLISTED", 100, EventTypes::ALL),
            crate::testing::rule(&signals::device::known::SIGNAL, "KNOWN_DEVICE", -30, EventTypes::ALL),
        ];
        let mut facts = Facts::unknown();
        facts.set(portcullis_domain::facts::lists::BLOCKED, "device");
        facts.set(device::IS_NEW, false);
        for (max_score, weight, score) in [(Some(100), 100, 100), (Some(100), 90, 60), (None, 100, 70)] {
            let profile = Profile { max_score, rules: RULES, ..PROFILE };
            let rules = [("BLOCKLISTED".to_owned(), self::weight(weight))].into_iter().collect();
            let tenant = Overrides { rules, ..Overrides::default() };
            let plan = Plan::compile(profile.policy(&Overrides::default(), &tenant)).unwrap();
            assert_eq!(evaluate(&facts, EventType::Login, &plan).score, score, "{max_score:?} {weight}");
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
        let (tor, unknown, mut clean) = (from_tor(), Facts::unknown(), Facts::unknown());
        clean.set(ip::IS_TOR, false);
        let live = RuleOverride::default();
        let shadow = RuleOverride { mode: Some(RuleMode::Shadow), ..live };
        let off = RuleOverride { enabled: Some(false), ..live };
        let shadow_and_off = RuleOverride { enabled: Some(false), ..shadow };
        let cases = [
            (&tor, live, CheckStatus::Fired, 60),
            (&clean, live, CheckStatus::Quiet, 0),
            (&unknown, live, CheckStatus::Unknown, 0),
            (&tor, shadow, CheckStatus::ShadowFired, 0),
            (&clean, shadow, CheckStatus::ShadowQuiet, 0),
            (&unknown, shadow, CheckStatus::ShadowQuiet, 0),
            (&tor, off, CheckStatus::Disabled, 0),
            (&tor, shadow_and_off, CheckStatus::Disabled, 0),
            (&claiming_tor(), live, CheckStatus::Fired, 60),
            (&claiming_tor(), shadow, CheckStatus::ShadowFired, 0),
            (&claiming_tor(), off, CheckStatus::Disabled, 0),
        ];
        for (facts, change, status, score) in cases {
            assert_eq!(status_of_tor(facts, change), (status, score));
        }
    }

    #[test]
    fn a_claim_counts_once_with_what_is_seen() {
        let mut facts = from_tor();
        facts.set(client::SIGNALS, "ip.tor_exit ip.tor_exit ");
        let assessment = evaluate(&facts, EventType::Signup, &plan_of(&[]));
        let fired = assessment.checks.iter().filter(|check| check.status == CheckStatus::Fired);
        assert_eq!((fired.count(), assessment.score), (1, 60));
    }

    #[test]
    fn a_claim_of_what_no_rule_looks_for_changes_nothing() {
        let mut facts = Facts::unknown();
        facts.set(client::SIGNALS, "device.emulator device.haunted ");
        let plan = plan_of(&[]);
        let honest = evaluate(&Facts::unknown(), EventType::Signup, &plan);
        assert_eq!(evaluate(&facts, EventType::Signup, &plan), honest);
    }

    #[test]
    fn tells_whether_the_server_or_only_the_client_saw_it() {
        let plan = plan_of(&[]);
        let said = |facts: &Facts| {
            let checks = evaluate(facts, EventType::Signup, &plan).checks;
            checks.iter().filter_map(|check| plan.explain(*check, facts)).collect::<Vec<_>>()
        };
        assert_eq!(said(&claiming_tor()), ["Reported by the client"]);
        let mut both = claiming_tor();
        both.set(ip::IS_TOR, true);
        assert_eq!(said(&both), ["The address is a Tor exit"]);
    }

    #[test]
    fn the_score_ends_where_the_policy_says() {
        let mut facts = from_tor();
        facts.set(email::IS_DISPOSABLE, true);
        facts.set(links::USERS_ON_DEVICE, 2);
        let score = |max_score| {
            let policy = PROFILE.policy(&Overrides::default(), &Overrides::default());
            let plan = Plan::compile(Policy { max_score, ..policy }).unwrap();
            evaluate(&facts, EventType::Signup, &plan).score
        };
        assert_eq!((score(None), score(Some(151)), score(Some(100))), (150, 150, 100));
    }

    #[test]
    fn the_clients_score_is_a_floor_of_its_part_and_of_the_whole() {
        let score = |facts: &Facts, floor: i64, event_type| {
            let mut facts = facts.clone();
            facts.set(client::SCORE, floor);
            evaluate(&facts, event_type, &plan_of(&[])).score
        };
        assert_eq!(score(&Facts::unknown(), 25, EventType::Signup), 25);
        assert_eq!(score(&claiming_tor(), 25, EventType::Signup), 60, "its claims say more");
        assert_eq!(score(&claiming_tor(), 70, EventType::Signup), 70, "its claims say less");
        assert_eq!(score(&from_tor(), 25, EventType::Signup), 60 + 25, "what the server sees comes on top");
        let mut trusted = Facts::unknown();
        trusted.set(user::KNOWS_DEVICE, true);
        assert_eq!(score(&trusted, 25, EventType::Login), 25, "trust does not lower it");
        assert_eq!(score(&trusted, -25, EventType::Login), 0);
    }

    #[test]
    fn points_are_multiplied_by_category_and_rounded_once() {
        let mut policy = PROFILE.policy(&Overrides::default(), &Overrides::default());
        let factor = |event_type, percent| Factor { event_type, category: Category::Location, percent };
        policy.factors = vec![factor(EventType::Login, 75), factor(EventType::Withdrawal, 150)];
        for (code, weight) in [("TOR", 30), ("MAIL", 30), ("KNOWN", -5)] {
            let rule = policy.rules.iter_mut().find(|rule| rule.code == code).unwrap();
            rule.weight = weight;
            rule.category = (weight > 0).then_some(Category::Location);
        }
        let plan = Plan::compile(policy).unwrap();
        let mut facts = from_tor();
        let score = |facts: &Facts, event_type| evaluate(facts, event_type, &plan).score;
        assert_eq!(score(&facts, EventType::Payment), 30);
        assert_eq!(score(&facts, EventType::Withdrawal), 45);
        assert_eq!(score(&facts, EventType::Login), 23, "22.5 is rounded half up");
        facts.set(email::IS_DISPOSABLE, true);
        assert_eq!(score(&facts, EventType::Withdrawal), 90);
        assert_eq!(score(&facts, EventType::Login), 45, "22.5 and 22.5 make 45");
        facts.set(user::KNOWS_DEVICE, true);
        assert_eq!(score(&facts, EventType::Login), 40, "trust is not multiplied");
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

    /// The plan of the profile with these rules of an operator: `(condition, action, points of 1000)`.
    fn plan_with(rules: &[(&str, RuleAction, i32)], mode: RuleMode, enabled: bool) -> Plan {
        let mut policy = PROFILE.policy(&Overrides::default(), &Overrides::default());
        for (index, &(text, action, points)) in rules.iter().enumerate() {
            let condition = Condition { text: text.to_owned(), action, enforced: false };
            let code = format!("rule_{index}");
            let rule = CustomRule { code, name: "Mine".to_owned(), condition, points, enabled, mode };
            policy.rules.push(PROFILE.custom_rule(&rule));
        }
        Plan::compile(policy).unwrap()
    }

    #[test]
    fn an_operators_rule_adds_a_tenth_and_does_what_it_says() {
        use RuleAction::{Allow, Block, Challenge, Flag};
        let mut facts = from_tor();
        facts.set(links::USERS_ON_DEVICE, 2);
        for (rules, score, outcome) in [
            (&[("ip.is_tor", Flag, 300)][..], 150, Outcome::Block),
            (&[("ip.is_tor AND device.linked_accounts > 5", Block, 300)], 120, Outcome::Block),
            (&[("device.linked_accounts >= 2", Challenge, 0)], 120, Outcome::Block),
            (&[("ip.is_tor = true", Allow, 0)], 79, Outcome::Allow),
            (&[("ip.is_tor", Flag, -900)], 30, Outcome::Allow),
            (&[("ip.is_tor", Flag, -900), ("NOT email.is_disposable", Block, 0)], 30, Outcome::Allow),
            (&[("ip.is_tor", Flag, -900), ("email.is_disposable = null", Block, 0)], 120, Outcome::Block),
        ] {
            let assessment = evaluate(&facts, EventType::Login, &plan_with(rules, RuleMode::Live, true));
            assert_eq!((assessment.score, assessment.outcome), (score, outcome), "{rules:?}");
        }
    }

    #[test]
    fn an_operators_rule_is_listed_like_any_other() {
        let rules = [("ip.is_tor", RuleAction::Block, 1_000)];
        let of = |mode, enabled, facts: &Facts| {
            let plan = plan_with(&rules, mode, enabled);
            let assessment = evaluate(facts, EventType::Login, &plan);
            let check = *assessment.checks.last().unwrap();
            assert_eq!(plan.policy().rules[usize::from(check.rule)].code, "rule_0");
            (check.status, assessment.score, plan.explain(check, facts))
        };
        let said = Some("The rule's condition holds".to_owned());
        assert_eq!(of(RuleMode::Live, true, &from_tor()), (CheckStatus::Fired, 160, said.clone()));
        assert_eq!(of(RuleMode::Shadow, true, &from_tor()), (CheckStatus::ShadowFired, 60, said));
        assert_eq!(of(RuleMode::Live, false, &from_tor()), (CheckStatus::Disabled, 60, None));
        assert_eq!(of(RuleMode::Live, true, &Facts::unknown()), (CheckStatus::Unknown, 0, None));
    }

    #[test]
    fn no_client_can_claim_an_operators_rule() {
        let mut facts = Facts::unknown();
        facts.set(client::SIGNALS, "rule_0  ");
        let plan = plan_with(&[("ip.is_tor", RuleAction::Block, 1_000)], RuleMode::Live, true);
        assert_eq!(evaluate(&facts, EventType::Login, &plan).score, 0);
        assert!(!is_claimed(&facts, ""));
        // What it adds comes on top of the client's own part, whatever the client claims.
        facts.set(ip::IS_TOR, true);
        facts.set(client::SIGNALS, "device.haunted ");
        facts.set(client::SCORE, 100);
        assert_eq!(evaluate(&facts, EventType::Login, &plan).score, 100 + 60 + 100);
    }

    #[test]
    fn a_condition_that_can_not_run_is_refused() {
        let mut policy = PROFILE.policy(&Overrides::default(), &Overrides::default());
        policy.rules[0].custom =
            Some(Condition { text: "ip.is_tro".to_owned(), action: RuleAction::Flag, enforced: false });
        assert!(matches!(Plan::compile(policy), Err(PlanError::Condition(code, _)) if code == "DEVICE"));
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
