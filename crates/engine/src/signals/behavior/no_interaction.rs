//! `behavior.no_interaction`: the form was sent without a key or a pointer being touched.

use portcullis_domain::facts::{behavior, device};
use portcullis_domain::{Fact, Facts, Limits, Missing};

use crate::os;
use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "behavior.no_interaction",
    title: "The form was sent without any human interaction",
    doc: Doc {
        why: "A script that posts a form, or fills it in from outside, moves no pointer and presses no key. A person \
              at a computer does one or the other, if only to press Enter after autofill.",
        quiet: "Quiet at the first key or pointer movement, and on phones and tablets, whose touches move no pointer; \
                an upright Mac counts as an iPad. Unknown when keys or pointer are not sent, or the user agent names \
                no kind of device.",
        wrong: "Password managers that fill in and send the form by themselves, voice control and other assistive \
                technology, and touch screens of laptops in browsers that send no pointer events for a tap.",
        source: "No key and no movement at all: the product's default.",
    },
    evaluate,
    explain: |_, _| "No key pressed and no pointer movement on a device with keyboard and pointer".to_owned(),
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    match (facts.get(behavior::KEYSTROKES), facts.get(behavior::MOUSE_POINTS)) {
        (Fact::Known(1..), _) | (_, Fact::Known(1..)) => Reading::Quiet,
        (Fact::Known(_), Fact::Known(_)) => Reading::of(has_pointer(facts)),
        (Fact::Missing(reason), _) | (_, Fact::Missing(reason)) => Reading::Unknown(reason),
    }
}

/// Whether the device is one on which people point and type. Crawlers and libraries have no touch screen to excuse
/// them, so they count as such.
fn has_pointer(facts: &Facts) -> Fact<bool> {
    match facts.get(device::TYPE) {
        Fact::Known("desktop") => Fact::Known(!os::is_disguised_ipad(facts)),
        Fact::Known("bot") => Fact::Known(true),
        Fact::Known("mobile" | "tablet") => Fact::Known(false),
        Fact::Known(_) => Fact::Missing(Missing::NotFound),
        Fact::Missing(reason) => Fact::Missing(reason),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signals::read;

    fn reading(keystrokes: i64, points: i64, device_type: &str) -> Reading {
        let set = |facts: &mut Facts| {
            facts.set(behavior::KEYSTROKES, keystrokes);
            facts.set(behavior::MOUSE_POINTS, points);
            facts.set(device::TYPE, device_type);
        };
        read(&SIGNAL, set).0
    }

    #[test]
    fn fires_when_nothing_was_touched() {
        assert_eq!(reading(0, 0, "desktop"), Reading::Fired);
        assert_eq!(reading(0, 0, "bot"), Reading::Fired);
    }

    #[test]
    fn is_quiet_at_the_first_touch() {
        assert_eq!(reading(1, 0, "desktop"), Reading::Quiet);
        assert_eq!(reading(0, 1, "desktop"), Reading::Quiet);
    }

    #[test]
    fn is_quiet_on_touch_screens() {
        assert_eq!(reading(0, 0, "mobile"), Reading::Quiet);
        assert_eq!(reading(0, 0, "tablet"), Reading::Quiet);
        let (ipad, _) = read(&SIGNAL, |facts| {
            facts.set(behavior::KEYSTROKES, 0);
            facts.set(behavior::MOUSE_POINTS, 0);
            facts.set(device::TYPE, "desktop");
            facts.set(device::OS, "Mac OS X");
            facts.set(device::SCREEN_WIDTH, 820.0);
            facts.set(device::SCREEN_HEIGHT, 1180.0);
        });
        assert_eq!(ipad, Reading::Quiet);
    }

    #[test]
    fn is_unknown_without_keys_pointer_or_kind_of_device() {
        let (no_keys, _) = read(&SIGNAL, |facts| facts.set(behavior::MOUSE_POINTS, 0));
        assert_eq!(no_keys, Reading::Unknown(Missing::NotSent));
        let (no_path, _) = read(&SIGNAL, |facts| facts.set(behavior::KEYSTROKES, 0));
        assert_eq!(no_path, Reading::Unknown(Missing::NotSent));
        assert_eq!(reading(0, 0, "other"), Reading::Unknown(Missing::NotFound));
    }
}
