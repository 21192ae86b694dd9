//! How a tenant's model is kept between labels, and what of it a policy needs.

use portcullis_domain::policy::Band;
use portcullis_domain::{CheckStatus, Learned, LearnedRule, Outcome, Policy, PolicyRule};

use super::feature::Feature;
use super::{Scale, TrustModel, Truth};

/// The scale of scores from 0 to 1000, which kept models are shown on.
pub const STANDARD: Scale = Scale::new(500, 100);

/// With no points at all, the log-odds of fraud are this: one event in 150.
const LOGITS_BELOW_EVEN: i32 = 5;

impl Scale {
    /// The scale that a dialect's bands mean: with the highest score that needs no person's decision, fraud is as likely
    /// as not, and with none it is five nats less likely.
    pub fn of_bands(bands: &[Band]) -> Self {
        let mild = bands.iter().take_while(|band| band.outcome < Outcome::Review);
        let even = mild.filter_map(|band| band.max).last().unwrap_or_default();
        Self::new(even, even / LOGITS_BELOW_EVEN)
    }
}

/// What a label says of one event: the rules that fired on it, as it was judged.
#[derive(Clone, Debug)]
pub struct Lesson<'p> {
    rules: Vec<(&'p str, i32)>,
    scale: Scale,
    fired: Vec<&'p str>,
}

impl<'p> Lesson<'p> {
    /// The event's policy and checks. Rules that tell of labels themselves teach nothing, nor do those that only watch.
    pub fn of(policy: &'p Policy, checks: &[portcullis_domain::Check]) -> Self {
        let hard = policy.rules.iter().filter(|rule| !rule.soft);
        let fired = checks.iter().filter(|check| check.status == CheckStatus::Fired);
        let fired = fired.filter_map(|check| policy.rules.get(usize::from(check.rule)));
        Self {
            rules: hard.map(|rule| (key(rule), rule.weight)).collect(),
            scale: Scale::of_bands(&policy.bands),
            fired: fired.filter(|rule| !rule.soft).map(key).collect(),
        }
    }
}

/// What labels taught of a rule, on a scale of 0 to 1000.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worth {
    /// The code of its signal, or its own.
    pub code: String,
    /// What that adds when the rule fires alone, hundredths of a point.
    pub hundredths: i64,
    /// How many labeled events it fired on.
    pub labels: u32,
}

/// What is learned of a rule is kept under this code: that of its signal, so that the labels of one dialect's events
/// teach the others, or its own when an operator wrote it.
pub fn key(rule: &PolicyRule) -> &str {
    if rule.custom.is_some() { &rule.code } else { &rule.signal }
}

impl TrustModel {
    /// The model of a tenant without labels.
    pub fn untaught() -> Self {
        Self::prior(&[], STANDARD)
    }

    /// The model after a label: the points by which the event was judged are what is expected of it. `None` when it
    /// teaches nothing, because no rule fired.
    ///
    /// What is kept has no points: each event brings those of its dialect, and what was learned is in nats, the same for
    /// all.
    pub fn taught(&self, lesson: &Lesson<'_>, truth: Truth) -> Option<Self> {
        let judged = self.with_rules(&lesson.rules, lesson.scale);
        let taught = judged.update(&lesson.fired, truth);
        (taught != judged).then(|| Self { version: self.version + 1, ..taught.with_rules(&[], STANDARD) })
    }

    /// What a policy needs of it, on the dialect's scale; `None` without labels.
    pub fn learned(&self, scale: Scale) -> Option<Learned> {
        let rules: Vec<_> = self.known().collect();
        let Scale { even, per_logit } = scale;
        (!rules.is_empty()).then_some(Learned { version: self.version, even, per_logit, rules })
    }

    /// What each rule that had labels is worth by itself, by code.
    pub fn worth(&self) -> Vec<Worth> {
        let Some(learned) = self.learned(STANDARD) else { return Vec::new() };
        let model = Self::of_policy(&learned);
        let worth = learned.rules.into_iter().map(|LearnedRule { code, labels, .. }| {
            let hundredths = model.adjustment(&[&code]);
            Worth { code, hundredths, labels }
        });
        worth.collect()
    }

    /// What was learned of each rule that had labels, by code.
    pub fn known(&self) -> impl Iterator<Item = LearnedRule> {
        let taught = self.features.iter().filter(|feature| feature.learned.labels > 0);
        taught.map(|Feature { code, learned, .. }| LearnedRule {
            code: code.to_string(),
            mean: learned.mean,
            labels: learned.labels,
        })
    }

    /// The model of a policy, for its points alone: it has no variances, and is not to be taught.
    pub(crate) fn of_policy(learned: &Learned) -> Self {
        let known = |rule: &LearnedRule| {
            let mut feature = Feature::new(&rule.code, 0);
            feature.learned.mean = rule.mean;
            feature.learned.labels = rule.labels;
            feature
        };
        let mut features: Vec<_> = learned.rules.iter().map(known).collect();
        features.sort_by(|a, b| a.code.cmp(&b.code));
        features.dedup_by(|later, first| later.code == first.code);
        Self { version: learned.version, scale: Scale::new(learned.even, learned.per_logit), features }
    }
}

#[cfg(test)]
mod tests {
    use portcullis_domain::{Check, Overrides};

    use super::*;
    use crate::testing::PROFILE;

    fn policy() -> Policy {
        PROFILE.policy(&Overrides::default(), &Overrides::default())
    }

    fn checks(statuses: &[(u16, CheckStatus)]) -> Vec<Check> {
        statuses.iter().map(|&(rule, status)| Check { rule, status }).collect()
    }

    #[test]
    fn the_scale_is_where_the_mild_bands_end() {
        assert_eq!(Scale::of_bands(&policy().bands), Scale::new(119, 23));
        let band = |max, outcome| Band { name: String::new(), max, outcome };
        let thousand = [
            band(Some(200), Outcome::Allow),
            band(Some(500), Outcome::Challenge),
            band(Some(800), Outcome::Review),
            band(None, Outcome::Block),
        ];
        assert_eq!(Scale::of_bands(&thousand), STANDARD);
        assert_eq!(Scale::of_bands(&[band(None, Outcome::Block)]), Scale::new(0, 1));
    }

    #[test]
    fn what_fired_and_counted_is_taught_under_the_signals_code() {
        use CheckStatus::{Fired, Quiet, ShadowFired};
        let policy = policy();
        let seen = checks(&[(0, Quiet), (1, ShadowFired), (2, Fired)]);
        let model = TrustModel::untaught().taught(&Lesson::of(&policy, &seen), Truth::Fraud).unwrap();
        let known: Vec<_> = model.known().collect();
        assert_eq!((known.len(), known[0].code.as_str(), known[0].labels), (1, "ip.tor_exit", 1));
        assert!(known[0].mean > 0);
        assert_eq!(model.id().version, 1);
    }

    #[test]
    fn without_a_rule_that_fired_nothing_is_taught() {
        let policy = policy();
        for seen in
            [checks(&[]), checks(&[(2, CheckStatus::ShadowFired)]), checks(&[(99, CheckStatus::Fired)])]
        {
            assert!(TrustModel::untaught().taught(&Lesson::of(&policy, &seen), Truth::Fraud).is_none());
        }
        let mut soft = policy;
        soft.rules[2].soft = true;
        let seen = checks(&[(2, CheckStatus::Fired)]);
        assert!(TrustModel::untaught().taught(&Lesson::of(&soft, &seen), Truth::Fraud).is_none());
    }

    #[test]
    fn a_policy_has_what_was_learned() {
        assert_eq!(
            (TrustModel::untaught().learned(STANDARD), TrustModel::untaught().worth()),
            (None, vec![])
        );
        let policy = policy();
        let seen = checks(&[(2, CheckStatus::Fired)]);
        let model = TrustModel::untaught().taught(&Lesson::of(&policy, &seen), Truth::Fraud).unwrap();
        let learned = model.learned(STANDARD).unwrap();
        assert_eq!((learned.version, learned.even, learned.per_logit), (1, 500, 100));
        let again = TrustModel::of_policy(&learned);
        assert!(again.adjustment(&["ip.tor_exit"]) > 0);
        assert_eq!(again.adjustment(&["email.disposable"]), 0);
        let hundredths = again.adjustment(&["ip.tor_exit"]);
        assert_eq!(model.worth(), [Worth { code: "ip.tor_exit".to_owned(), hundredths, labels: 1 }]);
    }

    #[test]
    fn the_expected_teaches_less_by_the_points_of_the_events_own_dialect() {
        let policy = policy();
        let of = |fired: &[u16], truth| {
            let seen: Vec<_> = fired.iter().map(|&rule| (rule, CheckStatus::Fired)).collect();
            let model = TrustModel::untaught().taught(&Lesson::of(&policy, &checks(&seen)), truth).unwrap();
            model
                .learned(STANDARD)
                .map_or(0, |learned| learned.rules.iter().map(|rule| rule.mean).sum::<i32>())
        };
        assert!(of(&[0, 1, 2], Truth::Fraud) < of(&[1], Truth::Fraud));
        assert!(of(&[0, 1, 2], Truth::Legitimate) < of(&[1], Truth::Legitimate));
    }
}
