//! The rows of `trust_model`.

use std::{collections::HashMap, sync::Arc};

use domain::{Realm, Timestamp};
use foldhash::fast::RandomState;
use portcullis_domain as domain;
use portcullis_engine::trust::TrustModel;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::{MOST_TRUST_VERSIONS, TrustVersion};
use crate::Error;

const DAMAGED: Error = Error::Damaged("trust model");

/// The realm's model as it is in force.
pub(super) fn current(connection: &Connection, realm: Realm) -> Result<TrustModel, Error> {
    let sql = "SELECT json FROM trust_model WHERE realm = ? ORDER BY version DESC LIMIT 1";
    let found: Option<String> = connection.query_row(sql, [code(realm)], |row| row.get(0)).optional()?;
    found.map_or_else(|| Ok(TrustModel::untaught()), |json| read(&json))
}

/// What a version held, if it is kept.
pub(super) fn version(
    connection: &Connection,
    realm: Realm,
    version: u64,
) -> Result<Option<TrustModel>, Error> {
    let Ok(version) = i64::try_from(version) else { return Ok(None) };
    let sql = "SELECT json FROM trust_model WHERE realm = ? AND version = ?";
    let found =
        connection.query_row(sql, [code(realm), version], |row| row.get::<_, String>(0)).optional()?;
    found.map(|json| read(&json)).transpose()
}

/// Versions, newest first, beginning after `after`.
pub(super) fn page(
    connection: &Connection,
    realm: Realm,
    after: Option<u64>,
    limit: u32,
) -> Result<Vec<TrustVersion>, Error> {
    let before = after.map_or(i64::MAX, |version| i64::try_from(version).unwrap_or(i64::MAX));
    let mut statement = connection.prepare_cached(
        "SELECT json, created_at, cause FROM trust_model WHERE realm = ? AND version < ?
         ORDER BY version DESC LIMIT ?",
    )?;
    let mut rows = statement.query(params![code(realm), before, limit])?;
    let mut versions = Vec::new();
    while let Some(row) = rows.next()? {
        versions.push(from_row(row)?);
    }
    Ok(versions)
}

/// Adds a version, and forgets the oldest when there are too many.
pub(super) fn insert(tx: &Transaction<'_>, realm: Realm, version: &TrustVersion) -> Result<(), Error> {
    let json = serde_json::to_string(&version.model).map_err(|error| Error::Failed(error.to_string()))?;
    let number = version.model.id().version;
    let TrustVersion { created_at, cause, .. } = version;
    tx.execute(
        "INSERT INTO trust_model (realm, version, json, created_at, cause) VALUES (?, ?, ?, ?, ?)",
        params![code(realm), number as i64, json, created_at.as_millis(), cause],
    )?;
    let oldest = number.saturating_sub(MOST_TRUST_VERSIONS) as i64;
    tx.execute("DELETE FROM trust_model WHERE realm = ? AND version <= ?", [code(realm), oldest])?;
    Ok(())
}

/// The model of each realm that has one.
type OfRealms = HashMap<Realm, Arc<TrustModel>, RandomState>;

/// Every model that is in force.
pub(in super::super) fn all(connection: &Connection) -> Result<OfRealms, Error> {
    let mut statement = connection.prepare(
        "SELECT realm, json FROM trust_model
         WHERE version = (SELECT max(version) FROM trust_model AS newer WHERE newer.realm = trust_model.realm)",
    )?;
    let mut rows = statement.query([])?;
    let mut all = OfRealms::default();
    while let Some(row) = rows.next()? {
        let realm = Realm::from_code(row.get::<_, i64>(0)? as u64);
        all.insert(realm, Arc::new(read(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?)?));
    }
    Ok(all)
}

fn from_row(row: &Row<'_>) -> Result<TrustVersion, Error> {
    Ok(TrustVersion {
        model: read(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?,
        created_at: Timestamp::from_millis(row.get(1)?),
        cause: row.get(2)?,
    })
}

fn read(json: &str) -> Result<TrustModel, Error> {
    serde_json::from_str(json).map_err(|_| DAMAGED)
}

const fn code(realm: Realm) -> i64 {
    realm.code() as i64
}
