//! The rows of `list_entry`.

use domain::{EntityHasher, Realm, TenantId, Timestamp};
use portcullis_domain as domain;
use rusqlite::{Connection, OptionalExtension, Transaction, params, types::Type};

use super::{
    super::{parsed, unreadable},
    ListEntry, ListValue, Lists,
};
use crate::{BlockId, Error, ListEntryId};

/// Makes room for `entry` when only an expired one is in its place.
pub(super) fn remove_expired(tx: &Transaction<'_>, entry: &ListEntry, at: Timestamp) -> Result<(), Error> {
    let place = params![
        entry.realm.code() as i64,
        entry.list.as_str(),
        entry.value.kind().as_str(),
        entry.value.to_string(),
    ];
    let same = "FROM list_entry WHERE realm = ?1 AND list = ?2 AND kind = ?3 AND value = ?4";
    let sql = format!("SELECT expires_at {same}");
    let found: Option<Option<i64>> = tx.query_row(&sql, place, |row| row.get(0)).optional()?;
    match found {
        None => {}
        Some(expires_at) if expires_at.is_some_and(|expires_at| expires_at <= at.as_millis()) => {
            tx.execute(&format!("DELETE {same}"), place)?;
        }
        Some(_) => return Err(Error::Exists("list entry")),
    }
    Ok(())
}

pub(super) fn insert(tx: &Transaction<'_>, entry: &ListEntry) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO list_entry (id, realm, list, kind, value, reason, author, created_at, expires_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            entry.id.to_string(),
            entry.realm.code() as i64,
            entry.list.as_str(),
            entry.value.kind().as_str(),
            entry.value.to_string(),
            entry.reason,
            entry.author,
            entry.created_at.as_millis(),
            entry.expires_at.map(Timestamp::as_millis),
        ],
    )?;
    Ok(())
}

pub(super) const SELECT: &str =
    "SELECT id, realm, list, kind, value, reason, author, created_at, expires_at, appeal FROM list_entry";

/// The tenant's entry with this id.
pub(super) fn get(connection: &Connection, tenant: TenantId, id: ListEntryId) -> Result<ListEntry, Error> {
    let found =
        connection.query_row(&format!("{SELECT} WHERE id = ?"), [id.to_string()], from_row).optional()?;
    found.filter(|entry| entry.realm.tenant == tenant).ok_or(Error::NotFound("list entry"))
}

/// Every entry that has not expired at `now`.
pub(crate) fn load_lists(
    connection: &Connection,
    hasher: EntityHasher,
    now: Timestamp,
) -> Result<Lists, Error> {
    let lists = Lists::new(hasher);
    let sql = format!("{SELECT} WHERE expires_at IS NULL OR expires_at > ?");
    let mut statement = connection.prepare(&sql)?;
    for entry in statement.query_map([now.as_millis()], from_row)? {
        lists.insert(&entry?);
    }
    Ok(lists)
}

pub(super) fn from_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<ListEntry> {
    let value = ListValue::kept(row.get(3)?, row.get_ref(4)?.as_str()?);
    Ok(ListEntry {
        id: parsed(row, 0)?,
        realm: Realm::from_code(row.get::<_, i64>(1)? as u64),
        list: row.get(2)?,
        value: value.ok_or_else(|| unreadable(4, Type::Text, "not a network"))?,
        reason: row.get(5)?,
        author: row.get(6)?,
        created_at: Timestamp::from_millis(row.get(7)?),
        expires_at: row.get::<_, Option<i64>>(8)?.map(Timestamp::from_millis),
        appeal: row.get(9)?,
    })
}

/// The tenant's entry with this short id.
pub(super) fn get_by_block_id(
    connection: &Connection,
    tenant: TenantId,
    id: BlockId,
) -> Result<ListEntry, Error> {
    let mut statement = connection.prepare_cached(&format!("{SELECT} WHERE id BETWEEN ? AND ?"))?;
    let rows = statement.query_map(bounds(id), from_row)?;
    let found = rows.collect::<Result<Vec<_>, _>>()?;
    found.into_iter().find(|entry| entry.realm.tenant == tenant).ok_or(Error::NotFound("list entry"))
}

/// An id whose short form no other entry has.
pub(super) fn fresh_id(tx: &Transaction<'_>, at: Timestamp) -> Result<ListEntryId, Error> {
    let mut is_taken =
        tx.prepare_cached("SELECT EXISTS (SELECT 1 FROM list_entry WHERE id BETWEEN ? AND ?)")?;
    loop {
        let id = ListEntryId::fresh(at)?;
        if !is_taken.query_row(bounds(BlockId::of(id)), |row| row.get::<_, bool>(0))? {
            return Ok(id);
        }
    }
}

/// As texts, which sort as ids do.
fn bounds(id: BlockId) -> [String; 2] {
    let range = id.range();
    [range.start().to_string(), range.end().to_string()]
}
