//! `device.new`: the device was never seen before.

use portcullis_domain::facts::device;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "device.new",
    title: "The device was never seen before",
    doc: Doc {
        why: "Farms reset their devices and thieves bring their own: trouble mostly comes from devices without a past.",
        quiet: "Quiet on devices that were seen before, with whatever account. Unknown when nothing was sent from which a \
                device can be told.",
        wrong: "Everybody has a first day, and a new telephone now and then.",
        source: "The history of the tenant; there is no threshold.",
    },
    evaluate,
    explain: |_, _| "The device was never seen before".to_owned(),
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(device::IS_NEW))
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    #[test]
    fn follows_whether_the_device_was_seen_before() {
        let reading = |is_new| read(&SIGNAL, |facts| facts.set(device::IS_NEW, is_new)).0;
        assert_eq!((reading(true), reading(false)), (Reading::Fired, Reading::Quiet));
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
