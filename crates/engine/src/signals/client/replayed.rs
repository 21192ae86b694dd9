//! `client.replayed`: what the client sealed was sent before, or is old.

use portcullis_domain::facts::client;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "client.replayed",
    title: "What the client sealed was sent before, or is old",
    doc: Doc {
        why: "Whoever caught an envelope of an honest device sends it again in its name.",
        quiet: "Quiet for an envelope that is new and at most five minutes old. Unknown where clients seal nothing.",
        wrong: "A client whose clock is off by more than five minutes; a backend that sends again after a lost connection.",
        source: "The contract's five minutes; envelopes are remembered for longer than that.",
    },
    evaluate,
    explain: |_, _| "What the client sealed was sent before, or is old".to_owned(),
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(client::IS_REPLAYED))
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    #[test]
    fn fires_when_it_is_so_and_is_quiet_when_not() {
        let reading = |is_so: bool| read(&SIGNAL, |facts| facts.set(client::IS_REPLAYED, is_so)).0;
        assert_eq!((reading(true), reading(false)), (Reading::Fired, Reading::Quiet));
    }

    #[test]
    fn is_unknown_when_nothing_is_known() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
