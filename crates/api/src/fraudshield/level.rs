//! Levels of risk on the scale of 0 to 1000 (G1.8).

use serde::Serialize;
use utoipa::ToSchema;

/// A level of risk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = FraudshieldLevel)]
pub(crate) enum Level {
    /// 0 to 200.
    Low,
    /// 201 to 500.
    Medium,
    /// 501 to 800.
    High,
    /// 801 to 1000.
    Critical,
}

impl Level {
    /// The level of a score.
    pub(crate) const fn of(score: i32) -> Self {
        match score {
            ..=200 => Self::Low,
            201..=500 => Self::Medium,
            501..=800 => Self::High,
            _ => Self::Critical,
        }
    }

    /// Its name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// The highest score of the level; the last has none.
    pub(crate) const fn highest(self) -> Option<i32> {
        match self {
            Self::Low => Some(200),
            Self::Medium => Some(500),
            Self::High => Some(800),
            Self::Critical => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_begin_and_end_as_published() {
        for (score, level) in [
            (0, Level::Low),
            (200, Level::Low),
            (201, Level::Medium),
            (500, Level::Medium),
            (501, Level::High),
            (800, Level::High),
            (801, Level::Critical),
            (1_000, Level::Critical),
        ] {
            assert_eq!(Level::of(score), level, "{score}");
            assert!(level.highest().is_none_or(|highest| score <= highest));
        }
    }
}
