//! `lists.blocked_device`: the device is on the tenant's block list.

use portcullis_domain::facts::lists;
use portcullis_domain::{Facts, Limits};

use crate::signals::{Doc, Reading, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "lists.blocked_device",
    title: "The device is on the block list",
    doc: Doc {
        why: "Somebody decided that whoever uses this device is to be kept out.",
        quiet: "Quiet when it is not on the list. Unknown when the list was not looked at.",
        wrong: "Things change hands; entries without an end outlive their reason.",
        source: "The tenant's entries; there is no threshold.",
    },
    evaluate,
    explain: |_, _| "The device is on the block list".to_owned(),
};

fn evaluate(facts: &Facts, _: &Limits) -> Reading {
    Reading::of(facts.get(lists::BLOCKED).map(|kinds| kinds.split(' ').any(|kind| kind == "device")))
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::read;

    #[test]
    fn fires_for_this_kind_only() {
        let reading = |kinds: &str| read(&SIGNAL, |facts| facts.set(lists::BLOCKED, kinds)).0;
        let seen = ["ip device", "ip", ""].map(reading);
        assert_eq!(seen, [Reading::Fired, Reading::Quiet, Reading::Quiet]);
    }

    #[test]
    fn is_unknown_when_nothing_is_known() {
        assert_eq!(read(&SIGNAL, |_| {}).0, Reading::Unknown(Missing::NotSent));
    }
}
