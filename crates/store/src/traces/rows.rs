//! The rows of what events leave behind.

use domain::{EntityKind, EventId, Realm, Timestamp};
use portcullis_domain as domain;
use rusqlite::{Connection, OptionalExtension as _, params};

use super::Portrait;
use crate::{Error, keys::Sealer};

/// A service, a kind of entity, and which of those.
type Place = (u64, EntityKind, i64);

pub(super) fn was_seen(connection: &Connection, realm: Realm, fingerprint: &[u8; 32]) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM main.replay WHERE realm = ? AND fingerprint = ?";
    Ok(connection.prepare_cached(sql)?.exists(params![realm.code() as i64, fingerprint])?)
}

pub(super) fn remember(
    connection: &Connection,
    realm: Realm,
    fingerprint: &[u8; 32],
    at: Timestamp,
) -> Result<(), Error> {
    let sql = "INSERT INTO replay (realm, fingerprint, at) VALUES (?1, ?2, ?3)
         ON CONFLICT (realm, fingerprint) DO UPDATE SET at = max(at, ?3)";
    connection.prepare_cached(sql)?.execute(params![realm.code() as i64, fingerprint, at.as_millis()])?;
    Ok(())
}

/// Forgets up to `at_once` of what was sent before `oldest`; returns how many.
pub(crate) fn forget_replays(
    connection: &Connection,
    oldest: Timestamp,
    at_once: usize,
) -> Result<usize, Error> {
    let sql = "DELETE FROM replay WHERE (realm, fingerprint) IN
         (SELECT realm, fingerprint FROM replay WHERE at < ? ORDER BY at LIMIT ?)";
    Ok(connection.prepare_cached(sql)?.execute(params![oldest.as_millis(), at_once as i64])?)
}

pub(super) fn everywhere_since(connection: &Connection, name: &[u8; 32]) -> Result<Option<Timestamp>, Error> {
    let sql = "SELECT first_seen FROM main.device_everywhere WHERE name = ?";
    let since: Option<i64> =
        connection.prepare_cached(sql)?.query_row([name], |row| row.get(0)).optional()?;
    Ok(since.map(Timestamp::from_millis))
}

pub(super) fn know_everywhere(
    connection: &Connection,
    name: &[u8; 32],
    since: Timestamp,
) -> Result<(), Error> {
    let sql = "INSERT INTO device_everywhere (name, first_seen) VALUES (?1, ?2)
         ON CONFLICT (name) DO UPDATE SET first_seen = ?2 WHERE first_seen > ?2";
    connection.prepare_cached(sql)?.execute(params![name, since.as_millis()])?;
    Ok(())
}

pub(super) fn find(
    connection: &Connection,
    sealer: &Sealer,
    (service, kind, key): Place,
) -> Result<Option<Portrait>, Error> {
    let sql = "SELECT event, picture, first_seen, last_seen, times_seen FROM main.portrait
         WHERE service = ? AND kind = ? AND key = ?";
    let mut find = connection.prepare_cached(sql)?;
    let found = find.query_row(params![service as i64, kind as u8, key], |row| {
        let portrait = Portrait {
            picture: row.get(1)?,
            first_seen: Timestamp::from_millis(row.get(2)?),
            last_seen: Timestamp::from_millis(row.get(3)?),
            times_seen: row.get::<_, i64>(4)? as u64,
        };
        Ok((EventId::from_u64(row.get::<_, i64>(0)? as u64), portrait))
    });
    let Some((event, portrait)) = found.optional()? else { return Ok(None) };
    Ok(Some(Portrait { picture: sealer.open(event, &portrait.picture)?, ..portrait }))
}

/// Keeps a portrait whose picture is sealed under `event`.
pub(super) fn save(
    connection: &Connection,
    (service, kind, key): Place,
    event: EventId,
    portrait: &Portrait,
) -> Result<(), Error> {
    let sql = "INSERT INTO portrait (service, kind, key, event, picture, first_seen, last_seen, times_seen)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (service, kind, key) DO UPDATE SET
         event = ?4, picture = ?5, first_seen = ?6, last_seen = ?7, times_seen = ?8";
    connection.prepare_cached(sql)?.execute(params![
        service as i64,
        kind as u8,
        key,
        event.as_u64() as i64,
        portrait.picture,
        portrait.first_seen.as_millis(),
        portrait.last_seen.as_millis(),
        portrait.times_seen as i64,
    ])?;
    Ok(())
}

/// Forgets all that a service saw.
pub(crate) fn forget_portraits(connection: &Connection, service: u64) -> Result<(), Error> {
    connection.execute("DELETE FROM portrait WHERE service = ?", [service as i64])?;
    Ok(())
}

pub(super) fn save_note(connection: &Connection, event: EventId, sealed: &[u8]) -> Result<(), Error> {
    let sql = "INSERT INTO event_note (event, note) VALUES (?, ?)";
    connection.prepare_cached(sql)?.execute(params![event.as_u64() as i64, sealed])?;
    Ok(())
}

pub(super) fn note(connection: &Connection, event: EventId) -> Result<Option<Vec<u8>>, Error> {
    let sql = "SELECT note FROM main.event_note WHERE event = ?";
    let mut find = connection.prepare_cached(sql)?;
    Ok(find.query_row([event.as_u64() as i64], |row| row.get(0)).optional()?)
}
