//! `device.no_sim`: there is no SIM in the device.

use portcullis_domain::facts::device;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "device.no_sim",
    title: "There is no SIM in the device",
    doc: Doc {
        why: "Phones on the racks of a farm and emulated ones have no SIM: each would cost money and an \
              identity.",
        quiet: "Quiet when there is one, which is `device.has_sim`. Unknown when the app does not say.",
        wrong: "Tablets, old phones on Wi-Fi, and systems that do not let apps see an eSIM.",
        source: "The client's word; there is no threshold.",
    },
    evaluate,
    explain: |_, _| "There is no SIM in the device".to_owned(),
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(device::HAS_SIM).map(|has_sim| !has_sim))
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    #[test]
    fn fires_without_a_sim() {
        let (reading, said) = read(&SIGNAL, |facts| facts.set(device::HAS_SIM, false));
        assert_eq!((reading, said.as_str()), (Reading::Fired, "There is no SIM in the device"));
    }

    #[test]
    fn is_quiet_with_one() {
        assert_eq!(read(&SIGNAL, |facts| facts.set(device::HAS_SIM, true)).0, Reading::Quiet);
    }

    #[test]
    fn is_unknown_when_not_sent() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
