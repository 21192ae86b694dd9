//! `velocity.burst`: more events than a person makes.

use portcullis_domain::facts::velocity;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "velocity.burst",
    title: "More events in 10 seconds than a person makes",
    doc: Doc {
        why: "A script does in seconds what takes a person minutes.",
        quiet: "Quiet while the events of the account, and those of the device, in 10 seconds do not exceed the limit. Unknown without either.",
        wrong: "Pages that report each click as an event of its own.",
        source: "The tenant's limit, by default 3.",
    },
    evaluate,
    explain,
};

fn evaluate(facts: &Facts, limits: &Limits) -> Reading {
    Reading::of(facts.get(velocity::EVENTS_10S).map(|count| count > limits.events_per_10s))
}

fn explain(facts: &Facts, limits: &Limits) -> String {
    let count = facts.known(velocity::EVENTS_10S).unwrap_or_default();
    format!("{count} events in 10 s, limit {}", limits.events_per_10s)
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    fn of(count: i64) -> (Reading, String) {
        read(&SIGNAL, |facts| facts.set(velocity::EVENTS_10S, count))
    }

    #[test]
    fn fires_past_the_limit() {
        assert_eq!(of(4), (Reading::Fired, "4 events in 10 s, limit 3".to_owned()));
    }

    #[test]
    fn is_quiet_at_the_limit_and_follows_it() {
        assert_eq!(of(3).0, Reading::Quiet);
        let mut facts = Facts::unknown();
        facts.set(velocity::EVENTS_10S, 4);
        assert_eq!(evaluate(&facts, &Limits { events_per_10s: 4, ..Limits::default() }), Reading::Quiet);
    }

    #[test]
    fn is_unknown_when_nothing_is_known() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
