//! `device.screen_shared`: somebody else sees or controls the screen.

use portcullis_domain::facts::device;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "device.screen_shared",
    title: "The screen is shared",
    doc: Doc {
        why: "Swindlers have their victims share the screen, and then read the codes or press the buttons \
              themselves.",
        quiet: "Quiet when the screen is neither recorded, broadcast nor controlled. Unknown when the app \
                does not say.",
        wrong: "Help desks, accessibility services, screens mirrored to a television, and people who record \
                what they do.",
        source: "The client's word; there is no threshold.",
    },
    evaluate,
    explain: |_, _| "The screen is broadcast or controlled from afar".to_owned(),
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(device::IS_SCREEN_SHARED))
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    #[test]
    fn fires_on_a_shared_screen() {
        let (reading, said) = read(&SIGNAL, |facts| facts.set(device::IS_SCREEN_SHARED, true));
        assert_eq!(
            (reading, said.as_str()),
            (Reading::Fired, "The screen is broadcast or controlled from afar")
        );
    }

    #[test]
    fn is_quiet_on_a_private_one() {
        assert_eq!(read(&SIGNAL, |facts| facts.set(device::IS_SCREEN_SHARED, false)).0, Reading::Quiet);
    }

    #[test]
    fn is_unknown_when_not_sent() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
