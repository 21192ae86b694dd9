//! `links.device_reused`: more accounts on the device than allowed.

use portcullis_domain::facts::links;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "links.device_reused",
    title: "The device is used by several accounts",
    doc: Doc {
        why: "One device that opens many accounts is the plainest mark of multi-accounting, account \
              farms and, at login, of one thief working through stolen accounts.",
        quiet: "Quiet while the accounts ever seen on the device do not exceed the limit. Unknown when \
                nothing was sent from which a device can be told.",
        wrong: "Families, shared computers and kiosks. Without a client fingerprint the device is told \
                by stable attributes, which many phones of one model share. A caller that names an \
                account by its e-mail address at sign-up and by another id at login makes two accounts \
                of one person.",
        source: "The tenant's limit of accounts per device, by default 1.",
    },
    evaluate,
    explain,
};

fn evaluate(facts: &Facts, limits: &Limits) -> Reading {
    Reading::of(facts.get(links::USERS_ON_DEVICE).map(|count| count > limits.accounts_per_device))
}

fn explain(facts: &Facts, limits: &Limits) -> String {
    let count = facts.known(links::USERS_ON_DEVICE).unwrap_or_default();
    format!("{count} accounts on this device, limit {}", limits.accounts_per_device)
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    #[test]
    fn fires_past_the_limit() {
        let (reading, said) = read(&SIGNAL, |facts| facts.set(links::USERS_ON_DEVICE, 2));
        assert_eq!((reading, said.as_str()), (Reading::Fired, "2 accounts on this device, limit 1"));
    }

    #[test]
    fn is_quiet_at_the_limit() {
        assert_eq!(read(&SIGNAL, |facts| facts.set(links::USERS_ON_DEVICE, 1)).0, Reading::Quiet);
    }

    #[test]
    fn follows_the_limit() {
        let mut facts = Facts::unknown();
        facts.set(links::USERS_ON_DEVICE, 100);
        let reading = |limit| evaluate(&facts, &Limits { accounts_per_device: limit, ..Limits::default() });
        assert_eq!((reading(99), reading(100)), (Reading::Fired, Reading::Quiet));
    }

    #[test]
    fn is_unknown_without_a_count() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
