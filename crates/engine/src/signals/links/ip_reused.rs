//! `links.ip_reused`: more accounts on the address than allowed.

use portcullis_domain::facts::links;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "links.ip_reused",
    title: "The address is used by several accounts",
    doc: Doc {
        why: "Farms and credential thieves work from few addresses, so many accounts on one address \
              are worth a look.",
        quiet: "Quiet while the accounts ever seen on the address (for IPv6 its /64) do not exceed the \
                limit. Unknown without an address.",
        wrong: "Offices, universities, mobile carriers and everything else behind address translation \
                put thousands of strangers on one address, which is why the points are few; raise the \
                limit for such audiences.",
        source: "The tenant's limit of accounts per address, by default 3: a household.",
    },
    evaluate,
    explain,
};

fn evaluate(facts: &Facts, limits: &Limits) -> Reading {
    Reading::of(facts.get(links::USERS_ON_IP).map(|count| count > limits.accounts_per_ip))
}

fn explain(facts: &Facts, limits: &Limits) -> String {
    let count = facts.known(links::USERS_ON_IP).unwrap_or_default();
    format!("{count} accounts on this address, limit {}", limits.accounts_per_ip)
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    #[test]
    fn fires_past_the_limit() {
        let (reading, said) = read(&SIGNAL, |facts| facts.set(links::USERS_ON_IP, 4));
        assert_eq!((reading, said.as_str()), (Reading::Fired, "4 accounts on this address, limit 3"));
    }

    #[test]
    fn is_quiet_at_the_limit() {
        assert_eq!(read(&SIGNAL, |facts| facts.set(links::USERS_ON_IP, 3)).0, Reading::Quiet);
    }

    #[test]
    fn follows_the_limit() {
        let mut facts = Facts::unknown();
        facts.set(links::USERS_ON_IP, 100);
        let reading = |limit| evaluate(&facts, &Limits { accounts_per_ip: limit, ..Limits::default() });
        assert_eq!((reading(99), reading(100)), (Reading::Fired, Reading::Quiet));
    }

    #[test]
    fn is_unknown_without_a_count() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
