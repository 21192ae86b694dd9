//! `device.always_portrait`: the device was never turned.

use portcullis_domain::facts::device;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal, rounded};

/// The part of the session, 0 to 1, above which the device counts as never turned.
const MAX_RATIO: f64 = 0.99;

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "device.always_portrait",
    title: "The device was never turned",
    doc: Doc {
        why: "Emulators and phones in a rack stand upright from beginning to end; a person puts the phone \
              down or turns it.",
        quiet: "Quiet up to 0.99 of the session. Unknown when the orientation is not sent.",
        wrong: "Short sessions, and people who lock the rotation; many apps only know portrait.",
        source: "0.99 is the product's default.",
    },
    evaluate,
    explain,
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(device::PORTRAIT_RATIO).map(|ratio| ratio > MAX_RATIO))
}

fn explain(facts: &Facts, _: &Limits) -> String {
    let ratio = rounded(facts.known(device::PORTRAIT_RATIO).unwrap_or_default());
    format!("Held upright for {ratio} of the session, limit {MAX_RATIO}")
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    fn reading(ratio: f64) -> Reading {
        read(&SIGNAL, |facts| facts.set(device::PORTRAIT_RATIO, ratio)).0
    }

    #[test]
    fn fires_when_never_turned() {
        assert_eq!(reading(0.991), Reading::Fired);
        assert_eq!(reading(1.0), Reading::Fired);
        let (reading, said) = read(&SIGNAL, |facts| facts.set(device::PORTRAIT_RATIO, 0.995));
        assert_eq!(
            (reading, said.as_str()),
            (Reading::Fired, "Held upright for 0.995 of the session, limit 0.99")
        );
    }

    #[test]
    fn is_quiet_at_the_limit() {
        assert_eq!(reading(0.99), Reading::Quiet);
        assert_eq!(reading(0.0), Reading::Quiet);
    }

    #[test]
    fn is_unknown_when_not_sent() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
