//! `reports.several`: several reports about the account stand.

use portcullis_domain::facts::user;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "reports.several",
    title: "Reported several times",
    doc: Doc {
        why: "Complaints about the same account on several occasions seldom are all mistaken.",
        quiet: "Quiet for fewer than two. Unknown when reports were not looked at.",
        wrong: "A group can agree to report somebody, and one person can report twice.",
        source: "Two reports, the contract's own step.",
    },
    evaluate,
    explain,
};

/// From this many on.
const SEVERAL: i64 = 2;

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(user::REPORTS).map(|reports| reports >= SEVERAL))
}

fn explain(facts: &Facts, _: &Limits) -> String {
    format!("{} reports stand, from {SEVERAL} on", facts.known(user::REPORTS).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    fn of(reports: i64) -> (Reading, String) {
        read(&SIGNAL, |facts| facts.set(user::REPORTS, reports))
    }

    #[test]
    fn fires_from_two_on() {
        assert_eq!(of(2), (Reading::Fired, "2 reports stand, from 2 on".to_owned()));
        assert_eq!(of(7).0, Reading::Fired);
    }

    #[test]
    fn is_quiet_for_one() {
        assert_eq!([of(0).0, of(1).0], [Reading::Quiet; 2]);
    }

    #[test]
    fn is_unknown_when_not_looked_at() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
