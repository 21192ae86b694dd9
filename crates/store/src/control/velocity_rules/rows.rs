//! The rows of `velocity_rule`.

use std::{collections::HashMap, sync::Arc};

use domain::{TenantId, Timestamp};
use foldhash::fast::RandomState;
use portcullis_domain as domain;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::{super::parsed, Enforcement, VelocityRule, VelocityRuleId, VelocityTerms};
use crate::Error;

pub(super) const SELECT: &str =
    "SELECT id, tenant, name, description, action, most, window_ms, scope, on_exceed, cooldown_ms,
    enforcement, enabled, created_at, updated_at FROM velocity_rule";

/// The tenant's rule with this id.
pub(super) fn get(
    connection: &Connection,
    tenant: TenantId,
    id: VelocityRuleId,
) -> Result<VelocityRule, Error> {
    let sql = format!("{SELECT} WHERE tenant = ? AND id = ?");
    let found = connection.query_row(&sql, params![tenant.0, id.to_string()], from_row).optional()?;
    found.ok_or(Error::NotFound("velocity rule"))
}

pub(super) fn insert(tx: &Transaction<'_>, rule: &VelocityRule) -> Result<(), Error> {
    let terms = &rule.terms;
    tx.execute(
        "INSERT INTO velocity_rule (id, tenant, name, description, action, most, window_ms, scope, on_exceed,
         cooldown_ms, enforcement, enabled, created_at, updated_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            rule.id.to_string(),
            rule.tenant.0,
            terms.name,
            terms.description,
            terms.action,
            terms.limit,
            terms.window_ms,
            terms.scope.as_str(),
            terms.on_exceed.as_str(),
            terms.cooldown_ms,
            terms.enforcement.map(Enforcement::as_str),
            terms.enabled,
            rule.created_at.as_millis(),
            rule.updated_at.as_millis(),
        ],
    )?;
    Ok(())
}

pub(super) fn update(tx: &Transaction<'_>, rule: &VelocityRule) -> Result<(), Error> {
    let terms = &rule.terms;
    tx.execute(
        "UPDATE velocity_rule SET name = ?, description = ?, action = ?, most = ?, window_ms = ?, scope = ?,
         on_exceed = ?, cooldown_ms = ?, enforcement = ?, enabled = ?, updated_at = ? WHERE id = ?",
        params![
            terms.name,
            terms.description,
            terms.action,
            terms.limit,
            terms.window_ms,
            terms.scope.as_str(),
            terms.on_exceed.as_str(),
            terms.cooldown_ms,
            terms.enforcement.map(Enforcement::as_str),
            terms.enabled,
            rule.updated_at.as_millis(),
            rule.id.to_string(),
        ],
    )?;
    Ok(())
}

/// The rules of each tenant that has any.
pub(in super::super) type OfTenants = HashMap<TenantId, Vec<Arc<VelocityRule>>, RandomState>;

/// Every rule, switched off or not, in the order of creation.
pub(in super::super) fn all(connection: &Connection) -> Result<OfTenants, Error> {
    let mut statement = connection.prepare(&format!("{SELECT} ORDER BY id"))?;
    let mut all = OfTenants::default();
    for rule in statement.query_map([], from_row)? {
        let rule = rule?;
        all.entry(rule.tenant).or_default().push(Arc::new(rule));
    }
    Ok(all)
}

pub(super) fn from_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<VelocityRule> {
    Ok(VelocityRule {
        id: parsed(row, 0)?,
        tenant: TenantId(row.get(1)?),
        terms: VelocityTerms {
            name: row.get(2)?,
            description: row.get(3)?,
            action: row.get(4)?,
            limit: row.get(5)?,
            window_ms: row.get(6)?,
            scope: row.get(7)?,
            on_exceed: row.get(8)?,
            cooldown_ms: row.get(9)?,
            enforcement: row.get(10)?,
            enabled: row.get(11)?,
        },
        created_at: Timestamp::from_millis(row.get(12)?),
        updated_at: Timestamp::from_millis(row.get(13)?),
    })
}
