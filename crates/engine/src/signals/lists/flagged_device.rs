//! `lists.flagged_device`: a device of the account is listed or was reported.

use portcullis_domain::facts::device;
use portcullis_domain::{Facts, Limits};

use super::is_listed;
use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "lists.flagged_device",
    title: "A device of the account is flagged",
    doc: Doc {
        why: "Devices that were used for fraud are used again, by the same people with other accounts.",
        quiet: "Quiet when no device of the account is on the block or watch list, and none was reported. Unknown when the lists were not looked at.",
        wrong: "Devices are shared in families and sold on.",
        source: "The tenant's entries and signals; there is no threshold.",
    },
    evaluate,
    explain,
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    if facts.known(device::REPORTS).is_some_and(|reports| reports > 0) {
        return Reading::Fired;
    }
    Reading::of(is_listed(facts, "device"))
}

fn explain(facts: &Facts, _: &Limits) -> String {
    let reports = facts.known(device::REPORTS).unwrap_or_default();
    format!("A device of the account is listed or was reported ({reports} reports)")
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    use portcullis_domain::facts::lists;

    #[test]
    fn fires_when_listed_or_reported() {
        for key in [lists::BLOCKED, lists::WATCHED] {
            assert_eq!(read(&SIGNAL, |facts| facts.set(key, "user device")).0, Reading::Fired);
        }
        let (reading, told) = read(&SIGNAL, |facts| facts.set(device::REPORTS, 2));
        assert_eq!(reading, Reading::Fired);
        assert_eq!(told, "A device of the account is listed or was reported (2 reports)");
    }

    #[test]
    fn is_quiet_for_anything_else() {
        let set = |facts: &mut Facts| {
            facts.set(lists::BLOCKED, "user");
            facts.set(lists::WATCHED, "ip");
            facts.set(device::REPORTS, 0);
        };
        assert_eq!(read(&SIGNAL, set).0, Reading::Quiet);
    }

    #[test]
    fn is_unknown_when_not_looked_at() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
