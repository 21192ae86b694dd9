//! `velocity.login_spray`: many accounts are tried from one address in a short time.

use portcullis_domain::facts::velocity;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// More distinct accounts than this in 10 minutes are no household, even one where everybody logs in at once.
const MAX_ACCOUNTS: i64 = 10;

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "velocity.login_spray",
    title: "Many accounts are tried from the address",
    doc: Doc {
        why: "Credential stuffing and password spraying try leaked passwords on one account after the other; what \
              gives them away is the number of distinct accounts, not of attempts.",
        quiet: "Quiet up to 10 distinct accounts within a sliding 10 minutes, this one included; one person's retries \
                count once. Unknown without an address.",
        wrong: "A large office at nine in the morning, or a carrier's shared address. Attackers who rotate addresses \
                stay below it.",
        source: "10 accounts in 10 minutes, the product's default.",
    },
    evaluate,
    explain,
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(velocity::USERS_PER_IP_10M).map(|accounts| accounts > MAX_ACCOUNTS))
}

fn explain(facts: &Facts, _: &Limits) -> String {
    let accounts = facts.known(velocity::USERS_PER_IP_10M).unwrap_or_default();
    format!("{accounts} accounts tried from this address in 10 minutes, limit {MAX_ACCOUNTS}")
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    #[test]
    fn fires_at_the_eleventh_account() {
        let (reading, said) = read(&SIGNAL, |facts| facts.set(velocity::USERS_PER_IP_10M, 11));
        assert_eq!(reading, Reading::Fired);
        assert_eq!(said, "11 accounts tried from this address in 10 minutes, limit 10");
    }

    #[test]
    fn is_quiet_at_the_tenth() {
        assert_eq!(read(&SIGNAL, |facts| facts.set(velocity::USERS_PER_IP_10M, 10)).0, Reading::Quiet);
    }

    #[test]
    fn is_unknown_without_a_count() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
