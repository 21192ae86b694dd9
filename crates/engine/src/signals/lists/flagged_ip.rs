//! `lists.flagged_ip`: an address of the account is listed.

use portcullis_domain::{Facts, Limits};

use super::is_listed;
use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "lists.flagged_ip",
    title: "An address of the account is flagged",
    doc: Doc {
        why: "Addresses that fraud came from are used for it again.",
        quiet: "Quiet when no address of the account is on the block or watch list. Unknown when the lists were not looked at.",
        wrong: "Addresses change hands, and one behind a carrier's or a company's gateway is that of many.",
        source: "The tenant's entries; there is no threshold.",
    },
    evaluate,
    explain,
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(is_listed(facts, "ip"))
}

fn explain(_: &Facts, _: &Limits) -> String {
    "An address of the account is listed".to_owned()
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    use portcullis_domain::facts::lists;

    #[test]
    fn fires_on_either_list() {
        for key in [lists::BLOCKED, lists::WATCHED] {
            assert_eq!(read(&SIGNAL, |facts| facts.set(key, "user ip")).0, Reading::Fired);
        }
    }

    #[test]
    fn is_quiet_for_anything_else() {
        let set = |facts: &mut Facts| {
            facts.set(lists::BLOCKED, "user");
            facts.set(lists::WATCHED, "device");
        };
        assert_eq!(read(&SIGNAL, set).0, Reading::Quiet);
    }

    #[test]
    fn is_unknown_when_not_looked_at() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
