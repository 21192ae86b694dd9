//! `device.emulator`: the device is an emulator.

use portcullis_domain::facts::device;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "device.emulator",
    title: "The device is an emulator",
    doc: Doc {
        why: "Farms run hundreds of emulated phones on one computer, each with an identity that costs \
              nothing.",
        quiet: "Quiet on devices whose app says that they are real. Unknown when the app does not say.",
        wrong: "Developers and testers of the integrator's app, and people who play phone games on a \
                computer. An emulator that is made to hide says that it is a phone.",
        source: "The client's word; there is no threshold.",
    },
    evaluate,
    explain: |_, _| "The device is an emulator or simulator".to_owned(),
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(device::IS_EMULATOR))
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    #[test]
    fn fires_on_an_emulator() {
        let (reading, said) = read(&SIGNAL, |facts| facts.set(device::IS_EMULATOR, true));
        assert_eq!((reading, said.as_str()), (Reading::Fired, "The device is an emulator or simulator"));
    }

    #[test]
    fn is_quiet_on_a_phone() {
        assert_eq!(read(&SIGNAL, |facts| facts.set(device::IS_EMULATOR, false)).0, Reading::Quiet);
    }

    #[test]
    fn is_unknown_when_not_sent() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
