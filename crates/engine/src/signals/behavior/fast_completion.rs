//! `behavior.fast_completion`: the form was filled in faster than a person can.

use portcullis_domain::facts::behavior;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "behavior.fast_completion",
    title: "The form was filled in too fast",
    doc: Doc {
        why: "Scripts send a form the moment it is shown; a person must at least read it and type or choose an \
              address and a password.",
        quiet: "Quiet from the minimum time on, and when the times contradict each other, which is \
                `behavior.clock_tampered`. Unknown when either time is not sent.",
        wrong: "Password managers and autofill fill in a short form within two seconds, which is why the rule is for \
                sign-ups and not for logins.",
        source: "The tenant's minimum completion time, by default 3,000 ms.",
    },
    evaluate,
    explain,
};

fn evaluate(facts: &Facts, limits: &Limits) -> Reading {
    let is_fast = |completion_ms| (0..limits.min_completion_ms).contains(&completion_ms);
    Reading::of(facts.get(behavior::COMPLETION_MS).map(is_fast))
}

fn explain(facts: &Facts, limits: &Limits) -> String {
    let completion_ms = facts.known(behavior::COMPLETION_MS).unwrap_or_default();
    format!("The form took {completion_ms} ms, minimum {} ms", limits.min_completion_ms)
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    fn reading(completion_ms: i64) -> Reading {
        read(&SIGNAL, |facts| facts.set(behavior::COMPLETION_MS, completion_ms)).0
    }

    #[test]
    fn fires_below_the_minimum() {
        assert_eq!(reading(0), Reading::Fired);
        let (reading, said) = read(&SIGNAL, |facts| facts.set(behavior::COMPLETION_MS, 2_999));
        assert_eq!((reading, said.as_str()), (Reading::Fired, "The form took 2999 ms, minimum 3000 ms"));
    }

    #[test]
    fn is_quiet_at_the_minimum() {
        assert_eq!(reading(3_000), Reading::Quiet);
    }

    #[test]
    fn leaves_negative_times_to_clock_tampered() {
        assert_eq!(reading(-1), Reading::Quiet);
    }

    #[test]
    fn a_minimum_of_zero_never_fires() {
        let mut facts = Facts::unknown();
        facts.set(behavior::COMPLETION_MS, 0);
        assert_eq!(evaluate(&facts, &Limits { min_completion_ms: 0, ..Limits::default() }), Reading::Quiet);
    }

    #[test]
    fn is_unknown_without_times() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
