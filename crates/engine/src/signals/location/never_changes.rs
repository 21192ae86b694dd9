//! `location.never_changes`: the device's position does not change at all.

use portcullis_domain::facts::location;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal, rounded};

/// Entropy of the session's positions, 0 to 1, below which they count as one.
const MIN_ENTROPY: f64 = 0.1;

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "location.never_changes",
    title: "The position never changes",
    doc: Doc {
        why: "A position that is made up is the same to the last digit; a receiver's jumps by meters even \
              where it lies still.",
        quiet: "Quiet from 0.1 on. Unknown when the positions are not sent.",
        wrong: "Short sessions indoors, where the phone repeats its last position to save the battery.",
        source: "0.1 is the product's default.",
    },
    evaluate,
    explain,
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(location::ENTROPY).map(|entropy| entropy < MIN_ENTROPY))
}

fn explain(facts: &Facts, _: &Limits) -> String {
    let entropy = rounded(facts.known(location::ENTROPY).unwrap_or_default());
    format!("The positions' entropy is {entropy}, minimum {MIN_ENTROPY}")
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    fn reading(entropy: f64) -> Reading {
        read(&SIGNAL, |facts| facts.set(location::ENTROPY, entropy)).0
    }

    #[test]
    fn fires_on_one_position() {
        assert_eq!(reading(0.0), Reading::Fired);
        assert_eq!(reading(0.099), Reading::Fired);
        let (reading, said) = read(&SIGNAL, |facts| facts.set(location::ENTROPY, 0.04));
        assert_eq!((reading, said.as_str()), (Reading::Fired, "The positions' entropy is 0.04, minimum 0.1"));
    }

    #[test]
    fn is_quiet_at_the_minimum() {
        assert_eq!(reading(0.1), Reading::Quiet);
        assert_eq!(reading(1.0), Reading::Quiet);
    }

    #[test]
    fn is_unknown_when_not_sent() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
