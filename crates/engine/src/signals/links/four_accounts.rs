//! `links.four_accounts`: four accounts or more on the device.

use super::accounts;
use crate::signals::{Doc, Signal};

const LEAST: i64 = 4;

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "links.four_accounts",
    title: "At least four accounts use the device",
    doc: Doc {
        why: "Few households put four accounts of one product on one device; farms put dozens.",
        quiet: "Quiet with fewer accounts ever seen on the device. Unknown when nothing was sent from which a device \
                can be told.",
        wrong: "Families, shared computers and kiosks.",
        source: "Together with its neighbors it makes a scale that grows with each account, of which the contract of \
                 fraudshield counts the first three beyond one's own.",
    },
    evaluate: |facts, _| accounts::at_least(LEAST, facts),
    explain: |facts, _| accounts::told(facts),
};
