//! `reports.one`: one report about the account stands.

use portcullis_domain::facts::user;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "reports.one",
    title: "Reported once",
    doc: Doc {
        why: "Somebody complained about this account. One complaint is little, but not nothing.",
        quiet: "Quiet when no report stands, and when several do, which another signal tells. Unknown when reports were not looked at.",
        wrong: "People report each other out of spite; a report is a claim until somebody looks into it.",
        source: "One report, the contract's own step.",
    },
    evaluate,
    explain,
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(user::REPORTS).map(|reports| reports == 1))
}

fn explain(_: &Facts, _: &Limits) -> String {
    "1 report stands".to_owned()
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
    fn fires_for_one() {
        assert_eq!(of(1), (Reading::Fired, "1 report stands".to_owned()));
    }

    #[test]
    fn is_quiet_for_none_and_for_several() {
        assert_eq!([of(0).0, of(2).0], [Reading::Quiet; 2]);
    }

    #[test]
    fn is_unknown_when_not_looked_at() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
