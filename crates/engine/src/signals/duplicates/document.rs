//! `duplicates.document`: another account was verified with the same document.

use portcullis_domain::facts::duplicates;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "duplicates.document",
    title: "Another account was verified with the same document",
    doc: Doc {
        why: "One document behind several accounts is the plainest mark of multi-accounting, and of documents that are \
              passed around.",
        quiet: "Quiet when no other account was verified with it. Unknown when none was sent.",
        wrong: "A person who opened a second account in good faith, such as after losing access to the first.",
        source: "One other account is enough; there is no other threshold.",
    },
    evaluate: |facts, _: &Limits| Reading::of(facts.get(duplicates::DOCUMENT).map(|accounts| accounts > 0)),
    explain: |facts: &Facts, _| {
        let accounts = facts.known(duplicates::DOCUMENT).unwrap_or_default();
        format!("Verified for {accounts} other account{} before", if accounts == 1 { "" } else { "s" })
    },
};

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    #[test]
    fn fires_on_any_other_account() {
        let of = |accounts| read(&SIGNAL, |facts| facts.set(duplicates::DOCUMENT, accounts));
        assert_eq!(of(1), (Reading::Fired, "Verified for 1 other account before".to_owned()));
        assert_eq!(of(3), (Reading::Fired, "Verified for 3 other accounts before".to_owned()));
        assert_eq!(of(0).0, Reading::Quiet);
    }

    #[test]
    fn is_unknown_without_one() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
