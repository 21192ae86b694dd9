//! What is counted, and its permanent name.

use std::fmt;

use super::{RuleFigure, RuleRef};

/// Something that is counted by the hour. The text forms are stored: never change one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metric {
    /// Events that were judged.
    Events,
    /// Events whose outcome was to block.
    Blocked,
    /// Events that would have been blocked if the rules that only watch had counted, and were not.
    WouldBlock,
    /// Events whose outcome was to challenge.
    Challenged,
    /// Events whose outcome was to review.
    Reviewed,
    /// Identity verifications.
    Verifications,
    /// Attempts beyond at least one velocity rule, whatever that led to.
    VelocityExceeded,
    /// Fraud signals, when they were reported.
    Signals,
    /// Fraud signals of one type, when they were reported; at most 64 bytes.
    SignalsOfType(Box<str>),
    /// Fraud signals of one severity, when they were reported; at most 64 bytes.
    SignalsOfSeverity(Box<str>),
    /// Fraud signals that were confirmed later, when they were *reported*.
    SignalsConfirmed,
    /// Fraud signals that were dismissed later, when they were *reported*.
    SignalsDismissed,
    /// Fraud signals, when they were confirmed.
    Confirmed,
    /// Fraud signals, when they were dismissed.
    Dismissed,
    /// What became of one rule.
    Rule(RuleFigure, RuleRef),
}

impl Metric {
    /// Signals of this type.
    pub fn signals_of_type(name: impl Into<Box<str>>) -> Self {
        Self::SignalsOfType(name.into())
    }

    /// Signals of this severity.
    pub fn signals_of_severity(name: impl Into<Box<str>>) -> Self {
        Self::SignalsOfSeverity(name.into())
    }

    /// What a reported signal counts as, in the hour of the report.
    pub fn of_report(kind: &str, severity: &str) -> [Self; 3] {
        [Self::Signals, Self::signals_of_type(kind), Self::signals_of_severity(severity)]
    }

    /// What a signal counts as that is found to be fraud, or to be none: the first in the hour of the decision, the
    /// second in the hour of its *report*. To be counted once for each signal.
    pub const fn of_decision(is_fraud: bool) -> (Self, Self) {
        if is_fraud {
            (Self::Confirmed, Self::SignalsConfirmed)
        } else {
            (Self::Dismissed, Self::SignalsDismissed)
        }
    }

    /// One figure of a rule of either kind.
    pub fn rule(figure: RuleFigure, rule: impl Into<RuleRef>) -> Self {
        Self::Rule(figure, rule.into())
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Events => "event",
            Self::Blocked => "event.blocked",
            Self::WouldBlock => "event.would_block",
            Self::Challenged => "event.challenged",
            Self::Reviewed => "event.reviewed",
            Self::Verifications => "verification",
            Self::VelocityExceeded => "velocity.exceeded",
            Self::Signals => "signal",
            Self::SignalsConfirmed => "signal.confirmed",
            Self::SignalsDismissed => "signal.dismissed",
            Self::Confirmed => "decision.confirmed",
            Self::Dismissed => "decision.dismissed",
            Self::SignalsOfType(name) => return write!(f, "{}{name}", SignalsBy::Type.prefix()),
            Self::SignalsOfSeverity(name) => return write!(f, "{}{name}", SignalsBy::Severity.prefix()),
            Self::Rule(figure, rule) => return write!(f, "rule.{}:{rule}", figure.as_str()),
        })
    }
}

/// What signals are told apart by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignalsBy {
    /// [`Metric::SignalsOfType`].
    Type,
    /// [`Metric::SignalsOfSeverity`].
    Severity,
}

impl SignalsBy {
    /// What the text forms of these metrics begin with, and no others.
    pub(super) const fn prefix(self) -> &'static str {
        match self {
            Self::Type => "signal.type:",
            Self::Severity => "signal.severity:",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::{RuleId, VelocityRuleId};

    #[test]
    fn every_metric_has_a_name_of_its_own() {
        let custom: RuleId = "rule_0vqkz1q3c7ab".parse().unwrap();
        let velocity: VelocityRuleId = "vrule_0vqkz1q3c7ab".parse().unwrap();
        let mut metrics = vec![
            Metric::Events,
            Metric::Blocked,
            Metric::WouldBlock,
            Metric::Challenged,
            Metric::Reviewed,
            Metric::Verifications,
            Metric::VelocityExceeded,
            Metric::Signals,
            Metric::signals_of_type("confirmed"),
            Metric::signals_of_type("event"),
            Metric::signals_of_severity("confirmed"),
            Metric::SignalsConfirmed,
            Metric::SignalsDismissed,
            Metric::Confirmed,
            Metric::Dismissed,
        ];
        for figure in RuleFigure::ALL {
            metrics.extend([Metric::rule(figure, custom), Metric::rule(figure, velocity)]);
        }
        let names: HashSet<_> = metrics.iter().map(ToString::to_string).collect();
        assert_eq!(names.len(), metrics.len());
        assert_eq!(Metric::rule(RuleFigure::Fired, custom).to_string(), "rule.fired:rule_0vqkz1q3c7ab");
        assert_eq!(Metric::signals_of_type("chargeback").to_string(), "signal.type:chargeback");
    }
}
