//! What operators' rules do to a score beside adding their points: each action moves it to the edge of a band, so that
//! score, band and outcome always say the same.

use portcullis_domain::facts::{lists, velocity};
use portcullis_domain::policy::Band;
use portcullis_domain::{Facts, Outcome, RuleAction};

use crate::score;

/// The actions of the rules that fired.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Actions {
    at_least: Option<Outcome>,
    allows: bool,
    /// Of rules that act although the tenant only watches.
    enforced: Option<Outcome>,
    /// Of rules that only watch.
    watched: Option<Outcome>,
}

/// What is done, and what would be if nothing only watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) band: u8,
    pub(crate) outcome: Outcome,
    pub(crate) would: Outcome,
}

/// Whether something of the event is on the block list.
pub(crate) fn is_blocked(facts: &Facts) -> bool {
    facts.known(lists::BLOCKED).is_some_and(|kinds| !kinds.is_empty())
}

impl Actions {
    /// Takes up a rule that counts.
    pub(crate) fn add(&mut self, action: RuleAction, is_enforced: bool) {
        self.at_least = self.at_least.max(action.at_least());
        self.allows |= action == RuleAction::Allow;
        if is_enforced {
            self.enforced = self.enforced.max(action.at_least());
        }
    }

    /// Takes up what the velocity rules ask for that the event's attempt is beyond.
    pub(crate) fn add_velocity(&mut self, facts: &Facts) {
        let action = |key| facts.known(key).and_then(RuleAction::named);
        if let Some(action) = action(velocity::CONSEQUENCE) {
            self.add(action, true);
        }
        if let Some(action) = action(velocity::WATCHED_CONSEQUENCE) {
            self.watch(action);
        }
    }

    /// Takes up a rule that only watches.
    pub(crate) fn watch(&mut self, action: RuleAction) {
        self.watched = self.watched.max(action.at_least());
    }

    /// What to do at this score, to which the actions were applied.
    ///
    /// | tenant | `outcome` | `would` |
    /// |---|---|---|
    /// | acts | what the score's band says | the same, or more when a rule that only watches asks for more |
    /// | only watches | what the strictest of its rules that act all the same asks for, else the mildest band's | the same as if it acted |
    ///
    /// What a rule that only watches would let through, and the points it would add, change neither. `would` is never
    /// milder than `outcome`.
    pub(crate) fn verdict(self, score: i32, bands: &[Band], monitor: bool) -> Verdict {
        let at = |score| score::band(bands, score);
        let (band, assessed) = at(score);
        let raised = |asked: Option<Outcome>| asked.map(|asked| at(least_score_of(bands, asked)).1);
        let would = raised(self.watched).map_or(assessed, |watched| assessed.max(watched));
        let mildest = bands.first().map_or(assessed, |band| band.outcome);
        let outcome = if monitor { raised(self.enforced).unwrap_or(mildest) } else { assessed };
        Verdict { band, outcome, would: would.max(outcome) }
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
            all.add(action, false);
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
    fn what_is_done_and_what_would_be() {
        use Outcome::{Allow, Block, Challenge};
        use RuleAction as Act;
        // Score, whether the tenant only watches; actions that count, that act all the same, that only watch.
        for (score, monitor, live, enforced, watched, outcome, would) in [
            (30, false, &[][..], &[][..], &[][..], Allow, Allow),
            (150, false, &[], &[], &[], Block, Block),
            (30, false, &[], &[], &[Act::Challenge], Allow, Challenge),
            (90, false, &[], &[], &[Act::Block, Act::Challenge], Challenge, Block),
            (150, false, &[], &[], &[Act::Challenge], Block, Block),
            (150, false, &[], &[], &[Act::Allow], Block, Block),
            (30, false, &[], &[Act::Block], &[], Block, Block),
            (30, true, &[], &[], &[], Allow, Allow),
            (150, true, &[], &[], &[], Allow, Block),
            (30, true, &[Act::Block], &[], &[], Allow, Block),
            (30, true, &[], &[Act::Challenge], &[], Challenge, Challenge),
            (150, true, &[], &[Act::Challenge], &[], Challenge, Block),
            (30, true, &[Act::Block], &[Act::Challenge], &[], Challenge, Block),
            (30, true, &[], &[Act::Flag], &[Act::Block], Allow, Block),
            // Another rule lets it through, and the one that acts all the same is stricter.
            (150, true, &[Act::Allow], &[Act::Challenge], &[], Challenge, Block),
            (150, true, &[Act::Allow], &[], &[], Allow, Allow),
        ] {
            let mut all = Actions::default();
            for (&action, is_enforced) in live.iter().zip([false; 2]).chain(enforced.iter().zip([true; 2])) {
                all.add(action, is_enforced);
            }
            for &action in watched {
                all.watch(action);
            }
            let verdict = all.verdict(all.apply(score, &ingest(), false), &ingest(), monitor);
            let case = format!("{score} {monitor} {live:?} {enforced:?} {watched:?}");
            assert_eq!((verdict.outcome, verdict.would), (outcome, would), "{case}");
        }
    }

    #[test]
    fn nothing_lets_through_what_is_on_the_block_list() {
        assert_eq!(after(&[RuleAction::Allow], 200, &ingest(), true), 200);
    }
}
