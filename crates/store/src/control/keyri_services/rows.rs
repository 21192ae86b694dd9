//! The rows of `keyri_service`.

use std::{collections::HashMap, sync::Arc};

use domain::{Mode, TenantId, Timestamp};
use foldhash::fast::RandomState;
use portcullis_domain as domain;
use rusqlite::{Connection, OptionalExtension as _, Transaction, params, types::Type};
use serde_json::json;

use super::{
    super::{parsed, unreadable},
    KeyriService, KeyriServiceId,
};
use crate::Error;

const SELECT: &str =
    "SELECT id, tenant, mode, name, encryption_key, api_key, risk, rules, created_at FROM keyri_service";

/// The services of everybody, by the public half of their key.
pub(in super::super) type ByKey = HashMap<String, Arc<KeyriService>, RandomState>;

/// Every service.
pub(in super::super) fn all(connection: &Connection) -> Result<ByKey, Error> {
    let mut statement = connection.prepare(SELECT)?;
    let services = statement.query_map([], from_row)?;
    let by_key = services.map(|service| service.map(|s| (s.encryption_key.clone(), Arc::new(s))));
    Ok(by_key.collect::<Result<_, _>>()?)
}

/// The tenant's service with this id.
pub(super) fn get(
    connection: &Connection,
    tenant: TenantId,
    id: KeyriServiceId,
) -> Result<KeyriService, Error> {
    let sql = format!("{SELECT} WHERE tenant = ? AND id = ?");
    let found = connection.query_row(&sql, params![tenant.0, id.to_string()], from_row).optional()?;
    found.ok_or(Error::NotFound("keyri service"))
}

pub(super) fn insert(tx: &Transaction<'_>, service: &KeyriService) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO keyri_service
         (id, tenant, mode, name, encryption_key, api_key, risk, rules, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            service.id.to_string(),
            service.tenant.0,
            mode_text(service.mode),
            service.name,
            service.encryption_key,
            service.api_key.to_string(),
            json!(service.risk).to_string(),
            json!(service.rules).to_string(),
            service.created_at.as_millis(),
        ],
    )?;
    Ok(())
}

pub(super) fn update(tx: &Transaction<'_>, service: &KeyriService) -> Result<(), Error> {
    tx.execute(
        "UPDATE keyri_service SET risk = ?, rules = ? WHERE id = ?",
        params![json!(service.risk).to_string(), json!(service.rules).to_string(), service.id.to_string()],
    )?;
    Ok(())
}

const fn mode_text(mode: Mode) -> &'static str {
    match mode {
        Mode::Live => "live",
        Mode::Test => "test",
    }
}

fn from_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<KeyriService> {
    let json = |column: usize, error| unreadable(column, Type::Text, error);
    let risk = serde_json::from_str(row.get_ref(6)?.as_str()?).map_err(|error| json(6, error))?;
    let rules = serde_json::from_str(row.get_ref(7)?.as_str()?).map_err(|error| json(7, error))?;
    Ok(KeyriService {
        id: parsed(row, 0)?,
        tenant: TenantId(row.get(1)?),
        mode: if row.get_ref(2)?.as_str()? == "test" { Mode::Test } else { Mode::Live },
        name: row.get(3)?,
        encryption_key: row.get(4)?,
        api_key: parsed(row, 5)?,
        risk,
        rules,
        created_at: Timestamp::from_millis(row.get(8)?),
    })
}
