//! `device.short_uptime`: the device was started just now.

use portcullis_domain::facts::device;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal, rounded};

/// Phones run for days, s: hardly anyone starts one and opens an app within five minutes.
const MIN_UPTIME_S: f64 = 300.0;

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "device.short_uptime",
    title: "The device was started just now",
    doc: Doc {
        why: "Emulators and farm phones are started for one job and stopped after it; people's phones run \
              for days.",
        quiet: "Quiet from five minutes on. Below one minute `device.suspected_reset` fires as well. Unknown \
                when the uptime is not sent.",
        wrong: "Phones after an update, an empty battery or a crash, and people who switch theirs off at \
                night.",
        source: "300 s is the product's default.",
    },
    evaluate,
    explain,
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(device::UPTIME_S).map(|uptime_s| uptime_s < MIN_UPTIME_S))
}

fn explain(facts: &Facts, _: &Limits) -> String {
    let uptime_s = rounded(facts.known(device::UPTIME_S).unwrap_or_default());
    format!("Started {uptime_s} s ago, minimum {MIN_UPTIME_S} s")
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    fn reading(uptime_s: f64) -> Reading {
        read(&SIGNAL, |facts| facts.set(device::UPTIME_S, uptime_s)).0
    }

    #[test]
    fn fires_right_after_the_start() {
        assert_eq!(reading(0.0), Reading::Fired);
        assert_eq!(reading(299.999), Reading::Fired);
        let (reading, said) = read(&SIGNAL, |facts| facts.set(device::UPTIME_S, 42.5));
        assert_eq!((reading, said.as_str()), (Reading::Fired, "Started 42.5 s ago, minimum 300 s"));
    }

    #[test]
    fn is_quiet_from_five_minutes_on() {
        assert_eq!(reading(300.0), Reading::Quiet);
        assert_eq!(reading(1e9), Reading::Quiet);
    }

    #[test]
    fn is_unknown_when_not_sent() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
