//! `links.three_accounts`: three accounts or more on the device.

use super::accounts;
use crate::signals::{Doc, Signal};

const LEAST: i64 = 3;

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "links.three_accounts",
    title: "At least three accounts use the device",
    doc: Doc {
        why: "Couples share a device; every account more makes a farm likelier.",
        quiet: "Quiet with fewer accounts ever seen on the device. Unknown when nothing was sent from which a device \
                can be told.",
        wrong: "Families, shared computers and kiosks.",
        source: "Together with its neighbors it makes a scale that grows with each account, of which the contract of \
                 fraudshield counts the first three beyond one's own.",
    },
    evaluate: |facts, _| accounts::at_least(LEAST, facts),
    explain: |facts, _| accounts::told(facts),
};
