//! Where a probability comes from, rule by rule.

use super::{MAX_LEARNED, TrustModel};

/// What was learned may come to at most this, millionths of a nat.
const MAX_SUM: i64 = (MAX_LEARNED * 1e6) as i64;

/// A probability and what it is made of. Hundredths of a point, all of them: they add up exactly.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation<'m> {
    /// The known rules that fired, by code.
    pub contributions: Vec<Contribution<'m>>,
    /// The sum of what was learned.
    pub learned: i64,
    /// The sum of everything: points and learned points.
    pub total: i64,
    /// How likely fraud is at that total, by the model's scale.
    pub probability: f64,
}

/// What a rule that fired contributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contribution<'m> {
    /// The rule.
    pub code: &'m str,
    /// Its points, hundredths.
    pub points: i64,
    /// What labels added to or took off them, hundredths. When all together would exceed the limit, each is cut by the
    /// same factor.
    pub learned: i64,
    /// How many labeled events it fired on.
    pub labels: u32,
}

impl Explanation<'_> {
    /// The most labels that any one of the rules has had.
    pub fn labels(&self) -> u32 {
        self.contributions.iter().map(|contribution| contribution.labels).max().unwrap_or(0)
    }
}

impl TrustModel {
    /// Where the probability of an event comes from on which these rules fired.
    pub fn explain(&self, fired: &[&str]) -> Explanation<'_> {
        let places = self.places(fired);
        let sum: i64 = places.iter().map(|&place| i64::from(self.features[place].learned.mean)).sum();
        let mut running = 0;
        let mut contributions = Vec::with_capacity(places.len());
        for place in places {
            let feature = &self.features[place];
            // Of sums that are rounded, so that the parts add up to the rounded whole.
            let before = self.hundredths(running, sum);
            running += i64::from(feature.learned.mean);
            contributions.push(Contribution {
                code: &feature.code,
                points: i64::from(feature.points.unwrap_or_default()) * 100,
                learned: self.hundredths(running, sum) - before,
                labels: feature.learned.labels,
            });
        }
        let learned = contributions.iter().map(|contribution| contribution.learned).sum();
        let points: i64 = contributions.iter().map(|contribution| contribution.points).sum();
        let total = points + learned;
        Explanation { contributions, learned, total, probability: sigmoid(self.scale.logit(total)) }
    }

    /// Hundredths of a point, rounded half away from zero, for a part of a sum of learned weights, both in millionths
    /// of a nat, cut so that the whole sum stays within the limit.
    fn hundredths(&self, part: i64, sum: i64) -> i64 {
        let whole = i128::from(sum.abs().max(MAX_SUM));
        let numerator = i128::from(part) * i128::from(self.scale.per_logit) * i128::from(MAX_SUM);
        let denominator = whole * 10_000;
        let half = denominator / 2 * numerator.signum();
        i64::try_from((numerator + half) / denominator).unwrap_or_default()
    }
}

fn sigmoid(logit: f64) -> f64 {
    1.0 / (1.0 + (-logit).exp())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing::{RULES, any_fired, any_labels, model, taught};
    use super::super::{Scale, Truth};
    use super::*;

    #[test]
    fn names_the_points_and_what_was_learned_of_each_rule() {
        let model = taught(&[(&["vpn", "new_device"], Truth::Fraud), (&["vpn"], Truth::Fraud)]);
        let explanation = model.explain(&["vpn", "known", "nobody"]);
        let [known, vpn] = explanation.contributions.as_slice() else { panic!("two of them are known") };
        assert_eq!((known.code, known.points, known.learned, known.labels), ("known", -5_000, 0, 0));
        assert_eq!((vpn.code, vpn.points, vpn.labels), ("vpn", 20_000, 2));
        assert!(vpn.learned > 0);
        assert_eq!((explanation.labels(), explanation.total), (2, 15_000 + vpn.learned));
        assert_eq!(model.explain(&[]).labels(), 0);
    }

    #[test]
    fn all_that_was_learned_has_a_limit() {
        let codes: Vec<_> = RULES.iter().map(|rule| rule.0).collect();
        let rules: Vec<_> = codes.iter().map(|&code| (code, 0)).collect();
        let mut model = TrustModel::prior(&rules, Scale::new(500, 100));
        for _ in 0..100 {
            model = codes.iter().fold(model, |model, code| model.update(&[*code], Truth::Fraud));
        }
        assert!(codes.iter().all(|code| model.adjustment(&[*code]) > 20_000));
        let explanation = model.explain(&codes);
        assert_eq!(explanation.learned, 30_000, "three nats of a hundred points");
        assert_eq!(explanation.total, 30_000);
    }

    #[test]
    fn extreme_points_give_no_certainty() {
        let rules = [("a", i32::MAX), ("b", i32::MIN)];
        let model = TrustModel::prior(&rules, Scale::new(i32::MIN, i32::MIN));
        for fired in [&["a"][..], &["b"], &["a", "b"], &[]] {
            let probability = model.probability(fired);
            assert!(probability > 0.0 && probability < 1.0);
        }
    }

    proptest! {
        #[test]
        fn adds_up_exactly(labels in any_labels(0..60), fired in any_fired(), per_logit in 1..500_i32) {
            let mut model = model().with_rules(RULES, Scale::new(500, per_logit));
            for (fired, truth) in &labels {
                model = model.update(fired, *truth);
            }
            let explanation = model.explain(&fired);
            let parts = explanation.contributions.iter();
            prop_assert_eq!(parts.clone().map(|part| part.learned).sum::<i64>(), explanation.learned);
            prop_assert_eq!(parts.map(|part| part.points + part.learned).sum::<i64>(), explanation.total);
            prop_assert_eq!(explanation.learned, model.adjustment(&fired));
            prop_assert!((explanation.probability - model.probability(&fired)).abs() < 1e-15);
        }
    }
}
