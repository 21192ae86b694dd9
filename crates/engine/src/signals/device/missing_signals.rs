//! `device.missing_signals`: the device, or its fingerprint, was not sent.

use portcullis_domain::facts::device;
use portcullis_domain::{Fact, Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "device.missing_signals",
    title: "The device or its fingerprint was not sent",
    doc: Doc {
        why: "The page's script sends both on every form. Where they are missing, the form did not come from the \
              page, or someone removed what would have identified the device.",
        quiet: "Quiet when a fingerprint is sent. Unknown only where a dialect does not say whether a device was \
                sent.",
        wrong: "Content blockers stop fingerprint scripts for honest people, and a tenant whose page lacks the script \
                sees it on every event: disable the rule until the script is there.",
        source: "Presence alone; there is no threshold.",
    },
    evaluate,
    explain,
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    match (facts.get(device::IS_SENT), facts.get(device::CLIENT_FINGERPRINT)) {
        (Fact::Known(false), _) | (Fact::Known(true), Fact::Known("") | Fact::Missing(_)) => Reading::Fired,
        (Fact::Known(true), Fact::Known(_)) => Reading::Quiet,
        (Fact::Missing(reason), _) => Reading::Unknown(reason),
    }
}

fn explain(facts: &Facts, _: &Limits) -> String {
    if facts.is_true(device::IS_SENT) {
        "The device has no fingerprint".to_owned()
    } else {
        "Nothing of the device was sent".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    #[test]
    fn fires_without_a_device() {
        let (reading, said) = read(&SIGNAL, |facts| facts.set(device::IS_SENT, false));
        assert_eq!((reading, said.as_str()), (Reading::Fired, "Nothing of the device was sent"));
    }

    #[test]
    fn fires_without_a_fingerprint() {
        let (reading, said) = read(&SIGNAL, |facts| facts.set(device::IS_SENT, true));
        assert_eq!((reading, said.as_str()), (Reading::Fired, "The device has no fingerprint"));
        let (empty, _) = read(&SIGNAL, |facts| {
            facts.set(device::IS_SENT, true);
            facts.set(device::CLIENT_FINGERPRINT, "");
        });
        assert_eq!(empty, Reading::Fired);
    }

    #[test]
    fn is_quiet_with_one() {
        let (reading, _) = read(&SIGNAL, |facts| {
            facts.set(device::IS_SENT, true);
            facts.set(device::CLIENT_FINGERPRINT, "f");
        });
        assert_eq!(reading, Reading::Quiet);
    }

    #[test]
    fn is_unknown_when_nobody_says() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
