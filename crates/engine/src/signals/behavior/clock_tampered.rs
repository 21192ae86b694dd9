//! `behavior.clock_tampered`: the client's times can not be true.

use portcullis_domain::facts::{behavior, event};
use portcullis_domain::{Facts, Limits};

use super::{fast_completion, no_interaction};
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
              who edits the payload to look slow. And a sign-up that nobody touched, sent sooner than anybody could \
              fill it in, was filled in at no time at all.",
        quiet: "Quiet when the form was shown before it was sent, was sent at most five minutes ahead of our clock, \
                and the pointer's times do not run backward; what is not sent is no contradiction. A single key or \
                pointer movement explains a fast form, and a login may be sent by a password manager. Unknown when \
                none of these times is sent.",
        wrong: "Devices whose clock is set more than five minutes ahead, or is set back while the form is open. A \
                clock that is behind is not held against anyone.",
        source: "Five minutes is the usual tolerance between unsynchronized clocks (Kerberos); the order of times \
                 needs no threshold. An untouched sign-up is held to the tenant's minimum completion time, so that \
                 behavior alone tells a scripted one.",
    },
    evaluate,
    explain,
};

fn evaluate(facts: &Facts, limits: &Limits) -> Reading {
    match Clue::any(CLUES, facts) {
        Reading::Quiet | Reading::Unknown(_) if is_untouched_rush(facts, limits) => Reading::Fired,
        reading => reading,
    }
}

/// Whether a sign-up was sent without a key or a pointer being touched, in less time than filling it in takes.
fn is_untouched_rush(facts: &Facts, limits: &Limits) -> bool {
    let fired = |signal: &Signal| (signal.evaluate)(facts, limits) == Reading::Fired;
    facts.known(event::TYPE) == Some("signup")
        && fired(&no_interaction::SIGNAL)
        && fired(&fast_completion::SIGNAL)
}

fn explain(facts: &Facts, limits: &Limits) -> String {
    if is_untouched_rush(facts, limits) {
        let completion_ms = facts.known(behavior::COMPLETION_MS).unwrap_or_default();
        return format!(
            "The form was sent after {completion_ms} ms without a key or a pointer being touched"
        );
    }
    Clue::explain_first(CLUES, facts)
}

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

    fn untouched(event_type: &'static str, completion_ms: i64, keystrokes: i64) -> Reading {
        use portcullis_domain::facts::device;
        reading(|facts| {
            facts.set(event::TYPE, event_type);
            facts.set(device::TYPE, "desktop");
            facts.set(behavior::COMPLETION_MS, completion_ms);
            facts.set(behavior::KEYSTROKES, keystrokes);
            facts.set(behavior::MOUSE_POINTS, 0);
        })
    }

    #[test]
    fn fires_on_an_untouched_sign_up_that_nobody_had_time_for() {
        assert_eq!(untouched("signup", 2_999, 0), Reading::Fired);
        assert_eq!(untouched("signup", 3_000, 0), Reading::Quiet);
        assert_eq!(untouched("signup", 100, 1), Reading::Quiet);
        assert_eq!(untouched("login", 100, 0), Reading::Quiet);
    }

    #[test]
    fn is_unknown_without_any_time() {
        assert_eq!(reading(|_| {}), Reading::Unknown(Missing::NotSent));
    }
}
