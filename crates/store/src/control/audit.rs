//! The audit log: every change by a person, chained by hashes.

use std::{net::IpAddr, path::Path};

use portcullis_domain::{TenantId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde_json::Value;

use super::{Configuration, Role, User};
use crate::{Error, KeyId, OpenError, Store, UserId, sqlite};

/// Who makes a change, and by which request.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The id of the user or key; `None` for the machine, and whoever is not a user yet.
    id: Option<String>,
    name: String,
    role: &'static str,
    request_id: String,
    peer_ip: Option<IpAddr>,
}

impl Actor {
    /// The role that lines of API keys have.
    pub const API_KEY: &str = "API_KEY";

    /// A client's backend with this key.
    pub fn api_key(id: KeyId, name: String, request_id: String, peer_ip: IpAddr) -> Self {
        Self { id: Some(id.to_string()), name, role: Self::API_KEY, request_id, peer_ip: Some(peer_ip) }
    }

    /// A logged-in user.
    pub fn user(id: UserId, email: String, role: Role, request_id: String, peer_ip: IpAddr) -> Self {
        Self {
            id: Some(id.to_string()),
            name: email,
            role: role.as_str(),
            request_id,
            peer_ip: Some(peer_ip),
        }
    }

    /// Somebody with access to the machine, through this subcommand.
    pub fn machine(command: &str) -> Self {
        Self { id: None, name: command.to_owned(), role: "MACHINE", request_id: String::new(), peer_ip: None }
    }

    /// Somebody who is about to become a user, with this address.
    pub fn newcomer(email: String, request_id: String, peer_ip: IpAddr) -> Self {
        Self { id: None, name: email, role: "NEWCOMER", request_id, peer_ip: Some(peer_ip) }
    }

    /// The same, now that there is the user.
    pub(super) fn become_user(self, user: &User) -> Self {
        Self { id: Some(user.id.to_string()), role: user.role.as_str(), ..self }
    }

    /// Its id, or `machine`.
    pub(super) fn id(&self) -> String {
        self.id.clone().unwrap_or_else(|| "machine".to_owned())
    }
}

/// What was done, for the log. No secret may be in it.
pub(crate) struct Entry {
    pub(super) action: &'static str,
    pub(super) tenant: Option<TenantId>,
    pub(super) target: String,
    pub(super) before: Option<Value>,
    pub(super) after: Option<Value>,
}

/// One line of the log.
#[derive(Clone, Debug)]
pub struct AuditRecord {
    /// Its number.
    pub id: u64,
    /// When.
    pub at: Timestamp,
    /// The id of the user or API key, or `machine`.
    pub actor: String,
    /// The user's e-mail address, the key's name, or the subcommand.
    pub actor_name: String,
    /// The user's role at that time, `API_KEY`, or `MACHINE`.
    pub role: String,
    /// The tenant that was changed; `None` for the installation.
    pub tenant: Option<TenantId>,
    /// What was done, as `kind.verb`.
    pub action: String,
    /// To what: an id, slug or name.
    pub target: String,
    /// How it was.
    pub before: Option<Value>,
    /// How it is.
    pub after: Option<Value>,
    /// The request that did it.
    pub request_id: String,
    /// The address the request came from.
    pub peer_ip: String,
}

/// What checking the log's chain of hashes found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuditVerdict {
    /// It is whole; so many lines.
    Whole(u64),
    /// The line with this number, or one just before it, was altered or taken out.
    Broken(u64),
}

/// Writes a line, in the transaction of the change itself: without the line there is no change.
pub(super) fn append(tx: &Transaction<'_>, actor: &Actor, entry: Entry, at: Timestamp) -> Result<(), Error> {
    let sql = "SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1";
    let last: Option<(u64, [u8; 32])> =
        tx.query_row(sql, [], |row| Ok((row.get::<_, i64>(0)? as u64, row.get(1)?))).optional()?;
    let (last_id, last_hash) = last.unwrap_or((0, [0; 32]));
    let record = AuditRecord {
        id: last_id + 1,
        at,
        actor: actor.id(),
        actor_name: actor.name.clone(),
        role: actor.role.to_owned(),
        tenant: entry.tenant,
        action: entry.action.to_owned(),
        target: entry.target,
        before: entry.before,
        after: entry.after,
        request_id: actor.request_id.clone(),
        peer_ip: actor.peer_ip.map_or_else(String::new, |ip| ip.to_string()),
    };
    tx.execute(
        "INSERT INTO audit (id, at, actor, actor_name, role, tenant, action, target, before, after, request_id,
         peer_ip, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            record.id as i64,
            record.at.as_millis(),
            record.actor,
            record.actor_name,
            record.role,
            record.tenant.map(|tenant| tenant.0),
            record.action,
            record.target,
            record.before.as_ref().map(ToString::to_string),
            record.after.as_ref().map(ToString::to_string),
            record.request_id,
            record.peer_ip,
            hash(&last_hash, &record),
        ],
    )?;
    Ok(())
}

/// Every field with its length, so that no two different records are the same bytes.
fn hash(previous: &[u8; 32], record: &AuditRecord) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(previous);
    let mut field = |text: Option<&str>| {
        hasher.update(&text.map_or(u64::MAX, |text| text.len() as u64).to_le_bytes());
        hasher.update(text.unwrap_or_default().as_bytes());
    };
    field(Some(&record.id.to_string()));
    field(Some(&record.at.as_millis().to_string()));
    field(Some(&record.actor));
    field(Some(&record.actor_name));
    field(Some(&record.role));
    field(record.tenant.map(|tenant| tenant.0.to_string()).as_deref());
    field(Some(&record.action));
    field(Some(&record.target));
    field(record.before.as_ref().map(ToString::to_string).as_deref());
    field(record.after.as_ref().map(ToString::to_string).as_deref());
    field(Some(&record.request_id));
    field(Some(&record.peer_ip));
    *hasher.finalize().as_bytes()
}

impl Store {
    /// Up to `limit` lines of the whole log, newest first, beginning after line `after`.
    pub async fn audit(&self, after: Option<u64>, limit: u32) -> Result<Vec<AuditRecord>, Error> {
        self.read(move |connection| page(connection, None, after, limit)).await
    }

    /// Recomputes the log's chain of hashes.
    pub async fn verify_audit(&self) -> Result<AuditVerdict, Error> {
        self.read(verify).await
    }
}

/// Recomputes the chain of hashes of the log in `data_dir` as [`Store::verify_audit`] does, while another process may
/// have the store open.
pub fn verify_audit_beside(data_dir: &Path) -> Result<AuditVerdict, OpenError> {
    Ok(verify(&sqlite::open_main_to_read(data_dir)?)?)
}

fn verify(connection: &Connection) -> Result<AuditVerdict, Error> {
    let mut statement = connection.prepare(&format!("{SELECT} ORDER BY id"))?;
    let mut rows = statement.query([])?;
    let (mut previous, mut lines) = ([0; 32], 0);
    while let Some(row) = rows.next()? {
        let record = from_row(row)?;
        let stored: [u8; 32] = row.get(12)?;
        if hash(&previous, &record) != stored {
            return Ok(AuditVerdict::Broken(record.id));
        }
        (previous, lines) = (stored, lines + 1);
    }
    Ok(AuditVerdict::Whole(lines))
}

impl Configuration<'_> {
    /// Up to `limit` lines about this tenant, newest first, beginning after line `after`.
    pub async fn audit(&self, after: Option<u64>, limit: u32) -> Result<Vec<AuditRecord>, Error> {
        let tenant = self.tenant;
        self.store.read(move |connection| page(connection, Some(tenant), after, limit)).await
    }
}

const SELECT: &str =
    "SELECT id, at, actor, actor_name, role, tenant, action, target, before, after, request_id,
    peer_ip, hash FROM audit";

fn page(
    connection: &Connection,
    tenant: Option<TenantId>,
    after: Option<u64>,
    limit: u32,
) -> Result<Vec<AuditRecord>, Error> {
    let before = after.map_or(i64::MAX, |id| id as i64);
    let of_tenant = if tenant.is_some() { "tenant = ?1 AND" } else { "?1 IS NULL AND" };
    let sql = format!("{SELECT} WHERE {of_tenant} id < ?2 ORDER BY id DESC LIMIT ?3");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params![tenant.map(|tenant| tenant.0), before, limit], from_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn from_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<AuditRecord> {
    Ok(AuditRecord {
        id: row.get::<_, i64>(0)? as u64,
        at: Timestamp::from_millis(row.get(1)?),
        actor: row.get(2)?,
        actor_name: row.get(3)?,
        role: row.get(4)?,
        tenant: row.get::<_, Option<u32>>(5)?.map(TenantId),
        action: row.get(6)?,
        target: row.get(7)?,
        before: optional_json(row, 8)?,
        after: optional_json(row, 9)?,
        request_id: row.get(10)?,
        peer_ip: row.get(11)?,
    })
}

fn optional_json(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Option<Value>> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| serde_json::from_str(&text))
        .transpose()
        .map_err(|error| super::unreadable(column, rusqlite::types::Type::Text, error))
}
