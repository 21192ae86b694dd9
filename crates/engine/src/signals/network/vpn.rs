//! `network.vpn`: the device is behind a VPN, by its own word or by its address.

use portcullis_domain::facts::{device, ip};
use portcullis_domain::{Facts, Limits};

use crate::signals::{Clue, Doc, Reading, Signal};

const CLUES: &[Clue] = &[
    Clue {
        read: |facts| Reading::of(facts.get(device::IS_VPN_ACTIVE)),
        explain: |_| "A VPN or proxy interface is up on the device".to_owned(),
    },
    Clue {
        read: |facts| Reading::of(facts.get(ip::IS_VPN)),
        explain: |_| "The address belongs to a VPN provider".to_owned(),
    },
];

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "network.vpn",
    title: "The device is behind a VPN",
    doc: Doc {
        why: "A VPN hides where a person is and gives one person many addresses; who moves money through one may have \
              a reason to hide.",
        quiet: "Quiet when the device or the address is known to be without one and neither is known to have one. \
                Unknown when neither is known, as for private addresses of devices that do not say.",
        wrong: "Many people use a VPN for privacy, in hotels, or because their employer wants it; content blockers on \
                phones look like one. Providers that are not listed are only seen by the device.",
        source: "The client's word and the operator's list of VPN providers; there is no threshold.",
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
    fn fires_by_the_word_of_the_device() {
        let (reading, said) = read(&SIGNAL, |facts| {
            facts.set(device::IS_VPN_ACTIVE, true);
            facts.set(ip::IS_VPN, false);
        });
        assert_eq!(
            (reading, said.as_str()),
            (Reading::Fired, "A VPN or proxy interface is up on the device")
        );
    }

    #[test]
    fn fires_by_the_address() {
        let (reading, said) = read(&SIGNAL, |facts| facts.set(ip::IS_VPN, true));
        assert_eq!((reading, said.as_str()), (Reading::Fired, "The address belongs to a VPN provider"));
    }

    #[test]
    fn is_quiet_when_one_is_known_and_none_is_true() {
        assert_eq!(read(&SIGNAL, |facts| facts.set(device::IS_VPN_ACTIVE, false)).0, Reading::Quiet);
        let (reading, _) = read(&SIGNAL, |facts| {
            facts.set(ip::IS_VPN, false);
            facts.set_missing(device::IS_VPN_ACTIVE, Missing::NotApplicable);
        });
        assert_eq!(reading, Reading::Quiet);
    }

    #[test]
    fn is_unknown_when_neither_is_known() {
        let (reading, _) = read(&SIGNAL, |facts| facts.set_missing(ip::IS_VPN, Missing::NotLoaded));
        assert_eq!(reading, Reading::Unknown(Missing::NotLoaded));
    }
}
