//! `device.malicious_packages`: packages that are known to do harm are on the device.

use portcullis_domain::facts::device;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "device.malicious_packages",
    title: "Packages that do harm are on the device",
    doc: Doc {
        why: "Malware on the phone reads codes and passwords, or acts in place of its owner.",
        quiet: "Quiet when the app found none, unknown when it did not look.",
        wrong: "The owner of the phone is a victim, not the culprit.",
        source: "The client's word; there is no threshold.",
    },
    evaluate,
    explain: |_, _| "Packages that do harm are on the device".to_owned(),
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(device::HAS_MALICIOUS_PACKAGES))
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    #[test]
    fn fires_when_it_is_so_and_is_quiet_when_not() {
        let reading = |is_so: bool| read(&SIGNAL, |facts| facts.set(device::HAS_MALICIOUS_PACKAGES, is_so)).0;
        assert_eq!((reading(true), reading(false)), (Reading::Fired, Reading::Quiet));
    }

    #[test]
    fn is_unknown_when_nothing_is_known() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
