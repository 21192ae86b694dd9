//! Tenants and their settings.

use portcullis_domain::{TenantId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde_json::{Value, json};

use super::{Actor, Enforcement, Entry, Slug, text_enum};
use crate::{Error, Store};

/// A client product.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// Its number inside.
    pub id: TenantId,
    /// Its name in addresses; never changes.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// Whether it is served.
    pub status: TenantStatus,
    /// When it was created.
    pub created_at: Timestamp,
    /// What it tuned.
    pub settings: Settings,
}

text_enum! {
    /// Whether a tenant is served.
    TenantStatus: "tenant status" {
        /// It is.
        Active = "active",
        /// Its keys and users are refused; its data stays.
        Suspended = "suspended",
    }
}

/// What a tenant tuned, apart from rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Requests a minute for each of its keys; the dialect's default when `None`.
    pub rate_limit_per_minute: Option<u32>,
    /// Requests in 15 minutes for each of its keys, in the dialects that count in quarters of an hour; the dialect's
    /// default when `None`.
    pub requests_per_15_min: Option<u32>,
    /// Requests of figures a minute for each of its keys, in the dialects that limit them apart; the dialect's default
    /// when `None`.
    pub analytics_per_minute: Option<u32>,
    /// Whether it acts, or only watches what would be done; in the dialects that know the difference, and for rules that
    /// do not say themselves.
    pub enforcement: Enforcement,
    /// How many reports that stand flag a user; the dialect's default when `None`.
    pub user_flag_threshold: Option<u32>,
}

const RATE_LIMIT: &str = "rateLimitPerMinute";
const REQUESTS_PER_15_MIN: &str = "requestsPer15Min";
const ANALYTICS_PER_MINUTE: &str = "analyticsPerMinute";
const ENFORCEMENT: &str = "enforcement";
const USER_FLAG_THRESHOLD: &str = "userFlagThreshold";

/// What to change of a tenant; `None` is left as it is.
#[derive(Clone, Debug, Default)]
pub struct TenantChange {
    /// Another name.
    pub name: Option<String>,
    /// Another status.
    pub status: Option<TenantStatus>,
    /// Another limit, or `Some(None)` for the dialect's default.
    pub rate_limit_per_minute: Option<Option<u32>>,
    /// The same of [`Settings::requests_per_15_min`].
    pub requests_per_15_min: Option<Option<u32>>,
    /// The same of [`Settings::analytics_per_minute`].
    pub analytics_per_minute: Option<Option<u32>>,
    /// Whether it is to act from now on.
    pub enforcement: Option<Enforcement>,
    /// The same of [`Settings::user_flag_threshold`].
    pub user_flag_threshold: Option<Option<u32>>,
}

impl Store {
    /// Creates a tenant; [`Error::Exists`] when the slug is taken.
    pub async fn create_tenant(&self, actor: &Actor, name: String, slug: Slug) -> Result<Tenant, Error> {
        self.change(actor, move |tx, at| {
            if find(tx, slug.as_str())?.is_some() {
                return Err(Error::Exists("client with this slug"));
            }
            let (tenant, entry) = create(tx, at, name, &slug)?;
            Ok((tenant, Some(entry)))
        })
        .await
    }

    /// Changes a tenant; [`Error::NotFound`] when there is none with this slug.
    pub async fn update_tenant(
        &self,
        actor: &Actor,
        slug: &str,
        change: TenantChange,
    ) -> Result<Tenant, Error> {
        let slug = slug.to_owned();
        self.change(actor, move |tx, _| {
            let mut tenant = find(tx, &slug)?.ok_or(Error::NotFound("client"))?;
            let before = shown(&tenant);
            if let Some(name) = change.name {
                tenant.name = name;
            }
            if let Some(status) = change.status {
                tenant.status = status;
            }
            if let Some(limit) = change.rate_limit_per_minute {
                tenant.settings.rate_limit_per_minute = limit;
            }
            if let Some(limit) = change.requests_per_15_min {
                tenant.settings.requests_per_15_min = limit;
            }
            if let Some(limit) = change.analytics_per_minute {
                tenant.settings.analytics_per_minute = limit;
            }
            if let Some(enforcement) = change.enforcement {
                tenant.settings.enforcement = enforcement;
            }
            if let Some(threshold) = change.user_flag_threshold {
                tenant.settings.user_flag_threshold = threshold;
            }
            tx.execute(
                "UPDATE tenant SET name = ?, status = ? WHERE id = ?",
                params![tenant.name, tenant.status.as_str(), tenant.id.0],
            )?;
            put_settings(tx, &tenant)?;
            let after = shown(&tenant);
            let entry = (before != after).then(|| Entry {
                action: "client.update",
                tenant: Some(tenant.id),
                target: tenant.slug.clone(),
                before: Some(before),
                after: Some(after),
            });
            Ok((tenant, entry))
        })
        .await
    }
}

/// Creates a tenant whose slug is known to be free.
pub(super) fn create(
    tx: &Transaction<'_>,
    at: Timestamp,
    name: String,
    slug: &Slug,
) -> Result<(Tenant, Entry), Error> {
    tx.execute(
        "INSERT INTO tenant (slug, name, status, created_at) VALUES (?, ?, ?, ?)",
        params![slug.as_str(), name, TenantStatus::Active.as_str(), at.as_millis()],
    )?;
    let id = u32::try_from(tx.last_insert_rowid()).map_err(|_| Error::Damaged("tenant id"))?;
    let tenant = Tenant {
        id: TenantId(id),
        slug: slug.as_str().to_owned(),
        name,
        status: TenantStatus::Active,
        created_at: at,
        settings: Settings::default(),
    };
    let entry = Entry {
        action: "client.create",
        tenant: Some(tenant.id),
        target: tenant.slug.clone(),
        before: None,
        after: Some(shown(&tenant)),
    };
    Ok((tenant, entry))
}

/// This slug when it is free, or else with the first number that is.
pub(super) fn free_slug(tx: &Transaction<'_>, slug: Slug) -> Result<Slug, Error> {
    let base = slug.numbered_from();
    // `.` comes after `-`.
    let mut find = tx.prepare_cached(
        "SELECT slug FROM tenant WHERE slug = ?1 OR (slug > ?2 || '-' AND slug < ?2 || '.')",
    )?;
    let taken = find.query_map([slug.as_str(), base], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(slug.not_among(&taken))
}

fn shown(tenant: &Tenant) -> Value {
    json!({
        "name": tenant.name,
        "slug": tenant.slug,
        "status": tenant.status.as_str(),
        RATE_LIMIT: tenant.settings.rate_limit_per_minute,
        REQUESTS_PER_15_MIN: tenant.settings.requests_per_15_min,
        ANALYTICS_PER_MINUTE: tenant.settings.analytics_per_minute,
        ENFORCEMENT: tenant.settings.enforcement,
        USER_FLAG_THRESHOLD: tenant.settings.user_flag_threshold,
    })
}

fn put_settings(tx: &Transaction<'_>, tenant: &Tenant) -> Result<(), Error> {
    let Settings {
        rate_limit_per_minute,
        requests_per_15_min,
        analytics_per_minute,
        enforcement,
        user_flag_threshold,
    } = tenant.settings;
    let changed = (enforcement != Enforcement::default()).then(|| json!(enforcement));
    for (name, value) in [
        (RATE_LIMIT, rate_limit_per_minute.map(Value::from)),
        (REQUESTS_PER_15_MIN, requests_per_15_min.map(Value::from)),
        (ANALYTICS_PER_MINUTE, analytics_per_minute.map(Value::from)),
        (ENFORCEMENT, changed),
        (USER_FLAG_THRESHOLD, user_flag_threshold.map(Value::from)),
    ] {
        match value {
            Some(value) => tx.execute(
                "INSERT INTO setting (tenant, name, value) VALUES (?1, ?2, ?3)
                 ON CONFLICT (tenant, name) DO UPDATE SET value = ?3",
                params![tenant.id.0, name, value.to_string()],
            )?,
            None => {
                tx.execute("DELETE FROM setting WHERE tenant = ? AND name = ?", params![tenant.id.0, name])?
            }
        };
    }
    Ok(())
}

const SELECT: &str = "SELECT id, slug, name, status, created_at,
    (SELECT value FROM setting WHERE tenant = tenant.id AND setting.name = 'rateLimitPerMinute'),
    (SELECT value FROM setting WHERE tenant = tenant.id AND setting.name = 'requestsPer15Min'),
    (SELECT value FROM setting WHERE tenant = tenant.id AND setting.name = 'analyticsPerMinute'),
    (SELECT value FROM setting WHERE tenant = tenant.id AND setting.name = 'enforcement'),
    (SELECT value FROM setting WHERE tenant = tenant.id AND setting.name = 'userFlagThreshold')
    FROM tenant";

fn find(connection: &Connection, slug: &str) -> Result<Option<Tenant>, Error> {
    Ok(connection.query_row(&format!("{SELECT} WHERE slug = ?"), [slug], from_row).optional()?)
}

/// Every tenant.
pub(super) fn all(connection: &Connection) -> Result<Vec<Tenant>, Error> {
    let mut statement = connection.prepare(SELECT)?;
    let tenants = statement.query_map([], from_row)?.collect::<Result<_, _>>()?;
    Ok(tenants)
}

fn from_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Tenant> {
    let number = |column| {
        let text: Option<String> = row.get(column)?;
        Ok::<_, rusqlite::Error>(text.and_then(|text| text.parse().ok()))
    };
    let enforcement: Option<String> = row.get(8)?;
    let enforcement = enforcement.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default();
    Ok(Tenant {
        id: TenantId(row.get(0)?),
        slug: row.get(1)?,
        name: row.get(2)?,
        status: row.get(3)?,
        created_at: Timestamp::from_millis(row.get(4)?),
        settings: Settings {
            rate_limit_per_minute: number(5)?,
            requests_per_15_min: number(6)?,
            analytics_per_minute: number(7)?,
            enforcement,
            user_flag_threshold: number(9)?,
        },
    })
}
