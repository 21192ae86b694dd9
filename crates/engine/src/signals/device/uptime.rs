//! How long the device has been running: what the signals of it share.

use portcullis_domain::{Facts, facts::device};

use crate::signals::{Reading, rounded};

/// `least` is in seconds.
pub(super) fn below(least: f64, facts: &Facts) -> Reading {
    Reading::of(facts.get(device::UPTIME_S).map(|uptime_s| uptime_s < least))
}

pub(super) fn told(least: f64, facts: &Facts) -> String {
    let uptime_s = rounded(facts.known(device::UPTIME_S).unwrap_or_default());
    format!("Started {uptime_s} s ago, minimum {least} s")
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::{
        device::{short_uptime, suspected_reset},
        read,
    };

    #[test]
    fn each_fires_right_after_the_start() {
        for (least, signal) in [(300.0, &short_uptime::SIGNAL), (60.0, &suspected_reset::SIGNAL)] {
            let of = |uptime_s: f64| read(signal, |facts| facts.set(device::UPTIME_S, uptime_s));
            assert_eq!((of(0.0).0, of(least - 0.001).0), (Reading::Fired, Reading::Fired));
            assert_eq!((of(least).0, of(1e9).0), (Reading::Quiet, Reading::Quiet));
            assert_eq!(of(42.5).1, format!("Started 42.5 s ago, minimum {least} s"));
            assert_eq!(read(signal, |_| {}).0, Reading::Unknown(Missing::NotSent));
        }
    }
}
