//! `lists.allowed`: something of the event is on the tenant's allow list.

use portcullis_domain::facts::lists;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "lists.allowed",
    title: "Something of the event is on the allow list",
    doc: Doc {
        why: "Somebody who knows this account, device, address or mailbox decided that it is to be let through, \
              whatever else is seen.",
        quiet: "Quiet when none of what was sent is on the list, and when anything is on the block list, which \
                counts for more. Unknown when the list was not looked at.",
        wrong: "An address is shared by many people and changes hands; entries without an end outlive their \
                reason.",
        source: "The tenant's entries; there is no threshold.",
    },
    evaluate,
    explain,
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    let is_blocked = facts.known(lists::BLOCKED).is_some_and(|kinds| !kinds.is_empty());
    Reading::of(facts.get(lists::ALLOWED).map(|kinds| !kinds.is_empty() && !is_blocked))
}

fn explain(facts: &Facts, _: &Limits) -> String {
    let kinds: Vec<_> = facts.known(lists::ALLOWED).unwrap_or_default().split_whitespace().collect();
    format!("On the allow list: {}", kinds.join(", "))
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    fn of(kinds: &str) -> (Reading, String) {
        read(&SIGNAL, |facts| facts.set(lists::ALLOWED, kinds))
    }

    #[test]
    fn fires_and_names_the_kinds() {
        assert_eq!(of("device ip"), (Reading::Fired, "On the allow list: device, ip".to_owned()));
        assert_eq!(of("email"), (Reading::Fired, "On the allow list: email".to_owned()));
    }

    #[test]
    fn is_quiet_when_nothing_is_on_it() {
        assert_eq!(of("").0, Reading::Quiet);
    }

    #[test]
    fn the_block_list_counts_for_more() {
        let (reading, _) = read(&SIGNAL, |facts| {
            facts.set(lists::ALLOWED, "user");
            facts.set(lists::BLOCKED, "device");
        });
        assert_eq!(reading, Reading::Quiet);
    }

    #[test]
    fn is_unknown_when_not_looked_at() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
