//! What clients' SDKs report of their sessions between judgments: kept as they said it, for people to read.

use domain::{EntityKey, EventId, Timestamp};
use portcullis_domain as domain;
use rusqlite::params;

use crate::{Error, RealmStore, Store};

/// How long reports are kept: 30 days.
pub const CLIENT_EVENTS_MS: i64 = 30 * 24 * 60 * 60 * 1_000;

/// A batch that was reported at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientReport {
    /// When it arrived.
    pub at: Timestamp,
    /// What was said, as the JSON that was kept.
    pub body: String,
}

impl RealmStore {
    /// Keeps what a client reported of a session; durable when this returns.
    pub async fn add_client_report(&self, session: EntityKey, body: String) -> Result<(), Error> {
        let (realm, at) = (self.realm.code() as i64, self.backend.clock.now().as_millis());
        let sealer = self.backend.report_sealer.clone();
        self.backend
            .write(move |tx| {
                let next = "SELECT coalesce(max(id), 0) + 1 FROM client_event";
                // Ids of deleted rows may come again: the time keeps each nonce from being used twice.
                let id = tx.query_row(next, [], |row| row.get::<_, i64>(0))?.max(at << 10);
                let mut sealed = body.into_bytes();
                sealer.seal(EventId::from_u64(id as u64), &mut sealed)?;
                tx.execute(
                    "INSERT INTO client_event (id, realm, session, at, body) VALUES (?, ?, ?, ?, ?)",
                    params![id, realm, session.as_u64() as i64, at, sealed],
                )?;
                Ok(())
            })
            .await
    }

    /// What clients reported of a session, oldest first, at most `limit` batches.
    pub async fn client_reports(&self, session: EntityKey, limit: usize) -> Result<Vec<ClientReport>, Error> {
        let realm = self.realm.code() as i64;
        let sealer = self.backend.report_sealer.clone();
        self.backend
            .read(move |connection| {
                let mut statement = connection.prepare_cached(
                    "SELECT id, at, body FROM main.client_event WHERE realm = ? AND session = ? ORDER BY id LIMIT ?",
                )?;
                let mut rows = statement.query(params![realm, session.as_u64() as i64, limit as i64])?;
                let mut reports = Vec::new();
                while let Some(row) = rows.next()? {
                    let id = EventId::from_u64(row.get::<_, i64>(0)? as u64);
                    let sealed = row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?;
                    let body = String::from_utf8(sealer.open(id, sealed)?);
                    let body = body.map_err(|_| Error::Damaged("client event"))?;
                    reports.push(ClientReport { at: Timestamp::from_millis(row.get(1)?), body });
                }
                Ok(reports)
            })
            .await
    }
}

impl Store {
    /// Forgets reports that are older than [`CLIENT_EVENTS_MS`]; returns how many. To be called now and then.
    pub async fn forget_old_client_reports(&self) -> Result<usize, Error> {
        let oldest = self.clock().now().plus_millis(-CLIENT_EVENTS_MS).as_millis();
        self.write(move |tx| Ok(tx.execute("DELETE FROM client_event WHERE at < ?", [oldest])?)).await
    }
}
