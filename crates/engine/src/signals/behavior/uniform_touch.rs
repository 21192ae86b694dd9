//! `behavior.uniform_touch`: the screen was touched in an even beat.

use portcullis_domain::facts::behavior;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal, rounded};

/// Variance of the times between touches, ms, below which they count as timed by a clock.
const MIN_VARIANCE_MS: f64 = 5.0;

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "behavior.uniform_touch",
    title: "The screen was touched in an even beat",
    doc: Doc {
        why: "Scripts touch on a clock; fingers are early and late.",
        quiet: "Quiet from 5 ms on. Unknown when the touches are not sent.",
        wrong: "Two or three touches may be even by chance, and switches for people who can not touch are \
                timed by a machine.",
        source: "5 ms is the product's default.",
    },
    evaluate,
    explain,
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(behavior::TOUCH_VARIANCE_MS).map(|variance_ms| variance_ms < MIN_VARIANCE_MS))
}

fn explain(facts: &Facts, _: &Limits) -> String {
    let variance_ms = rounded(facts.known(behavior::TOUCH_VARIANCE_MS).unwrap_or_default());
    format!("The times between touches vary by {variance_ms} ms, minimum {MIN_VARIANCE_MS} ms")
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    fn reading(variance_ms: f64) -> Reading {
        read(&SIGNAL, |facts| facts.set(behavior::TOUCH_VARIANCE_MS, variance_ms)).0
    }

    #[test]
    fn fires_on_an_even_beat() {
        assert_eq!(reading(0.0), Reading::Fired);
        assert_eq!(reading(4.999), Reading::Fired);
        let (reading, said) = read(&SIGNAL, |facts| facts.set(behavior::TOUCH_VARIANCE_MS, 3.1));
        assert_eq!(
            (reading, said.as_str()),
            (Reading::Fired, "The times between touches vary by 3.1 ms, minimum 5 ms")
        );
    }

    #[test]
    fn is_quiet_at_the_minimum() {
        assert_eq!(reading(5.0), Reading::Quiet);
        assert_eq!(reading(80.0), Reading::Quiet);
    }

    #[test]
    fn is_unknown_when_not_sent() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
