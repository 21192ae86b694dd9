//! `device.normal_uptime`: the device has been running for a while; a reason to trust.

use portcullis_domain::facts::device;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal, rounded};

/// A device that runs longer than this, s, was hardly started for a single job.
const LONG_UPTIME_S: f64 = 3_600.0;

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "device.normal_uptime",
    title: "The device has been running for a while",
    doc: Doc {
        why: "People's phones run for days, disposable ones for one job; rules over it usually take points \
              off.",
        quiet: "Quiet up to an hour. Unknown when the uptime is not sent.",
        wrong: "Farm phones that are left running, and emulators that tell a made-up uptime.",
        source: "3,600 s is the product's default.",
    },
    evaluate,
    explain,
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(device::UPTIME_S).map(|uptime_s| uptime_s > LONG_UPTIME_S))
}

fn explain(facts: &Facts, _: &Limits) -> String {
    let uptime_s = rounded(facts.known(device::UPTIME_S).unwrap_or_default());
    format!("Running for {uptime_s} s, more than {LONG_UPTIME_S} s")
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
    fn fires_past_an_hour() {
        assert_eq!(reading(3_600.001), Reading::Fired);
        assert_eq!(reading(1e9), Reading::Fired);
        let (reading, said) = read(&SIGNAL, |facts| facts.set(device::UPTIME_S, 7_200.0));
        assert_eq!((reading, said.as_str()), (Reading::Fired, "Running for 7200 s, more than 3600 s"));
    }

    #[test]
    fn is_quiet_up_to_an_hour() {
        assert_eq!(reading(3_600.0), Reading::Quiet);
        assert_eq!(reading(0.0), Reading::Quiet);
    }

    #[test]
    fn is_unknown_when_not_sent() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
