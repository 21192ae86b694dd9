//! `device.no_movement`: the device does not move.

use portcullis_domain::facts::device;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal, rounded};

/// Variance of the accelerometer, g², below which the device counts as lying still.
const MIN_MOVEMENT: f64 = 0.05;

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "device.no_movement",
    title: "The device does not move",
    doc: Doc {
        why: "Phones on racks and emulators do not move; one that a person uses is lifted, turned and \
              tapped.",
        quiet: "Quiet from 0.05 g² on. Unknown when the sensor is not sent.",
        wrong: "Phones on a table or a stand and those held quietly, which is why it says most together with \
                `device.always_charging`.",
        source: "0.05 g² is the product's default.",
    },
    evaluate,
    explain,
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(device::MOVEMENT).map(|movement| movement < MIN_MOVEMENT))
}

fn explain(facts: &Facts, _: &Limits) -> String {
    let movement = rounded(facts.known(device::MOVEMENT).unwrap_or_default());
    format!("The accelerometer varied by {movement} g², minimum {MIN_MOVEMENT} g²")
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
    fn fires_on_a_rack() {
        assert_eq!(reading(0.0), Reading::Fired);
        assert_eq!(reading(0.049), Reading::Fired);
        let (reading, said) = read(&SIGNAL, |facts| facts.set(device::MOVEMENT, 0.012));
        assert_eq!(
            (reading, said.as_str()),
            (Reading::Fired, "The accelerometer varied by 0.012 g², minimum 0.05 g²")
        );
    }

    #[test]
    fn is_quiet_at_the_minimum() {
        assert_eq!(reading(0.05), Reading::Quiet);
        assert_eq!(reading(1.0), Reading::Quiet);
    }

    #[test]
    fn is_unknown_when_not_sent() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
