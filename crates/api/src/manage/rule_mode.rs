//! How the rules that a client writes are told to count, the same for each kind.

use portcullis_store::Enforcement;
use serde::{Deserialize, Serialize};

/// Whether a rule counts, in one word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Mode {
    /// It counts, unless the client only watches.
    #[default]
    Live,
    /// It is recorded, and never counts.
    Shadow,
    /// It counts although the client only watches.
    Enforced,
}

impl Mode {
    /// The same as the store knows it; `None` is as the client does.
    pub(crate) const fn enforcement(self) -> Option<Enforcement> {
        match self {
            Self::Live => None,
            Self::Shadow => Some(Enforcement::Monitor),
            Self::Enforced => Some(Enforcement::Enforce),
        }
    }
}

impl From<Option<Enforcement>> for Mode {
    fn from(enforcement: Option<Enforcement>) -> Self {
        match enforcement {
            None => Self::Live,
            Some(Enforcement::Monitor) => Self::Shadow,
            Some(Enforcement::Enforce) => Self::Enforced,
        }
    }
}
