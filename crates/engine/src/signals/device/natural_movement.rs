//! `device.natural_movement`: the device moves as in a hand; a reason to trust.

use portcullis_domain::facts::device;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal, rounded};

/// Variance of the accelerometer, g², above which the device counts as carried and handled.
const NATURAL_MOVEMENT: f64 = 0.3;

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "device.natural_movement",
    title: "The device moves as in a hand",
    doc: Doc {
        why: "A device that is carried and handled is used by a person; rules over it usually take points \
              off.",
        quiet: "Quiet up to 0.3 g². Unknown when the sensor is not sent.",
        wrong: "Shaking racks exist, and an emulator can play a recorded walk.",
        source: "0.3 g² is the product's default.",
    },
    evaluate,
    explain,
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(device::MOVEMENT).map(|movement| movement > NATURAL_MOVEMENT))
}

fn explain(facts: &Facts, _: &Limits) -> String {
    let movement = rounded(facts.known(device::MOVEMENT).unwrap_or_default());
    format!("The accelerometer varied by {movement} g², more than {NATURAL_MOVEMENT} g²")
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    fn reading(movement: f64) -> Reading {
        read(&SIGNAL, |facts| facts.set(device::MOVEMENT, movement)).0
    }

    #[test]
    fn fires_in_a_hand() {
        assert_eq!(reading(0.301), Reading::Fired);
        assert_eq!(reading(9.0), Reading::Fired);
        let (reading, said) = read(&SIGNAL, |facts| facts.set(device::MOVEMENT, 0.42));
        assert_eq!(
            (reading, said.as_str()),
            (Reading::Fired, "The accelerometer varied by 0.42 g², more than 0.3 g²")
        );
    }

    #[test]
    fn is_quiet_at_the_limit() {
        assert_eq!(reading(0.3), Reading::Quiet);
        assert_eq!(reading(0.0), Reading::Quiet);
    }

    #[test]
    fn is_unknown_when_not_sent() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
