//! `device.hook_tool`: a tool that changes running apps is on the device.

use portcullis_domain::facts::device;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "device.hook_tool",
    title: "A hooking tool is on the device",
    doc: Doc {
        why: "Frida, Xposed, Cydia and the like change what an app does while it runs: what it reports of \
              the device is then what somebody wants it to report.",
        quiet: "Quiet where the app finds no such tool. Unknown when the app does not say.",
        wrong: "Security researchers and the integrator's own testers. A tool that is newer than the app's \
                search for it is not seen.",
        source: "The client's word; there is no threshold.",
    },
    evaluate,
    explain: |_, _| "A hooking tool such as Frida, Xposed or Cydia is on the device".to_owned(),
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(device::HAS_HOOK_TOOL))
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    #[test]
    fn fires_on_a_hook_tool() {
        let (reading, said) = read(&SIGNAL, |facts| facts.set(device::HAS_HOOK_TOOL, true));
        assert_eq!(
            (reading, said.as_str()),
            (Reading::Fired, "A hooking tool such as Frida, Xposed or Cydia is on the device")
        );
    }

    #[test]
    fn is_quiet_without_one() {
        assert_eq!(read(&SIGNAL, |facts| facts.set(device::HAS_HOOK_TOOL, false)).0, Reading::Quiet);
    }

    #[test]
    fn is_unknown_when_not_sent() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
