//! Listed devices and addresses that are an enrolled person's, by the tenant's word.

use std::sync::Arc;

use domain::Realm;
use portcullis_domain as domain;

use super::{
    super::{Actor, List, ListEntry, ListKind, NewListEntry, audit, lists},
    EnrollmentId, get,
};
use crate::{Error, RealmStore};

impl RealmStore {
    /// Makes an entry of the realm's lists as [`Configuration::add_list_entry`](crate::Configuration::add_list_entry)
    /// does, and notes whose it is, as one step.
    pub async fn list_for(
        &self,
        actor: &Actor,
        new: NewListEntry,
        person: EnrollmentId,
    ) -> Result<ListEntry, Error> {
        let (actor, at) = (actor.clone(), self.backend.clock.now());
        let realm = Realm { mode: new.mode, ..self.realm };
        let index = Arc::clone(&self.backend.lists);
        let write = move |tx: &rusqlite::Transaction<'_>| {
            get(tx, realm, person)?;
            let (entry, line) = lists::add(tx, at, realm.tenant, actor.id(), new)?;
            let sql = "INSERT INTO enrollment_entry (entry, enrollment) VALUES (?, ?)";
            tx.execute(sql, (entry.id.to_string(), person.as_u64() as i64))?;
            audit::append(tx, &actor, line, at)?;
            Ok(entry)
        };
        self.backend.write_then(write, move |entry| index.insert(entry)).await
    }

    /// What of the person's is listed: the lists and kinds of the entries that hold, in any order.
    pub async fn listed_of(&self, person: EnrollmentId) -> Result<Vec<(List, ListKind)>, Error> {
        let (realm, now) = (self.realm, self.backend.clock.now());
        self.backend
            .read(move |connection| {
                let sql =
                    "SELECT DISTINCT list, kind FROM main.enrollment_entry JOIN main.list_entry ON id = entry
                     WHERE enrollment = ? AND realm = ? AND (expires_at IS NULL OR expires_at > ?)";
                let mut find = connection.prepare_cached(sql)?;
                let place = (person.as_u64() as i64, realm.code() as i64, now.as_millis());
                let rows = find.query_map(place, |row| Ok((row.get(0)?, row.get(1)?)))?;
                Ok(rows.collect::<Result<_, _>>()?)
            })
            .await
    }
}
