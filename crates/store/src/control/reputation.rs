//! What was edited of the shipped reputation lists; what an edit means is known to `intel` only.

use std::{collections::BTreeMap, sync::Arc};

use portcullis_domain::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::Value;

use super::{Actor, Entry};
use crate::{Error, Store};

/// The edits of one list.
#[derive(Clone, Debug, PartialEq)]
pub struct ReputationEdits {
    /// Counted up by every change, from 1.
    pub version: u64,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// The edits.
    pub edits: Value,
}

/// A change to a list.
#[derive(Clone, Debug)]
pub struct ReputationChange {
    /// The edits from now on.
    pub edits: Value,
    /// What was done, short enough for the audit log.
    pub summary: Value,
}

impl Store {
    /// Changes a list's edits to what `edit` makes of them, unless it refuses.
    pub async fn edit_reputation<E: Send + 'static>(
        &self,
        actor: &Actor,
        list: &'static str,
        edit: impl FnOnce(Option<&Value>) -> Result<ReputationChange, E> + Send + 'static,
    ) -> Result<Result<ReputationEdits, E>, Error> {
        self.change(actor, move |tx, at| {
            let sql = "SELECT version, updated_at, edits FROM reputation_list WHERE name = ?";
            let before = tx.query_row(sql, [list], |row| Ok(from_row(row, 0))).optional()?.transpose()?;
            let change = match edit(before.as_ref().map(|before| &before.edits)) {
                Ok(change) => change,
                Err(refusal) => return Ok((Err(refusal), None)),
            };
            let version = before.map_or(0, |before| before.version) + 1;
            tx.execute(
                "INSERT INTO reputation_list (name, version, updated_at, edits) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (name) DO UPDATE SET version = ?2, updated_at = ?3, edits = ?4",
                params![list, version as i64, at.as_millis(), change.edits.to_string()],
            )?;
            let entry = Entry {
                action: "reputation.update",
                tenant: None,
                target: list.to_owned(),
                before: None,
                after: Some(change.summary),
            };
            Ok((Ok(ReputationEdits { version, updated_at: at, edits: change.edits }), Some(entry)))
        })
        .await
    }
}

/// The edits of every list that has any.
pub(super) fn all(connection: &Connection) -> Result<BTreeMap<String, Arc<ReputationEdits>>, Error> {
    let mut statement = connection.prepare("SELECT name, version, updated_at, edits FROM reputation_list")?;
    let mut rows = statement.query([])?;
    let mut all = BTreeMap::new();
    while let Some(row) = rows.next()? {
        all.insert(row.get(0)?, Arc::new(from_row(row, 1)?));
    }
    Ok(all)
}

fn from_row(row: &rusqlite::Row<'_>, first: usize) -> Result<ReputationEdits, Error> {
    let edits: String = row.get(first + 2)?;
    Ok(ReputationEdits {
        version: row.get::<_, i64>(first)? as u64,
        updated_at: Timestamp::from_millis(row.get(first + 1)?),
        edits: serde_json::from_str(&edits).map_err(|_| Error::Damaged("reputation list"))?,
    })
}
