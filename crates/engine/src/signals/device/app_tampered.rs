//! `device.app_tampered`: the app's signature is not its maker's.

use portcullis_domain::facts::device;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "device.app_tampered",
    title: "The app was changed",
    doc: Doc {
        why: "An app that was taken apart and signed anew may send whatever its new maker wants, and takes \
              passwords from those who install it.",
        quiet: "Quiet when the signature is the maker's. Unknown when the app does not say.",
        wrong: "App stores that sign anew what they distribute, and builds whose signature the integrator \
                did not register.",
        source: "The client's word; there is no threshold.",
    },
    evaluate,
    explain: |_, _| "The app's signature is not its maker's".to_owned(),
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(device::IS_APP_TAMPERED))
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    #[test]
    fn fires_on_another_signature() {
        let (reading, said) = read(&SIGNAL, |facts| facts.set(device::IS_APP_TAMPERED, true));
        assert_eq!((reading, said.as_str()), (Reading::Fired, "The app's signature is not its maker's"));
    }

    #[test]
    fn is_quiet_on_the_makers() {
        assert_eq!(read(&SIGNAL, |facts| facts.set(device::IS_APP_TAMPERED, false)).0, Reading::Quiet);
    }

    #[test]
    fn is_unknown_when_not_sent() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
