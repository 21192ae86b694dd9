//! The outbox as whoever delivers it sees it: what is due, what to send, and what became of it.

use domain::{SharedClock, Timestamp};
use portcullis_domain as domain;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde_json::json;

use super::{
    super::{Actor, note, parsed},
    MessageId, WebhookId, WebhookSecret, line, rows, schedule, secret,
};
use crate::{Error, Store};

/// A delivery that may be attempted now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueWebhook {
    /// To which webhook.
    pub webhook: WebhookId,
    /// Which message.
    pub message: MessageId,
    /// Its place among the due ones of this webhook, beginning with 0.
    pub rank: u32,
    /// Since when it may be attempted.
    pub due_at: Timestamp,
}

/// What to send where.
#[derive(Debug)]
pub struct WebhookRequest {
    /// Where to, as its owner wrote it.
    pub url: String,
    /// The message as JSON.
    pub body: Vec<u8>,
    /// What to sign it with: at least one, newest first.
    pub secrets: Vec<WebhookSecret>,
}

/// An attempt that was made.
#[derive(Clone, Debug)]
pub struct WebhookAttempt {
    /// To which webhook.
    pub webhook: WebhookId,
    /// Which message.
    pub message: MessageId,
    /// When it began.
    pub at: Timestamp,
    /// How long it took.
    pub duration_ms: u32,
    /// The status of the answer, if there was one.
    pub status: Option<u16>,
    /// How it ended.
    pub verdict: AttemptVerdict,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttemptVerdict {
    /// It was taken.
    Delivered,
    /// It was not, for this reason; to be tried again.
    Failed(String),
    /// The receiver wants no more: the webhook is switched off.
    Gone,
}

impl Store {
    /// What may be attempted now: the oldest `most_each` of every enabled webhook, ordered by rank and then by time, so
    /// that each webhook's first one comes before the second one of any.
    pub async fn due_webhooks(&self, most_each: u32) -> Result<Vec<DueWebhook>, Error> {
        let now = self.clock().now();
        self.read(move |connection| due(connection, now, most_each)).await
    }

    /// What to send for a delivery; `None` when it is not to be attempted any more.
    pub async fn webhook_request(&self, due: DueWebhook) -> Result<Option<WebhookRequest>, Error> {
        let (clock, outbox) = (SharedClock::clone(self.clock()), self.backend.outbox.clone());
        self.read(move |connection| {
            let Some(webhook) = rows::find(connection, due.webhook)?.filter(|webhook| webhook.enabled) else {
                return Ok(None);
            };
            let sql = "SELECT body FROM webhook_message JOIN webhook_delivery ON message = id
                 WHERE webhook = ? AND message = ? AND state = 'pending'";
            let place = params![due.webhook.to_string(), due.message.number()];
            let sealed: Option<Vec<u8>> =
                connection.prepare_cached(sql)?.query_row(place, |row| row.get(0)).optional()?;
            let Some(sealed) = sealed else { return Ok(None) };
            let body = outbox.bodies.open(due.message.seal(), &sealed)?;
            let secrets = secret::valid(connection, &outbox.secrets, due.webhook, clock.now())?;
            Ok(Some(WebhookRequest { url: webhook.url, body, secrets }))
        })
        .await
    }

    /// Writes down what became of attempts, all or nothing. A delivery that failed is due again after a pause, until it
    /// was tried [`WEBHOOK_ATTEMPTS`](super::WEBHOOK_ATTEMPTS) times.
    pub async fn note_webhook_attempts(&self, attempts: Vec<WebhookAttempt>) -> Result<(), Error> {
        let now = self.clock().now();
        self.write(move |tx| attempts.iter().try_for_each(|attempt| note_attempt(tx, attempt, now))).await
    }
}

/// The webhooks with pending deliveries are found by jumping from one to the next in the index.
fn due(connection: &Connection, now: Timestamp, most_each: u32) -> Result<Vec<DueWebhook>, Error> {
    let mut waiting = connection.prepare_cached(
        "WITH RECURSIVE waiting (webhook) AS (
             SELECT min(webhook) FROM webhook_delivery WHERE state = 'pending'
             UNION ALL
             SELECT (SELECT min(webhook) FROM webhook_delivery
                     WHERE state = 'pending' AND webhook > waiting.webhook)
             FROM waiting WHERE webhook IS NOT NULL)
         SELECT id FROM waiting JOIN webhook ON id = waiting.webhook WHERE enabled",
    )?;
    let mut oldest = connection.prepare_cached(
        "SELECT message, next_at FROM webhook_delivery
         WHERE webhook = ? AND state = 'pending' AND next_at <= ? ORDER BY next_at, message LIMIT ?",
    )?;
    let mut all = Vec::new();
    for webhook in waiting.query_map([], |row| parsed(row, 0))? {
        let webhook: WebhookId = webhook?;
        let mut found = oldest.query(params![webhook.to_string(), now.as_millis(), most_each])?;
        let mut rank = 0;
        while let Some(row) = found.next()? {
            let message = MessageId::from_number(row.get(0)?);
            all.push(DueWebhook { webhook, message, rank, due_at: Timestamp::from_millis(row.get(1)?) });
            rank += 1;
        }
    }
    all.sort_by_key(|due| (due.rank, due.due_at, due.message));
    Ok(all)
}

fn note_attempt(tx: &Transaction<'_>, attempt: &WebhookAttempt, now: Timestamp) -> Result<(), Error> {
    let place = params![attempt.webhook.to_string(), attempt.message.number()];
    let sql = "SELECT attempts FROM webhook_delivery WHERE webhook = ? AND message = ?";
    let before: Option<u32> = tx.prepare_cached(sql)?.query_row(place, |row| row.get(0)).optional()?;
    // It may be forgotten already.
    let Some(attempts) = before.map(|before| before + 1) else { return Ok(()) };
    let next_at = schedule::next(attempt.webhook, attempt.message, attempts, attempt.at);
    let (state, error) = match &attempt.verdict {
        AttemptVerdict::Delivered => ("delivered", None),
        AttemptVerdict::Failed(error) if next_at.is_some() => ("pending", Some(error.as_str())),
        AttemptVerdict::Failed(error) => ("failed", Some(error.as_str())),
        AttemptVerdict::Gone => ("failed", Some("the receiver wants no more (410)")),
    };
    let ended_at = (state != "pending").then_some(now);
    tx.prepare_cached(
        "UPDATE webhook_delivery SET state = ?3, attempts = ?4, next_at = coalesce(?5, next_at), last_at = ?6,
         last_status = ?7, last_error = ?8, duration_ms = ?9, ended_at = ?10 WHERE webhook = ?1 AND message = ?2",
    )?
    .execute(params![
        attempt.webhook.to_string(),
        attempt.message.number(),
        state,
        attempts,
        next_at.map(Timestamp::as_millis),
        attempt.at.as_millis(),
        attempt.status,
        error,
        attempt.duration_ms,
        ended_at.map(Timestamp::as_millis),
    ])?;
    if attempt.verdict == AttemptVerdict::Gone { switch_off(tx, attempt.webhook, now) } else { Ok(()) }
}

/// Switches a webhook off because its receiver said so.
fn switch_off(tx: &Transaction<'_>, id: WebhookId, at: Timestamp) -> Result<(), Error> {
    let Some(mut webhook) = rows::find(tx, id)?.filter(|webhook| webhook.enabled) else { return Ok(()) };
    (webhook.enabled, webhook.updated_at) = (false, at);
    rows::update(tx, &webhook)?;
    let (before, after) = (json!({ "enabled": true }), json!({ "enabled": false, "because": "410 Gone" }));
    let entry = line("webhook.update", &webhook, Some(before), Some(after));
    note(tx, &Actor::machine("webhooks"), Some(entry), at)
}
