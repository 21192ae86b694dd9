//! What labels do to decisions, through the whole engine.

use portcullis_domain::facts::{email, ip, links, lists, user};
use portcullis_domain::{
    Assessment, CheckStatus, Condition, CustomRule, EventType, Facts, Outcome, Overrides, Policy, RuleAction,
    RuleMode,
};
use proptest::prelude::*;

use super::{Lesson, Scale, TrustModel, Truth};
use crate::testing::{PROFILE, any_facts};
use crate::{Plan, ProfileRule, evaluate, signals};

const SCALE: Scale = Scale::new(100, 20);
const SOFT: &[ProfileRule] = &[
    ProfileRule { soft: true, ..row(&signals::labels::confirmed_fraud::SIGNAL, "FRAUD", 30) },
    ProfileRule { soft: true, ..row(&signals::labels::cleared::SIGNAL, "CLEARED", -30) },
];

const fn row(signal: &'static crate::Signal, code: &'static str, points: i32) -> ProfileRule {
    ProfileRule { signal, code, points, ..PROFILE_ROW }
}

const PROFILE_ROW: ProfileRule = ProfileRule {
    signal: &signals::labels::cleared::SIGNAL,
    code: "",
    label: "A rule",
    points: 0,
    applies_to: portcullis_domain::EventTypes::ALL,
    enabled: true,
    category: None,
    soft: false,
};

/// The profile of the tests with rules that tell of labels, and an operator's.
fn policy(model: &TrustModel) -> Policy {
    let none = Overrides::default();
    let mut policy = PROFILE.policy(&none, &none);
    let soft = crate::Profile { rules: SOFT, ..profile() }.policy(&none, &none);
    policy.rules.extend(soft.rules);
    let condition = Condition { text: "ip.is_vpn".to_owned(), action: RuleAction::Flag, enforced: false };
    let (code, name) = ("rule_1".to_owned(), "Mine".to_owned());
    let custom = CustomRule { code, name, condition, points: 200, enabled: true, mode: RuleMode::Live };
    policy.rules.push(PROFILE.custom_rule(&custom));
    Policy { learned: model.learned(SCALE), ..policy }
}

fn profile() -> crate::Profile {
    let crate::Profile { dialect, bands, limits, max_score, factors, custom_percent, labels, .. } = PROFILE;
    let (scale, monitors, rules) = (Some(SCALE), true, PROFILE.rules);
    crate::Profile {
        dialect,
        bands,
        limits,
        max_score,
        factors,
        custom_percent,
        labels,
        scale,
        monitors,
        rules,
    }
}

fn plan(model: &TrustModel) -> Plan {
    Plan::compile(policy(model)).unwrap()
}

/// Judges the event as the plan of this model does, and teaches the model what it was.
fn teach(model: TrustModel, facts: &Facts, truth: Truth) -> TrustModel {
    let plan = plan(&model);
    let checks = evaluate(facts, EventType::Login, &plan).checks;
    model.taught(&Lesson::of(plan.policy(), &checks), truth).unwrap_or(model)
}

fn judged(facts: &Facts, model: &TrustModel) -> Assessment {
    evaluate(facts, EventType::Login, &plan(model))
}

fn from_tor() -> Facts {
    let mut facts = Facts::unknown();
    facts.set(ip::IS_TOR, true);
    facts
}

fn times(count: usize, facts: &Facts, truth: Truth) -> TrustModel {
    (0..count).fold(TrustModel::untaught(), |model, _| teach(model, facts, truth))
}

#[test]
fn labels_move_the_score_of_what_looks_the_same_and_two_may_change_what_is_done() {
    let mut facts = from_tor();
    facts.set(email::IS_DISPOSABLE, true);
    assert_eq!(judged(&facts, &TrustModel::untaught()).score, 90);
    let score = |count, truth| {
        let assessment = judged(&facts, &times(count, &facts, truth));
        (assessment.score, assessment.outcome)
    };
    assert_eq!(score(1, Truth::Fraud), (100, Outcome::Challenge));
    assert_eq!(score(1, Truth::Legitimate), (86, Outcome::Challenge));
    let (cleared, outcome) = score(6, Truth::Legitimate);
    assert!(cleared < 80 && outcome == Outcome::Allow, "{cleared}");
    facts.set(user::IS_KNOWN, true);
    facts.set(user::KNOWS_DEVICE, false);
    let feared = |count| judged(&facts, &times(count, &facts, Truth::Fraud));
    assert_eq!((feared(0).score, feared(1).score, feared(1).outcome), (110, 119, Outcome::Challenge));
    assert!(feared(2).score >= 120 && feared(2).outcome == Outcome::Block);
}

#[test]
fn what_tells_of_labels_comes_on_top_and_one_label_changes_no_band() {
    let mut facts = from_tor();
    let score = |facts: &mut Facts, fraud: i64, cleared: i64| {
        facts.set(user::FRAUD_LABELS, fraud);
        facts.set(user::CLEARED_LABELS, cleared);
        judged(facts, &TrustModel::untaught()).score
    };
    assert_eq!((score(&mut facts, 1, 0), score(&mut facts, 2, 0)), (79, 90));
    assert_eq!((score(&mut facts, 0, 1), score(&mut facts, 1, 1), score(&mut facts, 2, 1)), (30, 60, 90));
    // An account that is otherwise trusted.
    let mut facts = Facts::unknown();
    facts.set(user::KNOWS_DEVICE, true);
    assert_eq!(score(&mut facts, 1, 0), 30, "the sum without it is cut off at 0");
}

#[test]
fn nothing_is_learned_of_what_is_on_the_block_list() {
    let mut facts = from_tor();
    facts.set(lists::BLOCKED, "ip");
    facts.set(user::CLEARED_LABELS, 5);
    let model = times(5, &from_tor(), Truth::Legitimate);
    assert_eq!(judged(&facts, &model).score, 60);
    let plan = plan(&model);
    assert!(plan.learned(&facts, &judged(&facts, &model).checks).is_empty());
}

#[test]
fn operators_rules_learn_under_their_own_code() {
    let mut facts = Facts::unknown();
    facts.set(ip::IS_VPN, true);
    let model = teach(TrustModel::untaught(), &facts, Truth::Fraud);
    let known: Vec<_> = model.known().map(|rule| rule.code).collect();
    assert_eq!(known, ["rule_1"]);
    assert!(judged(&facts, &model).score > judged(&facts, &TrustModel::untaught()).score);
}

#[test]
fn the_points_of_an_event_are_its_rules_and_what_was_learned() {
    let mut facts = from_tor();
    facts.set(email::IS_DISPOSABLE, true);
    facts.set(links::USERS_ON_DEVICE, 1);
    let model = times(3, &facts, Truth::Fraud);
    let plan = plan(&model);
    let assessment = evaluate(&facts, EventType::Login, &plan);
    let learned = plan.learned(&facts, &assessment.checks);
    let codes: Vec<_> =
        learned.iter().map(|points| plan.policy().rules[usize::from(points.rule)].code.as_str()).collect();
    assert_eq!(codes, ["MAIL", "TOR"]);
    assert!(learned.iter().all(|points| points.labels == 3 && points.hundredths > 0));
    let sum: i64 = learned.iter().map(|points| points.hundredths).sum();
    assert_eq!(i64::from(assessment.score), (9_000 + sum + 50) / 100);
}

#[test]
fn who_only_watches_gets_the_same_score_and_is_told_what_would_be() {
    let model = TrustModel::untaught();
    let mut facts = from_tor();
    facts.set(links::USERS_ON_DEVICE, 5);
    let watched = Plan::compile(Policy { monitor: true, ..policy(&model) }).unwrap();
    let (acts, watches) = (judged(&facts, &model), evaluate(&facts, EventType::Login, &watched));
    assert_eq!((acts.outcome, acts.would), (Outcome::Block, Outcome::Block));
    assert_eq!((watches.outcome, watches.would), (Outcome::Allow, Outcome::Block));
    assert_eq!((watches.score, watches.band), (acts.score, acts.band));
    let mut enforced = watched.policy().as_ref().clone();
    let condition = Condition { text: "ip.is_tor".to_owned(), action: RuleAction::Challenge, enforced: true };
    enforced.rules.last_mut().unwrap().custom = Some(condition);
    let some = evaluate(&facts, EventType::Login, &Plan::compile(enforced).unwrap());
    assert_eq!((some.outcome, some.would), (Outcome::Challenge, Outcome::Block));
}

fn any_labels() -> impl Strategy<Value = Vec<(Facts, bool)>> {
    prop::collection::vec((any_facts(), any::<bool>()), 0..6)
}

fn truth(is_fraud: bool) -> Truth {
    if is_fraud { Truth::Fraud } else { Truth::Legitimate }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn one_label_moves_scores_the_right_way_and_changes_no_outcome(
        labeled in any_facts(), other in any_facts(), is_fraud: bool,
    ) {
        let none = TrustModel::untaught();
        let model = teach(none.clone(), &labeled, truth(is_fraud));
        for facts in [&labeled, &other] {
            let (before, after) = (judged(facts, &none), judged(facts, &model));
            prop_assert_eq!((before.outcome, before.band, before.would), (after.outcome, after.band, after.would));
            let is_right = if is_fraud { after.score >= before.score } else { after.score <= before.score };
            prop_assert!(is_right);
        }
    }

    #[test]
    fn the_first_label_of_a_rule_changes_no_outcome_whatever_others_had(
        labels in any_labels(), labeled in any_facts(), is_fraud: bool,
    ) {
        let before = labels.iter().fold(TrustModel::untaught(), |model, (facts, fraud)| teach(model, facts, truth(*fraud)));
        // An event on which only rules fired that no label was about yet.
        let fired = |facts: &Facts, model| {
            let plan = plan(model);
            let checks = evaluate(facts, EventType::Login, &plan).checks;
            let fired = checks.iter().filter(|check| check.status == CheckStatus::Fired);
            fired.filter_map(|check| plan.learned_key(check.rule).map(str::to_owned)).collect::<Vec<_>>()
        };
        let known: Vec<_> = before.known().map(|rule| rule.code).collect();
        prop_assume!(fired(&labeled, &before).iter().all(|code| !known.contains(code)));
        let after = teach(before.clone(), &labeled, truth(is_fraud));
        for facts in labels.iter().map(|(facts, _)| facts).chain([&labeled]) {
            prop_assert_eq!(judged(facts, &before).outcome, judged(facts, &after).outcome);
        }
    }

    #[test]
    fn a_stored_policy_gives_the_same_assessment(labels in any_labels(), facts in any_facts(), monitor: bool) {
        let model = labels.iter().fold(TrustModel::untaught(), |model, (facts, fraud)| teach(model, facts, truth(*fraud)));
        let first = Plan::compile(Policy { monitor, ..policy(&model) }).unwrap();
        let stored: Policy = serde_json::from_str(first.json()).unwrap();
        let again = Plan::compile(stored).unwrap();
        prop_assert_eq!(first.id(), again.id());
        for event_type in EventType::ALL {
            let assessment = evaluate(&facts, event_type, &first);
            prop_assert!(assessment.would >= assessment.outcome);
            prop_assert_eq!(&assessment, &evaluate(&facts, event_type, &again));
            let learned = first.learned(&facts, &assessment.checks);
            prop_assert_eq!(learned, again.learned(&facts, &assessment.checks));
        }
    }
}
