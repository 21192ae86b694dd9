//! `account.new_device`: a known account on a device it never used.

use portcullis_domain::facts::user;
use portcullis_domain::{Fact, Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "account.new_device",
    title: "The account was never seen on this device",
    doc: Doc {
        why: "A stolen password is used on the thief's device, not on the owner's.",
        quiet: "Quiet for an account that was never seen before, and on a device it used before. \
                Unknown when nothing was sent from which a device can be told.",
        wrong: "People buy phones, clear their cookies and browse privately; browsers that blur \
                fingerprints are new every time.",
        source: "One earlier event of the account on the device is enough to know it; there is no \
                 other threshold.",
    },
    evaluate,
    explain: |_, _| "The account was never seen on this device".to_owned(),
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    match (facts.get(user::IS_KNOWN), facts.get(user::KNOWS_DEVICE)) {
        (Fact::Known(false), _) | (Fact::Known(true), Fact::Known(true)) => Reading::Quiet,
        (Fact::Known(true), Fact::Known(false)) => Reading::Fired,
        (Fact::Missing(reason), _) | (Fact::Known(true), Fact::Missing(reason)) => Reading::Unknown(reason),
    }
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    fn reading(is_known: bool, knows_device: bool) -> Reading {
        let set = |facts: &mut Facts| {
            facts.set(user::IS_KNOWN, is_known);
            facts.set(user::KNOWS_DEVICE, knows_device);
        };
        read(&SIGNAL, set).0
    }

    #[test]
    fn fires_for_a_known_account_on_a_new_device() {
        assert_eq!(reading(true, false), Reading::Fired);
    }

    #[test]
    fn is_quiet_for_a_known_device_and_for_a_new_account() {
        assert_eq!(reading(true, true), Reading::Quiet);
        assert_eq!(reading(false, false), Reading::Quiet);
    }

    #[test]
    fn is_unknown_without_an_account_or_a_device() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
        let (reading, _) = read(&SIGNAL, |facts| {
            facts.set(user::IS_KNOWN, true);
            facts.set_missing(user::KNOWS_DEVICE, Missing::NotApplicable);
        });
        assert_eq!(reading, Reading::Unknown(Missing::NotApplicable));
    }
}
