//! `device.debuggable`: the app can be debugged.

use portcullis_domain::facts::device;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "device.debuggable",
    title: "The app can be debugged",
    doc: Doc {
        why: "A debugger attached to the app reads and changes whatever it does.",
        quiet: "Quiet when the app says that it can not be debugged, unknown when it does not say.",
        wrong: "Test builds that developers and testers use.",
        source: "The client's word; there is no threshold.",
    },
    evaluate,
    explain: |_, _| "The app can be debugged".to_owned(),
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(device::IS_DEBUGGABLE))
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    #[test]
    fn fires_when_it_is_so_and_is_quiet_when_not() {
        let reading = |is_so: bool| read(&SIGNAL, |facts| facts.set(device::IS_DEBUGGABLE, is_so)).0;
        assert_eq!((reading(true), reading(false)), (Reading::Fired, Reading::Quiet));
    }

    #[test]
    fn is_unknown_when_nothing_is_known() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
