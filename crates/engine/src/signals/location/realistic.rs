//! `location.realistic`: the device's positions vary as a person's do; a reason to trust.

use std::ops::RangeInclusive;

use portcullis_domain::facts::location;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal, rounded};

/// Entropy of the session's positions, 0 to 1, between a position that is made up and one that is random.
const USUAL: RangeInclusive<f64> = 0.2..=0.9;

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "location.realistic",
    title: "The positions vary as a person's do",
    doc: Doc {
        why: "A real receiver neither stands still nor jumps about; rules over it usually take points off.",
        quiet: "Quiet below 0.2 and above 0.9. Unknown when the positions are not sent.",
        wrong: "A recorded walk that is played again varies as the real one did.",
        source: "0.2 and 0.9 are the product's defaults.",
    },
    evaluate,
    explain,
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(location::ENTROPY).map(|entropy| USUAL.contains(&entropy)))
}

fn explain(facts: &Facts, _: &Limits) -> String {
    let entropy = rounded(facts.known(location::ENTROPY).unwrap_or_default());
    format!("The positions' entropy is {entropy}, usual {} to {}", USUAL.start(), USUAL.end())
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
    fn fires_on_a_persons_way() {
        assert_eq!(reading(0.2), Reading::Fired);
        assert_eq!(reading(0.9), Reading::Fired);
        let (reading, said) = read(&SIGNAL, |facts| facts.set(location::ENTROPY, 0.5));
        assert_eq!(
            (reading, said.as_str()),
            (Reading::Fired, "The positions' entropy is 0.5, usual 0.2 to 0.9")
        );
    }

    #[test]
    fn is_quiet_outside_the_usual() {
        assert_eq!(reading(0.199), Reading::Quiet);
        assert_eq!(reading(0.901), Reading::Quiet);
    }

    #[test]
    fn is_unknown_when_not_sent() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
