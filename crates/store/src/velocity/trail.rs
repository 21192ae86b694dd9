//! The attempts that share one key, numbered from the oldest to the newest.

use portcullis_domain::{EntityKey, Timestamp};
use rusqlite::{OptionalExtension, Transaction, params};

use crate::{Error, control::VelocityScope};

/// The attempts at an action by one user, address or device.
pub(super) struct Trail {
    pub(super) scope: VelocityScope,
    pub(super) key: i64,
    newest: Option<Newest>,
}

#[derive(Clone, Copy)]
struct Newest {
    number: i64,
    at: Timestamp,
    forget_at: Timestamp,
}

impl Trail {
    pub(super) fn read(tx: &Transaction<'_>, scope: VelocityScope, key: EntityKey) -> Result<Self, Error> {
        let key = key.as_u64() as i64;
        Ok(Self { scope, key, newest: newest(tx, key)? })
    }

    /// When the newest attempt was.
    pub(super) fn newest_at(&self) -> Option<Timestamp> {
        self.newest.map(|newest| newest.at)
    }

    /// Drops attempts that are later than `now`: the clock was wrong then.
    pub(super) fn drop_after(&mut self, tx: &Transaction<'_>, now: Timestamp) -> Result<(), Error> {
        if self.newest_at().is_some_and(|at| at > now) {
            let sql = "DELETE FROM velocity_attempt WHERE key = ? AND at > ?";
            tx.prepare_cached(sql)?.execute((self.key, now.as_millis()))?;
            self.newest = newest(tx, self.key)?;
        }
        Ok(())
    }

    /// How long the window stays full, ms: until fewer than `limit` attempts are in it; 0 when there are fewer.
    pub(super) fn full_for_ms(
        &self,
        tx: &Transaction<'_>,
        limit: u32,
        window_ms: i64,
        now: Timestamp,
    ) -> Result<i64, Error> {
        let Some(newest) = self.newest else { return Ok(0) };
        // As the numbers have no gaps, the window is full as long as this one is in it.
        let decisive = self.at(tx, newest.number - i64::from(limit) + 1)?;
        Ok(decisive.map_or(0, |at| at.plus_millis(window_ms).millis_since(now).max(0)))
    }

    /// How many attempts are in the window that ends with `now`, by bisection.
    pub(super) fn count(&self, tx: &Transaction<'_>, window_ms: i64, now: Timestamp) -> Result<u64, Error> {
        let Some(newest) = self.newest else { return Ok(0) };
        let sql = "SELECT number FROM velocity_attempt WHERE key = ? ORDER BY number LIMIT 1";
        let first: i64 = tx.prepare_cached(sql)?.query_row([self.key], |row| row.get(0))?;
        let beginning = now.plus_millis(-window_ms);
        let (mut low, mut high) = (first, newest.number + 1);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.at(tx, middle)?.is_some_and(|at| at > beginning) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        Ok((newest.number + 1 - low) as u64)
    }

    fn at(&self, tx: &Transaction<'_>, number: i64) -> Result<Option<Timestamp>, Error> {
        let sql = "SELECT at FROM velocity_attempt WHERE key = ? AND number = ?";
        let at = tx.prepare_cached(sql)?.query_row((self.key, number), |row| row.get(0)).optional()?;
        Ok(at.map(Timestamp::from_millis))
    }

    /// Adds an attempt, to be kept for at least `keep_ms`.
    pub(super) fn add(&mut self, tx: &Transaction<'_>, now: Timestamp, keep_ms: i64) -> Result<(), Error> {
        let number = self.newest.map_or(1, |newest| newest.number + 1);
        let forget_at = now.plus_millis(keep_ms);
        // Never before an earlier one, or the numbers would have gaps.
        let forget_at = self.newest.map_or(forget_at, |newest| newest.forget_at.max(forget_at));
        let sql = "INSERT INTO velocity_attempt (key, number, at, forget_at) VALUES (?, ?, ?, ?)";
        let times = (now.as_millis(), forget_at.as_millis());
        tx.prepare_cached(sql)?.execute(params![self.key, number, times.0, times.1])?;
        self.newest = Some(Newest { number, at: now, forget_at });
        Ok(())
    }
}

fn newest(tx: &Transaction<'_>, key: i64) -> Result<Option<Newest>, Error> {
    let sql = "SELECT number, at, forget_at FROM velocity_attempt WHERE key = ? ORDER BY number DESC LIMIT 1";
    let mut find = tx.prepare_cached(sql)?;
    let found = find.query_row([key], |row| {
        Ok(Newest {
            number: row.get(0)?,
            at: Timestamp::from_millis(row.get(1)?),
            forget_at: Timestamp::from_millis(row.get(2)?),
        })
    });
    Ok(found.optional()?)
}

/// Forgets attempts that left every window that was asked for, at most so many; returns how many.
pub(super) fn forget(tx: &Transaction<'_>, now: Timestamp, at_once: usize) -> Result<usize, Error> {
    let sql = "DELETE FROM velocity_attempt WHERE (key, number) IN
        (SELECT key, number FROM velocity_attempt WHERE forget_at <= ? ORDER BY forget_at, key, number LIMIT ?)";
    Ok(tx.prepare_cached(sql)?.execute((now.as_millis(), at_once as i64))?)
}
