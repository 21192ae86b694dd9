//! `network.vpn_or_proxy`: the address hides who is behind it.

use portcullis_domain::facts::{device, ip};
use portcullis_domain::{Facts, Limits};

use crate::signals::{Clue, Doc, Reading, Signal};

const CLUES: &[Clue] = &[
    Clue {
        read: |facts| Reading::of(facts.get(ip::IS_VPN)),
        explain: |_| "The address belongs to a VPN provider".to_owned(),
    },
    Clue {
        read: |facts| Reading::of(facts.get(ip::IS_PROXY)),
        explain: |_| "The address is an open or commercial proxy".to_owned(),
    },
    Clue {
        read: |facts| Reading::of(facts.get(device::IS_VPN_ACTIVE)),
        explain: |_| "A VPN or proxy interface is up on the device".to_owned(),
    },
];

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "network.vpn_or_proxy",
    title: "The address is a VPN or a proxy",
    doc: Doc {
        why: "A VPN or a proxy hides where a person is and gives one person many addresses.",
        quiet: "Quiet when the address is known to be neither. Unknown when no list knows anything of it, as for private addresses.",
        wrong: "Many people use a VPN for privacy, in hotels, or because their employer wants it.",
        source: "The operator's lists of VPN providers and proxies, and the client's word; there is no threshold.",
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
        let (reading, said) = read(&SIGNAL, |facts| facts.set(ip::IS_VPN, true));
        assert_eq!((reading, said.as_str()), (Reading::Fired, "The address belongs to a VPN provider"));
        let (reading, said) = read(&SIGNAL, |facts| facts.set(ip::IS_PROXY, true));
        assert_eq!((reading, said.as_str()), (Reading::Fired, "The address is an open or commercial proxy"));
        let (reading, said) = read(&SIGNAL, |facts| facts.set(device::IS_VPN_ACTIVE, true));
        assert_eq!(
            (reading, said.as_str()),
            (Reading::Fired, "A VPN or proxy interface is up on the device")
        );
    }

    #[test]
    fn is_quiet_when_one_is_known_and_none_is_there() {
        assert_eq!(read(&SIGNAL, |facts| facts.set(ip::IS_VPN, false)).0, Reading::Quiet);
    }

    #[test]
    fn is_unknown_when_nothing_is_known() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
