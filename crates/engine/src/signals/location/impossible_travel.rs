//! `location.impossible_travel`: the account is in two places that nobody travels between so fast.

use portcullis_domain::facts::user;
use portcullis_domain::{Fact, Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// An airliner's ground speed, km/h, that with the ways to and from the airport no journey reaches door to door.
const MAX_SPEED_KMH: f64 = 900.0;

/// Two places closer than this, km, may be one place seen twice: a quarter of the addresses in the free city tables are
/// more than 158 km from where another table puts them, and a phone that leaves Wi-Fi jumps to its carrier's gateway.
const MIN_DISTANCE_KM: f64 = 200.0;

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "location.impossible_travel",
    title: "The account moved faster than anyone travels",
    doc: Doc {
        why: "When an account is used here and, an hour later, on another continent, two people are using it.",
        quiet: "Quiet up to 900 km/h, and at any speed over 200 km or less. Unknown for the first event of an \
                account, and when either end hides its place: private address, VPN, Tor.",
        wrong: "VPNs and relays that are not listed, roaming, satellite and airline links put people far from where \
                they are; whole countries are sometimes placed at their capital.",
        source: "900 km/h is the product's default; 200 km exceeds the three-quarter error of the city table \
                 (158 km on 6,000 random addresses).",
    },
    evaluate,
    explain,
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    match (facts.get(user::TRAVEL_SPEED_KMH), facts.get(user::TRAVEL_DISTANCE_KM)) {
        (Fact::Known(speed), Fact::Known(distance)) => {
            Reading::of(Fact::Known(speed > MAX_SPEED_KMH && distance > MIN_DISTANCE_KM))
        }
        (Fact::Missing(reason), _) | (_, Fact::Missing(reason)) => Reading::Unknown(reason),
    }
}

fn explain(facts: &Facts, _: &Limits) -> String {
    let speed = facts.known(user::TRAVEL_SPEED_KMH).unwrap_or_default() as i64;
    let distance = facts.known(user::TRAVEL_DISTANCE_KM).unwrap_or_default() as i64;
    format!("{distance} km since the last event at {speed} km/h, limit {MAX_SPEED_KMH} km/h")
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    fn reading(speed: f64, distance: f64) -> Reading {
        let set = |facts: &mut Facts| {
            facts.set(user::TRAVEL_SPEED_KMH, speed);
            facts.set(user::TRAVEL_DISTANCE_KM, distance);
        };
        read(&SIGNAL, set).0
    }

    #[test]
    fn fires_faster_than_an_airliner() {
        assert_eq!(reading(900.1, 5_570.0), Reading::Fired);
    }

    #[test]
    fn is_quiet_at_an_airliners_speed() {
        assert_eq!(reading(900.0, 5_570.0), Reading::Quiet);
    }

    #[test]
    fn is_quiet_within_the_error_of_geo_ip() {
        assert_eq!(reading(12_000.0, 200.0), Reading::Quiet);
        assert_eq!(reading(12_000.0, 200.1), Reading::Fired);
    }

    #[test]
    fn is_unknown_when_either_end_hides() {
        let (reading, _) = read(&SIGNAL, |facts| {
            facts.set(user::TRAVEL_DISTANCE_KM, 5_570.0);
            facts.set_missing(user::TRAVEL_SPEED_KMH, Missing::NotApplicable);
        });
        assert_eq!(reading, Reading::Unknown(Missing::NotApplicable));
    }

    #[test]
    fn says_how_far_and_fast() {
        let (_, said) = read(&SIGNAL, |facts| {
            facts.set(user::TRAVEL_SPEED_KMH, 5_570.4);
            facts.set(user::TRAVEL_DISTANCE_KM, 5_570.4);
        });
        assert_eq!(said, "5570 km since the last event at 5570 km/h, limit 900 km/h");
    }
}
