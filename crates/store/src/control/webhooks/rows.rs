//! The rows of `webhook`.

use std::{collections::HashMap, sync::Arc};

use domain::{TenantId, Timestamp};
use foldhash::fast::RandomState;
use portcullis_domain as domain;
use rusqlite::{Connection, OptionalExtension, Transaction, params, types::Type};

use super::{
    super::{parsed, unreadable},
    Webhook, WebhookId,
};
use crate::Error;

const SELECT: &str =
    "SELECT id, tenant, url, description, types, enabled, created_at, updated_at FROM webhook";

/// The tenant's webhook with this id.
pub(super) fn get(connection: &Connection, tenant: TenantId, id: WebhookId) -> Result<Webhook, Error> {
    let webhook = find(connection, id)?.filter(|webhook| webhook.tenant == tenant);
    webhook.ok_or(Error::NotFound("webhook"))
}

/// The webhook with this id, whosever it is.
pub(super) fn find(connection: &Connection, id: WebhookId) -> Result<Option<Webhook>, Error> {
    let sql = format!("{SELECT} WHERE id = ?");
    Ok(connection.prepare_cached(&sql)?.query_row([id.to_string()], from_row).optional()?)
}

pub(super) fn insert(tx: &Transaction<'_>, webhook: &Webhook) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO webhook (id, tenant, url, description, types, enabled, created_at, updated_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            webhook.id.to_string(),
            webhook.tenant.0,
            webhook.url,
            webhook.description,
            types_text(webhook),
            webhook.enabled,
            webhook.created_at.as_millis(),
            webhook.updated_at.as_millis(),
        ],
    )?;
    Ok(())
}

pub(super) fn update(tx: &Transaction<'_>, webhook: &Webhook) -> Result<(), Error> {
    tx.execute(
        "UPDATE webhook SET url = ?, description = ?, types = ?, enabled = ?, updated_at = ? WHERE id = ?",
        params![
            webhook.url,
            webhook.description,
            types_text(webhook),
            webhook.enabled,
            webhook.updated_at.as_millis(),
            webhook.id.to_string(),
        ],
    )?;
    Ok(())
}

/// The webhooks of each tenant that has any.
pub(in super::super) type OfTenants = HashMap<TenantId, Vec<Arc<Webhook>>, RandomState>;

/// Every webhook, switched off or not, in the order of creation.
pub(in super::super) fn all(connection: &Connection) -> Result<OfTenants, Error> {
    let mut statement = connection.prepare(&format!("{SELECT} ORDER BY id"))?;
    let mut all = OfTenants::default();
    for webhook in statement.query_map([], from_row)? {
        let webhook = webhook?;
        all.entry(webhook.tenant).or_default().push(Arc::new(webhook));
    }
    Ok(all)
}

fn types_text(webhook: &Webhook) -> String {
    serde_json::json!(webhook.types).to_string()
}

fn from_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Webhook> {
    let types = serde_json::from_str(row.get_ref(4)?.as_str()?);
    Ok(Webhook {
        id: parsed(row, 0)?,
        tenant: TenantId(row.get(1)?),
        url: row.get(2)?,
        description: row.get(3)?,
        types: types.map_err(|error| unreadable(4, Type::Text, error))?,
        enabled: row.get(5)?,
        created_at: Timestamp::from_millis(row.get(6)?),
        updated_at: Timestamp::from_millis(row.get(7)?),
    })
}
