//! Clues: the separate pieces of evidence of a signal that any one of them makes fire.

use portcullis_domain::{Facts, Missing};

use super::Reading;

/// One piece of evidence.
pub(crate) struct Clue {
    /// Whether it is there.
    pub(crate) read: fn(&Facts) -> Reading,
    /// What was seen, when it is.
    pub(crate) explain: fn(&Facts) -> String,
}

impl Clue {
    /// Fired when one of the clues is there; unknown only when nothing is known of any, for the first reason that says
    /// more than that something was not sent.
    pub(crate) fn any(clues: &[Self], facts: &Facts) -> Reading {
        let mut all = Reading::Unknown(Missing::NotSent);
        for clue in clues {
            match ((clue.read)(facts), all) {
                (Reading::Fired, _) => return Reading::Fired,
                (Reading::Quiet, _) => all = Reading::Quiet,
                (Reading::Unknown(reason), Reading::Unknown(Missing::NotSent)) => {
                    all = Reading::Unknown(reason);
                }
                (Reading::Unknown(_), _) => {}
            }
        }
        all
    }

    /// The explanation of the first clue that is there.
    pub(crate) fn explain_first(clues: &[Self], facts: &Facts) -> String {
        let first = clues.iter().find(|clue| (clue.read)(facts) == Reading::Fired);
        first.map_or_else(String::new, |clue| (clue.explain)(facts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRED: Clue = Clue { read: |_| Reading::Fired, explain: |_| "seen".to_owned() };
    const QUIET: Clue = Clue { read: |_| Reading::Quiet, explain: |_| "not seen".to_owned() };
    const UNKNOWN: Clue =
        Clue { read: |_| Reading::Unknown(Missing::NotFound), explain: |_| "not seen".to_owned() };

    #[test]
    fn one_clue_is_enough_and_one_known_is_enough_to_be_quiet() {
        let facts = Facts::unknown();
        assert_eq!(Clue::any(&[UNKNOWN, QUIET, FIRED], &facts), Reading::Fired);
        assert_eq!(Clue::any(&[QUIET, UNKNOWN], &facts), Reading::Quiet);
        assert_eq!(Clue::any(&[UNKNOWN, UNKNOWN], &facts), Reading::Unknown(Missing::NotFound));
        assert_eq!(Clue::explain_first(&[QUIET, FIRED], &facts), "seen");
    }
}
