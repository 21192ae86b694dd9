//! `ip.high_risk_asn`: the address belongs to a network that the operator listed.

use portcullis_domain::facts::ip;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "ip.high_risk_asn",
    title: "The address belongs to a listed high-risk network",
    doc: Doc {
        why: "Abuse gathers at hosting providers that do not answer complaints; people at home and at work are not \
              announced by them.",
        quiet: "Quiet for networks that are not listed, unknown for private addresses and addresses that no \
                autonomous system announces.",
        wrong: "Company gateways, VPN users and privacy relays leave through hosting networks too. One listed network \
                may hold millions of addresses.",
        source: "The operator's list of autonomous systems; there is no threshold.",
    },
    evaluate,
    explain,
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(ip::IS_HIGH_RISK_ASN))
}

fn explain(facts: &Facts, _: &Limits) -> String {
    match facts.known(ip::ASN) {
        Some(asn) => format!("The address is announced by AS{asn}, which is listed as high-risk"),
        None => "The address is announced by a network that is listed as high-risk".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    #[test]
    fn fires_on_a_listed_network() {
        let (reading, said) = read(&SIGNAL, |facts| {
            facts.set(ip::IS_HIGH_RISK_ASN, true);
            facts.set(ip::ASN, 64_500);
        });
        assert_eq!(reading, Reading::Fired);
        assert_eq!(said, "The address is announced by AS64500, which is listed as high-risk");
    }

    #[test]
    fn is_quiet_on_others() {
        assert_eq!(read(&SIGNAL, |facts| facts.set(ip::IS_HIGH_RISK_ASN, false)).0, Reading::Quiet);
    }

    #[test]
    fn is_unknown_without_a_network() {
        let (reading, _) = read(&SIGNAL, |facts| facts.set_missing(ip::IS_HIGH_RISK_ASN, Missing::NotFound));
        assert_eq!(reading, Reading::Unknown(Missing::NotFound));
    }
}
