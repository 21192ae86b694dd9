//! Policies: what a tenant's profile, global defaults and own overrides come to, as plain data.
//!
//! A policy is immutable. Its id is a hash of its content, so a decision that names it can be recomputed for ever.

use std::{collections::BTreeMap, ops::Not};

use serde::{Deserialize, Serialize};

use crate::{Dialect, EventType, EventTypes, Outcome};

/// Everything but the facts that a score depends on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Whose codes and scale.
    pub dialect: Dialect,
    /// The score's bands, mildest first; the last has no upper end.
    pub bands: Vec<Band>,
    /// Counts and times that signals compare with.
    pub limits: Limits,
    /// The highest score; open upward when `None`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_score: Option<i32>,
    /// By how much the points of a category count in events of a type; fully where nothing is said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub factors: Vec<Factor>,
    /// Names for what fired together, in the order in which they are listed; at most 32.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<PolicyLabel>,
    /// Whether the tenant only watches what would be done.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub monitor: bool,
    /// What labels taught; `None` before the first one, and where nothing is learned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learned: Option<Learned>,
    /// What rules ask for beside their points. When there are any, they decide in place of the bands: of the rules that
    /// fired the strongest does, of equally strong ones the strictest.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verdicts: Vec<RuleVerdict>,
    /// The rules, in the order in which they are listed.
    pub rules: Vec<PolicyRule>,
}

/// What a rule asks for when it fires, in a dialect where rules decide and not their points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleVerdict {
    /// The rule's code.
    pub code: String,
    /// The dialect's word: a band's name, or one that the tenant chose.
    pub word: String,
    /// The stronger of two rules decides.
    pub strength: i32,
}

/// What labels taught of a tenant's rules, and what that is worth on the dialect's scale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Learned {
    /// The how-manieth model of its tenant it is.
    pub version: u64,
    /// At this score an event is as likely fraud as not.
    pub even: i32,
    /// So many points more multiply the odds of fraud by e.
    pub per_logit: i32,
    /// What was learned, by code.
    pub rules: Vec<LearnedRule>,
}

/// What labels taught of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LearnedRule {
    /// The code of the rule's signal, or of the rule itself when an operator wrote it.
    pub code: String,
    /// By how much it changes the log-odds of fraud, millionths.
    pub mean: i32,
    /// How many labeled events it fired on.
    pub labels: u32,
}

/// What a rule looks at, where that decides how much it counts in which event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    /// The device itself.
    Device,
    /// Where it is.
    Location,
    /// How it is connected.
    Network,
    /// What the person does with it.
    Behavior,
    /// What surrounds it.
    Environment,
}

/// By how much the points of a category count in events of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Factor {
    /// In events of this type.
    pub event_type: EventType,
    /// Points of rules of this category.
    pub category: Category,
    /// Count so much of a hundred.
    pub percent: u16,
}

/// A name for what fired together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyLabel {
    /// The dialect's code of it.
    pub code: String,
    /// What it means.
    pub description: String,
    /// Sets of rules, by their codes: it applies when all of any one set fired and count.
    pub any_of: Vec<Vec<String>>,
    /// The event types it is for.
    pub applies_to: EventTypes,
}

/// A range of scores and what it means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Band {
    /// The dialect's word for it.
    pub name: String,
    /// The highest score in it; `None` for the last.
    pub max: Option<i32>,
    /// What to do.
    pub outcome: Outcome,
}

/// One row of a profile as it stands for one tenant: a signal under the dialect's name, with its points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyRule {
    /// Our permanent code of the signal, `family.name`; empty for a rule that an operator wrote.
    pub signal: String,
    /// The dialect's code.
    pub code: String,
    /// The dialect's label.
    pub label: String,
    /// Points when it fires.
    pub weight: i32,
    /// Whether it is looked at.
    pub enabled: bool,
    /// Whether it counts.
    pub mode: RuleMode,
    /// The event types it is for.
    pub applies_to: EventTypes,
    /// What it looks at; its points count fully when `None`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Category>,
    /// Whether it tells of labels: its points are part of what was learned, and not of the score without that.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub soft: bool,
    /// What an operator wrote in place of a signal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom: Option<Condition>,
}

/// What an operator's rule looks for, and what it does beside adding its points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// In the language of `docs/rule-language.md`.
    pub text: String,
    /// What it does when it holds.
    pub action: RuleAction,
    /// Whether it acts although the tenant only watches.
    #[serde(default, skip_serializing_if = "Not::not")]
    pub enforced: bool,
}

/// What an operator's rule does when its condition holds. The names are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RuleAction {
    /// Lets the event through: the score ends with the mildest band, unless another rule that holds is stricter.
    Allow,
    /// Is only told.
    Flag,
    /// The score is at least that of a challenge.
    Challenge,
    /// The score is at least that of a review.
    Review,
    /// The score is at least that of a block.
    Block,
}

impl RuleAction {
    /// The action of this name.
    pub fn named(name: &str) -> Option<Self> {
        let all = [Self::Allow, Self::Flag, Self::Challenge, Self::Review, Self::Block];
        all.into_iter().find(|action| action.name() == name)
    }

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

    /// The outcome that it asks for at least; none for one that is only told, or that lets through.
    pub const fn at_least(self) -> Option<Outcome> {
        match self {
            Self::Allow | Self::Flag => None,
            Self::Challenge => Some(Outcome::Challenge),
            Self::Review => Some(Outcome::Review),
            Self::Block => Some(Outcome::Block),
        }
    }
}

/// A rule that an operator wrote, for events of every dialect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomRule {
    /// Its permanent code.
    pub code: String,
    /// Its name for people.
    pub name: String,
    /// What it looks for and does.
    pub condition: Condition,
    /// What it adds to a score of 0 to 1000; dialects with a scale of 0 to 100 add a tenth.
    pub points: i32,
    /// Whether it is looked at.
    pub enabled: bool,
    /// Whether it counts.
    pub mode: RuleMode,
}

impl PolicyRule {
    /// Whether the rule is for events of this type.
    pub const fn applies_to(&self, event_type: EventType) -> bool {
        self.applies_to.contains(event_type)
    }
}

/// Whether a rule's points count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RuleMode {
    /// They count.
    #[default]
    Live,
    /// It is evaluated and recorded, and never counts.
    Shadow,
}

/// What tenants may tune of the signals' own limits. A count equal to its limit is still fine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Signups from one address within 60 minutes.
    pub signups_per_ip_1h: i64,
    /// Signups from one device within 60 minutes.
    pub signups_per_device_1h: i64,
    /// Accounts ever seen on one address.
    pub accounts_per_ip: i64,
    /// Accounts ever seen on one device.
    pub accounts_per_device: i64,
    /// The shortest time in which a person fills in the form, ms.
    pub min_completion_ms: i64,
    /// Accounts ever created on one device.
    #[serde(default = "Limits::usual_few", skip_serializing_if = "Limits::is_usual_few")]
    pub signups_per_device: i64,
    /// Events of one account or device within 10 seconds.
    #[serde(default = "Limits::usual_few", skip_serializing_if = "Limits::is_usual_few")]
    pub events_per_10s: i64,
}

impl Limits {
    /// What limits that came later are where nobody says otherwise; not written, so that older policies keep their ids.
    const FEW: i64 = 3;

    /// The limits of a dialect that says nothing else.
    pub const USUAL: Self = Self {
        signups_per_ip_1h: 5,
        signups_per_device_1h: 2,
        accounts_per_ip: 3,
        accounts_per_device: 1,
        min_completion_ms: 3_000,
        signups_per_device: Self::FEW,
        events_per_10s: Self::FEW,
    };

    const fn usual_few() -> i64 {
        Self::FEW
    }

    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
    const fn is_usual_few(limit: &i64) -> bool {
        *limit == Self::FEW
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::USUAL
    }
}

/// Changes laid over a profile, first the installation's, then the tenant's. What is `None` is left as it is below.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Overrides {
    /// The bands' upper ends, mildest first; as many as the profile has.
    pub cuts: Option<Vec<i32>>,
    /// Changed limits.
    pub limits: LimitOverrides,
    /// Changed rules by the dialect's code.
    pub rules: BTreeMap<String, RuleOverride>,
}

/// Changed limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "the fields are those of `Limits`")]
pub struct LimitOverrides {
    pub signups_per_ip_1h: Option<i64>,
    pub signups_per_device_1h: Option<i64>,
    pub accounts_per_ip: Option<i64>,
    pub accounts_per_device: Option<i64>,
    pub min_completion_ms: Option<i64>,
}

impl LimitOverrides {
    /// `below` with these changes.
    pub fn over(&self, below: Limits) -> Limits {
        Limits {
            signups_per_ip_1h: self.signups_per_ip_1h.unwrap_or(below.signups_per_ip_1h),
            signups_per_device_1h: self.signups_per_device_1h.unwrap_or(below.signups_per_device_1h),
            accounts_per_ip: self.accounts_per_ip.unwrap_or(below.accounts_per_ip),
            accounts_per_device: self.accounts_per_device.unwrap_or(below.accounts_per_device),
            min_completion_ms: self.min_completion_ms.unwrap_or(below.min_completion_ms),
            ..below
        }
    }
}

/// Changes to one rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RuleOverride {
    /// Points when it fires.
    pub weight: Option<i32>,
    /// Whether it is looked at.
    pub enabled: Option<bool>,
    /// Whether it counts.
    pub mode: Option<RuleMode>,
}

/// A hash of a policy's content; fits an `i64`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PolicyId(pub u64);

impl PolicyId {
    /// The id of a policy whose canonical JSON is `json`.
    pub fn of_json(json: &[u8]) -> Self {
        let mut first = [0; 8];
        first.copy_from_slice(&blake3::hash(json).as_bytes()[..8]);
        Self(u64::from_le_bytes(first) >> 1)
    }
}
