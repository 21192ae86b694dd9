//! The outbox: messages to webhooks, written in the transaction of what they tell of.

use domain::{Mode, Realm, Timestamp};
use portcullis_domain as domain;
use rusqlite::{Transaction, params};
use serde::Serialize;
use serde_json::Value;

use super::{MessageId, WebhookId, WebhookType};
use crate::{Control, Error, keys::Sealer};

/// What seals the messages to webhooks and the secrets they are signed with; cheap to clone.
#[derive(Clone)]
pub(crate) struct Outbox {
    pub(super) bodies: Sealer,
    pub(super) secrets: Sealer,
}

/// Something that webhooks are told of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Announcement<'a> {
    /// Where it happened. Every webhook of the tenant is told; the message says whether it is live.
    pub(crate) realm: Realm,
    /// What kind of thing; never [`WebhookType::Test`].
    pub(crate) kind: WebhookType,
    /// The id of what it is about, for the log of deliveries. It is stored as it is, so it must be nobody's name.
    pub(crate) subject: &'a str,
    /// What there is to tell: `data` of the message, sealed in the database. Some kilobytes at most.
    pub(crate) data: &'a Value,
}

/// A message as it is sent: the same bytes in every attempt.
#[derive(Serialize)]
struct Message<'a> {
    id: String,
    r#type: &'static str,
    created_at: String,
    livemode: bool,
    data: &'a Value,
}

impl Outbox {
    /// With a sealer for the bodies of messages, and one for secrets.
    pub(crate) const fn new(bodies: Sealer, secrets: Sealer) -> Self {
        Self { bodies, secrets }
    }

    /// Writes a message for every enabled webhook of the tenant that subscribes to the announcement's kind, to be sent
    /// once the transaction is committed. When there is none, nothing is written, and it costs a look-up in memory.
    pub(crate) fn announce(
        &self,
        tx: &Transaction<'_>,
        control: &Control,
        announcement: &Announcement<'_>,
        at: Timestamp,
    ) -> Result<(), Error> {
        let webhooks = control.webhooks(announcement.realm.tenant).iter();
        let told: Vec<_> = webhooks
            .filter(|webhook| webhook.enabled && webhook.types.contains(&announcement.kind))
            .map(|webhook| webhook.id)
            .collect();
        if told.is_empty() {
            return Ok(());
        }
        self.post(tx, &told, announcement, at).map(drop)
    }

    /// Writes a message for these webhooks, whatever they subscribe to.
    pub(super) fn post(
        &self,
        tx: &Transaction<'_>,
        to: &[WebhookId],
        announcement: &Announcement<'_>,
        at: Timestamp,
    ) -> Result<MessageId, Error> {
        let &Announcement { realm, kind, subject, data } = announcement;
        let last: Option<i64> =
            tx.prepare_cached("SELECT max(id) FROM webhook_message")?.query_row([], |row| row.get(0))?;
        let id = MessageId::fresh(at, last.map(MessageId::from_number))?;
        let message = Message {
            id: id.to_string(),
            r#type: kind.as_str(),
            created_at: at.to_string(),
            livemode: realm.mode == Mode::Live,
            data,
        };
        let mut body = serde_json::to_vec(&message).map_err(|error| Error::Failed(error.to_string()))?;
        self.bodies.seal(id.seal(), &mut body)?;
        tx.prepare_cached(
            "INSERT INTO webhook_message (id, realm, type, subject, body, created_at) VALUES (?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            id.number(),
            realm.code() as i64,
            kind.as_str(),
            subject,
            body,
            at.as_millis()
        ])?;
        let mut insert = tx.prepare_cached(
            "INSERT INTO webhook_delivery (webhook, message, state, attempts, next_at)
             VALUES (?, ?, 'pending', 0, ?)",
        )?;
        for webhook in to {
            insert.execute(params![webhook.to_string(), id.number(), at.as_millis()])?;
        }
        Ok(id)
    }
}
