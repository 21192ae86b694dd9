//! `device.has_sim`: there is a SIM in the device; a reason to trust.

use portcullis_domain::facts::device;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "device.has_sim",
    title: "There is a SIM in the device",
    doc: Doc {
        why: "A SIM costs money and, in many countries, an identity; rules over it usually take points off.",
        quiet: "Quiet when there is none, which is `device.no_sim`. Unknown when the app does not say.",
        wrong: "A SIM may be prepaid, stolen or made up by an emulator.",
        source: "The client's word; there is no threshold.",
    },
    evaluate,
    explain: |_, _| "There is a SIM in the device".to_owned(),
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(device::HAS_SIM))
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    #[test]
    fn fires_with_a_sim() {
        let (reading, said) = read(&SIGNAL, |facts| facts.set(device::HAS_SIM, true));
        assert_eq!((reading, said.as_str()), (Reading::Fired, "There is a SIM in the device"));
    }

    #[test]
    fn is_quiet_without_one() {
        assert_eq!(read(&SIGNAL, |facts| facts.set(device::HAS_SIM, false)).0, Reading::Quiet);
    }

    #[test]
    fn is_unknown_when_not_sent() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
