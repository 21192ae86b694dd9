//! What labels add to a score: the points of rules that tell of labels, and what the trust model learned of the others.

use portcullis_domain::facts::{Int, Key, user};
use portcullis_domain::policy::Band;
use portcullis_domain::{Check, CheckStatus, Facts};
use smallvec::SmallVec;

use crate::{Plan, actions, score, trust::MIN_LABELS};

/// The learned part of a score, hundredths of a point, by how well it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LearnedPart {
    /// Behind each point of it are at least [`MIN_LABELS`] labels.
    firm: i64,
    /// Behind it are fewer: it shows in a score, but changes no band.
    loose: i64,
}

/// What labels taught of one rule that fired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LearnedPoints {
    /// The rule's index in the policy.
    pub rule: u16,
    /// What that adds to the score, hundredths of a point.
    pub hundredths: i64,
    /// How many labeled events the rule fired on.
    pub labels: u32,
}

impl LearnedPart {
    pub(crate) const fn add(&mut self, hundredths: i64, labels: u32) {
        if labels >= MIN_LABELS {
            self.firm += hundredths;
        } else {
            self.loose += hundredths;
        }
    }

    /// The score of so many hundredths of a point and the learned part, from 0 to `max`, rounded half up once. A single
    /// label raises or lowers a score, but never changes a band by itself.
    pub(crate) fn apply(self, hundredths: i64, bands: &[Band], max: Option<i32>) -> i32 {
        let firm = hundredths.saturating_add(self.firm);
        let held = score::rounded(firm, max);
        if self.loose == 0 {
            return held;
        }
        within_band(score::rounded(firm.saturating_add(self.loose), max), held, bands)
    }
}

/// How many labels tell of the account or device of the event: behind the points of rules that tell of labels.
pub(crate) fn labels_of_subject(facts: &Facts) -> u32 {
    let count = |key: Key<Int>| facts.known(key).unwrap_or_default().max(0);
    let sum = count(user::FRAUD_LABELS).saturating_add(count(user::CLEARED_LABELS));
    u32::try_from(sum).unwrap_or(u32::MAX)
}

impl Plan {
    /// What labels taught of the rules that fired, in the order of the policy. Of rules over one signal the first has it
    /// all. The points of rules that tell of labels are not among it: those are points of a rule.
    ///
    /// Nothing is added to the score of what is on the block list.
    pub fn learned(&self, facts: &Facts, checks: &[Check]) -> Vec<LearnedPoints> {
        let Some(model) = self.model().filter(|_| !actions::is_blocked(facts)) else { return Vec::new() };
        let fired: SmallVec<[(u16, &str); 16]> = checks
            .iter()
            .filter(|check| check.status == CheckStatus::Fired)
            .filter_map(|check| Some((check.rule, self.learned_key(check.rule)?)))
            .collect();
        let codes: SmallVec<[&str; 16]> = fired.iter().map(|&(_, code)| code).collect();
        let explanation = model.explain(&codes);
        let points = explanation.contributions.iter().filter_map(|part| {
            let (rule, _) = *fired.iter().find(|(_, code)| *code == part.code)?;
            Some(LearnedPoints { rule, hundredths: part.learned, labels: part.labels })
        });
        let mut points: Vec<_> = points.collect();
        points.sort_unstable_by_key(|points| points.rule);
        points
    }
}

/// The score nearest to `moved` in the band of `score`.
fn within_band(moved: i32, score: i32, bands: &[Band]) -> i32 {
    let band = usize::from(score::band(bands, score).0);
    let below = band.checked_sub(1).and_then(|below| bands.get(below)?.max);
    let lowest = below.map_or(i32::MIN, |max| max.saturating_add(1));
    let highest = bands.get(band).and_then(|band| band.max).unwrap_or(i32::MAX);
    moved.max(lowest).min(highest)
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Outcome;
    use proptest::prelude::*;

    use super::*;

    fn bands() -> Vec<Band> {
        let band = |max, outcome| Band { name: String::new(), max, outcome };
        let (allow, challenge) = (band(Some(200), Outcome::Allow), band(Some(500), Outcome::Challenge));
        vec![allow, challenge, band(None, Outcome::Block)]
    }

    fn score(points: i32, firm: i64, loose: i64) -> i32 {
        LearnedPart { firm, loose }.apply(i64::from(points) * 100, &bands(), Some(1_000))
    }

    #[test]
    fn one_label_shows_but_never_changes_the_band() {
        assert_eq!((score(120, 0, 5_000), score(195, 0, 5_000), score(200, 0, 5_000)), (170, 200, 200));
        assert_eq!((score(499, 0, 5_000), score(980, 0, 5_000)), (500, 1_000));
        assert_eq!((score(230, 0, -5_000), score(501, 0, -5_000), score(3, 0, -5_000)), (201, 501, 0));
    }

    #[test]
    fn two_may_and_one_more_moves_within_what_they_made_of_it() {
        assert_eq!((score(200, 5_000, 0), score(230, -5_000, 0)), (250, 180));
        assert_eq!(score(200, 1, 5_000), 200, "a hundredth is rounded off");
        assert_eq!(score(200, 100, 5_000), 251);
        assert_eq!(score(230, -5_000, 5_000), 200);
    }

    #[test]
    fn is_rounded_once() {
        let of = |hundredths, firm| LearnedPart { firm, loose: 0 }.apply(hundredths, &bands(), None);
        assert_eq!((of(1_025, 1_025), of(1_024, 1_025), of(10, -60)), (21, 20, 0));
    }

    proptest! {
        #[test]
        fn what_is_loose_changes_no_band(points in 0..1_001_i32, firm in -40_000..40_000_i64, loose in -40_000..40_000_i64) {
            let (held, moved) = (score(points, firm, 0), score(points, firm, loose));
            prop_assert_eq!(score::band(&bands(), held), score::band(&bands(), moved));
            let follows = if loose >= 0 { moved >= held } else { moved <= held };
            prop_assert!(follows);
        }
    }
}
