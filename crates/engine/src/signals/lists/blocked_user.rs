//! `lists.blocked_user`: the account itself is on the tenant's block list.

use portcullis_domain::facts::lists;
use portcullis_domain::{Facts, Limits};

use super::names;
use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "lists.blocked_user",
    title: "The account is on the block list",
    doc: Doc {
        why: "Somebody decided that this account is to be kept out.",
        quiet: "Quiet when the account is not on the list, whatever else is. Unknown when the list was not looked at.",
        wrong: "Entries without an end outlive their reason.",
        source: "The tenant's entries; there is no threshold.",
    },
    evaluate,
    explain,
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(lists::BLOCKED).map(|kinds| names(kinds, "user")))
}

fn explain(_: &Facts, _: &Limits) -> String {
    "The account is on the block list".to_owned()
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    fn of(kinds: &str) -> Reading {
        read(&SIGNAL, |facts| facts.set(lists::BLOCKED, kinds)).0
    }

    #[test]
    fn fires_for_the_account() {
        assert_eq!([of("user"), of("user device")], [Reading::Fired; 2]);
    }

    #[test]
    fn is_quiet_for_anything_else() {
        assert_eq!([of(""), of("device ip")], [Reading::Quiet; 2]);
    }

    #[test]
    fn is_unknown_when_not_looked_at() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
