//! Webhooks: where a tenant wants to be told of what happens, and the messages that are on their way there.
//!
//! Whoever records something that webhooks can subscribe to calls [`Outbox::announce`] in the same transaction, so there
//! is a message exactly when what it tells of is durable. [`deliver`] is the side of whoever sends them.

mod deliver;
mod id;
mod log;
mod outbox;
mod rows;
mod schedule;
mod secret;
#[cfg(test)]
mod tests;

use domain::{Mode, Realm, TenantId, Timestamp};
use portcullis_domain as domain;
use rusqlite::{OptionalExtension, Transaction};
use serde_json::{Value, json};

pub(crate) use self::outbox::{Announcement, Outbox};
pub(super) use self::rows::{OfTenants, all};
pub use self::{
    deliver::{AttemptVerdict, DueWebhook, WebhookAttempt, WebhookRequest},
    id::{MessageId, WebhookId},
    log::{DELIVERIES_MS, DeliveryState, WebhookDelivery},
    schedule::WEBHOOK_ATTEMPTS,
    secret::{OLD_SECRET_MS, WebhookSecret},
};
use super::{Actor, Configuration, Entry, parsed, text_enum};
use crate::Error;

/// How many webhooks a tenant may have: each may get a copy of every message.
pub const MOST_WEBHOOKS: usize = 20;

text_enum! {
    /// What a message to a webhook tells of.
    WebhookType: "type of webhook message" {
        /// Somebody reported a signal of fraud.
        SignalDetected = "fraud.signal.detected",
        /// A device was put on the blocklist.
        DeviceBlocked = "fraud.device.blocked",
        /// A rule that a client wrote fired.
        RuleTriggered = "fraud.rule.triggered",
        /// Something waits for a person's decision.
        ReviewOpened = "fraud.review.opened",
        /// Nothing: somebody wanted to see whether messages arrive. Nobody subscribes to it.
        Test = "webhook.test",
    }
}

/// Where a tenant wants to be told of what happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Whose.
    pub tenant: TenantId,
    /// Where messages are sent; checked by whoever makes it, and by whoever sends.
    pub url: String,
    /// What it is for.
    pub description: String,
    /// What it subscribes to: in order, each once.
    pub types: Vec<WebhookType>,
    /// Whether it is told anything.
    pub enabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A webhook to be made.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the fields are those of `Webhook`")]
pub struct NewWebhook {
    pub url: String,
    pub description: String,
    pub types: Vec<WebhookType>,
    pub enabled: bool,
}

/// What to change of a webhook; `None` is left as it is.
#[derive(Clone, Debug, Default)]
#[allow(missing_docs, reason = "the fields are those of `Webhook`")]
pub struct WebhookChange {
    pub url: Option<String>,
    pub description: Option<String>,
    pub types: Option<Vec<WebhookType>>,
    pub enabled: Option<bool>,
}

impl Configuration<'_> {
    /// Makes a webhook, which is told of what happens from the moment this returns, and its secret, which is not shown
    /// again. [`Error::TooMany`] when the tenant has [`MOST_WEBHOOKS`].
    pub async fn create_webhook(
        &self,
        actor: &Actor,
        new: NewWebhook,
    ) -> Result<(Webhook, WebhookSecret), Error> {
        let (tenant, outbox) = (self.tenant, self.store.backend.outbox.clone());
        self.store
            .change(actor, move |tx, at| {
                let webhook = create(tx, at, tenant, new)?;
                let secret = secret::renew(tx, &outbox.secrets, webhook.id, at)?;
                let entry = line("webhook.create", &webhook, None, Some(shown(&webhook)));
                Ok(((webhook, secret), Some(entry)))
            })
            .await
    }

    /// Changes the tenant's webhook with this id. What is on its way goes where it is told now, and waits while it is
    /// switched off.
    pub async fn update_webhook(
        &self,
        actor: &Actor,
        id: WebhookId,
        change: WebhookChange,
    ) -> Result<Webhook, Error> {
        let tenant = self.tenant;
        self.store
            .change(actor, move |tx, at| {
                let before = rows::get(tx, tenant, id)?;
                let webhook = change.applied_to(before.clone());
                if webhook == before {
                    return Ok((before, None));
                }
                let webhook = Webhook { updated_at: at, ..webhook };
                rows::update(tx, &webhook)?;
                let entry = line("webhook.update", &webhook, Some(shown(&before)), Some(shown(&webhook)));
                Ok((webhook, Some(entry)))
            })
            .await
    }

    /// Deletes the tenant's webhook with this id: nothing more is sent to it.
    pub async fn delete_webhook(&self, actor: &Actor, id: WebhookId) -> Result<(), Error> {
        let tenant = self.tenant;
        self.store
            .change(actor, move |tx, _| {
                let webhook = rows::get(tx, tenant, id)?;
                // Its deliveries may be many: they are forgotten bit by bit.
                tx.execute("DELETE FROM webhook WHERE id = ?", [id.to_string()])?;
                let entry = line("webhook.delete", &webhook, Some(shown(&webhook)), None);
                Ok(((), Some(entry)))
            })
            .await
    }

    /// Gives the tenant's webhook with this id a new secret, which is not shown again. For [`OLD_SECRET_MS`] messages are
    /// signed with the one before it too.
    pub async fn rotate_webhook_secret(&self, actor: &Actor, id: WebhookId) -> Result<WebhookSecret, Error> {
        let (tenant, outbox) = (self.tenant, self.store.backend.outbox.clone());
        self.store
            .change(actor, move |tx, at| {
                let webhook = rows::get(tx, tenant, id)?;
                let secret = secret::renew(tx, &outbox.secrets, id, at)?;
                Ok((secret, Some(line("webhook.rotate_secret", &webhook, None, None))))
            })
            .await
    }

    /// Writes a message of the type [`WebhookType::Test`] to the tenant's webhook with this id.
    pub async fn test_webhook(&self, id: WebhookId) -> Result<MessageId, Error> {
        let (tenant, outbox) = (self.tenant, self.store.backend.outbox.clone());
        let at = self.store.clock().now();
        self.store
            .write(move |tx| {
                rows::get(tx, tenant, id)?;
                let announcement = Announcement {
                    realm: Realm { tenant, mode: Mode::Test },
                    kind: WebhookType::Test,
                    subject: &id.to_string(),
                    data: &json!({ "webhook": id.to_string() }),
                };
                outbox.post(tx, &[id], &announcement, at)
            })
            .await
    }
}

impl WebhookChange {
    fn applied_to(self, webhook: Webhook) -> Webhook {
        Webhook {
            url: self.url.unwrap_or(webhook.url),
            description: self.description.unwrap_or(webhook.description),
            types: self.types.unwrap_or(webhook.types),
            enabled: self.enabled.unwrap_or(webhook.enabled),
            ..webhook
        }
    }
}

fn create(tx: &Transaction<'_>, at: Timestamp, tenant: TenantId, new: NewWebhook) -> Result<Webhook, Error> {
    let sql = "SELECT count(*) FROM webhook WHERE tenant = ?";
    if tx.query_row(sql, [tenant.0], |row| row.get::<_, i64>(0))? >= MOST_WEBHOOKS as i64 {
        return Err(Error::TooMany { what: "webhooks", most: MOST_WEBHOOKS });
    }
    // Webhooks are listed in the order of their ids, also those of one millisecond.
    let sql = "SELECT id FROM webhook ORDER BY id DESC LIMIT 1";
    let last = tx.query_row(sql, [], |row| parsed(row, 0)).optional()?;
    let webhook = Webhook {
        id: WebhookId::fresh(at, last)?,
        tenant,
        url: new.url,
        description: new.description,
        types: new.types,
        enabled: new.enabled,
        created_at: at,
        updated_at: at,
    };
    rows::insert(tx, &webhook)?;
    Ok(webhook)
}

fn line(action: &'static str, webhook: &Webhook, before: Option<Value>, after: Option<Value>) -> Entry {
    Entry { action, tenant: Some(webhook.tenant), target: webhook.id.to_string(), before, after }
}

/// A webhook for the audit log.
fn shown(webhook: &Webhook) -> Value {
    json!({
        "url": webhook.url,
        "description": webhook.description,
        "types": webhook.types,
        "enabled": webhook.enabled,
    })
}
