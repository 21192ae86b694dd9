//! `session.replayed`: one session id is sent again and again.

use portcullis_domain::facts::session;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// Submissions within 60 seconds that a client's own repeats may come to.
const MAX_SUBMISSIONS_1M: i64 = 3;

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "session.replayed",
    title: "The session is sent again and again",
    doc: Doc {
        why: "A report that was recorded once is sent many times, with other accounts or amounts.",
        quiet: "Quiet up to three submissions with one session id in 60 seconds; the fourth fires. Unknown \
                without a session id.",
        wrong: "Apps that report more often than every 20 seconds, or that send again after a lost \
                connection. A replay that changes the id is not seen.",
        source: "3 in 60 seconds is the product's default.",
    },
    evaluate,
    explain,
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(session::SUBMISSIONS_1M).map(|submissions| submissions > MAX_SUBMISSIONS_1M))
}

fn explain(facts: &Facts, _: &Limits) -> String {
    let submissions = facts.known(session::SUBMISSIONS_1M).unwrap_or_default();
    format!("{submissions} submissions of this session in 60 s, limit {MAX_SUBMISSIONS_1M}")
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    fn reading(submissions: i64) -> Reading {
        read(&SIGNAL, |facts| facts.set(session::SUBMISSIONS_1M, submissions)).0
    }

    #[test]
    fn fires_on_the_fourth() {
        assert_eq!(reading(1_000), Reading::Fired);
        let (reading, said) = read(&SIGNAL, |facts| facts.set(session::SUBMISSIONS_1M, 4));
        assert_eq!(
            (reading, said.as_str()),
            (Reading::Fired, "4 submissions of this session in 60 s, limit 3")
        );
    }

    #[test]
    fn is_quiet_up_to_the_third() {
        assert_eq!(reading(3), Reading::Quiet);
        assert_eq!(reading(1), Reading::Quiet);
    }

    #[test]
    fn is_unknown_when_not_sent() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
