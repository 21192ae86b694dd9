//! Tenants and their settings.

use std::str::FromStr;

use portcullis_domain::{TenantId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde_json::{Value, json};

use super::{Actor, Entry, text_enum};
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
}

const RATE_LIMIT: &str = "rateLimitPerMinute";

/// A tenant's name in addresses: lower-case letters, digits and single hyphens within, 63 characters at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slug(String);

/// The text can not be a slug.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 63 lower-case letters, digits and single hyphens, with a letter or digit at both ends")]
pub struct SlugError;

impl Slug {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Slug {
    type Err = SlugError;

    fn from_str(text: &str) -> Result<Self, SlugError> {
        let label_is_fine = |label: &str| {
            !label.is_empty() && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        };
        let fine = text.len() <= 63 && text.split('-').all(label_is_fine);
        fine.then(|| Self(text.to_owned())).ok_or(SlugError)
    }
}

/// What to change of a tenant; `None` is left as it is.
#[derive(Clone, Debug, Default)]
pub struct TenantChange {
    /// Another name.
    pub name: Option<String>,
    /// Another status.
    pub status: Option<TenantStatus>,
    /// Another limit, or `Some(None)` for the dialect's default.
    pub rate_limit_per_minute: Option<Option<u32>>,
}

impl Store {
    /// Creates a tenant; [`Error::Exists`] when the slug is taken.
    pub async fn create_tenant(&self, actor: &Actor, name: String, slug: Slug) -> Result<Tenant, Error> {
        self.change(actor, move |tx, at| {
            if find(tx, slug.as_str())?.is_some() {
                return Err(Error::Exists("client with this slug"));
            }
            tx.execute(
                "INSERT INTO tenant (slug, name, status, created_at) VALUES (?, ?, ?, ?)",
                params![slug.as_str(), name, TenantStatus::Active.as_str(), at.as_millis()],
            )?;
            let id = u32::try_from(tx.last_insert_rowid()).map_err(|_| Error::Damaged("tenant id"))?;
            let tenant = Tenant {
                id: TenantId(id),
                slug: slug.0,
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

fn shown(tenant: &Tenant) -> Value {
    json!({
        "name": tenant.name,
        "slug": tenant.slug,
        "status": tenant.status.as_str(),
        RATE_LIMIT: tenant.settings.rate_limit_per_minute,
    })
}

fn put_settings(tx: &Transaction<'_>, tenant: &Tenant) -> Result<(), Error> {
    match tenant.settings.rate_limit_per_minute {
        Some(limit) => tx.execute(
            "INSERT INTO setting (tenant, name, value) VALUES (?1, ?2, ?3)
             ON CONFLICT (tenant, name) DO UPDATE SET value = ?3",
            params![tenant.id.0, RATE_LIMIT, limit.to_string()],
        )?,
        None => {
            tx.execute("DELETE FROM setting WHERE tenant = ? AND name = ?", params![tenant.id.0, RATE_LIMIT])?
        }
    };
    Ok(())
}

const SELECT: &str = "SELECT tenant.id, slug, tenant.name, status, created_at, limit_.value FROM tenant
    LEFT JOIN setting AS limit_ ON limit_.tenant = tenant.id AND limit_.name = 'rateLimitPerMinute'";

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
    let limit: Option<String> = row.get(5)?;
    Ok(Tenant {
        id: TenantId(row.get(0)?),
        slug: row.get(1)?,
        name: row.get(2)?,
        status: row.get(3)?,
        created_at: Timestamp::from_millis(row.get(4)?),
        settings: Settings { rate_limit_per_minute: limit.and_then(|limit| limit.parse().ok()) },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_host_labels_with_single_hyphens() {
        for text in ["a", "acme", "acme-2", "0-9", &"a".repeat(63)] {
            assert!(text.parse::<Slug>().is_ok(), "{text}");
        }
        for text in ["", "-a", "a-", "a--b", "Acme", "a_b", "a.b", "ä", "a b", &"a".repeat(64)] {
            assert!(text.parse::<Slug>().is_err(), "{text}");
        }
    }
}
