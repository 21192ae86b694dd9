//! What the messages to a webhook are signed with: sealed in the database, shown once.

use domain::{EventId, Secret, Timestamp};
use portcullis_domain as domain;
use rusqlite::{Connection, Transaction, params};

use super::WebhookId;
use crate::{Error, keys::Sealer};

/// A webhook's secret.
pub type WebhookSecret = Secret<[u8; 32]>;

/// How long a secret still signs beside the one that replaced it: 24 hours.
pub const OLD_SECRET_MS: i64 = 24 * 60 * 60 * 1_000;

/// Gives the webhook a new secret. The one before it signs too for [`OLD_SECRET_MS`]; any earlier one no more.
pub(super) fn renew(
    tx: &Transaction<'_>,
    sealer: &Sealer,
    webhook: WebhookId,
    at: Timestamp,
) -> Result<WebhookSecret, Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| Error::Failed(error.to_string()))?;
    let webhook = webhook.to_string();
    tx.execute("DELETE FROM webhook_secret WHERE webhook = ? AND until IS NOT NULL", [&webhook])?;
    let until = at.plus_millis(OLD_SECRET_MS);
    tx.execute("UPDATE webhook_secret SET until = ? WHERE webhook = ?", params![until.as_millis(), webhook])?;

    let last: Option<i64> = tx.query_row("SELECT max(id) FROM webhook_secret", [], |row| row.get(0))?;
    let id = EventId::next(last.map(|last| EventId::from_u64(last as u64)), at);
    let mut sealed = bytes.to_vec();
    sealer.seal(id, &mut sealed)?;
    tx.execute(
        "INSERT INTO webhook_secret (id, webhook, secret) VALUES (?, ?, ?)",
        params![id.as_u64() as i64, webhook, sealed],
    )?;
    Ok(Secret::new(bytes))
}

/// The secrets that sign at `at`, newest first.
pub(super) fn valid(
    connection: &Connection,
    sealer: &Sealer,
    webhook: WebhookId,
    at: Timestamp,
) -> Result<Vec<WebhookSecret>, Error> {
    let sql = "SELECT id, secret FROM webhook_secret
         WHERE webhook = ? AND (until IS NULL OR until > ?) ORDER BY id DESC";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![webhook.to_string(), at.as_millis()])?;
    let mut secrets = Vec::new();
    while let Some(row) = rows.next()? {
        let (id, sealed): (i64, Vec<u8>) = (row.get(0)?, row.get(1)?);
        let plain = Secret::new(sealer.open(EventId::from_u64(id as u64), &sealed)?);
        let bytes = plain.expose().as_slice().try_into();
        secrets.push(Secret::new(bytes.map_err(|_| Error::Damaged("webhook secret"))?));
    }
    Ok(secrets)
}
