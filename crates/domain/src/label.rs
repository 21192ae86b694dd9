//! What turned out to be true of an event, as reported later.

use serde::{Deserialize, Serialize};

/// The reported truth about an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Label {
    /// The person passed the extra proof.
    ChallengePassed,
    /// The person failed the extra proof.
    ChallengeFailed,
    /// It was fraud.
    ConfirmedFraud,
    /// It was not fraud, whatever the score said.
    FalsePositive,
}
