//! `location.gps_velocity`: the device's own position jumps faster than anyone travels.

use portcullis_domain::facts::location;
use portcullis_domain::{Fact, Facts, Limits};

use crate::signals::{Doc, Reading, Signal, rounded};

/// An airliner's ground speed, km/h, that with the ways to and from the airport no journey reaches door to door.
const MAX_SPEED_KMH: f64 = 900.0;

/// Two positions no farther apart than this, km, may be one: a receiver that has just found its satellites jumps by
/// some hundred meters within a second.
const MIN_DISTANCE_KM: f64 = 1.0;

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "location.gps_velocity",
    title: "The device's position jumps faster than anyone travels",
    doc: Doc {
        why: "Who makes up a position is in one town now and in another a minute later; a receiver moves with its \
              device.",
        quiet: "Quiet up to 900 km/h, and at any speed over 1 km or less. Unknown without a position, and for the \
                device's first.",
        wrong: "Phones that place themselves by the nearest Wi-Fi jump when a router was carried to another town, and \
                two devices that share an id are in two places.",
        source: "900 km/h is the product's default; 1 km is well beyond the error of a receiver.",
    },
    evaluate,
    explain,
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    match (facts.get(location::TRAVEL_SPEED_KMH), facts.get(location::TRAVEL_DISTANCE_KM)) {
        (Fact::Known(speed), Fact::Known(distance)) => {
            Reading::of(Fact::Known(speed > MAX_SPEED_KMH && distance > MIN_DISTANCE_KM))
        }
        (Fact::Missing(reason), _) | (_, Fact::Missing(reason)) => Reading::Unknown(reason),
    }
}

fn explain(facts: &Facts, _: &Limits) -> String {
    let speed = rounded(facts.known(location::TRAVEL_SPEED_KMH).unwrap_or_default());
    let distance = rounded(facts.known(location::TRAVEL_DISTANCE_KM).unwrap_or_default());
    format!("{distance} km since the device's last position at {speed} km/h, limit {MAX_SPEED_KMH} km/h")
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    fn of(speed: f64, distance: f64) -> (Reading, String) {
        read(&SIGNAL, |facts| {
            facts.set(location::TRAVEL_SPEED_KMH, speed);
            facts.set(location::TRAVEL_DISTANCE_KM, distance);
        })
    }

    #[test]
    fn fires_faster_than_an_airliner() {
        assert_eq!(of(900.1, 300.0).0, Reading::Fired);
        let said = "412.5 km since the device's last position at 24750 km/h, limit 900 km/h";
        assert_eq!(of(24_750.0, 412.5), (Reading::Fired, said.to_owned()));
    }

    #[test]
    fn is_quiet_at_an_airliners_speed() {
        assert_eq!(of(900.0, 300.0).0, Reading::Quiet);
    }

    #[test]
    fn is_quiet_within_the_jitter_of_a_receiver() {
        assert_eq!(of(3_600.0, 1.0).0, Reading::Quiet);
        assert_eq!(of(3_600.0, 1.001).0, Reading::Fired);
    }

    #[test]
    fn is_quiet_on_what_is_no_number() {
        assert_eq!(of(f64::NAN, 300.0).0, Reading::Quiet);
        assert_eq!(of(3_600.0, f64::NAN).0, Reading::Quiet);
    }

    #[test]
    fn is_unknown_without_a_position_before() {
        let (reading, _) = read(&SIGNAL, |facts| {
            facts.set(location::TRAVEL_DISTANCE_KM, 300.0);
            facts.set_missing(location::TRAVEL_SPEED_KMH, Missing::NotApplicable);
        });
        assert_eq!(reading, Reading::Unknown(Missing::NotApplicable));
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
