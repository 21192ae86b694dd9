//! Rules that a tenant's people wrote: a condition over the variables of an event, and what to do when it holds.
//!
//! That a condition can be read is for the caller to check, who knows the language.

mod rows;
#[cfg(test)]
mod tests;

use domain::{Mode, Realm, RuleAction, TenantId, Timestamp};
use portcullis_domain as domain;
use rusqlite::{OptionalExtension, Transaction, params};
use serde_json::{Value, json};

pub(super) use self::rows::all;
use self::rows::{SELECT, from_row, get, insert, update};
use super::{Actor, Configuration, Enforcement, Entry, Once, Repeatable, parsed};
use crate::{Error, RuleId};

/// How many rules a tenant may have: each is looked at for every event.
pub const MOST_CUSTOM_RULES: usize = 200;

/// A rule as its authors see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRule {
    /// Its id, and its permanent code.
    pub id: RuleId,
    /// Whose.
    pub tenant: TenantId,
    /// Its name for people.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What it looks for, as it was written.
    pub condition: String,
    /// What it does when that holds.
    pub action: RuleAction,
    /// What it adds to a score of 0 to 1000.
    pub points: i32,
    /// Whether it is looked at.
    pub enabled: bool,
    /// Whether it acts; as its tenant does when it does not say.
    pub enforcement: Option<Enforcement>,
    /// 1, and one more for each change.
    pub version: u32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A rule to be made.
#[derive(Clone, Debug)]
pub struct NewRule {
    /// Its name for people.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What it looks for.
    pub condition: String,
    /// What it does when that holds.
    pub action: RuleAction,
    /// What it adds to a score of 0 to 1000.
    pub points: i32,
    /// Whether it is looked at.
    pub enabled: bool,
    /// Whether it acts; as its tenant does when it does not say.
    pub enforcement: Option<Enforcement>,
}

/// What to change of a rule; `None` is left as it is.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs, reason = "the fields are those of `NewRule`")]
pub struct RuleChange {
    pub name: Option<String>,
    pub description: Option<String>,
    pub condition: Option<String>,
    pub action: Option<RuleAction>,
    pub points: Option<i32>,
    pub enabled: Option<bool>,
    pub enforcement: Option<Option<Enforcement>>,
}

impl Configuration<'_> {
    /// Up to `limit` rules, newest first, beginning after `after`.
    pub async fn rules(&self, after: Option<RuleId>, limit: u32) -> Result<Vec<StoredRule>, Error> {
        // `~` sorts after every id.
        let before = after.map_or_else(|| "~".to_owned(), |id| id.to_string());
        self.read_rules("id < ? ORDER BY id DESC", before, limit).await
    }

    /// The up to `limit` rules that were made just after `than`, newest first.
    pub async fn rules_newer(&self, than: RuleId, limit: u32) -> Result<Vec<StoredRule>, Error> {
        let mut rules = self.read_rules("id > ? ORDER BY id ASC", than.to_string(), limit).await?;
        rules.reverse();
        Ok(rules)
    }

    async fn read_rules(&self, part: &'static str, id: String, limit: u32) -> Result<Vec<StoredRule>, Error> {
        let tenant = self.tenant;
        self.store
            .read(move |connection| {
                let sql = format!("{SELECT} WHERE tenant = ? AND {part} LIMIT ?");
                let mut statement = connection.prepare_cached(&sql)?;
                let rows = statement.query_map(params![tenant.0, id, limit], from_row)?;
                Ok(rows.collect::<Result<_, _>>()?)
            })
            .await
    }

    /// The tenant's rule with this id; [`Error::NotFound`] when there is none.
    pub async fn rule(&self, id: RuleId) -> Result<StoredRule, Error> {
        let tenant = self.tenant;
        self.store.read(move |connection| get(connection, tenant, id)).await
    }

    /// Makes a rule, which is in force from the moment this returns. [`Error::TooMany`] when the tenant has
    /// [`MOST_CUSTOM_RULES`].
    pub async fn create_rule(&self, actor: &Actor, new: NewRule) -> Result<StoredRule, Error> {
        let tenant = self.tenant;
        self.store
            .change(actor, move |tx, at| {
                let (rule, entry) = create(tx, at, tenant, new)?;
                Ok((rule, Some(entry)))
            })
            .await
    }

    /// The same for a request that may be repeated by callers who work on the data of `mode`: the first call makes the
    /// rule, and the next ones get its answer. [`Error::IdempotencyConflict`] when the key was used with another body.
    pub async fn create_rule_once(
        &self,
        actor: &Actor,
        mode: Mode,
        new: NewRule,
        request: Repeatable<StoredRule>,
    ) -> Result<Once<StoredRule>, Error> {
        let realm = Realm { tenant: self.tenant, mode };
        let sealer = self.store.backend.answer_sealer.clone();
        self.store
            .change(actor, move |tx, at| {
                let mut entry = None;
                let once = request.answer(tx, &sealer, realm, at, || {
                    let (rule, line) = create(tx, at, realm.tenant, new)?;
                    entry = Some(line);
                    Ok(rule)
                })?;
                Ok((once, entry))
            })
            .await
    }

    /// Changes the tenant's rule with this id; [`Error::NotFound`] when there is none.
    pub async fn update_rule(
        &self,
        actor: &Actor,
        id: RuleId,
        change: RuleChange,
    ) -> Result<StoredRule, Error> {
        let tenant = self.tenant;
        self.store
            .change(actor, move |tx, at| {
                let before = get(tx, tenant, id)?;
                let mut rule = StoredRule { version: before.version + 1, updated_at: at, ..before.clone() };
                change.apply(&mut rule);
                let (was, is) = (shown(&before), shown(&rule));
                if was == is {
                    return Ok((before, None));
                }
                update(tx, &rule)?;
                let entry = line("rule.update", &rule, Some(was), Some(is));
                Ok((rule, Some(entry)))
            })
            .await
    }

    /// Deletes the tenant's rule with this id, which is gone from the moment this returns; [`Error::NotFound`] when there
    /// is none. Gives what was deleted.
    pub async fn delete_rule(&self, actor: &Actor, id: RuleId) -> Result<StoredRule, Error> {
        let tenant = self.tenant;
        self.store
            .change(actor, move |tx, _| {
                let rule = get(tx, tenant, id)?;
                tx.execute("DELETE FROM custom_rule WHERE id = ?", [id.to_string()])?;
                let entry = line("rule.delete", &rule, Some(shown(&rule)), None);
                Ok((rule, Some(entry)))
            })
            .await
    }
}

impl RuleChange {
    fn apply(self, rule: &mut StoredRule) {
        fn put<T>(place: &mut T, value: Option<T>) {
            if let Some(value) = value {
                *place = value;
            }
        }
        put(&mut rule.name, self.name);
        put(&mut rule.description, self.description);
        put(&mut rule.condition, self.condition);
        put(&mut rule.action, self.action);
        put(&mut rule.points, self.points);
        put(&mut rule.enabled, self.enabled);
        put(&mut rule.enforcement, self.enforcement);
    }
}

fn create(
    tx: &Transaction<'_>,
    at: Timestamp,
    tenant: TenantId,
    new: NewRule,
) -> Result<(StoredRule, Entry), Error> {
    let sql = "SELECT count(*) FROM custom_rule WHERE tenant = ?";
    if tx.query_row(sql, [tenant.0], |row| row.get::<_, i64>(0))? >= MOST_CUSTOM_RULES as i64 {
        return Err(Error::TooMany { what: "custom rules", most: MOST_CUSTOM_RULES });
    }
    // Rules are listed in the order of their ids, also those of one millisecond.
    let sql = "SELECT id FROM custom_rule ORDER BY id DESC LIMIT 1";
    let last = tx.query_row(sql, [], |row| parsed(row, 0)).optional()?;
    let rule = StoredRule {
        id: RuleId::fresh(at, last)?,
        tenant,
        name: new.name,
        description: new.description,
        condition: new.condition,
        action: new.action,
        points: new.points,
        enabled: new.enabled,
        enforcement: new.enforcement,
        version: 1,
        created_at: at,
        updated_at: at,
    };
    insert(tx, &rule)?;
    let entry = line("rule.create", &rule, None, Some(shown(&rule)));
    Ok((rule, entry))
}

fn line(action: &'static str, rule: &StoredRule, before: Option<Value>, after: Option<Value>) -> Entry {
    Entry { action, tenant: Some(rule.tenant), target: rule.id.to_string(), before, after }
}

/// A rule for the audit log; what is equal here is the same rule.
fn shown(rule: &StoredRule) -> Value {
    json!({
        "name": rule.name,
        "description": rule.description,
        "condition": rule.condition,
        "action": rule.action,
        "scoreAdjustment": rule.points,
        "enabled": rule.enabled,
        "enforcement": rule.enforcement,
    })
}
