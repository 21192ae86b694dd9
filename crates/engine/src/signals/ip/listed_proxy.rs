//! `ip.listed_proxy`: the address is an open or commercial proxy, and not for being a Tor exit.

use portcullis_domain::facts::ip;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "ip.listed_proxy",
    title: "The address is an open or commercial proxy",
    doc: Doc {
        why: "Proxies are rented by the thousand to look like as many people. This is for dialects that count a Tor exit \
              apart; `ip.proxy` counts it as a proxy.",
        quiet: "Quiet when the address is known not to be one. Unknown for private addresses and when no list is loaded.",
        wrong: "Companies and schools send everyone through a proxy, and a proxy in a home is somebody's home. The lists \
                age within days.",
        source: "The operator's list of proxies; there is no threshold.",
    },
    evaluate: |facts, _: &Limits| Reading::of(facts.get(ip::IS_PROXY)),
    explain: |_: &Facts, _| "The address is an open or commercial proxy".to_owned(),
};

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    #[test]
    fn fires_on_a_proxy_and_not_on_a_tor_exit() {
        let of = |is_proxy, is_tor| {
            let set = |facts: &mut Facts| {
                facts.set(ip::IS_PROXY, is_proxy);
                facts.set(ip::IS_TOR, is_tor);
            };
            read(&SIGNAL, set).0
        };
        assert_eq!((of(true, false), of(false, true)), (Reading::Fired, Reading::Quiet));
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
