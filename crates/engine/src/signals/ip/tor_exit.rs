//! `ip.tor_exit`: the address is a Tor exit.

use portcullis_domain::facts::ip;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "ip.tor_exit",
    title: "The address is a Tor exit",
    doc: Doc {
        why: "Tor hides where a person is and lets one person appear as many; sign-ups and logins through it are \
              rarely a product's ordinary customers.",
        quiet: "Quiet for every address that is not on the list, unknown for private addresses and when no list is \
                loaded.",
        wrong: "People in censored countries and the privacy-minded use Tor for good reasons. The exits change \
                hourly: a list that is days old misses new ones and names old ones.",
        source: "The operator's list of Tor exits; there is no threshold.",
    },
    evaluate,
    explain: |_, _| "The address is a Tor exit".to_owned(),
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(ip::IS_TOR))
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    #[test]
    fn fires_on_an_exit() {
        let (reading, said) = read(&SIGNAL, |facts| facts.set(ip::IS_TOR, true));
        assert_eq!((reading, said.as_str()), (Reading::Fired, "The address is a Tor exit"));
    }

    #[test]
    fn is_quiet_elsewhere() {
        assert_eq!(read(&SIGNAL, |facts| facts.set(ip::IS_TOR, false)).0, Reading::Quiet);
    }

    #[test]
    fn is_unknown_for_private_addresses() {
        let (reading, _) = read(&SIGNAL, |facts| facts.set_missing(ip::IS_TOR, Missing::NotApplicable));
        assert_eq!(reading, Reading::Unknown(Missing::NotApplicable));
    }
}
