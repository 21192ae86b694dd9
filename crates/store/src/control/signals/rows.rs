//! The rows of `signal`.

use domain::{EntityKey, EventId, Realm, Timestamp};
use portcullis_domain as domain;
use rusqlite::{Connection, Row, Transaction, params, types::Value};

use super::{Labels, Signal, SignalContent, SignalFilter, SignalId, SignalKeys, SignalStatus};
use crate::{
    Error,
    keys::{MasterKey, Sealer},
};

const DAMAGED: Error = Error::Damaged("signal");

/// What seals the two parts of a signal that hold words of people, each under its id.
pub(super) struct Seals {
    body: Sealer,
    notes: Sealer,
}

impl Seals {
    pub(super) fn new(key: &MasterKey) -> Result<Self, Error> {
        Ok(Self { body: key.sealer("signals")?, notes: key.sealer("signal notes")? })
    }
}

/// An id for the next signal: they sort in the order in which they are reported.
pub(super) fn fresh_id(tx: &Transaction<'_>, at: Timestamp) -> Result<SignalId, Error> {
    let last: Option<i64> = tx.query_row("SELECT max(id) FROM signal", [], |row| row.get(0))?;
    SignalId::fresh(at, last.map(|last| SignalId::from_u64(last as u64)))
}

pub(super) fn insert(tx: &Transaction<'_>, seals: &Seals, signal: &Signal) -> Result<(), Error> {
    let body = serde_json::to_vec(&signal.about).map_err(|error| Error::Failed(error.to_string()))?;
    let key = |key: Option<EntityKey>| key.map(|key| key.as_u64() as i64);
    tx.execute(
        "INSERT INTO signal (id, realm, kind, severity, status, user, device, fingerprint, body, created_at, created_by)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            signal.id.as_u64() as i64,
            signal.realm.code() as i64,
            signal.kind,
            signal.severity.as_str(),
            signal.status.as_str(),
            key(signal.keys.user),
            key(signal.keys.device),
            key(signal.keys.fingerprint),
            sealed(&seals.body, signal.id, body)?,
            signal.created_at.as_millis(),
            signal.created_by,
        ],
    )?;
    Ok(())
}

/// Writes what was decided.
pub(super) fn decide(tx: &Transaction<'_>, seals: &Seals, signal: &Signal) -> Result<(), Error> {
    let notes =
        signal.notes.as_ref().map(|notes| sealed(&seals.notes, signal.id, notes.clone().into_bytes()));
    tx.execute(
        "UPDATE signal SET status = ?, notes = ?, event = ?, decided_at = ?, decided_by = ? WHERE id = ?",
        params![
            signal.status.as_str(),
            notes.transpose()?,
            signal.event.map(|event| event.as_u64() as i64),
            signal.decided_at.map(Timestamp::as_millis),
            signal.decided_by,
            signal.id.as_u64() as i64,
        ],
    )?;
    Ok(())
}

/// Writes that a signal was taken back.
pub(super) fn withdraw(tx: &Transaction<'_>, id: SignalId, at: Timestamp) -> Result<(), Error> {
    let sql = "UPDATE signal SET withdrawn_at = ? WHERE id = ?";
    tx.execute(sql, (at.as_millis(), id.as_u64() as i64))?;
    Ok(())
}

/// The newest signal of this kind about the user that counts.
pub(super) fn newest(
    tx: &Transaction<'_>,
    realm: Realm,
    user: EntityKey,
    kind: &str,
) -> Result<SignalId, Error> {
    let sql = "SELECT max(id) FROM signal WHERE realm = ? AND user = ? AND kind = ?
         AND withdrawn_at IS NULL AND status <> 'dismissed'";
    let place = params![realm.code() as i64, user.as_u64() as i64, kind];
    let id: Option<i64> = tx.query_row(sql, place, |row| row.get(0))?;
    id.map(|id| SignalId::from_u64(id as u64)).ok_or(Error::NotFound("signal"))
}

/// How many signals that count there are about any of these devices.
pub(super) fn count_of_devices(
    connection: &Connection,
    realm: Realm,
    devices: &[EntityKey],
) -> Result<u64, Error> {
    let of_device = |column| {
        format!(
            "SELECT id FROM main.signal WHERE realm = ?1 AND {column} = ?2
             AND withdrawn_at IS NULL AND status <> 'dismissed'"
        )
    };
    let mut find =
        connection.prepare_cached(&[of_device("device"), of_device("fingerprint")].join(" UNION "))?;
    let mut found = std::collections::BTreeSet::new();
    for device in devices {
        let rows =
            find.query_map((realm.code() as i64, device.as_u64() as i64), |row| row.get::<_, i64>(0))?;
        for id in rows {
            found.insert(id?);
        }
    }
    Ok(found.len() as u64)
}

fn sealed(sealer: &Sealer, id: SignalId, mut plain: Vec<u8>) -> Result<Vec<u8>, Error> {
    sealer.seal(EventId::from_u64(id.as_u64()), &mut plain)?;
    Ok(plain)
}

const SELECT: &str =
    "SELECT id, realm, kind, severity, status, user, device, fingerprint, body, notes, event,
    created_at, created_by, decided_at, decided_by, withdrawn_at FROM main.signal";

/// Which signals, and in which order.
#[derive(Clone, Copy)]
pub(super) enum Bound {
    /// Older than this, or all; newest first.
    OlderThan(Option<SignalId>),
    /// Newer than this; oldest first.
    NewerThan(SignalId),
}

/// The realm's signal with this id.
pub(super) fn get(
    connection: &Connection,
    seals: &Seals,
    realm: Realm,
    id: SignalId,
) -> Result<Signal, Error> {
    let mut find = connection
        .prepare_cached(&format!("{SELECT} WHERE id = ? AND realm = ? AND withdrawn_at IS NULL"))?;
    let mut rows = find.query(params![id.as_u64() as i64, realm.code() as i64])?;
    let row = rows.next()?.ok_or(Error::NotFound("signal"))?;
    from_row(seals, row)
}

/// Up to `limit` signals of the realm, from the one next to the `bound` on.
pub(super) fn page(
    connection: &Connection,
    seals: &Seals,
    realm: Realm,
    filter: &SignalFilter,
    bound: Bound,
    limit: u32,
) -> Result<Vec<Signal>, Error> {
    let (bound, order, id) = match bound {
        Bound::OlderThan(id) => ("<", "DESC", id.map_or(i64::MAX, |id| id.as_u64() as i64)),
        Bound::NewerThan(id) => (">", "ASC", id.as_u64() as i64),
    };
    let mut sql = format!("{SELECT} WHERE realm = ? AND id {bound} ?");
    let mut values: Vec<Value> = vec![(realm.code() as i64).into(), id.into()];
    let mut narrow = |column: &str, value: Option<Value>| {
        if let Some(value) = value {
            sql.extend([" AND ", column, " = ?"]);
            values.push(value);
        }
    };
    narrow("status", filter.status.map(|status| status.as_str().to_owned().into()));
    narrow("severity", filter.severity.map(|severity| severity.as_str().to_owned().into()));
    narrow("kind", filter.kind.clone().map(Value::from));
    narrow("user", filter.user.map(|key| (key.as_u64() as i64).into()));
    if !filter.withdrawn_too {
        sql.push_str(" AND withdrawn_at IS NULL");
    }
    values.push(i64::from(limit).into());
    let mut find = connection.prepare_cached(&format!("{sql} ORDER BY id {order} LIMIT ?"))?;
    let mut rows = find.query(rusqlite::params_from_iter(values))?;
    let mut signals = Vec::new();
    while let Some(row) = rows.next()? {
        signals.push(from_row(seals, row)?);
    }
    Ok(signals)
}

fn from_row(seals: &Seals, row: &Row<'_>) -> Result<Signal, Error> {
    let id = SignalId::from_u64(row.get::<_, i64>(0)? as u64);
    let opened = |sealer: &Sealer, sealed: &[u8]| sealer.open(EventId::from_u64(id.as_u64()), sealed);
    let body = row.get_ref(8)?.as_blob().map_err(rusqlite::Error::from)?;
    let notes: Option<Vec<u8>> = row.get(9)?;
    let notes = notes.map(|notes| String::from_utf8(opened(&seals.notes, &notes)?).map_err(|_| DAMAGED));
    Ok(Signal {
        id,
        realm: Realm::from_code(row.get::<_, i64>(1)? as u64),
        kind: row.get(2)?,
        severity: row.get(3)?,
        status: row.get(4)?,
        keys: SignalKeys { user: key(row, 5)?, device: key(row, 6)?, fingerprint: key(row, 7)? },
        about: serde_json::from_slice::<SignalContent>(&opened(&seals.body, body)?).map_err(|_| DAMAGED)?,
        notes: notes.transpose()?,
        event: row.get::<_, Option<i64>>(10)?.map(|event| EventId::from_u64(event as u64)),
        created_at: Timestamp::from_millis(row.get(11)?),
        created_by: row.get(12)?,
        decided_at: row.get::<_, Option<i64>>(13)?.map(Timestamp::from_millis),
        decided_by: row.get(14)?,
        withdrawn_at: row.get::<_, Option<i64>>(15)?.map(Timestamp::from_millis),
    })
}

fn key(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<EntityKey>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(|key| EntityKey::from_u64(key as u64)))
}

/// What every signal that was decided says.
pub(crate) fn load_labels(connection: &Connection) -> Result<Labels, Error> {
    let labels = Labels::default();
    let mut all = connection
        .prepare("SELECT realm, status, user, device, fingerprint FROM signal WHERE status <> 'pending'")?;
    let mut rows = all.query([])?;
    while let Some(row) = rows.next()? {
        let realm = Realm::from_code(row.get::<_, i64>(0)? as u64);
        let status: SignalStatus = row.get(1)?;
        let keys = SignalKeys { user: key(row, 2)?, device: key(row, 3)?, fingerprint: key(row, 4)? };
        labels.add(realm, status, keys.all());
    }
    Ok(labels)
}
