//! The rows of devices, their keys and their users.

use compact_str::CompactString;
use domain::{EntityKey, EventId, Realm, Timestamp};
use portcullis_domain as domain;
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use super::{DeviceId, DeviceUser, MOST_DEVICE_USERS, SeenDevice};
use crate::{Error, keys::Sealer};

/// A device and what it told last.
pub(super) struct Stored {
    pub(super) device: SeenDevice,
    pub(super) attributes: Vec<u8>,
}

pub(super) fn find(connection: &Connection, realm: Realm, id: i64) -> Result<Option<Stored>, Error> {
    let sql = "SELECT hash, attributes, first_seen, last_seen, times_seen, last_event FROM main.device
         WHERE realm = ? AND id = ?";
    let mut find = connection.prepare_cached(sql)?;
    Ok(find.query_row((realm.code() as i64, id), from_row).optional()?)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Stored> {
    let hash: String = row.get(0)?;
    let damaged = || rusqlite::Error::InvalidColumnType(0, "hash".to_owned(), rusqlite::types::Type::Text);
    let device = SeenDevice {
        id: DeviceId::of_hash(&hash).ok_or_else(damaged)?,
        hash: hash.into(),
        is_new: false,
        first_seen: Timestamp::from_millis(row.get(2)?),
        last_seen: Timestamp::from_millis(row.get(3)?),
        times_seen: row.get::<_, i64>(4)? as u64,
        last_event: Some(EventId::from_u64(row.get::<_, i64>(5)? as u64)),
        matched: None,
    };
    Ok(Stored { device, attributes: row.get(1)? })
}

/// Up to `limit` devices with this key.
pub(super) fn with_key(
    connection: &Connection,
    realm: Realm,
    key: u64,
    limit: usize,
) -> Result<Vec<i64>, Error> {
    let sql = "SELECT device FROM main.device_key WHERE realm = ? AND key = ? LIMIT ?";
    let mut find = connection.prepare_cached(sql)?;
    let rows = find.query_map((realm.code() as i64, key.cast_signed(), limit as i64), |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn has_user(
    connection: &Connection,
    realm: Realm,
    device: i64,
    user: EntityKey,
) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM main.device_user WHERE realm = ? AND device = ? AND user = ?";
    let mut find = connection.prepare_cached(sql)?;
    Ok(find.exists((realm.code() as i64, device, user.as_u64() as i64))?)
}

pub(super) fn save(
    connection: &Connection,
    realm: Realm,
    device: &SeenDevice,
    attributes: &[u8],
    event: EventId,
) -> Result<(), Error> {
    let sql =
        "INSERT INTO device (realm, id, hash, attributes, first_seen, last_seen, times_seen, last_event)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (realm, id) DO UPDATE SET
         attributes = ?4, first_seen = ?5, last_seen = ?6, times_seen = ?7, last_event = ?8";
    connection.prepare_cached(sql)?.execute(params![
        realm.code() as i64,
        device.id.as_i64(),
        device.hash.as_str(),
        attributes,
        device.first_seen.as_millis(),
        device.last_seen.as_millis(),
        device.times_seen as i64,
        event.as_u64() as i64,
    ])?;
    Ok(())
}

pub(super) fn add_key(
    connection: &Connection,
    realm: Realm,
    key: u64,
    device: DeviceId,
) -> Result<(), Error> {
    let sql = "INSERT OR IGNORE INTO device_key (realm, key, device) VALUES (?, ?, ?)";
    let row = (realm.code() as i64, key.cast_signed(), device.as_i64());
    connection.prepare_cached(sql)?.execute(row)?;
    Ok(())
}

/// Notes that a user was seen on a device. The id is sealed once, with the event that was the first.
pub(super) fn add_user(
    connection: &Connection,
    sealer: &Sealer,
    (realm, device): (Realm, DeviceId),
    (key, user): (EntityKey, &str),
    (event, at): (EventId, Timestamp),
) -> Result<(), Error> {
    let place = (realm.code() as i64, device.as_i64(), key.as_u64() as i64);
    let sql = "UPDATE device_user SET last_seen = max(last_seen, ?4), times_seen = times_seen + 1
         WHERE realm = ?1 AND device = ?2 AND user = ?3";
    let known = connection.prepare_cached(sql)?.execute((place.0, place.1, place.2, at.as_millis()))?;
    if known == 0 {
        let mut sealed = user.as_bytes().to_vec();
        sealer.seal(event, &mut sealed)?;
        let sql = "INSERT INTO device_user (realm, device, user, event, sealed, last_seen, times_seen)
             VALUES (?, ?, ?, ?, ?, ?, 1)";
        let event = event.as_u64() as i64;
        connection.prepare_cached(sql)?.execute((
            place.0,
            place.1,
            place.2,
            event,
            sealed,
            at.as_millis(),
        ))?;
    }
    Ok(())
}

/// The users of a device, in the order in which they came, the last [`MOST_DEVICE_USERS`] of them.
pub(super) fn users(
    connection: &Connection,
    sealer: &Sealer,
    realm: Realm,
    device: DeviceId,
) -> Result<Vec<DeviceUser>, Error> {
    let sql = "SELECT event, sealed, last_seen, times_seen FROM main.device_user
         WHERE realm = ? AND device = ? ORDER BY event DESC LIMIT ?";
    let mut find = connection.prepare_cached(sql)?;
    let mut rows = find.query((realm.code() as i64, device.as_i64(), MOST_DEVICE_USERS as i64))?;
    let mut users = Vec::new();
    while let Some(row) = rows.next()? {
        let event = EventId::from_u64(row.get::<_, i64>(0)? as u64);
        let plain = sealer.open(event, row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?)?;
        let user = CompactString::from_utf8(plain).map_err(|_| Error::Damaged("user"))?;
        let last_seen = Timestamp::from_millis(row.get(2)?);
        users.push(DeviceUser {
            user,
            // An event that was told late happened before it was recorded.
            first_seen: event.recorded_at().min(last_seen),
            last_seen,
            times_seen: row.get::<_, i64>(3)? as u64,
        });
    }
    users.reverse();
    Ok(users)
}
