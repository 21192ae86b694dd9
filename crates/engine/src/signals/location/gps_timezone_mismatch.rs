//! `location.gps_timezone_mismatch`: the device's clock is set for another part of the world than its own position.

use portcullis_domain::facts::{device, location};
use portcullis_domain::{Fact, Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// Offsets may differ by this many minutes: people near a border keep the other side's time, and travellers forget.
const MAX_DIFFERENCE_MIN: u64 = 120;

/// A day, in minutes: clocks that are a day apart show the same time.
const DAY_MIN: u64 = 24 * 60;

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "location.gps_timezone_mismatch",
    title: "The device's time zone does not match its position",
    doc: Doc {
        why: "Who makes up a position in the victim's country usually leaves the phone's own time zone as it is.",
        quiet: "Quiet when the clocks differ by two hours or less at the time of the event, the short way round: \
                +13:00 and -11:00 show the same time. Unknown when either is not known, as without a position.",
        wrong: "Travellers who keep the home zone, phones that have not met a network since the flight, and positions \
                at sea.",
        source: "Two hours, the product's default.",
    },
    evaluate,
    explain,
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    match (facts.get(device::UTC_OFFSET_MIN), facts.get(location::UTC_OFFSET_MIN)) {
        (Fact::Known(device), Fact::Known(position)) => {
            Reading::of(Fact::Known(difference_min(device, position) > MAX_DIFFERENCE_MIN))
        }
        (Fact::Missing(reason), _) | (_, Fact::Missing(reason)) => Reading::Unknown(reason),
    }
}

fn explain(facts: &Facts, _: &Limits) -> String {
    let device = facts.known(device::UTC_OFFSET_MIN).unwrap_or_default();
    let position = facts.known(location::UTC_OFFSET_MIN).unwrap_or_default();
    let difference = difference_min(device, position);
    format!("Device and position are {difference} minutes of clock time apart, limit {MAX_DIFFERENCE_MIN}")
}

/// How far apart the clocks of two offsets from UTC are, minutes, the short way round.
fn difference_min(a: i64, b: i64) -> u64 {
    let straight = a.abs_diff(b);
    straight.min(straight.abs_diff(DAY_MIN))
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    fn reading(device_min: i64, position_min: i64) -> Reading {
        let set = |facts: &mut Facts| {
            facts.set(device::UTC_OFFSET_MIN, device_min);
            facts.set(location::UTC_OFFSET_MIN, position_min);
        };
        read(&SIGNAL, set).0
    }

    #[test]
    fn fires_beyond_two_hours_either_way() {
        assert_eq!(reading(0, 121), Reading::Fired);
        assert_eq!(reading(480, -300), Reading::Fired);
        assert_eq!(reading(i64::MIN, i64::MAX), Reading::Fired);
    }

    #[test]
    fn is_quiet_at_two_hours() {
        assert_eq!(reading(0, 120), Reading::Quiet);
        assert_eq!(reading(60, -60), Reading::Quiet);
    }

    #[test]
    fn goes_the_short_way_round() {
        assert_eq!(difference_min(13 * 60, -11 * 60), 0);
        assert_eq!(difference_min(14 * 60, -12 * 60), 120);
        assert_eq!(difference_min(-11 * 60, 10 * 60), 180);
        assert_eq!(difference_min(12 * 60, 0), 720);
        assert_eq!(reading(13 * 60, -11 * 60), Reading::Quiet);
        assert_eq!(reading(-11 * 60, 11 * 60), Reading::Quiet);
        assert_eq!(reading(-11 * 60, 11 * 60 - 1), Reading::Fired);
    }

    #[test]
    fn is_unknown_when_either_is_missing() {
        let (no_zone, _) = read(&SIGNAL, |facts| {
            facts.set(location::UTC_OFFSET_MIN, 0);
            facts.set_missing(device::UTC_OFFSET_MIN, Missing::NotFound);
        });
        assert_eq!(no_zone, Reading::Unknown(Missing::NotFound));
        let (no_position, _) = read(&SIGNAL, |facts| facts.set(device::UTC_OFFSET_MIN, 0));
        assert_eq!(no_position, Reading::Unknown(Missing::NotSent));
    }

    #[test]
    fn says_the_difference() {
        let (_, said) = read(&SIGNAL, |facts| {
            facts.set(device::UTC_OFFSET_MIN, 330);
            facts.set(location::UTC_OFFSET_MIN, -60);
        });
        assert_eq!(said, "Device and position are 390 minutes of clock time apart, limit 120");
    }
}
