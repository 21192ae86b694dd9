//! `reports.fraud_high`: the gravest report of fraud by the account that stands has high priority.

use super::fraud;
use crate::signals::{Doc, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "reports.fraud_high",
    title: "Fraud was reported, high priority",
    doc: Doc {
        why: "Somebody reported that this account steals money or identities, or several kinds of fraud at once.",
        quiet: "Quiet when no report of fraud stands, and when the gravest one has another priority. Unknown when reports were not looked at.",
        wrong: "A report is a claim until somebody confirms or dismisses it.",
        source: "The priority that follows from the reported reasons or the severity; there is no threshold.",
    },
    evaluate: |facts, _| fraud::has_priority("high", facts),
    explain: |_, _| fraud::told("high"),
};
