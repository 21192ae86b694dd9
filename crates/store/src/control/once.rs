//! Requests that are no events and may be repeated: their first answer is kept, in the transaction of what it tells of.

use std::fmt;

use domain::{EventId, Realm, Timestamp};
use portcullis_domain as domain;
use rusqlite::{OptionalExtension, Transaction, params};

use crate::{Error, IDEMPOTENCY_MS, Idempotency, keys::Sealer};

/// Writes the answer to a request, from what was done.
pub type Render<T> = Box<dyn FnOnce(&T) -> Vec<u8> + Send>;

/// A request whose caller promised that a repetition is the same one.
pub struct Repeatable<T> {
    /// The caller's key, and what it was sent with.
    pub idempotency: Idempotency,
    /// Writes the answer, to be kept for 24 hours.
    pub render: Render<T>,
}

impl<T> fmt::Debug for Repeatable<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Repeatable")
    }
}

/// What became of a request that may be repeated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Once<T> {
    /// It was done now, and is durable.
    Now(T),
    /// It was done before, and this was the answer.
    Before(Vec<u8>),
}

impl<T> Repeatable<T> {
    /// Does the request's `job` and keeps its answer, unless that was done before. A job that fails leaves nothing, so
    /// that a repetition is a new try. [`Error::IdempotencyConflict`] when the key was used with another body.
    pub(crate) fn answer(
        self,
        tx: &Transaction<'_>,
        sealer: &Sealer,
        realm: Realm,
        at: Timestamp,
        job: impl FnOnce() -> Result<T, Error>,
    ) -> Result<Once<T>, Error> {
        if let Some(answer) = find(tx, sealer, realm, &self.idempotency, at)? {
            return Ok(Once::Before(answer));
        }
        let done = job()?;
        keep(tx, sealer, realm, &self.idempotency, at, (self.render)(&done))?;
        Ok(Once::Now(done))
    }
}

fn find(
    tx: &Transaction<'_>,
    sealer: &Sealer,
    realm: Realm,
    idempotency: &Idempotency,
    at: Timestamp,
) -> Result<Option<Vec<u8>>, Error> {
    let sql = "SELECT id, body, answer FROM answer WHERE realm = ? AND key = ?";
    let found: Option<(i64, [u8; 16], Vec<u8>)> = tx
        .query_row(sql, params![realm.code() as i64, idempotency.key], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    let Some((id, body, answer)) = found else { return Ok(None) };
    let id = EventId::from_u64(id as u64);
    if at.millis_since(id.recorded_at()) >= IDEMPOTENCY_MS {
        return Ok(None);
    }
    if body != idempotency.body {
        return Err(Error::IdempotencyConflict);
    }
    sealer.open(id, &answer).map(Some)
}

/// Ids are given as those of events are, so that each tells its time and none is given twice, which sealing relies on.
fn keep(
    tx: &Transaction<'_>,
    sealer: &Sealer,
    realm: Realm,
    idempotency: &Idempotency,
    at: Timestamp,
    mut answer: Vec<u8>,
) -> Result<(), Error> {
    let last: Option<i64> = tx.query_row("SELECT max(id) FROM answer", [], |row| row.get(0))?;
    let id = EventId::next(last.map(|last| EventId::from_u64(last as u64)), at);
    sealer.seal(id, &mut answer)?;
    let place = params![realm.code() as i64, idempotency.key];
    tx.execute("DELETE FROM answer WHERE realm = ? AND key = ?", place)?;
    tx.execute(
        "INSERT INTO answer (id, realm, key, body, answer) VALUES (?, ?, ?, ?, ?)",
        params![id.as_u64() as i64, realm.code() as i64, idempotency.key, idempotency.body, answer],
    )?;
    Ok(())
}

/// Forgets answers that were given before `oldest`, at most so many; returns how many.
pub(crate) fn forget_answers(tx: &Transaction<'_>, oldest: EventId, at_once: usize) -> Result<usize, Error> {
    let sql = "DELETE FROM answer WHERE id IN (SELECT id FROM answer WHERE id < ? ORDER BY id LIMIT ?)";
    Ok(tx.prepare_cached(sql)?.execute((oldest.as_u64() as i64, at_once as i64))?)
}
