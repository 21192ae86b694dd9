//! `ip.proxy`: the address is a proxy or a Tor exit.

use portcullis_domain::facts::ip;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Clue, Doc, Reading, Signal};

const CLUES: &[Clue] = &[
    Clue {
        read: |facts| Reading::of(facts.get(ip::IS_PROXY)),
        explain: |_| "The address is an open or commercial proxy".to_owned(),
    },
    Clue {
        read: |facts| Reading::of(facts.get(ip::IS_TOR)),
        explain: |_| "The address is a Tor exit".to_owned(),
    },
];

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "ip.proxy",
    title: "The address is a proxy",
    doc: Doc {
        why: "Proxies are rented by the thousand to look like as many people, and Tor is a proxy for everyone.",
        quiet: "Quiet when the address is known not to be one or the other and not known to be either. Unknown for \
                private addresses and when no list is loaded. A Tor exit fires `ip.tor_exit` as well.",
        wrong: "Companies and schools send everyone through a proxy, and a proxy in a home is somebody's home: its \
                owner comes from the same address. The lists age within days.",
        source: "The operator's lists of proxies and Tor exits; there is no threshold.",
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
    fn fires_on_a_proxy() {
        let (reading, said) = read(&SIGNAL, |facts| {
            facts.set(ip::IS_PROXY, true);
            facts.set(ip::IS_TOR, false);
        });
        assert_eq!((reading, said.as_str()), (Reading::Fired, "The address is an open or commercial proxy"));
    }

    #[test]
    fn fires_on_a_tor_exit() {
        let (reading, said) = read(&SIGNAL, |facts| facts.set(ip::IS_TOR, true));
        assert_eq!((reading, said.as_str()), (Reading::Fired, "The address is a Tor exit"));
    }

    #[test]
    fn is_quiet_when_one_is_known_and_none_is_true() {
        assert_eq!(read(&SIGNAL, |facts| facts.set(ip::IS_PROXY, false)).0, Reading::Quiet);
        let (reading, _) = read(&SIGNAL, |facts| {
            facts.set(ip::IS_TOR, false);
            facts.set_missing(ip::IS_PROXY, Missing::NotLoaded);
        });
        assert_eq!(reading, Reading::Quiet);
    }

    #[test]
    fn is_unknown_for_private_addresses() {
        let (reading, _) = read(&SIGNAL, |facts| {
            facts.set_missing(ip::IS_PROXY, Missing::NotApplicable);
            facts.set_missing(ip::IS_TOR, Missing::NotApplicable);
        });
        assert_eq!(reading, Reading::Unknown(Missing::NotApplicable));
    }
}
