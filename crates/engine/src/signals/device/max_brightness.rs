//! `device.max_brightness`: the screen was at its brightest throughout.

use portcullis_domain::facts::device;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal, rounded};

/// A screen that never went below this, 0 to 1, does not follow the light around it.
const MAX_BRIGHTNESS: f64 = 0.95;

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "device.max_brightness",
    title: "The screen was at its brightest throughout",
    doc: Doc {
        why: "Emulators tend to report full brightness, and farms have no reason to dim; a person's phone \
              dims with the light and to save the battery.",
        quiet: "Quiet when the lowest brightness of the session is 0.95 or less. Unknown when the brightness \
                is not sent.",
        wrong: "Bright sunlight, people with weak sight, and apps that turn the light up to show a code.",
        source: "0.95 is the product's default.",
    },
    evaluate,
    explain,
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(device::MIN_BRIGHTNESS).map(|brightness| brightness > MAX_BRIGHTNESS))
}

fn explain(facts: &Facts, _: &Limits) -> String {
    let brightness = rounded(facts.known(device::MIN_BRIGHTNESS).unwrap_or_default());
    format!("The screen's lowest brightness was {brightness}, limit {MAX_BRIGHTNESS}")
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    fn reading(brightness: f64) -> Reading {
        read(&SIGNAL, |facts| facts.set(device::MIN_BRIGHTNESS, brightness)).0
    }

    #[test]
    fn fires_at_full_brightness() {
        assert_eq!(reading(0.951), Reading::Fired);
        assert_eq!(reading(1.0), Reading::Fired);
        let (reading, said) = read(&SIGNAL, |facts| facts.set(device::MIN_BRIGHTNESS, 0.97));
        assert_eq!(
            (reading, said.as_str()),
            (Reading::Fired, "The screen's lowest brightness was 0.97, limit 0.95")
        );
    }

    #[test]
    fn is_quiet_at_the_limit() {
        assert_eq!(reading(0.95), Reading::Quiet);
        assert_eq!(reading(0.0), Reading::Quiet);
    }

    #[test]
    fn is_unknown_when_not_sent() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
