//! Lists: whom and what a tenant blocks, allows or watches, apart for its live and its test data.
//!
//! There may be a hundred thousand entries, so they are not part of [`Control`](crate::Control), which is read anew as a
//! whole: [`Lists`] is an index of its own that follows every change before the change returns.

mod appeal;
mod blocked_device;
mod index;
mod look_up;
mod number;
mod rows;
#[cfg(test)]
mod tests;
mod value;

use std::sync::Arc;

use domain::{Mode, Realm, Timestamp};
use portcullis_domain as domain;
use rusqlite::{Transaction, params};
use serde_json::{Value, json};

pub(crate) use self::rows::load_lists;
use self::rows::{SELECT, from_row, get, get_by_block_id};
pub use self::{
    index::{ListHits, Lists},
    value::{ListValue, ListValueError, listed_user},
};
use super::{Actor, Configuration, Entry, Once, Repeatable, text_enum};
use crate::{BlockId, Error, ListEntryId, Store};

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
        /// A phone number.
        Phone = "phone",
        /// The number of an identity document.
        Document = "document",
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
    /// The id of the user or API key, or `machine`.
    pub author: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it does not count any more; never when `None`.
    pub expires_at: Option<Timestamp>,
    /// What whoever is listed says against it, in the words of somebody who wrote it down.
    pub appeal: Option<String>,
}

impl ListEntry {
    /// Whether it counts at `now`.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|until| until > now)
    }
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
    pub fn lists(&self) -> &Arc<Lists> {
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
        let lists = Arc::clone(&self.backend.lists);
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
        // `~` sorts after every id.
        let before = after.map_or_else(|| "~".to_owned(), |id| id.to_string());
        self.read_page(mode, filter, "id < ?2", "DESC", before, limit).await
    }

    /// The up to `limit` entries that were made just after `than`, newest first; expired ones are among them.
    pub async fn list_entries_newer(
        &self,
        mode: Mode,
        filter: ListFilter,
        than: ListEntryId,
        limit: u32,
    ) -> Result<Vec<ListEntry>, Error> {
        let mut entries = self.read_page(mode, filter, "id > ?2", "ASC", than.to_string(), limit).await?;
        entries.reverse();
        Ok(entries)
    }

    async fn read_page(
        &self,
        mode: Mode,
        filter: ListFilter,
        bound: &'static str,
        order: &'static str,
        id: String,
        limit: u32,
    ) -> Result<Vec<ListEntry>, Error> {
        let realm = Realm { tenant: self.tenant, mode };
        self.store
            .read(move |connection| {
                let sql = format!(
                    "{SELECT} WHERE realm = ?1 AND {bound} AND (?3 IS NULL OR list = ?3)
                     AND (?4 IS NULL OR kind = ?4) ORDER BY id {order} LIMIT ?5"
                );
                let (list, kind) = (filter.list.map(List::as_str), filter.kind.map(ListKind::as_str));
                let mut statement = connection.prepare_cached(&sql)?;
                let rows =
                    statement.query_map(params![realm.code() as i64, id, list, kind, limit], from_row)?;
                Ok(rows.collect::<Result<_, _>>()?)
            })
            .await
    }

    /// The tenant's entry with this id, live or test; [`Error::NotFound`] when there is none.
    pub async fn list_entry(&self, id: ListEntryId) -> Result<ListEntry, Error> {
        let tenant = self.tenant;
        self.store.read(move |connection| get(connection, tenant, id)).await
    }

    /// The tenant's entry with this id, live or test; [`Error::NotFound`] when there is none.
    pub async fn list_entry_by_block_id(&self, id: BlockId) -> Result<ListEntry, Error> {
        let tenant = self.tenant;
        self.store.read(move |connection| get_by_block_id(connection, tenant, id)).await
    }

    /// Makes an entry, which counts from the moment this returns. [`Error::Exists`] when the value is on the list
    /// already; an entry that has expired is replaced.
    pub async fn add_list_entry(&self, actor: &Actor, new: NewListEntry) -> Result<ListEntry, Error> {
        let (tenant, author) = (self.tenant, actor.id());
        let (outbox, control) = (self.store.backend.outbox.clone(), self.store.control());
        let add = move |tx: &Transaction<'_>, at| {
            let (entry, line) = add(tx, at, tenant, author, new)?;
            blocked_device::announce(tx, &outbox, &control, &entry, at)?;
            Ok((entry, line))
        };
        self.store.change_list(actor, add, Lists::insert).await
    }

    /// The same for a request that may be repeated: the first call makes the entry, and the next ones get its answer.
    /// [`Error::IdempotencyConflict`] when the key was used with another body.
    pub async fn add_list_entry_once(
        &self,
        actor: &Actor,
        new: NewListEntry,
        request: Repeatable<ListEntry>,
    ) -> Result<Once<ListEntry>, Error> {
        let realm = Realm { tenant: self.tenant, mode: new.mode };
        let (actor, at) = (actor.clone(), self.store.clock().now());
        let (outbox, control) = (self.store.backend.outbox.clone(), self.store.control());
        let (lists, sealer) =
            (Arc::clone(&self.store.backend.lists), self.store.backend.answer_sealer.clone());
        let write = move |tx: &Transaction<'_>| {
            request.answer(tx, &sealer, realm, at, || {
                let (entry, line) = add(tx, at, realm.tenant, actor.id(), new)?;
                blocked_device::announce(tx, &outbox, &control, &entry, at)?;
                super::audit::append(tx, &actor, line, at)?;
                Ok(entry)
            })
        };
        let follow = move |done: &Once<ListEntry>| {
            if let Once::Now(entry) = done {
                lists.insert(entry);
            }
        };
        self.store.backend.write_then(write, follow).await
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

/// Writes an entry; an expired one in its place makes room.
pub(super) fn add(
    tx: &Transaction<'_>,
    at: Timestamp,
    tenant: domain::TenantId,
    author: String,
    new: NewListEntry,
) -> Result<(ListEntry, Entry), Error> {
    let entry = ListEntry {
        id: rows::fresh_id(tx, at)?,
        realm: Realm { tenant, mode: new.mode },
        list: new.list,
        value: new.value,
        reason: new.reason,
        author,
        created_at: at,
        expires_at: new.expires_at,
        appeal: None,
    };
    rows::remove_expired(tx, &entry, at)?;
    rows::insert(tx, &entry)?;
    let line = line("list.add", &entry, None, Some(shown(&entry)));
    Ok((entry, line))
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
        "isAppealed": entry.appeal.is_some(),
    })
}
