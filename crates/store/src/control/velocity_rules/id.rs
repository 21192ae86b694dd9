//! The ids of velocity rules and checks.

use super::super::short_id::short_id;

short_id!(
    /// The id of a velocity rule.
    VelocityRuleId,
    "vrule_"
);
short_id!(
    /// The id of one velocity check, for the logs of whoever asked: checks are not kept.
    VelocityCheckId,
    "vel_"
);
