//! `reports.fraud_medium`: the gravest report of fraud by the account that stands has medium priority.

use super::fraud;
use crate::signals::{Doc, Signal};

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "reports.fraud_medium",
    title: "Fraud was reported, medium priority",
    doc: Doc {
        why: "Somebody reported that this account is not where it claims to be, or something as grave.",
        quiet: "Quiet when no report of fraud stands, and when the gravest one has another priority. Unknown when reports were not looked at.",
        wrong: "A report is a claim until somebody confirms or dismisses it.",
        source: "The priority that follows from the reported reasons or the severity; there is no threshold.",
    },
    evaluate: |facts, _| fraud::has_priority("medium", facts),
    explain: |_, _| fraud::told("medium"),
};
