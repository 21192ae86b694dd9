//! What the owner of a keyri service may set.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Changes to the risk settings; what is not there is as shipped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KeyriRisk {
    /// Changed limits.
    pub limits: KeyriLimits,
    /// Changed built-in rules, by their signal.
    pub rules: BTreeMap<String, KeyriRiskRule>,
}

/// Changed limits: a count equal to its limit is still fine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KeyriLimits {
    /// Accounts ever created on one device.
    pub signups_per_device: Option<i64>,
    /// Accounts ever seen on one device.
    pub accounts_per_device: Option<i64>,
    /// Events of one account or device in 10 seconds.
    pub events_per_10s: Option<i64>,
}

/// Changes to a built-in rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KeyriRiskRule {
    /// Whether it is looked at.
    pub enabled: Option<bool>,
    /// What it asks for.
    pub outcome: Option<String>,
    /// The stronger of two rules decides.
    pub strength: Option<i32>,
}

/// A rule of a service's own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeyriRule {
    /// Its name.
    pub rule: String,
    /// Its condition as it was written.
    pub conditions: serde_json::Value,
    /// The same in the language that is run.
    pub condition: String,
    /// What it asks for.
    pub outcome: String,
    /// The signal that it is told by, if by any.
    pub signal: Option<String>,
    /// Whether it is looked at.
    pub enabled: bool,
    /// The stronger of two rules decides.
    pub strength: i32,
}
