//! What a client's own SDK concluded: it counts once with what we see, and can raise its part of the score. All that it
//! can take off are the points of trust signals, where a profile has such.

use portcullis_domain::Facts;
use portcullis_domain::facts::client;

/// The signals that the client says fired.
#[derive(Clone, Copy)]
pub(crate) struct Claims<'a>(&'a str);

impl<'a> Claims<'a> {
    pub(crate) fn of(facts: &'a Facts) -> Self {
        Self(facts.known(client::SIGNALS).unwrap_or_default())
    }

    /// Whether the client says that the signal with this code fired.
    pub(crate) fn has(self, code: &str) -> bool {
        // An operator's rule has no signal, and nobody can claim it.
        !code.is_empty() && self.0.split(' ').any(|claimed| claimed == code)
    }
}

/// Whether the client says that the signal with this code fired.
pub fn is_claimed(facts: &Facts, code: &str) -> bool {
    Claims::of(facts).has(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_codes_are_claimed() {
        let mut facts = Facts::unknown();
        assert!(!is_claimed(&facts, "ip.proxy"));
        facts.set(client::SIGNALS, "device.emulator ip.proxy ");
        assert!(is_claimed(&facts, "device.emulator") && is_claimed(&facts, "ip.proxy"));
        for other in ["ip.prox", "proxy", "ip.proxy_", "device.emulator ip.proxy"] {
            assert!(!is_claimed(&facts, other), "{other}");
        }
    }
}
