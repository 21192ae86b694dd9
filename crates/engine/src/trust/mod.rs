//! What labels teach about signals: an online Bayesian logistic model per tenant.
//!
//! The log-odds that an event is fraud are its points, by a [`Scale`], plus what was learned of every rule that fired:
//!
//! ```text
//! logit P(fraud) = (Σ points + Σ learned points - even) / per_logit
//! ```
//!
//! Each rule's learned weight is normally distributed around 0 at first, so that the points are the prior: without
//! labels the learned term is exactly 0 and the probability follows the points. A label moves the weights of the rules
//! that fired on its event, and their variances shrink (see [`TrustModel::update`]). There is no learned constant: an
//! event on which nothing fired is never judged by what happened to others.
//!
//! Models are values. Each has an id that a decision can name, and an older one can be taken up again. Weights are whole
//! millionths and contributions whole hundredths of a point, so that a stored model gives the same points for ever and
//! an explanation adds up exactly.

#[cfg(test)]
mod decisions;
mod explain;
mod feature;
mod id;
mod lesson;
mod stored;
#[cfg(test)]
mod testing;
mod update;

use portcullis_domain::Label;
use serde::{Deserialize, Serialize};

pub use explain::{Contribution, Explanation};
pub use id::ModelId;
pub use lesson::{Lesson, STANDARD, Worth, key};
pub use stored::DamagedModel;
pub use update::{MAX_PROBABILITY_STEP, MAX_STEP, MAX_SWAP};

use feature::Feature;
use stored::Stored;

/// The most that all that was learned may add to or take off an event's log-odds, times `per_logit` in points: labels
/// correct what the operator set, they do not replace it.
pub const MAX_LEARNED: f64 = 3.0;

/// How many labels of the same rule it takes before what was learned of it may change an event's band.
pub const MIN_LABELS: u32 = 2;

/// Log-odds beyond this are cut off, so that a probability is never 0 or 1.
const MAX_LOGIT: f64 = 20.0;

/// How points and log-odds go together on a dialect's scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scale {
    even: i32,
    per_logit: i32,
}

impl Scale {
    /// The scale on which `even` points are as likely fraud as not, and `per_logit` more points multiply the odds by
    /// e. Fewer than one point is taken for one.
    pub const fn new(even: i32, per_logit: i32) -> Self {
        Self { even, per_logit: if per_logit < 1 { 1 } else { per_logit } }
    }

    /// How likely an event of so many hundredths of a point is fraud; never 0 nor 1.
    pub(crate) fn probability(self, hundredths: i64) -> f64 {
        1.0 / (1.0 + (-self.logit(hundredths)).exp())
    }

    /// The log-odds of so many hundredths of a point.
    fn logit(self, hundredths: i64) -> f64 {
        let from_even = hundredths - i64::from(self.even) * 100;
        let logit = from_even as f64 / (f64::from(self.per_logit) * 100.0);
        logit.clamp(-MAX_LOGIT, MAX_LOGIT)
    }
}

/// What turned out to be true, where it is certain enough to learn from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// It was fraud.
    Fraud,
    /// It was not.
    Legitimate,
}

impl Truth {
    /// What a label says. How a challenge ended is no proof: people fail them, and fraudsters have phones.
    pub const fn of(label: Label) -> Option<Self> {
        match label {
            Label::ConfirmedFraud => Some(Self::Fraud),
            Label::FalsePositive => Some(Self::Legitimate),
            Label::ChallengePassed | Label::ChallengeFailed => None,
        }
    }
}

/// What is known of a tenant's rules: their points, and what its labels taught.
///
/// "Fired" below is the codes of the rules that fired, in any order; repeated and unknown codes count nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct TrustModel {
    version: u64,
    scale: Scale,
    /// By code, each once.
    features: Vec<Feature>,
}

impl TrustModel {
    /// The model before any label: rules by code with their points. Of rules with one code the first counts.
    pub fn prior(rules: &[(&str, i32)], scale: Scale) -> Self {
        let mut features: Vec<_> = rules.iter().map(|&(code, points)| Feature::new(code, points)).collect();
        features.sort_by(|a, b| a.code.cmp(&b.code));
        features.dedup_by(|later, first| later.code == first.code);
        Self { version: 0, scale, features }
    }

    /// The model after rules or their points were changed. What was learned of a rule stays with its code, also while
    /// there is no such rule; a new rule begins at the prior.
    #[must_use]
    pub fn with_rules(&self, rules: &[(&str, i32)], scale: Scale) -> Self {
        let mut changed = Self::prior(rules, scale);
        for old in &self.features {
            match changed.place(&old.code) {
                Ok(place) => changed.features[place].learned = old.learned,
                Err(place) if old.learned.labels > 0 => {
                    changed.features.insert(place, Feature { points: None, ..old.clone() });
                }
                Err(_) => {}
            }
        }
        let is_same = changed.scale == self.scale && changed.features == self.features;
        changed.version = self.version + u64::from(!is_same);
        changed
    }

    /// The next version of this model, with the content of an older one.
    #[must_use]
    pub fn rolled_back_to(&self, older: &Self) -> Self {
        Self { version: self.version + 1, ..older.clone() }
    }

    /// What decisions name it by.
    pub fn id(&self) -> ModelId {
        ModelId::of(self)
    }

    /// How likely an event is fraud on which these rules fired; never 0 nor 1. Keyri's trust score is 1 less this.
    pub fn probability(&self, fired: &[&str]) -> f64 {
        self.explain(fired).probability
    }

    /// What was learned of the rules that fired, hundredths of a point: what to add to the sum of their points. 0 until
    /// the first label, at most [`MAX_LEARNED`] in either direction.
    pub fn adjustment(&self, fired: &[&str]) -> i64 {
        self.explain(fired).learned
    }

    /// The places of the rules that fired, in order, each once.
    fn places(&self, fired: &[&str]) -> Vec<usize> {
        let mut places: Vec<_> = fired.iter().filter_map(|code| self.place(code).ok()).collect();
        places.retain(|&place| self.features[place].points.is_some());
        places.sort_unstable();
        places.dedup();
        places
    }

    /// The place of a code, or the place where it would be.
    fn place(&self, code: &str) -> Result<usize, usize> {
        self.features.binary_search_by(|feature| (*feature.code).cmp(code))
    }
}

#[cfg(test)]
mod tests {
    use super::testing::{RULES, SCALE, model, taught};
    use super::*;

    #[test]
    fn without_labels_nothing_is_learned_and_the_points_decide() {
        let model = model();
        let codes: Vec<_> = RULES.iter().map(|&(code, _)| code).collect();
        for count in 0..=codes.len() {
            assert_eq!(model.adjustment(&codes[..count]), 0);
        }
        assert!(model.probability(&[]) < 0.01);
        assert!(model.probability(&["known"]) < model.probability(&[]));
        assert!(model.probability(&["tor"]) > model.probability(&["vpn"]));
        let even = TrustModel::prior(&[("a", 500)], SCALE).probability(&["a"]);
        assert!((even - 0.5).abs() < 1e-12);
    }

    #[test]
    fn order_repetition_and_unknown_codes_do_not_matter() {
        let model = taught(&[(&["vpn", "tor"], Truth::Fraud)]);
        let plain = model.explain(&["vpn", "tor"]);
        assert_eq!(model.explain(&["tor", "nobody", "vpn", "tor"]), plain);
        assert_eq!(
            model.update(&["tor", "vpn"], Truth::Fraud),
            model.update(&["vpn", "x", "tor", "vpn"], Truth::Fraud)
        );
    }

    #[test]
    fn what_was_learned_stays_with_the_code() {
        let model = taught(&[(&["vpn", "tor"], Truth::Fraud)]);
        let without_tor = model.with_rules(&[("vpn", 150), ("fresh", 10)], SCALE);
        assert_eq!(without_tor.adjustment(&["vpn"]), model.adjustment(&["vpn"]));
        assert_eq!(without_tor.adjustment(&["tor", "fresh"]), 0, "a rule that is no more counts nothing");
        let again = without_tor.with_rules(RULES, SCALE);
        assert_eq!(again.features, model.features);
        assert_eq!((again.id().version, again.id().hash), (model.id().version + 2, model.id().hash));
        assert_eq!(again.with_rules(RULES, SCALE), again, "nothing changed");
    }

    #[test]
    fn an_older_model_can_be_taken_up_again() {
        let old = taught(&[(&["vpn"], Truth::Fraud)]);
        let new = old.update(&["vpn"], Truth::Fraud);
        let back = new.rolled_back_to(&old);
        assert_eq!(back.adjustment(&["vpn"]), old.adjustment(&["vpn"]));
        assert_eq!((back.id().version, back.id().hash), (3, old.id().hash));
    }

    #[test]
    fn only_decided_labels_teach() {
        assert_eq!(Truth::of(Label::ConfirmedFraud), Some(Truth::Fraud));
        assert_eq!(Truth::of(Label::FalsePositive), Some(Truth::Legitimate));
        assert_eq!([Label::ChallengePassed, Label::ChallengeFailed].map(Truth::of), [None, None]);
    }

    #[test]
    fn keyris_trust_is_low_for_shared_accounts_and_high_for_clean_visits() {
        let rules = [("multiple_signups", 60), ("multiple_access", 60), ("new_device", 10)];
        let model = TrustModel::prior(&rules, Scale::new(80, 20));
        assert!(1.0 - model.probability(&["multiple_signups", "multiple_access"]) < 0.2);
        assert!(1.0 - model.probability(&[]) > 0.9);
    }
}
