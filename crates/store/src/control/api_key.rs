//! API keys: the store has only their hashes, never a key.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use ipnet::IpNet;
use portcullis_domain::{Dialect, Mode, TenantId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Transaction, params, types::Type};
use serde_json::{Value, json};

use super::{Actor, Configuration, Entry, parsed, text_enum};
use crate::{Error, KeyId, Store};

text_enum! {
    /// What a key may be used for.
    Scope: "scope" {
        /// Reading what is known.
        FraudRead = "fraud:read",
        /// Scoring, reporting, and changing lists and rules.
        FraudWrite = "fraud:write",
        /// Verifying identities.
        Identity = "identity:*",
        /// Sending events.
        Ingest = "ingest",
    }
}

/// The scopes of a key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes(Option<BTreeSet<Scope>>);

impl Scopes {
    /// Every scope there is and will be.
    pub const ALL: Self = Self(None);

    /// Just these.
    pub fn only(scopes: impl IntoIterator<Item = Scope>) -> Self {
        Self(Some(scopes.into_iter().collect()))
    }

    /// Whether `scope` is one of them.
    pub fn contains(&self, scope: Scope) -> bool {
        self.0.as_ref().is_none_or(|scopes| scopes.contains(&scope))
    }

    /// Them, one by one.
    pub fn list(&self) -> Vec<Scope> {
        Scope::ALL.iter().copied().filter(|&scope| self.contains(scope)).collect()
    }
}

/// A live key as a request needs it.
#[derive(Debug)]
pub struct KeyRecord {
    /// Its id.
    pub id: KeyId,
    /// Its name for people.
    pub name: String,
    /// Whose it is.
    pub tenant: TenantId,
    /// The tenant's data set that it works on.
    pub mode: Mode,
    /// The hash of the key.
    pub sha256: [u8; 32],
    /// What it may be used for.
    pub scopes: Scopes,
    /// Where it may be used from; anywhere when empty.
    pub allowed_ips: Vec<IpNet>,
    /// From when on it does not work.
    pub(super) expires_at: Option<Timestamp>,
    used: Arc<Used>,
}

const NEVER: i64 = i64::MIN;

/// The time of a key's last use: counted in memory and written now and then, because a write per request would cost
/// more than the request.
#[derive(Debug)]
struct Used {
    at: AtomicI64,
    written: AtomicI64,
}

impl KeyRecord {
    /// Whether the key no longer works at `now`.
    pub(super) fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }

    /// Notes that the key was used at `now`.
    pub fn touch(&self, now: Timestamp) {
        self.used.at.fetch_max(now.as_millis(), Ordering::Relaxed);
    }

    /// When the key was last used.
    pub fn last_used_at(&self) -> Option<Timestamp> {
        let millis = self.used.at.load(Ordering::Relaxed);
        (millis != NEVER).then(|| Timestamp::from_millis(millis))
    }

    /// Counts uses together with the record of the same key in an earlier snapshot.
    pub(super) fn share_use_with(&mut self, earlier: &Self) {
        self.used = Arc::clone(&earlier.used);
    }
}

/// A key as its owner sees it.
#[derive(Clone, Debug)]
pub struct ApiKey {
    /// Its id.
    pub id: KeyId,
    /// Its name for people.
    pub name: String,
    /// The API it was made for; it works in every one.
    pub dialect: Dialect,
    /// The tenant's data set that it works on.
    pub mode: Mode,
    /// The beginning of the key.
    pub prefix: String,
    /// What it may be used for.
    pub scopes: Scopes,
    /// Where it may be used from; anywhere when empty.
    pub allowed_ips: Vec<IpNet>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it does not work; for ever when `None`.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
}

/// A key to be kept.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    /// Its name for people.
    pub name: String,
    /// The API it is for.
    pub dialect: Dialect,
    /// The tenant's data set that it works on.
    pub mode: Mode,
    /// The beginning of the key, short enough to be of no use.
    pub prefix: String,
    /// The hash of the whole key.
    pub sha256: [u8; 32],
    /// What it may be used for.
    pub scopes: Scopes,
    /// Where it may be used from; anywhere when empty.
    pub allowed_ips: Vec<IpNet>,
    /// From when on it does not work; it works for ever when `None`.
    pub expires_at: Option<Timestamp>,
}

impl Configuration<'_> {
    /// Up to `limit` keys, newest first, beginning after `after`; revoked ones are among them.
    pub async fn api_keys(&self, after: Option<KeyId>, limit: u32) -> Result<Vec<ApiKey>, Error> {
        let tenant = self.tenant;
        // `~` sorts after every id.
        let before = after.map_or_else(|| "~".to_owned(), |id| id.to_string());
        let mut keys: Vec<ApiKey> = self
            .store
            .read(move |connection| {
                let sql = format!("{SELECT} WHERE tenant = ? AND id < ? ORDER BY id DESC LIMIT ?");
                let mut statement = connection.prepare_cached(&sql)?;
                let rows = statement.query_map(params![tenant.0, before, limit], from_row)?;
                Ok(rows.map(|row| row.map(|(key, ..)| key)).collect::<Result<_, _>>()?)
            })
            .await?;
        let control = self.store.control();
        for key in &mut keys {
            let in_memory = control.key_by_id(key.id).and_then(|record| record.last_used_at());
            key.last_used_at = key.last_used_at.max(in_memory);
        }
        Ok(keys)
    }

    /// Keeps a key, which works from the moment this returns.
    pub async fn create_api_key(&self, actor: &Actor, new: NewApiKey) -> Result<ApiKey, Error> {
        let tenant = self.tenant;
        let created_by = actor.id();
        self.store
            .change(actor, move |tx, at| {
                let (key, entry) = create(tx, at, tenant, new, &created_by)?;
                Ok((key, Some(entry)))
            })
            .await
    }

    /// Revokes a key: no request that begins after this returns can use it. Revoking it again changes nothing.
    pub async fn revoke_api_key(&self, actor: &Actor, id: KeyId) -> Result<(), Error> {
        let tenant = self.tenant;
        self.store
            .change(actor, move |tx, at| {
                let sql = format!("{SELECT} WHERE tenant = ? AND id = ?");
                let found = tx.query_row(&sql, params![tenant.0, id.to_string()], from_row).optional()?;
                let (key, ..) = found.ok_or(Error::NotFound("API key"))?;
                if key.revoked_at.is_some() {
                    return Ok(((), None));
                }
                tx.execute(
                    "UPDATE api_key SET revoked_at = ? WHERE id = ?",
                    params![at.as_millis(), id.to_string()],
                )?;
                let entry = Entry {
                    action: "api_key.revoke",
                    tenant: Some(tenant),
                    target: id.to_string(),
                    before: Some(shown(&key)),
                    after: None,
                };
                Ok(((), Some(entry)))
            })
            .await
    }
}

/// Keeps a tenant's key that this actor made.
pub(super) fn create(
    tx: &Transaction<'_>,
    at: Timestamp,
    tenant: TenantId,
    new: NewApiKey,
    created_by: &str,
) -> Result<(ApiKey, Entry), Error> {
    let key = ApiKey {
        id: KeyId::fresh(at)?,
        name: new.name,
        dialect: new.dialect,
        mode: new.mode,
        prefix: new.prefix,
        scopes: new.scopes,
        allowed_ips: new.allowed_ips,
        created_at: at,
        expires_at: new.expires_at,
        revoked_at: None,
        last_used_at: None,
    };
    tx.execute(
        "INSERT INTO api_key
         (id, tenant, name, dialect, mode, prefix, sha256, scopes, allowed_ips, created_at, created_by, expires_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            key.id.to_string(),
            tenant.0,
            key.name,
            key.dialect as u8,
            mode_text(key.mode),
            key.prefix,
            new.sha256,
            key.scopes.0.as_ref().map(|scopes| json!(scopes).to_string()),
            json!(texts(&key.allowed_ips)).to_string(),
            at.as_millis(),
            created_by,
            key.expires_at.map(Timestamp::as_millis),
        ],
    )?;
    let entry = Entry {
        action: "api_key.create",
        tenant: Some(tenant),
        target: key.id.to_string(),
        before: None,
        after: Some(shown(&key)),
    };
    Ok((key, entry))
}

impl Store {
    /// Writes down when keys were last used, as far as that changed since the last time. To be called every minute or
    /// so, and before closing.
    pub async fn persist_key_use(&self) -> Result<(), Error> {
        let control = self.control();
        let changed: Vec<(Arc<Used>, KeyId, i64)> = control
            .keys()
            .map(|key| (Arc::clone(&key.used), key.id, key.used.at.load(Ordering::Relaxed)))
            .filter(|(used, _, at)| *at != used.written.load(Ordering::Relaxed))
            .collect();
        if changed.is_empty() {
            return Ok(());
        }
        self.write(move |tx| {
            let mut update = tx.prepare_cached("UPDATE api_key SET last_used_at = ? WHERE id = ?")?;
            for (used, id, at) in changed {
                update.execute(params![at, id.to_string()])?;
                // Should the commit fail, the time is written with the next use.
                used.written.store(at, Ordering::Relaxed);
            }
            Ok(())
        })
        .await
    }
}

const fn mode_text(mode: Mode) -> &'static str {
    match mode {
        Mode::Live => "live",
        Mode::Test => "test",
    }
}

fn texts(networks: &[IpNet]) -> Vec<String> {
    networks.iter().map(ToString::to_string).collect()
}

fn shown(key: &ApiKey) -> Value {
    json!({
        "name": key.name,
        "dialect": key.dialect.name(),
        "mode": mode_text(key.mode),
        "prefix": key.prefix,
        "scopes": key.scopes.list(),
        "allowedIps": texts(&key.allowed_ips),
        "expiresAt": key.expires_at.map(|at| at.to_string()),
    })
}

const SELECT: &str = "SELECT id, name, dialect, mode, prefix, scopes, allowed_ips, created_at, revoked_at,
    last_used_at, tenant, sha256, expires_at FROM api_key";

/// Every key that is not revoked.
pub(super) fn live(connection: &Connection) -> Result<Vec<KeyRecord>, Error> {
    let mut statement = connection.prepare(&format!("{SELECT} WHERE revoked_at IS NULL"))?;
    let records = statement.query_map([], from_row)?.map(|row| {
        let (key, tenant, sha256) = row?;
        let used = key.last_used_at.map_or(NEVER, Timestamp::as_millis);
        Ok(KeyRecord {
            id: key.id,
            name: key.name,
            tenant,
            mode: key.mode,
            sha256,
            scopes: key.scopes,
            allowed_ips: key.allowed_ips,
            expires_at: key.expires_at,
            used: Arc::new(Used { at: AtomicI64::new(used), written: AtomicI64::new(used) }),
        })
    });
    records.collect()
}

/// The hash of every key that is revoked.
pub(super) fn revoked(connection: &Connection) -> Result<Vec<[u8; 32]>, Error> {
    let mut statement = connection.prepare("SELECT sha256 FROM api_key WHERE revoked_at IS NOT NULL")?;
    let hashes = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(hashes)
}

fn from_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<(ApiKey, TenantId, [u8; 32])> {
    let scopes: Option<String> = row.get(5)?;
    let key = ApiKey {
        id: parsed(row, 0)?,
        name: row.get(1)?,
        dialect: Dialect::from_code(row.get(2)?)
            .ok_or_else(|| super::unreadable(2, Type::Integer, "unknown dialect"))?,
        mode: if row.get_ref(3)?.as_str()? == "test" { Mode::Test } else { Mode::Live },
        prefix: row.get(4)?,
        scopes: Scopes(scopes.map(|text| from_json(5, &text)).transpose()?),
        allowed_ips: {
            let texts: Vec<String> = from_json(6, row.get_ref(6)?.as_str()?)?;
            let networks: Result<_, _> = texts.iter().map(|text| text.parse()).collect();
            networks.map_err(|error: ipnet::AddrParseError| super::unreadable(6, Type::Text, error))?
        },
        created_at: Timestamp::from_millis(row.get(7)?),
        expires_at: row.get::<_, Option<i64>>(12)?.map(Timestamp::from_millis),
        revoked_at: row.get::<_, Option<i64>>(8)?.map(Timestamp::from_millis),
        last_used_at: row.get::<_, Option<i64>>(9)?.map(Timestamp::from_millis),
    };
    Ok((key, TenantId(row.get(10)?), row.get(11)?))
}

fn from_json<T: serde::de::DeserializeOwned>(column: usize, text: &str) -> rusqlite::Result<T> {
    serde_json::from_str(text).map_err(|error| super::unreadable(column, Type::Text, error))
}
