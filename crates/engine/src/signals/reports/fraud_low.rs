//! `reports.fraud_low`: the gravest report of fraud by the account that stands has low priority.

use super::fraud;
use crate::signals::{Doc, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "reports.fraud_low",
    title: "Fraud was reported, low priority",
    doc: Doc {
        why: "Somebody reported fraud by this account without telling more than that it is suspicious.",
        quiet: "Quiet when no report of fraud stands, and when the gravest one has another priority. Unknown when reports were not looked at.",
        wrong: "A report is a claim until somebody confirms or dismisses it.",
        source: "The priority that follows from the reported reasons or the severity; there is no threshold.",
    },
    evaluate: |facts, _| fraud::has_priority("low", facts),
    explain: |_, _| fraud::told("low"),
};
