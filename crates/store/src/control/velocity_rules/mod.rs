//! Rules that say how often something may be attempted. `velocity` is where attempts are counted.

mod id;
mod rows;
mod terms;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use domain::{Mode, Realm, TenantId, Timestamp};
use portcullis_domain as domain;
use rusqlite::{OptionalExtension, Transaction, params};
use serde_json::{Value, json};

pub use self::id::{VelocityCheckId, VelocityRuleId};
pub(super) use self::rows::all;
use self::rows::{SELECT, from_row, get, insert, update};
pub use self::terms::{Enforcement, OnExceed, VelocityRule, VelocityScope, VelocityTerms};
use super::{Actor, Configuration, Entry, Once, Repeatable, parsed};
use crate::Error;

/// How many velocity rules a tenant may have: each one for an action is looked at by every check of it.
pub const MOST_VELOCITY_RULES: usize = 100;

/// What to change of a velocity rule; `None` is left as it is.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs, reason = "the fields are those of `VelocityTerms`")]
pub struct VelocityRuleChange {
    pub name: Option<String>,
    pub description: Option<String>,
    pub action: Option<String>,
    pub limit: Option<u32>,
    pub window_ms: Option<i64>,
    pub scope: Option<VelocityScope>,
    pub on_exceed: Option<OnExceed>,
    pub cooldown_ms: Option<Option<i64>>,
    pub enforcement: Option<Option<Enforcement>>,
    pub enabled: Option<bool>,
}

impl Configuration<'_> {
    /// Up to `limit` velocity rules, newest first, beginning after `after`.
    pub async fn velocity_rules(
        &self,
        after: Option<VelocityRuleId>,
        limit: u32,
    ) -> Result<Vec<Arc<VelocityRule>>, Error> {
        // `~` sorts after every id.
        let before = after.map_or_else(|| "~".to_owned(), |id| id.to_string());
        self.read_velocity_rules("id < ? ORDER BY id DESC", before, limit).await
    }

    /// The up to `limit` velocity rules that were made just after `than`, newest first.
    pub async fn velocity_rules_newer(
        &self,
        than: VelocityRuleId,
        limit: u32,
    ) -> Result<Vec<Arc<VelocityRule>>, Error> {
        let mut rules = self.read_velocity_rules("id > ? ORDER BY id ASC", than.to_string(), limit).await?;
        rules.reverse();
        Ok(rules)
    }

    async fn read_velocity_rules(
        &self,
        part: &'static str,
        id: String,
        limit: u32,
    ) -> Result<Vec<Arc<VelocityRule>>, Error> {
        let tenant = self.tenant;
        self.store
            .read(move |connection| {
                let sql = format!("{SELECT} WHERE tenant = ? AND {part} LIMIT ?");
                let mut statement = connection.prepare_cached(&sql)?;
                let rows = statement.query_map(params![tenant.0, id, limit], from_row)?;
                Ok(rows.map(|row| row.map(Arc::new)).collect::<Result<_, _>>()?)
            })
            .await
    }

    /// The tenant's velocity rule with this id; [`Error::NotFound`] when there is none.
    pub async fn velocity_rule(&self, id: VelocityRuleId) -> Result<VelocityRule, Error> {
        let tenant = self.tenant;
        self.store.read(move |connection| get(connection, tenant, id)).await
    }

    /// Makes a velocity rule, which is in force from the moment this returns. [`Error::TooMany`] when the tenant has
    /// [`MOST_VELOCITY_RULES`].
    pub async fn create_velocity_rule(
        &self,
        actor: &Actor,
        terms: VelocityTerms,
    ) -> Result<VelocityRule, Error> {
        let tenant = self.tenant;
        self.store
            .change(actor, move |tx, at| {
                let (rule, entry) = create(tx, at, tenant, terms)?;
                Ok((rule, Some(entry)))
            })
            .await
    }

    /// The same for a request that may be repeated by callers who work on the data of `mode`: the first call makes the
    /// rule, and the next ones get its answer. [`Error::IdempotencyConflict`] when the key was used with another body.
    pub async fn create_velocity_rule_once(
        &self,
        actor: &Actor,
        mode: Mode,
        terms: VelocityTerms,
        request: Repeatable<VelocityRule>,
    ) -> Result<Once<VelocityRule>, Error> {
        let realm = Realm { tenant: self.tenant, mode };
        let sealer = self.store.backend.answer_sealer.clone();
        self.store
            .change(actor, move |tx, at| {
                let mut entry = None;
                let once = request.answer(tx, &sealer, realm, at, || {
                    let (rule, line) = create(tx, at, realm.tenant, terms)?;
                    entry = Some(line);
                    Ok(rule)
                })?;
                Ok((once, entry))
            })
            .await
    }

    /// Changes the tenant's velocity rule with this id; [`Error::NotFound`] when there is none.
    pub async fn update_velocity_rule(
        &self,
        actor: &Actor,
        id: VelocityRuleId,
        change: VelocityRuleChange,
    ) -> Result<VelocityRule, Error> {
        let tenant = self.tenant;
        self.store
            .change(actor, move |tx, at| {
                let before = get(tx, tenant, id)?;
                let mut rule = VelocityRule { updated_at: at, ..before.clone() };
                change.apply(&mut rule.terms);
                if rule.terms == before.terms {
                    return Ok((before, None));
                }
                update(tx, &rule)?;
                let entry = line("velocity_rule.update", &rule, Some(shown(&before)), Some(shown(&rule)));
                Ok((rule, Some(entry)))
            })
            .await
    }

    /// Deletes the tenant's velocity rule with this id, which is gone from the moment this returns; [`Error::NotFound`]
    /// when there is none. Gives what was deleted.
    pub async fn delete_velocity_rule(
        &self,
        actor: &Actor,
        id: VelocityRuleId,
    ) -> Result<VelocityRule, Error> {
        let tenant = self.tenant;
        self.store
            .change(actor, move |tx, _| {
                let rule = get(tx, tenant, id)?;
                tx.execute("DELETE FROM velocity_rule WHERE id = ?", [id.to_string()])?;
                let entry = line("velocity_rule.delete", &rule, Some(shown(&rule)), None);
                Ok((rule, Some(entry)))
            })
            .await
    }
}

impl VelocityRuleChange {
    fn apply(self, terms: &mut VelocityTerms) {
        fn put<T>(place: &mut T, value: Option<T>) {
            if let Some(value) = value {
                *place = value;
            }
        }
        put(&mut terms.name, self.name);
        put(&mut terms.description, self.description);
        put(&mut terms.action, self.action);
        put(&mut terms.limit, self.limit);
        put(&mut terms.window_ms, self.window_ms);
        put(&mut terms.scope, self.scope);
        put(&mut terms.on_exceed, self.on_exceed);
        put(&mut terms.cooldown_ms, self.cooldown_ms);
        put(&mut terms.enforcement, self.enforcement);
        put(&mut terms.enabled, self.enabled);
    }
}

fn create(
    tx: &Transaction<'_>,
    at: Timestamp,
    tenant: TenantId,
    terms: VelocityTerms,
) -> Result<(VelocityRule, Entry), Error> {
    let sql = "SELECT count(*) FROM velocity_rule WHERE tenant = ?";
    if tx.query_row(sql, [tenant.0], |row| row.get::<_, i64>(0))? >= MOST_VELOCITY_RULES as i64 {
        return Err(Error::TooMany { what: "velocity rules", most: MOST_VELOCITY_RULES });
    }
    // Rules are listed in the order of their ids, also those of one millisecond.
    let sql = "SELECT id FROM velocity_rule ORDER BY id DESC LIMIT 1";
    let last = tx.query_row(sql, [], |row| parsed(row, 0)).optional()?;
    let id = VelocityRuleId::fresh(at, last)?;
    let rule = VelocityRule { id, tenant, terms, created_at: at, updated_at: at };
    insert(tx, &rule)?;
    let entry = line("velocity_rule.create", &rule, None, Some(shown(&rule)));
    Ok((rule, entry))
}

fn line(action: &'static str, rule: &VelocityRule, before: Option<Value>, after: Option<Value>) -> Entry {
    Entry { action, tenant: Some(rule.tenant), target: rule.id.to_string(), before, after }
}

/// A rule for the audit log.
fn shown(rule: &VelocityRule) -> Value {
    let terms = &rule.terms;
    json!({
        "name": terms.name,
        "description": terms.description,
        "action": terms.action,
        "limit": terms.limit,
        "windowMs": terms.window_ms,
        "scope": terms.scope,
        "onExceed": terms.on_exceed,
        "cooldownMs": terms.cooldown_ms,
        "enforcement": terms.enforcement,
        "enabled": terms.enabled,
    })
}
