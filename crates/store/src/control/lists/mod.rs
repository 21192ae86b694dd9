//! Lists: whom and what a tenant blocks, allows or watches, apart for its live and its test data.
//!
//! There may be a hundred thousand entries, so they are not part of [`Control`](crate::Control), which is read anew as a
//! whole: [`Lists`] is an index of its own that follows every change before the change returns.

mod index;
#[cfg(test)]
mod tests;
mod value;

use domain::{Mode, Realm, Timestamp};
use portcullis_domain as domain;
use rusqlite::{Connection, OptionalExtension, Transaction, params, types::Type};
use serde_json::{Value, json};

pub use self::{
    index::{ListHits, Lists},
    value::{ListValue, ListValueError},
};
use super::{Actor, Configuration, Entry, parsed, text_enum, unreadable};
use crate::{Error, ListEntryId, Store};

text_enum! {
    /// What it means to be listed.
    List: "list" {
        /// Is turned away.
        Block = "block",
        /// Is let through.
        Allow = "allow",
        /// Is suspicious.
        Watch = "watch",
    }
}

text_enum! {
    /// What can be listed.
    ListKind: "kind of list entry" {
        /// An account.
        User = "user",
        /// A device.
        Device = "device",
        /// An address or a network.
        Ip = "ip",
        /// An e-mail address.
        Email = "email",
    }
}

/// An entry of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListEntry {
    /// Its id.
    pub id: ListEntryId,
    /// The data that it counts for.
    pub realm: Realm,
    /// Which list.
    pub list: List,
    /// Who or what.
    pub value: ListValue,
    /// Why, in the author's words.
    pub reason: Option<String>,
    /// The user's id, or `machine`.
    pub author: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it does not count any more; never when `None`.
    pub expires_at: Option<Timestamp>,
}

/// An entry to be made.
#[derive(Clone, Debug)]
pub struct NewListEntry {
    /// The tenant's data set that it counts for.
    pub mode: Mode,
    /// Which list.
    pub list: List,
    /// Who or what.
    pub value: ListValue,
    /// Why, for people.
    pub reason: Option<String>,
    /// From when on it does not count any more; never when `None`.
    pub expires_at: Option<Timestamp>,
}

/// Which entries; all of them when it is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListFilter {
    /// Only of this list.
    pub list: Option<List>,
    /// Only of this kind.
    pub kind: Option<ListKind>,
}

impl Store {
    /// The entries of every realm's lists, for requests.
    pub fn lists(&self) -> &Lists {
        &self.backend.lists
    }

    /// Changes an entry, writes its line of the audit log, and then lets `follow` bring the index up to date.
    async fn change_list(
        &self,
        actor: &Actor,
        job: impl FnOnce(&Transaction<'_>, Timestamp) -> Result<(ListEntry, Entry), Error> + Send + 'static,
        follow: fn(&Lists, &ListEntry),
    ) -> Result<ListEntry, Error> {
        let (actor, at) = (actor.clone(), self.clock().now());
        let lists = std::sync::Arc::clone(&self.backend.lists);
        let write = move |tx: &Transaction<'_>| {
            let (entry, line) = job(tx, at)?;
            super::audit::append(tx, &actor, line, at)?;
            Ok(entry)
        };
        self.backend.write_then(write, move |entry| follow(&lists, entry)).await
    }
}

impl Configuration<'_> {
    /// Up to `limit` entries, newest first, beginning after `after`; expired ones are among them.
    pub async fn list_entries(
        &self,
        mode: Mode,
        filter: ListFilter,
        after: Option<ListEntryId>,
        limit: u32,
    ) -> Result<Vec<ListEntry>, Error> {
        let realm = Realm { tenant: self.tenant, mode };
        // `~` sorts after every id.
        let before = after.map_or_else(|| "~".to_owned(), |id| id.to_string());
        self.store
            .read(move |connection| {
                let sql = format!(
                    "{SELECT} WHERE realm = ?1 AND id < ?2 AND (?3 IS NULL OR list = ?3)
                     AND (?4 IS NULL OR kind = ?4) ORDER BY id DESC LIMIT ?5"
                );
                let (list, kind) = (filter.list.map(List::as_str), filter.kind.map(ListKind::as_str));
                let mut statement = connection.prepare_cached(&sql)?;
                let rows =
                    statement.query_map(params![realm.code() as i64, before, list, kind, limit], from_row)?;
                Ok(rows.collect::<Result<_, _>>()?)
            })
            .await
    }

    /// The tenant's entry with this id, live or test; [`Error::NotFound`] when there is none.
    pub async fn list_entry(&self, id: ListEntryId) -> Result<ListEntry, Error> {
        let tenant = self.tenant;
        self.store.read(move |connection| get(connection, tenant, id)).await
    }

    /// Makes an entry, which counts from the moment this returns. [`Error::Exists`] when the value is on the list
    /// already; an entry that has expired is replaced.
    pub async fn add_list_entry(&self, actor: &Actor, new: NewListEntry) -> Result<ListEntry, Error> {
        let realm = Realm { tenant: self.tenant, mode: new.mode };
        let author = actor.id();
        let add = move |tx: &Transaction<'_>, at| {
            let entry = ListEntry {
                id: ListEntryId::fresh(at)?,
                realm,
                list: new.list,
                value: new.value,
                reason: new.reason,
                author,
                created_at: at,
                expires_at: new.expires_at,
            };
            remove_expired(tx, &entry, at)?;
            insert(tx, &entry)?;
            let line = line("list.add", &entry, None, Some(shown(&entry)));
            Ok((entry, line))
        };
        self.store.change_list(actor, add, Lists::insert).await
    }

    /// Removes the tenant's entry with this id, live or test, which counts no more from the moment this returns;
    /// [`Error::NotFound`] when there is none. Gives what was removed.
    pub async fn remove_list_entry(&self, actor: &Actor, id: ListEntryId) -> Result<ListEntry, Error> {
        let tenant = self.tenant;
        let remove = move |tx: &Transaction<'_>, _| {
            let entry = get(tx, tenant, id)?;
            tx.execute("DELETE FROM list_entry WHERE id = ?", [id.to_string()])?;
            let line = line("list.remove", &entry, Some(shown(&entry)), None);
            Ok((entry, line))
        };
        self.store.change_list(actor, remove, Lists::remove).await
    }
}

/// Makes room for `entry` when only an expired one is in its place.
fn remove_expired(tx: &Transaction<'_>, entry: &ListEntry, at: Timestamp) -> Result<(), Error> {
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

fn insert(tx: &Transaction<'_>, entry: &ListEntry) -> Result<(), Error> {
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

fn line(action: &'static str, entry: &ListEntry, before: Option<Value>, after: Option<Value>) -> Entry {
    Entry { action, tenant: Some(entry.realm.tenant), target: entry.id.to_string(), before, after }
}

/// An entry for the audit log, which keeps things for ever: without the value, which may be personal data.
fn shown(entry: &ListEntry) -> Value {
    json!({
        "list": entry.list,
        "kind": entry.value.kind(),
        "mode": entry.realm.mode,
        "reason": entry.reason,
        "expiresAt": entry.expires_at.map(|at| at.to_string()),
    })
}

const SELECT: &str =
    "SELECT id, realm, list, kind, value, reason, author, created_at, expires_at FROM list_entry";

fn get(connection: &Connection, tenant: domain::TenantId, id: ListEntryId) -> Result<ListEntry, Error> {
    let found =
        connection.query_row(&format!("{SELECT} WHERE id = ?"), [id.to_string()], from_row).optional()?;
    found.filter(|entry| entry.realm.tenant == tenant).ok_or(Error::NotFound("list entry"))
}

/// Every entry that has not expired at `now`.
pub(crate) fn load_lists(connection: &Connection, now: Timestamp) -> Result<Lists, Error> {
    let lists = Lists::default();
    let sql = format!("{SELECT} WHERE expires_at IS NULL OR expires_at > ?");
    let mut statement = connection.prepare(&sql)?;
    for entry in statement.query_map([now.as_millis()], from_row)? {
        lists.insert(&entry?);
    }
    Ok(lists)
}

fn from_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<ListEntry> {
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
    })
}
