//! `behavior.fast_typing`: text was typed faster than anyone types.

use portcullis_domain::facts::behavior;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal, rounded};

/// Words a minute that on a phone nobody reaches and on a keyboard only record holders.
const MAX_WPM: f64 = 200.0;

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "behavior.fast_typing",
    title: "The typing is too fast",
    doc: Doc {
        why: "Scripts put text into a field as fast as the app takes it.",
        quiet: "Quiet up to 200 words a minute. Unknown when the typing is not sent.",
        wrong: "Word prediction, dictation, autofill and password managers put in whole words and fields at \
                once.",
        source: "200 words a minute is the product's default.",
    },
    evaluate,
    explain,
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(behavior::TYPING_WPM).map(|wpm| wpm > MAX_WPM))
}

fn explain(facts: &Facts, _: &Limits) -> String {
    let wpm = rounded(facts.known(behavior::TYPING_WPM).unwrap_or_default());
    format!("Typed {wpm} words a minute, limit {MAX_WPM}")
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    fn reading(wpm: f64) -> Reading {
        read(&SIGNAL, |facts| facts.set(behavior::TYPING_WPM, wpm)).0
    }

    #[test]
    fn fires_on_a_script() {
        assert_eq!(reading(200.1), Reading::Fired);
        assert_eq!(reading(9_000.0), Reading::Fired);
        let (reading, said) = read(&SIGNAL, |facts| facts.set(behavior::TYPING_WPM, 240.0));
        assert_eq!((reading, said.as_str()), (Reading::Fired, "Typed 240 words a minute, limit 200"));
    }

    #[test]
    fn is_quiet_at_the_limit() {
        assert_eq!(reading(200.0), Reading::Quiet);
        assert_eq!(reading(38.0), Reading::Quiet);
    }

    #[test]
    fn is_unknown_when_not_sent() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
