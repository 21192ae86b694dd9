//! What is counted, and its permanent name.

use std::fmt;

use compact_str::CompactString;
use domain::Dialect;
use portcullis_domain as domain;

use super::{RuleFigure, RuleRef};

/// Something that is counted by the hour. The text forms are stored: never change one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Metric {
    /// Events that were judged.
    Events,
    /// Events whose outcome was to flag.
    Flagged,
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
    /// What became of one of a dialect's own checks, by its code; at most 64 bytes.
    Check(CheckFigure, Dialect, CompactString),
    /// Events of a dialect whose score is at least this and less than [`SCORE_STEP`] more. The first and the last of these
    /// ranges are open.
    Score(Dialect, u16),
    /// Events whose decision was durable within so many µs, the end of one of the ranges of [`latency_range_end_us`], and
    /// not within the range below.
    Latency(u32),
}

/// How wide the ranges are in which scores are counted.
pub const SCORE_STEP: u16 = 10;
/// Scores from here on are counted together.
pub const LAST_SCORE: u16 = 1_000;

/// The end of the range in which a latency is counted, µs: ranges are at most an eighth of it wide.
pub const fn latency_range_end_us(latency_us: u32) -> u32 {
    // What comes after the first four bits does not count.
    let cut = (32 - latency_us.leading_zeros()).saturating_sub(4);
    (latency_us >> cut << cut) | ((1 << cut) - 1)
}

/// What is counted of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CheckFigure {
    /// It held, and its points counted.
    Fired,
    /// It held, and only watched.
    Watched,
    /// It had held for what was confirmed to be fraud; counted when it was confirmed.
    Confirmed,
    /// It had held for what turned out to be none; counted when it was dismissed.
    Dismissed,
}

impl CheckFigure {
    /// Every figure.
    pub const ALL: [Self; 4] = [Self::Fired, Self::Watched, Self::Confirmed, Self::Dismissed];
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

    /// An event with this score.
    pub fn score(dialect: Dialect, score: i32) -> Self {
        let score = score.clamp(0, i32::from(LAST_SCORE)).unsigned_abs() as u16;
        Self::Score(dialect, score - score % SCORE_STEP)
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
            Self::Flagged => "event.flagged",
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
            Self::SignalsOfType(name) => return write!(f, "{}{name}", Family::SignalTypes.prefix()),
            Self::SignalsOfSeverity(name) => return write!(f, "{}{name}", Family::SignalSeverities.prefix()),
            Self::Check(figure, dialect, code) => {
                return write!(f, "{}{}/{code}", Family::Checks(*figure).prefix(), dialect.name());
            }
            Self::Score(dialect, from) => {
                return write!(f, "{}{}/{from}", Family::Scores.prefix(), dialect.name());
            }
            Self::Latency(within_us) => return write!(f, "{}{within_us}", Family::Latencies.prefix()),
            Self::Rule(figure, rule) => return write!(f, "rule.{}:{rule}", figure.as_str()),
        })
    }
}

/// Metrics that each have a name within their family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// [`Metric::SignalsOfType`], by type.
    SignalTypes,
    /// [`Metric::SignalsOfSeverity`], by severity.
    SignalSeverities,
    /// [`Metric::Check`] with this figure, by `dialect/CODE`.
    Checks(CheckFigure),
    /// [`Metric::Score`], by `dialect/from`.
    Scores,
    /// [`Metric::Latency`], by µs.
    Latencies,
}

impl Family {
    /// What the text forms of these metrics begin with, and no others; ends with a colon.
    pub(super) const fn prefix(self) -> &'static str {
        match self {
            Self::SignalTypes => "signal.type:",
            Self::SignalSeverities => "signal.severity:",
            Self::Checks(CheckFigure::Fired) => "check.fired:",
            Self::Checks(CheckFigure::Watched) => "check.watched:",
            Self::Checks(CheckFigure::Confirmed) => "check.confirmed:",
            Self::Checks(CheckFigure::Dismissed) => "check.dismissed:",
            Self::Scores => "score:",
            Self::Latencies => "latency:",
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
            Metric::Flagged,
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
        for figure in CheckFigure::ALL {
            metrics.push(Metric::Check(figure, Dialect::Ingest, "EMAIL".into()));
            metrics.push(Metric::Check(figure, Dialect::Keyri, "EMAIL".into()));
        }
        metrics.extend([
            Metric::score(Dialect::Ingest, 5),
            Metric::score(Dialect::Keyri, 5),
            Metric::Latency(5),
        ]);
        let names: HashSet<_> = metrics.iter().map(ToString::to_string).collect();
        assert_eq!(names.len(), metrics.len());
        assert_eq!(Metric::rule(RuleFigure::Fired, custom).to_string(), "rule.fired:rule_0vqkz1q3c7ab");
        let check = Metric::Check(CheckFigure::Fired, Dialect::Ingest, "TOR_EXIT".into());
        assert_eq!(check.to_string(), "check.fired:ingest/TOR_EXIT");
        assert_eq!(Metric::signals_of_type("chargeback").to_string(), "signal.type:chargeback");
    }

    #[test]
    fn scores_are_counted_in_ranges() {
        let name = |score| Metric::score(Dialect::Ingest, score).to_string();
        for (score, expected) in
            [(-40, 0), (0, 0), (9, 0), (10, 10), (119, 110), (1_000, 1_000), (7_000, 1_000)]
        {
            assert_eq!(name(score), format!("score:ingest/{expected}"));
        }
    }

    #[test]
    fn latencies_are_counted_in_ranges_that_grow_with_them() {
        for (latency, end) in
            [(0, 0), (1, 1), (15, 15), (16, 17), (17, 17), (18, 19), (1_000, 1_023), (5_000, 5_119)]
        {
            assert_eq!(latency_range_end_us(latency), end, "{latency}");
        }
        for latency in (0..1_000_000).step_by(7).chain([u32::MAX - 1, u32::MAX]) {
            let end = latency_range_end_us(latency);
            assert!(end >= latency && end - latency <= latency / 8, "{latency}: {end}");
            assert_eq!(latency_range_end_us(end), end);
        }
    }
}
