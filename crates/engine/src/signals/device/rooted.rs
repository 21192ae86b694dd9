//! `device.rooted`: the device is rooted or jailbroken.

use portcullis_domain::facts::device;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "device.rooted",
    title: "The device is rooted or jailbroken",
    doc: Doc {
        why: "On such a device nothing that the app measures or keeps is safe from other programs, and every \
              sensor can be made up.",
        quiet: "Quiet on devices whose app says that they are not. Unknown when the app does not say.",
        wrong: "Enthusiasts root their own phones, and some markets sell phones rooted. Root that is hidden \
                from the app is not seen.",
        source: "The client's word; there is no threshold.",
    },
    evaluate,
    explain: |_, _| "The device is rooted or jailbroken".to_owned(),
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(device::IS_ROOTED))
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    #[test]
    fn fires_on_a_rooted_device() {
        let (reading, said) = read(&SIGNAL, |facts| facts.set(device::IS_ROOTED, true));
        assert_eq!((reading, said.as_str()), (Reading::Fired, "The device is rooted or jailbroken"));
    }

    #[test]
    fn is_quiet_on_a_locked_one() {
        assert_eq!(read(&SIGNAL, |facts| facts.set(device::IS_ROOTED, false)).0, Reading::Quiet);
    }

    #[test]
    fn is_unknown_when_not_sent() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
