//! Rules that go on to hold for a while after they were exceeded.

use portcullis_domain::Timestamp;
use rusqlite::{OptionalExtension, Transaction, params};

use crate::{Error, control::VelocityRule};

/// How long the rule goes on to hold for this key, ms; 0 when it does not. Never longer than the rule says now.
pub(super) fn remaining_ms(
    tx: &Transaction<'_>,
    rule: &VelocityRule,
    key: i64,
    now: Timestamp,
) -> Result<i64, Error> {
    let Some(cooldown_ms) = rule.terms.cooldown_ms else { return Ok(0) };
    let sql = "SELECT until FROM velocity_cooldown WHERE rule = ? AND key = ?";
    let until: Option<i64> =
        tx.prepare_cached(sql)?.query_row(params![rule.id.to_string(), key], |row| row.get(0)).optional()?;
    Ok(until.map_or(0, |until| Timestamp::from_millis(until).millis_since(now).clamp(0, cooldown_ms)))
}

/// The rule was exceeded: it holds from now on for as long as it says.
pub(super) fn start(
    tx: &Transaction<'_>,
    rule: &VelocityRule,
    key: i64,
    now: Timestamp,
) -> Result<(), Error> {
    let Some(cooldown_ms) = rule.terms.cooldown_ms else { return Ok(()) };
    let sql = "INSERT OR REPLACE INTO velocity_cooldown (rule, key, until) VALUES (?, ?, ?)";
    let until = now.plus_millis(cooldown_ms).as_millis();
    tx.prepare_cached(sql)?.execute(params![rule.id.to_string(), key, until])?;
    Ok(())
}

/// Forgets cooldowns that are over, at most so many; returns how many.
pub(super) fn forget(tx: &Transaction<'_>, now: Timestamp, at_once: usize) -> Result<usize, Error> {
    let sql = "DELETE FROM velocity_cooldown WHERE (rule, key) IN
        (SELECT rule, key FROM velocity_cooldown WHERE until <= ? ORDER BY until LIMIT ?)";
    Ok(tx.prepare_cached(sql)?.execute((now.as_millis(), at_once as i64))?)
}
