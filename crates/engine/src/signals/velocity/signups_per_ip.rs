//! `velocity.signups_per_ip`: more sign-ups from the address in an hour than allowed.

use portcullis_domain::facts::velocity;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "velocity.signups_per_ip",
    title: "Too many sign-ups from the address within an hour",
    doc: Doc {
        why: "Sign-ups by script come in bursts from one address; people sign up once.",
        quiet: "Quiet up to the limit within a sliding 60 minutes, this sign-up included. Unknown \
                without an address.",
        wrong: "A class, a conference or a carrier's shared address makes honest bursts. Retries of \
                one person count each time.",
        source: "The tenant's limit of sign-ups per address and hour, by default 5.",
    },
    evaluate,
    explain,
};

fn evaluate(facts: &Facts, limits: &Limits) -> Reading {
    Reading::of(facts.get(velocity::SIGNUPS_PER_IP_1H).map(|count| count > limits.signups_per_ip_1h))
}

fn explain(facts: &Facts, limits: &Limits) -> String {
    let count = facts.known(velocity::SIGNUPS_PER_IP_1H).unwrap_or_default();
    format!("{count} signups from this address in 60 minutes, limit {}", limits.signups_per_ip_1h)
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    #[test]
    fn fires_past_the_limit() {
        let (reading, said) = read(&SIGNAL, |facts| facts.set(velocity::SIGNUPS_PER_IP_1H, 6));
        assert_eq!(
            (reading, said.as_str()),
            (Reading::Fired, "6 signups from this address in 60 minutes, limit 5")
        );
    }

    #[test]
    fn is_quiet_at_the_limit() {
        assert_eq!(read(&SIGNAL, |facts| facts.set(velocity::SIGNUPS_PER_IP_1H, 5)).0, Reading::Quiet);
    }

    #[test]
    fn follows_the_limit() {
        let mut facts = Facts::unknown();
        facts.set(velocity::SIGNUPS_PER_IP_1H, 100);
        let reading = |limit| evaluate(&facts, &Limits { signups_per_ip_1h: limit, ..Limits::default() });
        assert_eq!((reading(99), reading(100)), (Reading::Fired, Reading::Quiet));
    }

    #[test]
    fn is_unknown_without_a_count() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
