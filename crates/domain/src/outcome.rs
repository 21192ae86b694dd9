//! What should happen to the action that was judged.

use serde::{Deserialize, Serialize};

/// What the caller should do, ordered by severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum Outcome {
    /// Let it through.
    Allow = 0,
    /// Let it through and remember it.
    Flag = 1,
    /// Ask for one more proof first.
    Challenge = 2,
    /// Let a person decide.
    Review = 3,
    /// Refuse it.
    Block = 4,
}

impl Outcome {
    /// Every outcome, mildest first.
    pub const ALL: [Self; 5] = [Self::Allow, Self::Flag, Self::Challenge, Self::Review, Self::Block];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Flag => "flag",
            Self::Challenge => "challenge",
            Self::Review => "review",
            Self::Block => "block",
        }
    }

    /// The outcome with this number.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }
}
