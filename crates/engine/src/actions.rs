//! What operators' rules do to a score beside adding their points: each action moves it to the edge of a band, so that
//! score, band and outcome always say the same.

use portcullis_domain::policy::Band;
use portcullis_domain::{Outcome, RuleAction};

/// The actions of the rules that fired and count.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Actions {
    at_least: Option<Outcome>,
    allows: bool,
}

impl Actions {
    pub(crate) fn add(&mut self, action: Option<RuleAction>) {
        let Some(action) = action else { return };
        self.at_least = self.at_least.max(action.at_least());
        self.allows |= action == RuleAction::Allow;
    }

    /// The strictest action wins. One that lets through counts only when no other is stricter, and never for what is
    /// on the block list.
    pub(crate) fn apply(self, score: i32, bands: &[Band], is_blocked: bool) -> i32 {
        match self.at_least {
            Some(outcome) => score.max(least_score_of(bands, outcome)),
            None if self.allows && !is_blocked => {
                bands.first().and_then(|band| band.max).map_or(score, |max| score.min(max))
            }
            None => score,
        }
    }
}

/// Where the strictest band begins that is not stricter than `outcome`.
fn least_score_of(bands: &[Band], outcome: Outcome) -> i32 {
    let fitting = bands.iter().rposition(|band| band.outcome <= outcome).unwrap_or(0);
    let below = fitting.checked_sub(1).and_then(|below| bands[below].max);
    below.map_or(0, |max| max.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bands(outcomes: &[(Option<i32>, Outcome)]) -> Vec<Band> {
        outcomes.iter().map(|&(max, outcome)| Band { name: String::new(), max, outcome }).collect()
    }

    fn ingest() -> Vec<Band> {
        bands(&[(Some(79), Outcome::Allow), (Some(119), Outcome::Challenge), (None, Outcome::Block)])
    }

    fn after(actions: &[RuleAction], score: i32, bands: &[Band], is_blocked: bool) -> i32 {
        let mut all = Actions::default();
        for &action in actions {
            all.add(Some(action));
        }
        all.apply(score, bands, is_blocked)
    }

    #[test]
    fn a_score_is_raised_to_the_band_that_the_action_means() {
        use RuleAction::{Allow, Block, Challenge, Flag, Review};
        for (actions, score, expected) in [
            (&[][..], 30, 30),
            (&[Flag], 30, 30),
            (&[Challenge], 30, 80),
            (&[Challenge], 150, 150),
            (&[Block], 30, 120),
            (&[Challenge, Block, Flag], 0, 120),
            // There is no band for reviews: the strictest that is not stricter.
            (&[Review], 0, 80),
            (&[Allow], 150, 79),
            (&[Allow], 30, 30),
            (&[Allow, Challenge], 0, 80),
        ] {
            assert_eq!(after(actions, score, &ingest(), false), expected, "{actions:?} {score}");
        }
        let four = bands(&[
            (Some(20), Outcome::Allow),
            (Some(45), Outcome::Challenge),
            (Some(70), Outcome::Review),
            (None, Outcome::Block),
        ]);
        assert_eq!(after(&[Review], 0, &four, false), 46);
        assert_eq!(after(&[Block], 0, &four, false), 71);
    }

    #[test]
    fn nothing_lets_through_what_is_on_the_block_list() {
        assert_eq!(after(&[RuleAction::Allow], 200, &ingest(), true), 200);
    }
}
