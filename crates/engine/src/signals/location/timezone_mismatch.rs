//! `location.timezone_mismatch`: the device's clock is set for another part of the world than its address.

use portcullis_domain::facts::{device, ip};
use portcullis_domain::{Fact, Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// Offsets may differ by this many minutes: geo-IP tables are wrong by a zone or two near borders and in wide countries.
const MAX_DIFFERENCE_MIN: u64 = 120;

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "location.timezone_mismatch",
    title: "The device's time zone does not match the address",
    doc: Doc {
        why: "Someone who hides behind a VPN or proxy in the victim's country usually leaves the computer's own time \
              zone as it is.",
        quiet: "Quiet when the offsets from UTC at the time of the event differ by two hours or less. Unknown when \
                either is not known, as for private addresses.",
        wrong: "Travellers whose computer keeps the home zone, company VPNs that leave in another country, privacy \
                browsers that claim UTC, and mobile roaming, where traffic leaves at home.",
        source: "Two hours, the product's default.",
    },
    evaluate,
    explain,
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    match (facts.get(device::UTC_OFFSET_MIN), facts.get(ip::UTC_OFFSET_MIN)) {
        (Fact::Known(device), Fact::Known(ip)) => {
            Reading::of(Fact::Known(device.abs_diff(ip) > MAX_DIFFERENCE_MIN))
        }
        (Fact::Missing(reason), _) | (_, Fact::Missing(reason)) => Reading::Unknown(reason),
    }
}

fn explain(facts: &Facts, _: &Limits) -> String {
    let device = facts.known(device::UTC_OFFSET_MIN).unwrap_or_default();
    let ip = facts.known(ip::UTC_OFFSET_MIN).unwrap_or_default();
    let difference = device.abs_diff(ip);
    format!("Device and address are {difference} minutes of UTC offset apart, limit {MAX_DIFFERENCE_MIN}")
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    fn reading(device_min: i64, ip_min: i64) -> Reading {
        let set = |facts: &mut Facts| {
            facts.set(device::UTC_OFFSET_MIN, device_min);
            facts.set(ip::UTC_OFFSET_MIN, ip_min);
        };
        read(&SIGNAL, set).0
    }

    #[test]
    fn fires_beyond_two_hours_either_way() {
        assert_eq!(reading(480, -300), Reading::Fired);
        assert_eq!(reading(0, 121), Reading::Fired);
        assert_eq!(reading(i64::MIN, i64::MAX), Reading::Fired);
    }

    #[test]
    fn is_quiet_at_two_hours() {
        assert_eq!(reading(0, 120), Reading::Quiet);
        assert_eq!(reading(60, -60), Reading::Quiet);
    }

    #[test]
    fn is_unknown_when_either_is_missing() {
        let (private, _) = read(&SIGNAL, |facts| {
            facts.set(device::UTC_OFFSET_MIN, 0);
            facts.set_missing(ip::UTC_OFFSET_MIN, Missing::NotApplicable);
        });
        assert_eq!(private, Reading::Unknown(Missing::NotApplicable));
        let (no_zone, _) = read(&SIGNAL, |facts| facts.set(ip::UTC_OFFSET_MIN, 0));
        assert_eq!(no_zone, Reading::Unknown(Missing::NotSent));
    }

    #[test]
    fn says_the_difference() {
        let (_, said) = read(&SIGNAL, |facts| {
            facts.set(device::UTC_OFFSET_MIN, 330);
            facts.set(ip::UTC_OFFSET_MIN, -60);
        });
        assert_eq!(said, "Device and address are 390 minutes of UTC offset apart, limit 120");
    }
}
