//! Services of the keyri dialect: keys, risk settings and rules, in the snapshot by the key that requests name.

mod rows;
mod terms;
#[cfg(test)]
mod tests;

use domain::{Mode, Realm, TenantId, Timestamp};
use portcullis_domain as domain;
use rusqlite::{OptionalExtension as _, params};
use serde_json::{Value, json};

pub(super) use self::rows::{ByKey, all};
pub use self::terms::{KeyriLimits, KeyriRisk, KeyriRiskRule, KeyriRule};
use super::{Actor, Configuration, Entry, NewApiKey, api_key, audit, parsed, short_id::short_id};
use crate::{Error, KeyId, traces};

/// How many services a tenant may have.
pub const MOST_KEYRI_SERVICES: usize = 100;

short_id!(
    /// The id of a keyri service.
    KeyriServiceId,
    "kys_"
);

impl KeyriServiceId {
    /// The id as a number, for what is kept by it.
    pub const fn as_u64(self) -> u64 {
        self.0
    }
}

/// A service.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyriService {
    /// Its id.
    pub id: KeyriServiceId,
    /// Whose.
    pub tenant: TenantId,
    /// The tenant's data set that it works on.
    pub mode: Mode,
    /// Its name for people.
    pub name: String,
    /// The public half of its key: SubjectPublicKeyInfo in base64.
    pub encryption_key: String,
    /// The API key that was made with it.
    pub api_key: KeyId,
    /// What its owner changed of the risk settings.
    pub risk: KeyriRisk,
    /// Its own rules, in their order.
    pub rules: Vec<KeyriRule>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl KeyriService {
    /// The data that it works on.
    pub const fn realm(&self) -> Realm {
        Realm { tenant: self.tenant, mode: self.mode }
    }
}

impl Configuration<'_> {
    /// Makes a service and its API key, which work from the moment this returns. [`Error::TooMany`] when the tenant has
    /// [`MOST_KEYRI_SERVICES`].
    pub async fn create_keyri_service(
        &self,
        actor: &Actor,
        encryption_key: String,
        key: NewApiKey,
    ) -> Result<KeyriService, Error> {
        let (tenant, who) = (self.tenant, actor.clone());
        self.store
            .change(actor, move |tx, at| {
                let sql = "SELECT count(*) FROM keyri_service WHERE tenant = ?";
                if tx.query_row(sql, [tenant.0], |row| row.get::<_, i64>(0))? >= MOST_KEYRI_SERVICES as i64 {
                    return Err(Error::TooMany { what: "keyri services", most: MOST_KEYRI_SERVICES });
                }
                let (mode, name) = (key.mode, key.name.clone());
                let (key, line_of_key) = api_key::create(tx, at, tenant, key, &who.id())?;
                audit::append(tx, &who, line_of_key, at)?;
                let sql = "SELECT id FROM keyri_service ORDER BY id DESC LIMIT 1";
                let last = tx.query_row(sql, [], |row| parsed(row, 0)).optional()?;
                let service = KeyriService {
                    id: KeyriServiceId::fresh(at, last)?,
                    tenant,
                    mode,
                    name,
                    encryption_key,
                    api_key: key.id,
                    risk: KeyriRisk::default(),
                    rules: Vec::new(),
                    created_at: at,
                };
                rows::insert(tx, &service)?;
                let entry = line("keyri_service.create", &service, None, Some(shown(&service)));
                Ok((service, Some(entry)))
            })
            .await
    }

    /// Deletes the tenant's service with this id and revokes its API key: no request that begins after this returns can
    /// name it. What it remembered of devices and accounts is gone; events stay.
    pub async fn delete_keyri_service(&self, actor: &Actor, id: KeyriServiceId) -> Result<(), Error> {
        let tenant = self.tenant;
        self.store
            .change(actor, move |tx, at| {
                let service = rows::get(tx, tenant, id)?;
                tx.execute("DELETE FROM keyri_service WHERE id = ?", [id.to_string()])?;
                tx.execute(
                    "UPDATE api_key SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL",
                    params![at.as_millis(), service.api_key.to_string()],
                )?;
                traces::forget_portraits(tx, id.as_u64())?;
                let entry = line("keyri_service.delete", &service, Some(shown(&service)), None);
                Ok(((), Some(entry)))
            })
            .await
    }

    /// Changes a service's risk settings to what `edit` makes of them, unless it refuses; in force when this returns.
    pub async fn edit_keyri_risk<E: Send + 'static>(
        &self,
        actor: &Actor,
        id: KeyriServiceId,
        edit: impl FnOnce(&KeyriRisk) -> Result<KeyriRisk, E> + Send + 'static,
    ) -> Result<Result<KeyriService, E>, Error> {
        self.edit(actor, id, "keyri_service.risk", move |service| {
            Ok(KeyriService { risk: edit(&service.risk)?, ..service.clone() })
        })
        .await
    }

    /// Replaces a service's own rules; in force when this returns.
    pub async fn set_keyri_rules(
        &self,
        actor: &Actor,
        id: KeyriServiceId,
        rules: Vec<KeyriRule>,
    ) -> Result<KeyriService, Error> {
        let edited = self.edit(actor, id, "keyri_service.rules", move |service| {
            Ok::<_, std::convert::Infallible>(KeyriService { rules, ..service.clone() })
        });
        edited.await.map(|Ok(service)| service)
    }

    async fn edit<E: Send + 'static>(
        &self,
        actor: &Actor,
        id: KeyriServiceId,
        action: &'static str,
        edit: impl FnOnce(&KeyriService) -> Result<KeyriService, E> + Send + 'static,
    ) -> Result<Result<KeyriService, E>, Error> {
        let tenant = self.tenant;
        self.store
            .change(actor, move |tx, _| {
                let before = rows::get(tx, tenant, id)?;
                let service = match edit(&before) {
                    Ok(service) => service,
                    Err(refusal) => return Ok((Err(refusal), None)),
                };
                if service == before {
                    return Ok((Ok(before), None));
                }
                rows::update(tx, &service)?;
                let entry = line(action, &service, Some(shown(&before)), Some(shown(&service)));
                Ok((Ok(service), Some(entry)))
            })
            .await
    }
}

fn line(action: &'static str, service: &KeyriService, before: Option<Value>, after: Option<Value>) -> Entry {
    Entry { action, tenant: Some(service.tenant), target: service.id.to_string(), before, after }
}

/// A service for the audit log.
fn shown(service: &KeyriService) -> Value {
    json!({
        "name": service.name,
        "mode": service.mode,
        "encryptionKey": service.encryption_key,
        "risk": service.risk,
        "rules": service.rules,
    })
}
