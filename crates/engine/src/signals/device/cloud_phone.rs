//! `device.cloud_phone`: the device is a virtual phone in a data center.

use portcullis_domain::facts::device;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "device.cloud_phone",
    title: "The device is a virtual phone in a data center",
    doc: Doc {
        why: "Cloud phones are rented by the hour and reset at will, so that one person appears as many.",
        quiet: "Quiet on devices whose app says that they are real. Unknown when the app does not say.",
        wrong: "Some companies give their staff cloud phones, and app testers rent them. A provider that the \
                app does not know is not seen.",
        source: "The client's word; there is no threshold.",
    },
    evaluate,
    explain: |_, _| "The device is a virtual phone in a data center".to_owned(),
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(device::IS_CLOUD_PHONE))
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    #[test]
    fn fires_on_a_cloud_phone() {
        let (reading, said) = read(&SIGNAL, |facts| facts.set(device::IS_CLOUD_PHONE, true));
        assert_eq!(
            (reading, said.as_str()),
            (Reading::Fired, "The device is a virtual phone in a data center")
        );
    }

    #[test]
    fn is_quiet_on_one_in_a_hand() {
        assert_eq!(read(&SIGNAL, |facts| facts.set(device::IS_CLOUD_PHONE, false)).0, Reading::Quiet);
    }

    #[test]
    fn is_unknown_when_not_sent() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
