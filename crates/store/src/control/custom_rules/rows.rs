//! The rows of `custom_rule`.

use std::collections::HashMap;

use domain::{Condition, CustomRule, RuleAction, RuleMode, TenantId, Timestamp};
use foldhash::fast::RandomState;
use portcullis_domain as domain;
use rusqlite::{Connection, OptionalExtension, Transaction, params, types::Type};
use serde::{Deserialize, de::value::StrDeserializer};

use super::{
    super::{Enforcement, parsed, unreadable},
    StoredRule,
};
use crate::{Error, RuleId};

pub(super) const SELECT: &str =
    "SELECT id, tenant, name, description, condition, action, points, enabled, enforcement, version,
    created_at, updated_at FROM custom_rule";

/// The tenant's rule with this id.
pub(super) fn get(connection: &Connection, tenant: TenantId, id: RuleId) -> Result<StoredRule, Error> {
    let sql = format!("{SELECT} WHERE tenant = ? AND id = ?");
    let found = connection.query_row(&sql, params![tenant.0, id.to_string()], from_row).optional()?;
    found.ok_or(Error::NotFound("custom rule"))
}

pub(super) fn insert(tx: &Transaction<'_>, rule: &StoredRule) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO custom_rule (id, tenant, name, description, condition, action, points, enabled, enforcement, version,
         created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            rule.id.to_string(),
            rule.tenant.0,
            rule.name,
            rule.description,
            rule.condition,
            action_text(rule.action),
            rule.points,
            rule.enabled,
            rule.enforcement.map(Enforcement::as_str),
            rule.version,
            rule.created_at.as_millis(),
            rule.updated_at.as_millis(),
        ],
    )?;
    Ok(())
}

pub(super) fn update(tx: &Transaction<'_>, rule: &StoredRule) -> Result<(), Error> {
    tx.execute(
        "UPDATE custom_rule SET name = ?, description = ?, condition = ?, action = ?, points = ?, enabled = ?,
         enforcement = ?, version = ?, updated_at = ? WHERE id = ?",
        params![
            rule.name,
            rule.description,
            rule.condition,
            action_text(rule.action),
            rule.points,
            rule.enabled,
            rule.enforcement.map(Enforcement::as_str),
            rule.version,
            rule.updated_at.as_millis(),
            rule.id.to_string(),
        ],
    )?;
    Ok(())
}

/// The rules of each tenant that has any.
type OfTenants = HashMap<TenantId, Vec<CustomRule>, RandomState>;

/// Every rule, switched off or not, in the order of creation.
pub(in super::super) fn all(connection: &Connection) -> Result<OfTenants, Error> {
    let mut statement = connection.prepare(&format!("{SELECT} ORDER BY id"))?;
    let mut all = OfTenants::default();
    for rule in statement.query_map([], from_row)? {
        let rule = rule?;
        all.entry(rule.tenant).or_default().push(rule.into());
    }
    Ok(all)
}

impl From<StoredRule> for CustomRule {
    fn from(rule: StoredRule) -> Self {
        Self {
            code: rule.id.to_string(),
            name: rule.name,
            condition: Condition {
                text: rule.condition,
                action: rule.action,
                enforced: rule.enforcement == Some(Enforcement::Enforce),
            },
            points: rule.points,
            enabled: rule.enabled,
            mode: match rule.enforcement {
                Some(Enforcement::Monitor) => RuleMode::Shadow,
                Some(Enforcement::Enforce) | None => RuleMode::Live,
            },
        }
    }
}

pub(super) fn from_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<StoredRule> {
    Ok(StoredRule {
        id: parsed(row, 0)?,
        tenant: TenantId(row.get(1)?),
        name: row.get(2)?,
        description: row.get(3)?,
        condition: row.get(4)?,
        action: named(row, 5)?,
        points: row.get(6)?,
        enabled: row.get(7)?,
        enforcement: row.get(8)?,
        version: row.get(9)?,
        created_at: Timestamp::from_millis(row.get(10)?),
        updated_at: Timestamp::from_millis(row.get(11)?),
    })
}

/// A column that holds the name that `T` has in JSON.
fn named<'r, T: Deserialize<'r>>(row: &'r rusqlite::Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text = row.get_ref(column)?.as_str()?;
    T::deserialize(StrDeserializer::<serde::de::value::Error>::new(text))
        .map_err(|error| unreadable(column, Type::Text, error))
}

const fn action_text(action: RuleAction) -> &'static str {
    match action {
        RuleAction::Allow => "allow",
        RuleAction::Flag => "flag",
        RuleAction::Challenge => "challenge",
        RuleAction::Review => "review",
        RuleAction::Block => "block",
    }
}
