//! `account.known_device`: the account has used this device before; a reason to trust.

use portcullis_domain::facts::user;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "account.known_device",
    title: "The account has used this device before",
    doc: Doc {
        why: "A login from a device that the account used before is most likely its owner's; rules over it usually \
              take points off.",
        quiet: "Quiet on a device that is new to the account. Unknown when nothing was sent from which a device can \
                be told.",
        wrong: "A thief who got in once is known the next time, and a client fingerprint can be copied.",
        source: "One earlier event of the account on the device; there is no other threshold.",
    },
    evaluate,
    explain: |_, _| "The account has used this device before".to_owned(),
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(user::KNOWS_DEVICE))
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    #[test]
    fn fires_on_a_known_device() {
        assert_eq!(read(&SIGNAL, |facts| facts.set(user::KNOWS_DEVICE, true)).0, Reading::Fired);
    }

    #[test]
    fn is_quiet_on_a_new_one() {
        assert_eq!(read(&SIGNAL, |facts| facts.set(user::KNOWS_DEVICE, false)).0, Reading::Quiet);
    }

    #[test]
    fn is_unknown_without_a_device() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
