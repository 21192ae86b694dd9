//! `labels.cleared`: what was reported of the account or its device was mostly dismissed; a reason to trust.

use portcullis_domain::{Facts, Limits};

use super::counts;
use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "labels.cleared",
    title: "Looked into and dismissed before",
    doc: Doc {
        why: "Somebody who looked into this account or its device found no fraud, whatever the score said; rules over \
              it usually take points off.",
        quiet: "Quiet when nothing was dismissed, and when at least as many reports were confirmed. Unknown while \
                nothing was decided of the account or device.",
        wrong: "An account that was honest may be taken over later; whoever decides may be mistaken, which is why a \
                single report changes no decision.",
        source: "The tenant's own decisions: more dismissed than confirmed; there is no other threshold.",
    },
    evaluate,
    explain,
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(counts(facts).map(|(fraud, cleared)| cleared > fraud))
}

fn explain(facts: &Facts, _: &Limits) -> String {
    let (fraud, cleared) = counts(facts).known().unwrap_or_default();
    format!("{cleared} dismissed, {fraud} confirmed as fraud")
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
    fn fires_when_more_was_dismissed() {
        assert_eq!(of(1, 2), (Reading::Fired, "2 dismissed, 1 confirmed as fraud".to_owned()));
        assert_eq!(of(0, 1).0, Reading::Fired);
    }

    #[test]
    fn is_quiet_when_as_much_was_confirmed() {
        assert_eq!([of(0, 0).0, of(1, 1).0, of(2, 1).0], [Reading::Quiet; 3]);
    }

    #[test]
    fn is_unknown_when_nothing_was_decided() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
