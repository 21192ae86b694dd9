//! Bringing history up to date with the events when the store is opened.
//!
//! After a clean stop there is nothing to do. After a crash the tail since the last flush is scanned, and added to the
//! entities it touches while the server works already. After a restore everything is computed, part by part.

use domain::{EventId, Outcome, Realm, Stopwatch};
use portcullis_domain as domain;
use rusqlite::Connection;

use super::{
    memory::{self, Cache, Snapshot},
    posting,
};
use crate::{
    Error,
    history::{Happened, Touch},
};

/// The longest tail that is left for later: scanning it takes well under a second.
const LONGEST_TAIL: usize = 524_288;

/// Scans the events after `upto`. What is too long to be left for later is written to `history` at once; the rest is
/// returned.
pub(super) fn read_tail(
    main: &Connection,
    history: &mut Connection,
    cache: &Cache,
    upto: EventId,
) -> Result<Snapshot, Error> {
    let stopwatch = Stopwatch::start();
    let mut tail = Snapshot::default();
    let mut written = 0;
    scan(main, upto, |event| {
        if tail.events() == LONGEST_TAIL {
            memory::flush(history, &tail, cache)?;
            written += tail.events();
            tail = Snapshot::default();
            tracing::info!(events = written, "computing history from the events");
        }
        let keys: Vec<u64> = posting::keys(event.realm, event.happened.outcome, &event.touch).collect();
        tail.add(event.touch, event.happened, keys.into_iter());
        Ok(())
    })?;
    let events = tail.events() + written;
    if events > 0 {
        let millis = stopwatch.elapsed().as_millis() as u64;
        tracing::info!(events, millis, "took up the events since history was last written");
    }
    Ok(tail)
}

/// Scans the events after `upto` whose postings are in memory already.
pub(super) fn read_lost(main: &Connection, upto: EventId) -> Result<Snapshot, Error> {
    let mut lost = Snapshot::default();
    scan(main, upto, |event| {
        lost.add(event.touch, event.happened, std::iter::empty());
        Ok(())
    })?;
    Ok(lost)
}

struct Scanned {
    realm: Realm,
    touch: Touch,
    happened: Happened,
}

fn scan(
    main: &Connection,
    upto: EventId,
    mut take: impl FnMut(Scanned) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut statement =
        main.prepare("SELECT id, realm, outcome, touch FROM event WHERE id > ?1 ORDER BY id")?;
    let mut rows = statement.query([upto.as_u64() as i64])?;
    while let Some(row) = rows.next()? {
        let id = EventId::from_u64(row.get::<_, i64>(0)? as u64);
        let realm = Realm::from_code(row.get::<_, i64>(1)? as u64);
        let outcome = Outcome::from_code(row.get(2)?).ok_or(Error::Damaged("event"))?;
        let touch =
            Touch::decode(id.recorded_at(), &mut row.get_ref(3)?.as_blob().map_err(rusqlite::Error::from)?)?;
        let at = touch.at.unwrap_or(id.recorded_at());
        take(Scanned { realm, touch, happened: Happened { id, at, outcome } })?;
    }
    Ok(())
}
