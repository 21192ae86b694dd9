//! `account.new_country`: a known account in a country it was never seen in.

use portcullis_domain::facts::user;
use portcullis_domain::{Fact, Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "account.new_country",
    title: "The account was never seen in this country",
    doc: Doc {
        why: "Most accounts are used from one or two countries all their life, so a login from another \
              is worth a second look.",
        quiet: "Quiet for an account that was never seen before, and in a country it was seen in. \
                Unknown when the address has no country, as private ones, or when the account was \
                never seen in any.",
        wrong: "Travel, roaming, VPNs, and people who live near a border where geo-IP tables are \
                wrong.",
        source: "One earlier event of the account in the country is enough to know it; there is no \
                 other threshold.",
    },
    evaluate,
    explain: |_, _| "The account was never seen in this country".to_owned(),
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    match (facts.get(user::IS_KNOWN), facts.get(user::KNOWS_COUNTRY)) {
        (Fact::Known(false), _) | (Fact::Known(true), Fact::Known(true)) => Reading::Quiet,
        (Fact::Known(true), Fact::Known(false)) => Reading::Fired,
        (Fact::Missing(reason), _) | (Fact::Known(true), Fact::Missing(reason)) => Reading::Unknown(reason),
    }
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    fn reading(is_known: bool, knows_country: bool) -> Reading {
        let set = |facts: &mut Facts| {
            facts.set(user::IS_KNOWN, is_known);
            facts.set(user::KNOWS_COUNTRY, knows_country);
        };
        read(&SIGNAL, set).0
    }

    #[test]
    fn fires_for_a_known_account_in_a_new_country() {
        assert_eq!(reading(true, false), Reading::Fired);
    }

    #[test]
    fn is_quiet_for_a_known_country_and_for_a_new_account() {
        assert_eq!(reading(true, true), Reading::Quiet);
        assert_eq!(reading(false, false), Reading::Quiet);
    }

    #[test]
    fn is_unknown_without_an_account_or_a_country() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
        let (reading, _) = read(&SIGNAL, |facts| {
            facts.set(user::IS_KNOWN, true);
            facts.set_missing(user::KNOWS_COUNTRY, Missing::NotApplicable);
        });
        assert_eq!(reading, Reading::Unknown(Missing::NotApplicable));
    }
}
