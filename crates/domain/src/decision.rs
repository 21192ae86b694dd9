//! Decisions: the immutable record of what was known, what was concluded and why.

use compact_str::CompactString;
use smallvec::SmallVec;

use crate::{Dialect, Email, EventType, Facts, Outcome, PolicyId, Timestamp};

/// What the engine concluded from facts and a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessment {
    /// The sum of the points that count, on the dialect's scale.
    pub score: i32,
    /// The index of the score's band in the policy.
    pub band: u8,
    /// What to do: what that band says, unless the tenant only watches.
    pub outcome: Outcome,
    /// What would be done if nothing only watched: what the band says, or more when a rule that only watches asks for
    /// more. Never milder than `outcome`.
    pub would: Outcome,
    /// One entry per rule of the policy that is for this event type, in the policy's order.
    pub checks: SmallVec<[Check; 24]>,
    /// Which of the policy's labels apply: bit *n* for label *n*.
    pub labels: u32,
}

/// What became of one rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Check {
    /// The rule's index in the policy.
    pub rule: u16,
    /// What was seen.
    pub status: CheckStatus,
}

/// What became of a rule. The numbers are stored: never reuse one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum CheckStatus {
    /// It fired and its points count.
    Fired = 1,
    /// It did not fire.
    Quiet = 2,
    /// What it needs to know is not known.
    Unknown = 3,
    /// It is switched off.
    Disabled = 4,
    /// It would have fired, but only watches.
    ShadowFired = 5,
    /// It only watches, and did not fire.
    ShadowQuiet = 6,
}

impl CheckStatus {
    /// The status with this number.
    pub const fn from_code(code: u8) -> Option<Self> {
        Some(match code {
            1 => Self::Fired,
            2 => Self::Quiet,
            3 => Self::Unknown,
            4 => Self::Disabled,
            5 => Self::ShadowFired,
            6 => Self::ShadowQuiet,
            _ => return None,
        })
    }
}

/// Everything needed to show a decision, to explain it, and to compute it again.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// The API it was asked through.
    pub dialect: Dialect,
    /// What happened.
    pub event_type: EventType,
    /// When it happened.
    pub at: Timestamp,
    /// Who it was about; kept sealed.
    pub subject: Subject,
    /// All that was known.
    pub facts: Box<Facts>,
    /// The policy it was judged by.
    pub policy: PolicyId,
    /// What the engine concluded.
    pub assessment: Assessment,
    /// The outcome that a test value asked for in place of the assessed one.
    pub forced: Option<Outcome>,
    /// How long the steps took.
    pub timings: Timings,
}

impl Decision {
    /// What the caller is told to do.
    pub fn outcome(&self) -> Outcome {
        self.forced.unwrap_or(self.assessment.outcome)
    }
}

/// The person and account an event is about: personal data.
#[derive(Clone, Default, PartialEq)]
pub struct Subject {
    /// The tenant's own id of the account.
    pub user: Option<CompactString>,
    /// The e-mail address given.
    pub email: Option<Email>,
    /// The client's own id of the device, where the dialect tells it back.
    pub device: Option<CompactString>,
    /// The client's own id of the session.
    pub session: Option<CompactString>,
}

impl std::fmt::Debug for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Subject(***)")
    }
}

/// How long the steps before the commit took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timings {
    /// Looking up reference data, µs.
    pub enrich_us: u32,
    /// Running the signals, µs.
    pub evaluate_us: u32,
}
