//! `account.flagged`: somebody flagged the account.

use portcullis_domain::facts::user;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "account.flagged",
    title: "The account is flagged",
    doc: Doc {
        why: "Somebody found this account suspicious and did not take that back.",
        quiet: "Quiet when it is neither on the watch list nor reported since it was last unflagged. Unknown when that was not looked at, and when reports stand, which other signals count.",
        wrong: "Flags outlive their reason when nobody looks through them.",
        source: "The tenant's own flags; there is no threshold.",
    },
    evaluate,
    explain,
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    let is_reported = facts.known(user::REPORTS).is_some_and(|reports| reports > 0)
        || facts.known(user::FRAUD_PRIORITY).is_some_and(|priority| !priority.is_empty());
    if is_reported {
        return Reading::Unknown(portcullis_domain::Missing::NotApplicable);
    }
    Reading::of(facts.get(user::IS_FLAGGED))
}

fn explain(_: &Facts, _: &Limits) -> String {
    "The account is flagged".to_owned()
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    fn of(reports: i64, priority: &str, is_flagged: bool) -> Reading {
        let set = |facts: &mut Facts| {
            facts.set(user::REPORTS, reports);
            facts.set(user::FRAUD_PRIORITY, priority);
            facts.set(user::IS_FLAGGED, is_flagged);
        };
        read(&SIGNAL, set).0
    }

    #[test]
    fn fires_when_nothing_else_tells() {
        assert_eq!(of(0, "", true), Reading::Fired);
        assert_eq!(read(&SIGNAL, |facts| facts.set(user::IS_FLAGGED, true)).0, Reading::Fired);
        assert_eq!(of(0, "", false), Reading::Quiet);
    }

    #[test]
    fn leaves_reports_to_their_own_signals() {
        let unknown = Reading::Unknown(Missing::NotApplicable);
        assert_eq!([of(1, "", true), of(0, "low", true)], [unknown; 2]);
    }

    #[test]
    fn is_unknown_when_not_looked_at() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
