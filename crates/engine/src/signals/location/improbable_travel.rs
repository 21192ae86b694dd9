//! `location.improbable_travel`: the account moved faster than airliners fly.

use portcullis_domain::facts::user;
use portcullis_domain::{Fact, Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// Faster than this, km/h, is no airliner, whatever the wind.
const MAX_SPEED_KMH: f64 = 1_600.0;

/// Two places closer than this, km, may be one place seen twice: city tables are wrong by that much.
const MIN_DISTANCE_KM: f64 = 200.0;

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "location.improbable_travel",
    title: "The account moved faster than airliners fly",
    doc: Doc {
        why: "When an account is used here and, an hour later, on another continent, two people are using it.",
        quiet: "Quiet up to 1,600 km/h, and at any speed over 200 km or less. Unknown for the first event of an account, and when either end hides its place: private address, VPN, proxy, Tor.",
        wrong: "VPNs and relays that are not listed, roaming, satellite and airline links put people far from where they are.",
        source: "1,600 km/h is the product's default; 200 km exceeds the usual error of city tables.",
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
    fn fires_above_speed_and_distance_and_is_quiet_at_them() {
        assert_eq!(reading(1_601.0, 201.0), Reading::Fired);
        assert_eq!((reading(1_600.0, 5_000.0), reading(9_999.0, 200.0)), (Reading::Quiet, Reading::Quiet));
    }

    #[test]
    fn is_unknown_when_a_place_is_hidden() {
        let hide = |facts: &mut Facts| facts.set_missing(user::TRAVEL_SPEED_KMH, Missing::NotApplicable);
        assert_eq!(read(&SIGNAL, hide).0, Reading::Unknown(Missing::NotApplicable));
    }

    #[test]
    fn is_unknown_when_nothing_is_known() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
