//! `velocity.exceeded`: more attempts than a velocity rule of the tenant allows.

use portcullis_domain::facts::velocity;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "velocity.exceeded",
    title: "More attempts than a velocity rule allows",
    doc: Doc {
        why: "Guessing, farming and testing of cards all need many attempts in little time.",
        quiet: "Quiet when no rule that counts is exceeded. Unknown when the event is no attempt at anything.",
        wrong: "People who try again because something does not work.",
        source: "The tenant's own velocity rules.",
    },
    evaluate: |facts, _: &Limits| Reading::of(facts.get(velocity::EXCEEDED).map(|rules| !rules.is_empty())),
    explain: |facts: &Facts, _| {
        format!("Beyond the velocity rules {}", facts.known(velocity::EXCEEDED).unwrap_or_default())
    },
};

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    #[test]
    fn fires_when_a_rule_is_exceeded() {
        let of = |rules| read(&SIGNAL, |facts| facts.set(velocity::EXCEEDED, rules));
        assert_eq!(of("vrule_1"), (Reading::Fired, "Beyond the velocity rules vrule_1".to_owned()));
        assert_eq!(of("").0, Reading::Quiet);
    }

    #[test]
    fn is_unknown_when_nothing_is_attempted() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
