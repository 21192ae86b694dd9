//! `links.signups_on_device`: more accounts were created on the device than allowed.

use portcullis_domain::facts::links;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "links.signups_on_device",
    title: "Several accounts were created on the device",
    doc: Doc {
        why: "One device that opens many accounts is the plainest mark of multi-accounting.",
        quiet: "Quiet while the accounts ever created on the device do not exceed the limit. Unknown when nothing was sent from which a device can be told.",
        wrong: "Families, shared computers and kiosks.",
        source: "The tenant's limit, by default 3.",
    },
    evaluate,
    explain,
};

fn evaluate(facts: &Facts, limits: &Limits) -> Reading {
    Reading::of(facts.get(links::SIGNUP_USERS_ON_DEVICE).map(|count| count > limits.signups_per_device))
}

fn explain(facts: &Facts, limits: &Limits) -> String {
    let count = facts.known(links::SIGNUP_USERS_ON_DEVICE).unwrap_or_default();
    format!("{count} accounts created on this device, limit {}", limits.signups_per_device)
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    fn of(count: i64) -> (Reading, String) {
        read(&SIGNAL, |facts| facts.set(links::SIGNUP_USERS_ON_DEVICE, count))
    }

    #[test]
    fn fires_past_the_limit() {
        assert_eq!(of(4), (Reading::Fired, "4 accounts created on this device, limit 3".to_owned()));
    }

    #[test]
    fn is_quiet_at_the_limit_and_follows_it() {
        assert_eq!(of(3).0, Reading::Quiet);
        let mut facts = Facts::unknown();
        facts.set(links::SIGNUP_USERS_ON_DEVICE, 4);
        assert_eq!(evaluate(&facts, &Limits { signups_per_device: 4, ..Limits::default() }), Reading::Quiet);
    }

    #[test]
    fn is_unknown_when_nothing_is_known() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
