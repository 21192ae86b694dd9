//! What is counted of rules, which are of two kinds.

use std::{fmt, str::FromStr};

use crate::control::{IdError, RuleId, VelocityRuleId};

/// What is counted of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleFigure {
    /// Its condition held, or an attempt was beyond it; whether it counts or only watches.
    Fired,
    /// It only watches, and would have blocked.
    WouldBlock,
    /// It counts, and the answer was to block.
    Blocked,
    /// It had fired for what was confirmed to be fraud; counted when it was confirmed.
    Confirmed,
    /// It had fired for what turned out to be none; counted when it was dismissed.
    Dismissed,
}

impl RuleFigure {
    /// Every figure.
    pub const ALL: [Self; 5] =
        [Self::Fired, Self::WouldBlock, Self::Blocked, Self::Confirmed, Self::Dismissed];

    /// How it is spelled in the database.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Fired => "fired",
            Self::WouldBlock => "would_block",
            Self::Blocked => "blocked",
            Self::Confirmed => "confirmed",
            Self::Dismissed => "dismissed",
        }
    }
}

/// A rule of either kind.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleRef {
    /// A condition over an event.
    Custom(RuleId),
    /// A limit of attempts.
    Velocity(VelocityRuleId),
}

impl From<RuleId> for RuleRef {
    fn from(id: RuleId) -> Self {
        Self::Custom(id)
    }
}

impl From<VelocityRuleId> for RuleRef {
    fn from(id: VelocityRuleId) -> Self {
        Self::Velocity(id)
    }
}

impl fmt::Display for RuleRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Custom(id) => id.fmt(f),
            Self::Velocity(id) => id.fmt(f),
        }
    }
}

impl fmt::Debug for RuleRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for RuleRef {
    type Err = IdError;

    /// Reads an id; the code of a custom rule in a policy is one, those of signals are none.
    fn from_str(text: &str) -> Result<Self, IdError> {
        text.parse().map(Self::Custom).or_else(|_| text.parse().map(Self::Velocity))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_ids_of_both_kinds_and_no_others() {
        for text in ["rule_0vqkz1q3c7ab", "vrule_0vqkz1q3c7ab"] {
            assert_eq!(text.parse::<RuleRef>().unwrap().to_string(), text);
        }
        for text in ["", "ip.is_tor", "rule_", "vel_0vqkz1q3c7ab", "rule_0vqkz1q3c7aB"] {
            assert!(text.parse::<RuleRef>().is_err(), "{text}");
        }
    }
}
