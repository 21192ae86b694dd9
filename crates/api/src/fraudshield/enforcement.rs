//! Whether rules act, as the dialect says it.

use portcullis_domain::RuleMode;
use serde::{Deserialize, Serialize};

/// Whether a rule acts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Enforcement {
    /// It is evaluated and recorded, and never acts.
    Monitor,
    /// It acts.
    #[default]
    Enforce,
}

impl From<RuleMode> for Enforcement {
    fn from(mode: RuleMode) -> Self {
        match mode {
            RuleMode::Live => Self::Enforce,
            RuleMode::Shadow => Self::Monitor,
        }
    }
}

impl From<Enforcement> for RuleMode {
    fn from(enforcement: Enforcement) -> Self {
        match enforcement {
            Enforcement::Enforce => Self::Live,
            Enforcement::Monitor => Self::Shadow,
        }
    }
}
