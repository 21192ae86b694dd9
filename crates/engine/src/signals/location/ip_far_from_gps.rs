//! `location.ip_far_from_gps`: the address is far from where the device says it is.

use portcullis_domain::facts::location;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal, rounded};

/// The address may be this far, km, from the device: the free city tables are off by that much often enough.
const MAX_DISTANCE_KM: f64 = 100.0;

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "location.ip_far_from_gps",
    title: "The address is far from the device's position",
    doc: Doc {
        why: "Who makes up a position in the victim's town, or leaves through a VPN in another, is in two \
              places at once.",
        quiet: "Quiet up to 100 km. Unknown without a position, and when the address has no place, as \
                private ones.",
        wrong: "Mobile carriers let traffic out in another city, and a quarter of the addresses in the free \
                city tables are off by more than 158 km, which is why its points are best few.",
        source: "100 km is the product's default.",
    },
    evaluate,
    explain,
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(location::IP_DISTANCE_KM).map(|distance_km| distance_km > MAX_DISTANCE_KM))
}

fn explain(facts: &Facts, _: &Limits) -> String {
    let distance_km = rounded(facts.known(location::IP_DISTANCE_KM).unwrap_or_default());
    format!("The address is {distance_km} km from the device's position, limit {MAX_DISTANCE_KM} km")
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    fn reading(distance_km: f64) -> Reading {
        read(&SIGNAL, |facts| facts.set(location::IP_DISTANCE_KM, distance_km)).0
    }

    #[test]
    fn fires_far_away() {
        assert_eq!(reading(100.1), Reading::Fired);
        assert_eq!(reading(20_000.0), Reading::Fired);
        let (reading, said) = read(&SIGNAL, |facts| facts.set(location::IP_DISTANCE_KM, 523.0));
        assert_eq!(
            (reading, said.as_str()),
            (Reading::Fired, "The address is 523 km from the device's position, limit 100 km")
        );
    }

    #[test]
    fn is_quiet_at_the_limit() {
        assert_eq!(reading(100.0), Reading::Quiet);
        assert_eq!(reading(0.0), Reading::Quiet);
    }

    #[test]
    fn is_unknown_when_not_sent() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
