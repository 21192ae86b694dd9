//! `device.dangerous_apps`: apps that change other apps are on the device.

use portcullis_domain::facts::device;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "device.dangerous_apps",
    title: "Apps that change other apps are on the device",
    doc: Doc {
        why: "Tools that grant root or patch other apps are how location, sensors and payments are faked.",
        quiet: "Quiet when the app found none, unknown when it did not look.",
        wrong: "People who modify their own phones for other reasons.",
        source: "The client's word; there is no threshold.",
    },
    evaluate,
    explain: |_, _| "Apps that change other apps are on the device".to_owned(),
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(device::HAS_DANGEROUS_APPS))
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    #[test]
    fn fires_when_it_is_so_and_is_quiet_when_not() {
        let reading = |is_so: bool| read(&SIGNAL, |facts| facts.set(device::HAS_DANGEROUS_APPS, is_so)).0;
        assert_eq!((reading(true), reading(false)), (Reading::Fired, Reading::Quiet));
    }

    #[test]
    fn is_unknown_when_nothing_is_known() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
