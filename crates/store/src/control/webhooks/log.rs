//! The log of deliveries: what became of each message to a webhook.

use domain::{Mode, Realm, Timestamp};
use portcullis_domain as domain;
use rusqlite::{OptionalExtension, Transaction, params};

use super::{
    super::{Configuration, text_enum},
    MessageId, WebhookId, WebhookType, rows,
};
use crate::{Error, Store};

/// How long a delivery is kept after its end: 30 days.
pub const DELIVERIES_MS: i64 = 30 * 24 * 60 * 60 * 1_000;

text_enum! {
    /// What became of a delivery.
    DeliveryState: "state of a delivery" {
        /// It is to be attempted, for the first time or again.
        Pending = "pending",
        /// It was taken.
        Delivered = "delivered",
        /// It was given up.
        Failed = "failed",
    }
}

/// One message to one webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookDelivery {
    /// The message, which names the delivery among those of its webhook.
    pub message: MessageId,
    /// What it tells of.
    pub kind: WebhookType,
    /// The id of what it is about.
    pub subject: String,
    /// Where that happened.
    pub mode: Mode,
    /// What became of it.
    pub state: DeliveryState,
    /// How often it was tried, since it was last to be sent again.
    pub attempts: u32,
    /// When the message was written.
    pub created_at: Timestamp,
    /// When it may be tried next; only while it is pending.
    pub next_at: Option<Timestamp>,
    /// When the last attempt began.
    pub last_at: Option<Timestamp>,
    /// The status of the answer to it.
    pub last_status: Option<u16>,
    /// Why it failed.
    pub last_error: Option<String>,
    /// How long it took.
    pub last_duration_ms: Option<u32>,
    /// When the delivery was done or given up.
    pub ended_at: Option<Timestamp>,
}

const SELECT: &str = "SELECT message, type, subject, realm, state, attempts, created_at, next_at, last_at,
    last_status, last_error, duration_ms, ended_at
    FROM webhook_delivery JOIN webhook_message ON webhook_message.id = message";

impl Configuration<'_> {
    /// Up to `limit` deliveries to a webhook, newest first, beginning after `after`; [`Error::NotFound`] when it is not
    /// the tenant's.
    pub async fn webhook_deliveries(
        &self,
        webhook: WebhookId,
        after: Option<MessageId>,
        limit: u32,
    ) -> Result<Vec<WebhookDelivery>, Error> {
        let tenant = self.tenant;
        let before = after.map_or(i64::MAX, MessageId::number);
        self.store
            .read(move |connection| {
                rows::get(connection, tenant, webhook)?;
                let sql = format!("{SELECT} WHERE webhook = ? AND message < ? ORDER BY message DESC LIMIT ?");
                let mut statement = connection.prepare_cached(&sql)?;
                let found = statement.query_map(params![webhook.to_string(), before, limit], from_row)?;
                Ok(found.collect::<Result<_, _>>()?)
            })
            .await
    }

    /// Makes a delivery due now, whatever became of it, with all its attempts before it.
    pub async fn resend_webhook(
        &self,
        webhook: WebhookId,
        message: MessageId,
    ) -> Result<WebhookDelivery, Error> {
        let (tenant, now) = (self.tenant, self.store.clock().now());
        self.store
            .write(move |tx| {
                rows::get(tx, tenant, webhook)?;
                let place = (webhook.to_string(), message.number());
                tx.execute(
                    "UPDATE webhook_delivery SET state = 'pending', attempts = 0, next_at = ?3, ended_at = NULL
                     WHERE webhook = ?1 AND message = ?2",
                    params![place.0, place.1, now.as_millis()],
                )?;
                let sql = format!("{SELECT} WHERE webhook = ? AND message = ?");
                let found = tx.query_row(&sql, place, from_row).optional()?;
                found.ok_or(Error::NotFound("webhook delivery"))
            })
            .await
    }
}

impl Store {
    /// Forgets deliveries that ended more than [`DELIVERIES_MS`] ago, and those to webhooks that were deleted, a thousand
    /// at a time, so that no event waits long for the rest; returns how many. To be called every hour or so.
    pub async fn forget_old_webhook_deliveries(&self) -> Result<usize, Error> {
        const AT_ONCE: usize = 1_000;
        let oldest = self.clock().now().plus_millis(-DELIVERIES_MS);
        let mut forgotten = 0;
        loop {
            let job =
                move |tx: &Transaction<'_>| Ok((forget_old(tx, oldest, AT_ONCE)?, forget_lost(tx, AT_ONCE)?));
            let (old, lost) = self.write(job).await?;
            forgotten += old + lost;
            if old.max(lost) < AT_ONCE {
                return Ok(forgotten);
            }
        }
    }
}

fn forget_old(tx: &Transaction<'_>, oldest: Timestamp, at_once: usize) -> Result<usize, Error> {
    let sql = "DELETE FROM webhook_delivery WHERE (webhook, message) IN
            (SELECT webhook, message FROM webhook_delivery WHERE ended_at <= ? ORDER BY ended_at LIMIT ?)
         RETURNING message";
    forget(tx, sql, params![oldest.as_millis(), at_once as i64])
}

/// Those whose webhook is gone; all webhooks with deliveries are found by jumping from one to the next in the index.
fn forget_lost(tx: &Transaction<'_>, at_once: usize) -> Result<usize, Error> {
    let sql = "WITH RECURSIVE known (webhook) AS (
             SELECT min(webhook) FROM webhook_delivery
             UNION ALL
             SELECT (SELECT min(webhook) FROM webhook_delivery WHERE webhook > known.webhook)
             FROM known WHERE webhook IS NOT NULL)
         DELETE FROM webhook_delivery WHERE (webhook, message) IN
             (SELECT webhook, message FROM webhook_delivery
              WHERE webhook IN (SELECT webhook FROM known WHERE webhook NOT IN (SELECT id FROM webhook))
              LIMIT ?)
         RETURNING message";
    forget(tx, sql, params![at_once as i64])
}

/// Runs what deletes deliveries and returns their messages, and deletes the messages that no delivery is left of.
fn forget(tx: &Transaction<'_>, sql: &str, params: impl rusqlite::Params) -> Result<usize, Error> {
    let messages: Vec<i64> =
        tx.prepare_cached(sql)?.query_map(params, |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut remove = tx.prepare_cached(
        "DELETE FROM webhook_message
         WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM webhook_delivery WHERE message = ?1)",
    )?;
    for message in &messages {
        remove.execute([message])?;
    }
    Ok(messages.len())
}

fn from_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<WebhookDelivery> {
    let time =
        |column| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(column)?.map(Timestamp::from_millis));
    let state = row.get(4)?;
    Ok(WebhookDelivery {
        message: MessageId::from_number(row.get(0)?),
        kind: row.get(1)?,
        subject: row.get(2)?,
        mode: Realm::from_code(row.get::<_, i64>(3)? as u64).mode,
        state,
        attempts: row.get(5)?,
        created_at: Timestamp::from_millis(row.get(6)?),
        next_at: time(7)?.filter(|_| state == DeliveryState::Pending),
        last_at: time(8)?,
        last_status: row.get(9)?,
        last_error: row.get(10)?,
        last_duration_ms: row.get(11)?,
        ended_at: time(12)?,
    })
}
