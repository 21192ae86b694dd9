//! Telling webhooks that a device was blocked, whichever door that came through.

use portcullis_domain::Timestamp;
use rusqlite::Transaction;
use serde_json::json;

use super::{
    super::{BlockId, Control, Outbox, WebhookType, webhooks::Announcement},
    List, ListEntry, ListKind,
};
use crate::Error;

/// Writes the message when the new entry blocks a device.
pub(super) fn announce(
    tx: &Transaction<'_>,
    outbox: &Outbox,
    control: &Control,
    entry: &ListEntry,
    at: Timestamp,
) -> Result<(), Error> {
    if entry.list != List::Block || entry.value.kind() != ListKind::Device {
        return Ok(());
    }
    let id = BlockId::of(entry.id).to_string();
    let data = json!({
        "device_id": entry.value.to_string(),
        "block_id": id,
        "reason": entry.reason,
        "expires_at": entry.expires_at.map(|at| at.to_string()),
    });
    let announcement =
        Announcement { realm: entry.realm, kind: WebhookType::DeviceBlocked, subject: &id, data: &data };
    outbox.announce(tx, control, &announcement, at)
}
