//! Bringing history up to date with the events when the store is opened.
//!
//! After a clean stop there is nothing to do, after a crash the tail since the last flush, and after a restore
//! everything. Long tails are flushed on the way, so memory stays bounded.

use std::sync::Arc;

use domain::{EventId, Outcome, Realm, Stopwatch};
use portcullis_domain as domain;
use rusqlite::Connection;

use super::{
    memory::{self, Cache, Memory},
    posting,
};
use crate::{Error, history::Touch};

const FLUSH_AFTER_EVENTS: usize = 131_072;

pub(super) fn replay_tail(
    main: &Connection,
    history: &mut Connection,
    memory: &mut Memory,
    cache: &Arc<Cache>,
    upto: EventId,
) -> Result<(), Error> {
    let stopwatch = Stopwatch::start();
    let mut events = 0u64;
    let mut statement =
        main.prepare("SELECT id, realm, outcome, touch FROM event WHERE id > ?1 ORDER BY id")?;
    let mut rows = statement.query([upto.as_u64() as i64])?;
    while let Some(row) = rows.next()? {
        let id = EventId::from_u64(row.get::<_, i64>(0)? as u64);
        let realm = Realm::from_code(row.get::<_, i64>(1)? as u64);
        let outcome = Outcome::from_code(row.get(2)?).ok_or(Error::Damaged("event"))?;
        let touch =
            Touch::decode(id.recorded_at(), &mut row.get_ref(3)?.as_blob().map_err(rusqlite::Error::from)?)?;
        for (_, key) in touch.remembered() {
            memory.load(key)?;
        }
        let at = touch.at.unwrap_or(id.recorded_at());
        memory.apply(id, &touch, at, posting::keys(realm, outcome, &touch));
        memory.keep_batch();
        events += 1;
        if memory.events_since_flush() >= FLUSH_AFTER_EVENTS {
            let snapshot = memory.begin_flush(id);
            memory::flush(history, &snapshot, cache)?;
            memory.end_flush();
            tracing::info!(events, "computing history from the events");
        }
    }
    if events > 0 {
        tracing::info!(events, millis = stopwatch.elapsed().as_millis() as u64, "history is up to date");
    }
    Ok(())
}
