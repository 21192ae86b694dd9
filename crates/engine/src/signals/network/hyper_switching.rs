//! `network.hyper_switching`: the device changes its network all the time.

use portcullis_domain::facts::device;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal, rounded};

/// Changes a minute above which they count as made on purpose.
const MAX_CHANGES_PER_MIN: f64 = 5.0;

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "network.hyper_switching",
    title: "The device changes its network all the time",
    doc: Doc {
        why: "Farms switch between Wi-Fi and mobile data, or through a row of proxies, to get a new address \
              for every account.",
        quiet: "Quiet up to five changes a minute. Unknown when the changes are not sent.",
        wrong: "Trains, elevators, and phones with two SIMs or a failing Wi-Fi.",
        source: "5 a minute is the product's default.",
    },
    evaluate,
    explain,
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(device::NETWORK_CHANGES_PER_MIN).map(|changes| changes > MAX_CHANGES_PER_MIN))
}

fn explain(facts: &Facts, _: &Limits) -> String {
    let changes = rounded(facts.known(device::NETWORK_CHANGES_PER_MIN).unwrap_or_default());
    format!("{changes} changes of network a minute, limit {MAX_CHANGES_PER_MIN}")
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    fn reading(changes: f64) -> Reading {
        read(&SIGNAL, |facts| facts.set(device::NETWORK_CHANGES_PER_MIN, changes)).0
    }

    #[test]
    fn fires_on_constant_changes() {
        assert_eq!(reading(5.1), Reading::Fired);
        assert_eq!(reading(600.0), Reading::Fired);
        let (reading, said) = read(&SIGNAL, |facts| facts.set(device::NETWORK_CHANGES_PER_MIN, 7.5));
        assert_eq!((reading, said.as_str()), (Reading::Fired, "7.5 changes of network a minute, limit 5"));
    }

    #[test]
    fn is_quiet_at_the_limit() {
        assert_eq!(reading(5.0), Reading::Quiet);
        assert_eq!(reading(0.0), Reading::Quiet);
    }

    #[test]
    fn is_unknown_when_not_sent() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
