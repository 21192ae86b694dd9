//! `reports.fraud_high`: the gravest report of fraud by the account that stands has high priority.

use portcullis_domain::facts::user;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "reports.fraud_high",
    title: "Fraud was reported, high priority",
    doc: Doc {
        why: "Somebody reported that this account steals money or identities, or several kinds of fraud at once.",
        quiet: "Quiet when no report of fraud stands, and when the gravest one has another priority. Unknown when reports were not looked at.",
        wrong: "A report is a claim until somebody confirms or dismisses it.",
        source: "The priority that follows from the reported reasons or the severity; there is no threshold.",
    },
    evaluate,
    explain,
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(user::FRAUD_PRIORITY).map(|priority| priority == "high"))
}

fn explain(_: &Facts, _: &Limits) -> String {
    "The gravest report of fraud has high priority".to_owned()
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    fn of(priority: &str) -> Reading {
        read(&SIGNAL, |facts| facts.set(user::FRAUD_PRIORITY, priority)).0
    }

    #[test]
    fn fires_for_its_priority_only() {
        assert_eq!(of("high"), Reading::Fired);
        assert_eq!([of("medium"), of("")], [Reading::Quiet; 2]);
    }

    #[test]
    fn is_unknown_when_not_looked_at() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
