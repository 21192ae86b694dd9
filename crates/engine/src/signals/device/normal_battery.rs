//! `device.normal_battery`: the battery was charging for a part of the time; a reason to trust.

use std::ops::RangeInclusive;

use portcullis_domain::facts::device;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal, rounded};

/// The parts of the session, 0 to 1, between which a battery was both charging and in use.
const USUAL: RangeInclusive<f64> = 0.05..=0.95;

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "device.normal_battery",
    title: "The battery was charging for a part of the time",
    doc: Doc {
        why: "A phone that is put on the cable and taken off again is in somebody's hands; rules over it \
              usually take points off.",
        quiet: "Quiet below 0.05 and above 0.95 of the session, where the cable was not touched. Unknown \
                when the battery is not sent.",
        wrong: "Most honest sessions are too short for the cable to be touched, and emulators can be told to \
                play it.",
        source: "0.95 is the limit of `device.always_charging`, and 0.05 is as far from the other end.",
    },
    evaluate,
    explain,
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(device::CHARGING_RATIO).map(|ratio| USUAL.contains(&ratio)))
}

fn explain(facts: &Facts, _: &Limits) -> String {
    let ratio = rounded(facts.known(device::CHARGING_RATIO).unwrap_or_default());
    format!("The battery was charging for {ratio} of the session, usual {} to {}", USUAL.start(), USUAL.end())
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    fn reading(ratio: f64) -> Reading {
        read(&SIGNAL, |facts| facts.set(device::CHARGING_RATIO, ratio)).0
    }

    #[test]
    fn fires_on_a_mix() {
        assert_eq!(reading(0.05), Reading::Fired);
        assert_eq!(reading(0.95), Reading::Fired);
        let (reading, said) = read(&SIGNAL, |facts| facts.set(device::CHARGING_RATIO, 0.4));
        assert_eq!(
            (reading, said.as_str()),
            (Reading::Fired, "The battery was charging for 0.4 of the session, usual 0.05 to 0.95")
        );
    }

    #[test]
    fn is_quiet_outside_the_usual() {
        assert_eq!(reading(0.049), Reading::Quiet);
        assert_eq!(reading(0.951), Reading::Quiet);
    }

    #[test]
    fn is_unknown_when_not_sent() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
