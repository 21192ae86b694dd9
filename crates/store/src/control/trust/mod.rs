//! What labels taught: a trust model per realm, every version of it, and going back to an older one.

mod rows;

use domain::{Mode, Realm, Timestamp};
use portcullis_domain as domain;
use portcullis_engine::trust::{Lesson, TrustModel, Truth};
use rusqlite::Transaction;
use serde_json::json;

pub(super) use self::rows::all;
use self::rows::{current, insert, page, version};
use super::{Actor, Configuration, Entry};
use crate::Error;

/// How many versions of a model are kept, the newest ones.
pub const MOST_TRUST_VERSIONS: u64 = 1_000;

/// One version of a realm's model.
#[derive(Clone, Debug)]
pub struct TrustVersion {
    /// What it holds; its id has the version's number.
    pub model: TrustModel,
    /// Since when it is, or was, in force.
    pub created_at: Timestamp,
    /// What made it: `label CONFIRMED_FRAUD of evt_…`, or `rollback to 12`.
    pub cause: String,
}

/// Teaches the realm's model what a judged event was, in the transaction of the change that said so; gives the version
/// that it makes, which is in force when the transaction ends. `None` when there is nothing to be learned of it.
pub(crate) fn learn(
    tx: &Transaction<'_>,
    realm: Realm,
    lesson: &Lesson<'_>,
    truth: Truth,
    cause: String,
    at: Timestamp,
) -> Result<Option<u64>, Error> {
    let Some(model) = current(tx, realm)?.taught(lesson, truth) else { return Ok(None) };
    let taught = TrustVersion { model, created_at: at, cause };
    insert(tx, realm, &taught)?;
    tx.execute("UPDATE revision SET value = value + 1", [])?;
    Ok(Some(taught.model.id().version))
}

impl Configuration<'_> {
    /// Up to `limit` versions of the model for the tenant's data of `mode`, newest first, beginning after `after`.
    pub async fn trust_versions(
        &self,
        mode: Mode,
        after: Option<u64>,
        limit: u32,
    ) -> Result<Vec<TrustVersion>, Error> {
        let realm = Realm { tenant: self.tenant, mode };
        self.store.read(move |connection| page(connection, realm, after, limit)).await
    }

    /// Makes what an older version of the model held the newest version, which scores follow from the moment this
    /// returns; version 0 held nothing. [`Error::NotFound`] when there is no such version, or no longer.
    pub async fn roll_trust_back(&self, actor: &Actor, mode: Mode, to: u64) -> Result<TrustVersion, Error> {
        let realm = Realm { tenant: self.tenant, mode };
        self.store
            .change(actor, move |tx, at| {
                let now = current(tx, realm)?;
                let older = match to {
                    0 => TrustModel::untaught(),
                    _ => version(tx, realm, to)?.ok_or(Error::NotFound("version of the trust model"))?,
                };
                let model = now.rolled_back_to(&older);
                let rolled = TrustVersion { model, created_at: at, cause: format!("rollback to {to}") };
                insert(tx, realm, &rolled)?;
                let shown =
                    |model: &TrustModel| Some(json!({ "model": model.id().to_string(), "mode": mode }));
                let entry = Entry {
                    action: "trust_model.rollback",
                    tenant: Some(realm.tenant),
                    target: to.to_string(),
                    before: shown(&now),
                    after: shown(&rolled.model),
                };
                Ok((rolled, Some(entry)))
            })
            .await
    }
}
