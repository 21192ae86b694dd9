//! `ip.datacenter`: the address belongs to a hosting provider.

use portcullis_domain::facts::ip;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "ip.datacenter",
    title: "The address belongs to a hosting provider",
    doc: Doc {
        why: "People use phones and computers at home and at work; what comes out of a data center is a \
              script, or somebody who hides behind a server.",
        quiet: "Quiet for addresses in no hosting provider's range, unknown for private addresses and when \
                no list is loaded.",
        wrong: "Company gateways, VPN users and privacy relays leave through data centers too, and some \
                access providers are listed as hosts.",
        source: "The operator's list of hosting providers' ranges; there is no threshold.",
    },
    evaluate,
    explain: |_, _| "The address belongs to a hosting provider".to_owned(),
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(ip::IS_DATACENTER))
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    #[test]
    fn fires_on_a_hosting_provider() {
        let (reading, said) = read(&SIGNAL, |facts| facts.set(ip::IS_DATACENTER, true));
        assert_eq!((reading, said.as_str()), (Reading::Fired, "The address belongs to a hosting provider"));
    }

    #[test]
    fn is_quiet_elsewhere() {
        assert_eq!(read(&SIGNAL, |facts| facts.set(ip::IS_DATACENTER, false)).0, Reading::Quiet);
    }

    #[test]
    fn is_unknown_for_private_addresses() {
        let (reading, _) =
            read(&SIGNAL, |facts| facts.set_missing(ip::IS_DATACENTER, Missing::NotApplicable));
        assert_eq!(reading, Reading::Unknown(Missing::NotApplicable));
    }
}
