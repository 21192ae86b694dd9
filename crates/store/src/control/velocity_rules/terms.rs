//! What a velocity rule says.

use domain::{EntityKind, RuleAction, TenantId, Timestamp};
use portcullis_domain as domain;

use super::{super::text_enum, VelocityRuleId};

text_enum! {
    /// Whose attempts are counted together.
    VelocityScope: "velocity scope" {
        /// Those of one user.
        UserId = "user_id",
        /// Those from one address.
        IpAddress = "ip_address",
        /// Those from one device.
        DeviceId = "device_id",
    }
}

impl VelocityScope {
    /// The kind of entity that it is about.
    pub const fn kind(self) -> EntityKind {
        match self {
            Self::UserId => EntityKind::User,
            Self::IpAddress => EntityKind::Ip,
            Self::DeviceId => EntityKind::Device,
        }
    }
}

text_enum! {
    /// What an attempt beyond the limit leads to.
    OnExceed: "consequence" {
        /// It is refused.
        Block = "block",
        /// It is allowed, and the caller should ask for more proof.
        Challenge = "challenge",
        /// It is allowed, and a person should look at it.
        Review = "review",
        /// It is allowed, and marked.
        Flag = "flag",
    }
}

impl OnExceed {
    /// The same as what a rule asks for.
    pub const fn action(self) -> RuleAction {
        match self {
            Self::Block => RuleAction::Block,
            Self::Challenge => RuleAction::Challenge,
            Self::Review => RuleAction::Review,
            Self::Flag => RuleAction::Flag,
        }
    }
}

text_enum! {
    /// Whether a rule, or a tenant, acts.
    Enforcement: "enforcement" {
        /// It only tells what it would have done.
        Monitor = "monitor",
        /// It does what it says.
        Enforce = "enforce",
    }
}

#[expect(clippy::derivable_impls, reason = "`text_enum` can not mark a value as the default")]
impl Default for Enforcement {
    fn default() -> Self {
        Self::Enforce
    }
}

/// What a velocity rule says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VelocityTerms {
    /// Its name for people.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What is attempted.
    pub action: String,
    /// How many attempts a window may have; at least 1.
    pub limit: u32,
    /// How far back attempts count, ms; at least 1.
    pub window_ms: i64,
    /// Whose attempts are counted together.
    pub scope: VelocityScope,
    /// What one more leads to.
    pub on_exceed: OnExceed,
    /// How long the rule goes on to hold once it was exceeded, ms; at least 1.
    pub cooldown_ms: Option<i64>,
    /// Whether it acts, where it does not follow its tenant's setting.
    pub enforcement: Option<Enforcement>,
    /// Whether it is looked at.
    pub enabled: bool,
}

/// A velocity rule as its authors see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VelocityRule {
    /// Its id.
    pub id: VelocityRuleId,
    /// Whose.
    pub tenant: TenantId,
    /// What it says.
    pub terms: VelocityTerms,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}
