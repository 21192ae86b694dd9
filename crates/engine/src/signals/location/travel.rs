//! How fast an account moved between two events: what the signals of it share.

use portcullis_domain::{Fact, Facts, facts::user};

use crate::signals::Reading;

/// Two places closer than this, km, may be one place seen twice: a quarter of the addresses in the free city tables are
/// more than 158 km from where another table puts them, and a phone that leaves Wi-Fi jumps to its carrier's gateway.
const MIN_DISTANCE_KM: f64 = 200.0;

/// `limit` is in km/h. Unknown when either end is.
pub(super) fn faster_than(limit: f64, facts: &Facts) -> Reading {
    match (facts.get(user::TRAVEL_SPEED_KMH), facts.get(user::TRAVEL_DISTANCE_KM)) {
        (Fact::Known(speed), Fact::Known(distance)) => {
            Reading::of(Fact::Known(speed > limit && distance > MIN_DISTANCE_KM))
        }
        (Fact::Missing(reason), _) | (_, Fact::Missing(reason)) => Reading::Unknown(reason),
    }
}

pub(super) fn told(limit: f64, facts: &Facts) -> String {
    let speed = facts.known(user::TRAVEL_SPEED_KMH).unwrap_or_default() as i64;
    let distance = facts.known(user::TRAVEL_DISTANCE_KM).unwrap_or_default() as i64;
    format!("{distance} km since the last event at {speed} km/h, limit {limit} km/h")
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::{
        location::{impossible_travel, improbable_travel},
        read,
    };

    #[test]
    fn each_fires_above_its_speed_and_beyond_the_error_of_geo_ip() {
        for (limit, signal) in [(900.0, &impossible_travel::SIGNAL), (1_600.0, &improbable_travel::SIGNAL)] {
            let of = |speed: f64, distance: f64| {
                let set = |facts: &mut Facts| {
                    facts.set(user::TRAVEL_SPEED_KMH, speed);
                    facts.set(user::TRAVEL_DISTANCE_KM, distance);
                };
                read(signal, set).0
            };
            assert_eq!((of(limit, 5_570.0), of(limit + 0.1, 5_570.0)), (Reading::Quiet, Reading::Fired));
            assert_eq!((of(12_000.0, 200.0), of(12_000.0, 200.1)), (Reading::Quiet, Reading::Fired));
            assert_eq!(read(signal, |_| {}).0, Reading::Unknown(Missing::NotSent));
        }
    }

    #[test]
    fn is_unknown_when_either_end_hides() {
        let (reading, _) = read(&impossible_travel::SIGNAL, |facts| {
            facts.set(user::TRAVEL_DISTANCE_KM, 5_570.0);
            facts.set_missing(user::TRAVEL_SPEED_KMH, Missing::NotApplicable);
        });
        assert_eq!(reading, Reading::Unknown(Missing::NotApplicable));
    }

    #[test]
    fn says_how_far_and_fast() {
        let (_, said) = read(&impossible_travel::SIGNAL, |facts| {
            facts.set(user::TRAVEL_SPEED_KMH, 5_570.4);
            facts.set(user::TRAVEL_DISTANCE_KM, 5_570.4);
        });
        assert_eq!(said, "5570 km since the last event at 5570 km/h, limit 900 km/h");
    }
}
