//! `session.odd_hour`: the session began in the small hours.

use std::ops::Range;

use portcullis_domain::facts::session;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// The hours of the day in which hardly anyone is awake.
const ODD: Range<i64> = 1..5;

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "session.odd_hour",
    title: "The session began in the small hours",
    doc: Doc {
        why: "Who empties an account prefers the hours in which its owner sleeps.",
        quiet: "Quiet from five in the morning to one at night, by the device's clock. Unknown when the hour \
                is not sent.",
        wrong: "Shift workers, night owls and travellers whose phone keeps the home time.",
        source: "1 to 5 o'clock is the product's default.",
    },
    evaluate,
    explain,
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(session::HOUR).map(|hour| ODD.contains(&hour)))
}

fn explain(facts: &Facts, _: &Limits) -> String {
    let hour = facts.known(session::HOUR).unwrap_or_default();
    format!("The session began after {hour}:00, odd from {}:00 to {}:00", ODD.start, ODD.end)
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    fn reading(hour: i64) -> Reading {
        read(&SIGNAL, |facts| facts.set(session::HOUR, hour)).0
    }

    #[test]
    fn fires_in_the_small_hours() {
        assert_eq!(reading(1), Reading::Fired);
        assert_eq!(reading(4), Reading::Fired);
        let (reading, said) = read(&SIGNAL, |facts| facts.set(session::HOUR, 3));
        assert_eq!(
            (reading, said.as_str()),
            (Reading::Fired, "The session began after 3:00, odd from 1:00 to 5:00")
        );
    }

    #[test]
    fn is_quiet_by_day() {
        assert_eq!(reading(0), Reading::Quiet);
        assert_eq!(reading(5), Reading::Quiet);
        assert_eq!(reading(23), Reading::Quiet);
        assert_eq!(reading(-1), Reading::Quiet);
    }

    #[test]
    fn is_unknown_when_not_sent() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
