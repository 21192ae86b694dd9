//! `device.suspected_reset`: the device was started within the last minute, as after a reset.

use portcullis_domain::facts::device;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal, rounded};

/// So soon after the start, s, people are still unlocking their phones.
const MIN_UPTIME_S: f64 = 60.0;

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "device.suspected_reset",
    title: "The device seems to have been reset",
    doc: Doc {
        why: "Farms wipe a device between two identities, and a wiped device starts anew: an app that \
              reports within the first minute was hardly opened by a person.",
        quiet: "Quiet from one minute on. `device.short_uptime` fires as well whenever this does. Unknown \
                when the uptime is not sent.",
        wrong: "Apps that open by themselves when the phone starts, and the rare person who is that fast.",
        source: "60 s is the product's default.",
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
    fn fires_within_the_first_minute() {
        assert_eq!(reading(0.0), Reading::Fired);
        assert_eq!(reading(59.999), Reading::Fired);
        let (reading, said) = read(&SIGNAL, |facts| facts.set(device::UPTIME_S, 12.0));
        assert_eq!((reading, said.as_str()), (Reading::Fired, "Started 12 s ago, minimum 60 s"));
    }

    #[test]
    fn is_quiet_from_a_minute_on() {
        assert_eq!(reading(60.0), Reading::Quiet);
        assert_eq!(reading(299.0), Reading::Quiet);
    }

    #[test]
    fn is_unknown_when_not_sent() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
