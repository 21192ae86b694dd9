//! `device.always_charging`: the battery was charging all the time.

use portcullis_domain::facts::device;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal, rounded};

/// The part of the session, 0 to 1, above which the device counts as always on the cable.
const MAX_RATIO: f64 = 0.95;

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "device.always_charging",
    title: "The battery was charging all the time",
    doc: Doc {
        why: "Phones on the racks of a farm never leave the cable, and many emulators always say that they \
              are charging.",
        quiet: "Quiet up to 0.95 of the session. Unknown when the battery is not sent.",
        wrong: "Short sessions at a desk, in bed or in a car, which is why it says most together with \
                `device.no_movement`.",
        source: "0.95 is the product's default.",
    },
    evaluate,
    explain,
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(device::CHARGING_RATIO).map(|ratio| ratio > MAX_RATIO))
}

fn explain(facts: &Facts, _: &Limits) -> String {
    let ratio = rounded(facts.known(device::CHARGING_RATIO).unwrap_or_default());
    format!("The battery was charging for {ratio} of the session, limit {MAX_RATIO}")
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
    fn fires_on_the_cable() {
        assert_eq!(reading(0.951), Reading::Fired);
        assert_eq!(reading(1.0), Reading::Fired);
        let (reading, said) = read(&SIGNAL, |facts| facts.set(device::CHARGING_RATIO, 0.96));
        assert_eq!(
            (reading, said.as_str()),
            (Reading::Fired, "The battery was charging for 0.96 of the session, limit 0.95")
        );
    }

    #[test]
    fn is_quiet_at_the_limit() {
        assert_eq!(reading(0.95), Reading::Quiet);
        assert_eq!(reading(0.0), Reading::Quiet);
    }

    #[test]
    fn is_unknown_when_not_sent() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
