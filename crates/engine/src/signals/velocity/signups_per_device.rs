//! `velocity.signups_per_device`: more sign-ups from the device in an hour than allowed.

use portcullis_domain::facts::velocity;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "velocity.signups_per_device",
    title: "Too many sign-ups from the device within an hour",
    doc: Doc {
        why: "Nobody needs three accounts an hour: many sign-ups on one device in a short time are a \
              person or script farming accounts.",
        quiet: "Quiet up to the limit within a sliding 60 minutes, this sign-up included. Unknown when \
                nothing was sent from which a device can be told.",
        wrong: "A shop that signs customers up on its own tablet, and one person's repeated failed \
                tries. Without a client fingerprint the device is told by attributes that phones of \
                one model share.",
        source: "The tenant's limit of sign-ups per device and hour, by default 2.",
    },
    evaluate,
    explain,
};

fn evaluate(facts: &Facts, limits: &Limits) -> Reading {
    Reading::of(facts.get(velocity::SIGNUPS_PER_DEVICE_1H).map(|count| count > limits.signups_per_device_1h))
}

fn explain(facts: &Facts, limits: &Limits) -> String {
    let count = facts.known(velocity::SIGNUPS_PER_DEVICE_1H).unwrap_or_default();
    format!("{count} signups from this device in 60 minutes, limit {}", limits.signups_per_device_1h)
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    #[test]
    fn fires_past_the_limit() {
        let (reading, said) = read(&SIGNAL, |facts| facts.set(velocity::SIGNUPS_PER_DEVICE_1H, 3));
        assert_eq!(
            (reading, said.as_str()),
            (Reading::Fired, "3 signups from this device in 60 minutes, limit 2")
        );
    }

    #[test]
    fn is_quiet_at_the_limit() {
        assert_eq!(read(&SIGNAL, |facts| facts.set(velocity::SIGNUPS_PER_DEVICE_1H, 2)).0, Reading::Quiet);
    }

    #[test]
    fn follows_the_limit() {
        let mut facts = Facts::unknown();
        facts.set(velocity::SIGNUPS_PER_DEVICE_1H, 100);
        let reading = |limit| evaluate(&facts, &Limits { signups_per_device_1h: limit, ..Limits::default() });
        assert_eq!((reading(99), reading(100)), (Reading::Fired, Reading::Quiet));
    }

    #[test]
    fn is_unknown_without_a_count() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
