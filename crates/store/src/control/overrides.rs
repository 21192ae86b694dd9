//! The installation's and the tenants' changes to the dialects' profiles.

use std::{collections::HashMap, sync::Arc};

use foldhash::fast::RandomState;
use portcullis_domain::{Dialect, Overrides, TenantId};
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde_json::json;

use super::{Actor, Configuration, Entry};
use crate::{Error, Store};

/// What lies over a profile.
#[derive(Clone, Debug, Default)]
pub struct Layers {
    /// The installation's changes.
    pub global: Overrides,
    /// The tenant's own; none where only the installation is looked at.
    pub tenant: Overrides,
}

impl Store {
    /// Changes the installation's overrides of a dialect to what `edit` makes of them, unless it refuses. Tenants
    /// without a change of their own follow at once.
    pub async fn edit_global_overrides<E: Send + 'static>(
        &self,
        actor: &Actor,
        dialect: Dialect,
        edit: impl FnOnce(&Layers) -> Result<Overrides, E> + Send + 'static,
    ) -> Result<Result<Layers, E>, Error> {
        self.change(actor, move |tx, _| {
            let mut layers = Layers { global: global(tx, dialect)?, tenant: Overrides::default() };
            let edited = match edit(&layers) {
                Ok(edited) => edited,
                Err(refusal) => return Ok((Err(refusal), None)),
            };
            let before = std::mem::replace(&mut layers.global, edited);
            tx.execute(
                "INSERT INTO global_overrides (dialect, body) VALUES (?1, ?2)
                 ON CONFLICT (dialect) DO UPDATE SET body = ?2",
                params![dialect as u8, json!(layers.global).to_string()],
            )?;
            let entry = changed("global_rules.update", None, dialect, &before, &layers.global);
            Ok((Ok(layers), entry))
        })
        .await
    }
}

impl Configuration<'_> {
    /// Changes the tenant's overrides of a dialect to what `edit` makes of them, unless it refuses.
    pub async fn edit_overrides<E: Send + 'static>(
        &self,
        actor: &Actor,
        dialect: Dialect,
        edit: impl FnOnce(&Layers) -> Result<Overrides, E> + Send + 'static,
    ) -> Result<Result<Layers, E>, Error> {
        let tenant = self.tenant;
        self.store
            .change(actor, move |tx, _| {
                let mut layers = Layers { global: global(tx, dialect)?, tenant: own(tx, tenant, dialect)? };
                let edited = match edit(&layers) {
                    Ok(edited) => edited,
                    Err(refusal) => return Ok((Err(refusal), None)),
                };
                let before = std::mem::replace(&mut layers.tenant, edited);
                tx.execute(
                    "INSERT INTO tenant_overrides (tenant, dialect, body) VALUES (?1, ?2, ?3)
                     ON CONFLICT (tenant, dialect) DO UPDATE SET body = ?3",
                    params![tenant.0, dialect as u8, json!(layers.tenant).to_string()],
                )?;
                let entry = changed("rules.update", Some(tenant), dialect, &before, &layers.tenant);
                Ok((Ok(layers), entry))
            })
            .await
    }
}

fn changed(
    action: &'static str,
    tenant: Option<TenantId>,
    dialect: Dialect,
    before: &Overrides,
    after: &Overrides,
) -> Option<Entry> {
    (before != after).then(|| Entry {
        action,
        tenant,
        target: dialect.name().to_owned(),
        before: Some(json!(before)),
        after: Some(json!(after)),
    })
}

fn global(tx: &Transaction<'_>, dialect: Dialect) -> Result<Overrides, Error> {
    let sql = "SELECT body FROM global_overrides WHERE dialect = ?";
    let body: Option<String> = tx.query_row(sql, [dialect as u8], |row| row.get(0)).optional()?;
    body.map_or_else(|| Ok(Overrides::default()), |body| parse(&body))
}

fn own(tx: &Transaction<'_>, tenant: TenantId, dialect: Dialect) -> Result<Overrides, Error> {
    let sql = "SELECT body FROM tenant_overrides WHERE tenant = ? AND dialect = ?";
    let body: Option<String> =
        tx.query_row(sql, params![tenant.0, dialect as u8], |row| row.get(0)).optional()?;
    body.map_or_else(|| Ok(Overrides::default()), |body| parse(&body))
}

fn parse(body: &str) -> Result<Overrides, Error> {
    serde_json::from_str(body).map_err(|_| Error::Damaged("overrides"))
}

type All = HashMap<(Option<TenantId>, Dialect), Arc<Overrides>, RandomState>;

/// Every layer there is.
pub(super) fn all(connection: &Connection) -> Result<All, Error> {
    let mut statement = connection.prepare(
        "SELECT NULL, dialect, body FROM global_overrides
         UNION ALL SELECT tenant, dialect, body FROM tenant_overrides",
    )?;
    let mut rows = statement.query([])?;
    let mut all = All::default();
    while let Some(row) = rows.next()? {
        let tenant = row.get::<_, Option<u32>>(0)?.map(TenantId);
        let dialect = Dialect::from_code(row.get(1)?).ok_or(Error::Damaged("overrides"))?;
        let body: String = row.get(2)?;
        all.insert((tenant, dialect), Arc::new(parse(&body)?));
    }
    Ok(all)
}
