//! `ip.suspicious`: the address is not one that people use at home or at work.

use portcullis_domain::facts::ip;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Clue, Doc, Reading, Signal};

const CLUES: &[Clue] = &[
    Clue {
        read: |facts| Reading::of(facts.get(ip::IS_DATACENTER)),
        explain: |_| "The address belongs to a hosting provider".to_owned(),
    },
    Clue {
        read: |facts| Reading::of(facts.get(ip::IS_HIGH_RISK_ASN)),
        explain: |_| "The operator listed the autonomous system as high-risk".to_owned(),
    },
];

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "ip.suspicious",
    title: "The address deserves little trust",
    doc: Doc {
        why: "People call from access networks; hosting providers and networks that abuse comes from are where scripts run.",
        quiet: "Quiet when the address is known to belong to neither. Unknown for private addresses and when no list is loaded.",
        wrong: "Company gateways and privacy relays leave through data centers too.",
        source: "The operator's lists of hosting providers and of autonomous systems with a bad name; there is no threshold.",
    },
    evaluate: |facts, _: &Limits| Clue::any(CLUES, facts),
    explain: |facts: &Facts, _| Clue::explain_first(CLUES, facts),
};

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    #[test]
    fn fires_by_any_clue() {
        let (reading, said) = read(&SIGNAL, |facts| facts.set(ip::IS_DATACENTER, true));
        assert_eq!((reading, said.as_str()), (Reading::Fired, "The address belongs to a hosting provider"));
        let (reading, said) = read(&SIGNAL, |facts| facts.set(ip::IS_HIGH_RISK_ASN, true));
        assert_eq!(
            (reading, said.as_str()),
            (Reading::Fired, "The operator listed the autonomous system as high-risk")
        );
    }

    #[test]
    fn is_quiet_when_one_is_known_and_none_is_there() {
        assert_eq!(read(&SIGNAL, |facts| facts.set(ip::IS_DATACENTER, false)).0, Reading::Quiet);
    }

    #[test]
    fn is_unknown_when_nothing_is_known() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
