//! `labels.confirmed_fraud`: what was reported of the account or its device was mostly confirmed as fraud.

use portcullis_domain::{Facts, Limits};

use super::counts;
use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "labels.confirmed_fraud",
    title: "Confirmed as fraud before",
    doc: Doc {
        why: "Somebody who looked into it found fraud by this account or on its device; who did it once mostly does \
              it again.",
        quiet: "Quiet when nothing was confirmed, and when at least as many reports were dismissed. Unknown while \
                nothing was decided of the account or device.",
        wrong: "A device that was sold or an account that was taken back is somebody else's now; whoever decides may \
                be mistaken, which is why a single report changes no decision.",
        source: "The tenant's own decisions: more confirmed than dismissed; there is no other threshold.",
    },
    evaluate,
    explain,
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(counts(facts).map(|(fraud, cleared)| fraud > cleared))
}

fn explain(facts: &Facts, _: &Limits) -> String {
    let (fraud, cleared) = counts(facts).known().unwrap_or_default();
    format!("{fraud} confirmed as fraud, {cleared} dismissed")
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;
    use portcullis_domain::facts::user;

    use super::*;
    use crate::signals::read;

    fn of(fraud: i64, cleared: i64) -> (Reading, String) {
        read(&SIGNAL, |facts| {
            facts.set(user::FRAUD_LABELS, fraud);
            facts.set(user::CLEARED_LABELS, cleared);
        })
    }

    #[test]
    fn fires_when_more_was_confirmed() {
        assert_eq!(of(2, 1), (Reading::Fired, "2 confirmed as fraud, 1 dismissed".to_owned()));
        assert_eq!(of(1, 0).0, Reading::Fired);
    }

    #[test]
    fn is_quiet_when_as_much_was_dismissed() {
        assert_eq!([of(0, 0).0, of(1, 1).0, of(1, 2).0], [Reading::Quiet; 3]);
    }

    #[test]
    fn one_count_is_enough_to_tell() {
        assert_eq!(read(&SIGNAL, |facts| facts.set(user::FRAUD_LABELS, 1)).0, Reading::Fired);
        assert_eq!(read(&SIGNAL, |facts| facts.set(user::CLEARED_LABELS, 1)).0, Reading::Quiet);
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
