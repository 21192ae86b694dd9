//! `behavior.clock_tampered`: the client's times can not be true.

use portcullis_domain::Limits;
use portcullis_domain::facts::behavior;

use crate::signals::{Clue, Doc, Reading, Signal};

/// How far a client's clock may run ahead of ours, ms. Devices that keep time by the network are seconds off; those that
/// do not, drift by minutes a month. Five minutes is what Kerberos has long asked of every desktop.
const MAX_AHEAD_MS: i64 = 5 * 60 * 1_000;

const CLUES: &[Clue] = &[
    Clue {
        read: |facts| Reading::of(facts.get(behavior::COMPLETION_MS).map(|ms| ms < 0)),
        explain: |facts| {
            let before_ms = facts.known(behavior::COMPLETION_MS).unwrap_or_default().unsigned_abs();
            format!("The form was sent {before_ms} ms before it was shown")
        },
    },
    Clue {
        read: |facts| Reading::of(facts.get(behavior::SUBMITTED_AHEAD_MS).map(|ms| ms > MAX_AHEAD_MS)),
        explain: |facts| {
            let ahead_s = facts.known(behavior::SUBMITTED_AHEAD_MS).unwrap_or_default() / 1_000;
            format!("The form was sent {ahead_s} s in the future, limit {} s", MAX_AHEAD_MS / 1_000)
        },
    },
    Clue {
        read: |facts| Reading::of(facts.get(behavior::MOUSE_IS_ORDERED).map(|is_ordered| !is_ordered)),
        explain: |_| "Pointer positions are not in the order of their times".to_owned(),
    },
];

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "behavior.clock_tampered",
    title: "The form's times are implausible",
    doc: Doc {
        why: "Times that contradict each other were made up: by a script that replays a recorded form, or by someone \
              who edits the payload to look slow.",
        quiet: "Quiet when the form was shown before it was sent, was sent at most five minutes ahead of our clock, \
                and the pointer's times do not run backward; what is not sent is no contradiction. Unknown when none \
                of these times is sent.",
        wrong: "Devices whose clock is set more than five minutes ahead, or is set back while the form is open. A \
                clock that is behind is not held against anyone.",
        source: "Five minutes is the usual tolerance between unsynchronized clocks (Kerberos); the order of times \
                 needs no threshold.",
    },
    evaluate: |facts, _: &Limits| Clue::any(CLUES, facts),
    explain: |facts, _| Clue::explain_first(CLUES, facts),
};

#[cfg(test)]
mod tests {
    use portcullis_domain::{Facts, Missing};

    use super::*;
    use crate::signals::read;

    fn reading(set: impl FnOnce(&mut Facts)) -> Reading {
        read(&SIGNAL, set).0
    }

    #[test]
    fn fires_when_sent_before_shown() {
        assert_eq!(reading(|facts| facts.set(behavior::COMPLETION_MS, -1)), Reading::Fired);
        assert_eq!(reading(|facts| facts.set(behavior::COMPLETION_MS, i64::MIN)), Reading::Fired);
        assert_eq!(reading(|facts| facts.set(behavior::COMPLETION_MS, 0)), Reading::Quiet);
    }

    #[test]
    fn fires_when_sent_in_the_future() {
        let (reading_past_the_limit, said) = read(&SIGNAL, |f| f.set(behavior::SUBMITTED_AHEAD_MS, 300_001));
        assert_eq!(reading_past_the_limit, Reading::Fired);
        assert_eq!(said, "The form was sent 300 s in the future, limit 300 s");
        assert_eq!(reading(|facts| facts.set(behavior::SUBMITTED_AHEAD_MS, 300_000)), Reading::Quiet);
        assert_eq!(reading(|facts| facts.set(behavior::SUBMITTED_AHEAD_MS, -86_400_000)), Reading::Quiet);
    }

    #[test]
    fn fires_when_the_pointer_goes_back_in_time() {
        assert_eq!(reading(|facts| facts.set(behavior::MOUSE_IS_ORDERED, false)), Reading::Fired);
        assert_eq!(reading(|facts| facts.set(behavior::MOUSE_IS_ORDERED, true)), Reading::Quiet);
    }

    #[test]
    fn is_unknown_without_any_time() {
        assert_eq!(reading(|_| {}), Reading::Unknown(Missing::NotSent));
    }
}
