//! `email.disposable`: the mailbox is meant to be thrown away.

use portcullis_domain::facts::email;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "email.disposable",
    title: "The e-mail domain gives out throw-away mailboxes",
    doc: Doc {
        why: "A throw-away mailbox proves nothing about its owner and costs nothing, so it is the usual start of mass \
              sign-ups.",
        quiet: "Quiet for domains that are not listed, nor any domain above them; relays such as Apple's, which \
                forward to one real mailbox, are not disposable. Unknown without an e-mail address.",
        wrong: "Privacy-minded people use such mailboxes for things they do not trust yet. New throw-away domains \
                appear daily and are missed until listed.",
        source: "The shipped lists and the operator's own; there is no threshold.",
    },
    evaluate,
    explain: |_, _| "The e-mail domain gives out throw-away mailboxes".to_owned(),
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(email::IS_DISPOSABLE))
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    #[test]
    fn fires_on_a_listed_domain() {
        assert_eq!(read(&SIGNAL, |facts| facts.set(email::IS_DISPOSABLE, true)).0, Reading::Fired);
    }

    #[test]
    fn is_quiet_on_a_relay() {
        let (reading, _) = read(&SIGNAL, |facts| {
            facts.set(email::IS_DISPOSABLE, false);
            facts.set(email::IS_RELAY, true);
        });
        assert_eq!(reading, Reading::Quiet);
    }

    #[test]
    fn is_unknown_without_an_address() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
