//! `lists.watched`: something of the event is on the tenant's watch list.

use portcullis_domain::facts::lists;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "lists.watched",
    title: "Something of the event is on the watch list",
    doc: Doc {
        why: "Somebody found this account, device, address or mailbox suspicious, not so much as to keep it \
              out; a point of suspicion for whatever else is seen.",
        quiet: "Quiet when none of what was sent is on the list. Unknown when the list was not looked at.",
        wrong: "An address is shared by many people and changes hands; entries without an end outlive their \
                reason.",
        source: "The tenant's entries; there is no threshold.",
    },
    evaluate,
    explain,
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(lists::WATCHED).map(|kinds| !kinds.is_empty()))
}

fn explain(facts: &Facts, _: &Limits) -> String {
    let kinds: Vec<_> = facts.known(lists::WATCHED).unwrap_or_default().split_whitespace().collect();
    format!("On the watch list: {}", kinds.join(", "))
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    fn of(kinds: &str) -> (Reading, String) {
        read(&SIGNAL, |facts| facts.set(lists::WATCHED, kinds))
    }

    #[test]
    fn fires_and_names_the_kinds() {
        assert_eq!(of("device ip"), (Reading::Fired, "On the watch list: device, ip".to_owned()));
        assert_eq!(of("email"), (Reading::Fired, "On the watch list: email".to_owned()));
    }

    #[test]
    fn is_quiet_when_nothing_is_on_it() {
        assert_eq!(of("").0, Reading::Quiet);
    }

    #[test]
    fn is_unknown_when_not_looked_at() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
