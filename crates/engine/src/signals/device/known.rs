//! `device.known`: the device was seen before.

use portcullis_domain::facts::device;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "device.known",
    title: "The device was seen before",
    doc: Doc {
        why: "A device with a past is a little less likely to be one that was set up for a fraud.",
        quiet: "Quiet on devices that were never seen. Unknown when nothing was sent from which a device can be told.",
        wrong: "It says nothing of the person: a stolen device is known too.",
        source: "The history of the tenant; there is no threshold.",
    },
    evaluate,
    explain: |_, _| "The device was seen before".to_owned(),
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(device::IS_NEW).map(|is_new| !is_new))
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    #[test]
    fn follows_whether_the_device_was_seen_before() {
        let reading = |is_new| read(&SIGNAL, |facts| facts.set(device::IS_NEW, is_new)).0;
        assert_eq!((reading(true), reading(false)), (Reading::Quiet, Reading::Fired));
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
