//! The whole configuration as one immutable value, so that a request reads it without a lock or a query.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use foldhash::fast::RandomState;
use portcullis_domain::{CustomRule, Dialect, Overrides, Realm, TenantId, Timestamp};
use portcullis_engine::trust::TrustModel;
use rusqlite::Connection;

use super::{
    api_key::{self, KeyRecord},
    custom_rules,
    keyri_services::{self, KeyriService},
    overrides,
    reputation::{self, ReputationEdits},
    revision,
    tenant::{self, Tenant},
    trust,
    user::{self, User},
    velocity_rules::{self, VelocityRule},
    webhooks::{self, Webhook},
};
use crate::{Error, KeyId, UserId};

/// Everything that people configured, as of one revision.
#[derive(Debug, Default)]
pub struct Control {
    revision: u64,
    tenants: BTreeMap<TenantId, Arc<Tenant>>,
    slugs: HashMap<String, TenantId, RandomState>,
    users: HashMap<UserId, Arc<User>, RandomState>,
    keys: HashMap<[u8; 32], Arc<KeyRecord>, RandomState>,
    revoked_keys: HashSet<[u8; 32], RandomState>,
    overrides: HashMap<(Option<TenantId>, Dialect), Arc<Overrides>, RandomState>,
    custom_rules: HashMap<TenantId, Vec<CustomRule>, RandomState>,
    velocity_rules: HashMap<TenantId, Vec<Arc<VelocityRule>>, RandomState>,
    webhooks: webhooks::OfTenants,
    keyri_services: keyri_services::ByKey,
    reputation: BTreeMap<String, Arc<ReputationEdits>>,
    trust: HashMap<Realm, Arc<TrustModel>, RandomState>,
}

/// Reads the configuration afresh.
pub(crate) fn load(connection: &Connection) -> Result<Control, Error> {
    let tenants: BTreeMap<_, _> =
        tenant::all(connection)?.into_iter().map(|tenant| (tenant.id, Arc::new(tenant))).collect();
    Ok(Control {
        revision: revision(connection)?,
        slugs: tenants.values().map(|tenant| (tenant.slug.clone(), tenant.id)).collect(),
        tenants,
        users: user::all(connection)?.into_iter().map(|user| (user.id, Arc::new(user))).collect(),
        keys: api_key::live(connection)?.into_iter().map(|key| (key.sha256, Arc::new(key))).collect(),
        revoked_keys: api_key::revoked(connection)?.into_iter().collect(),
        overrides: overrides::all(connection)?,
        custom_rules: custom_rules::all(connection)?,
        velocity_rules: velocity_rules::all(connection)?,
        webhooks: webhooks::all(connection)?,
        keyri_services: keyri_services::all(connection)?,
        reputation: reputation::all(connection)?,
        trust: trust::all(connection)?,
    })
}

/// The configuration after a write: `previous` itself when nothing changed, else what is stored now, with the times
/// of use that are known only in memory.
pub(crate) fn reload(connection: &Connection, previous: &Arc<Control>) -> Result<Arc<Control>, Error> {
    if revision(connection)? == previous.revision {
        return Ok(Arc::clone(previous));
    }
    let mut control = load(connection)?;
    for (sha256, key) in &mut control.keys {
        if let (Some(known), Some(key)) = (previous.keys.get(sha256), Arc::get_mut(key)) {
            key.share_use_with(known);
        }
    }
    Ok(Arc::new(control))
}

impl Control {
    /// Counted up by every change: two snapshots with the same revision are the same.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The tenant with this id.
    pub fn tenant(&self, id: TenantId) -> Option<&Arc<Tenant>> {
        self.tenants.get(&id)
    }

    /// The tenant with this slug.
    pub fn tenant_by_slug(&self, slug: &str) -> Option<&Arc<Tenant>> {
        self.tenants.get(self.slugs.get(slug)?)
    }

    /// Tenants in the order of their creation, beginning after `after`.
    pub fn tenants_after(&self, after: Option<TenantId>) -> impl Iterator<Item = &Arc<Tenant>> {
        self.tenants
            .range((
                after.map_or(std::ops::Bound::Unbounded, std::ops::Bound::Excluded),
                std::ops::Bound::Unbounded,
            ))
            .map(|(_, tenant)| tenant)
    }

    /// The user with this id.
    pub fn user(&self, id: UserId) -> Option<&Arc<User>> {
        self.users.get(&id)
    }

    /// Whether there is a super admin who may log in.
    pub fn has_admin(&self) -> bool {
        self.users.values().any(|user| user.role == super::Role::SuperAdmin && user.is_active())
    }

    /// The key with this SHA-256 that is neither revoked nor, at `now`, expired. Keys are random and long, so the time of the hash look-up tells nothing; the
    /// final comparison is constant-time all the same.
    pub fn key(&self, sha256: &[u8; 32], now: Timestamp) -> Option<&Arc<KeyRecord>> {
        self.find_key(sha256).filter(|key| !key.is_expired(now))
    }

    /// Whether a key with this SHA-256 worked until it expired.
    pub fn is_expired_key(&self, sha256: &[u8; 32], now: Timestamp) -> bool {
        self.find_key(sha256).is_some_and(|key| key.is_expired(now))
    }

    fn find_key(&self, sha256: &[u8; 32]) -> Option<&Arc<KeyRecord>> {
        let key = self.keys.get(sha256)?;
        // `blake3::Hash` is the constant-time comparison of 32 bytes that is at hand.
        let same = blake3::Hash::from_bytes(key.sha256) == blake3::Hash::from_bytes(*sha256);
        same.then_some(key)
    }

    /// Whether a key with this SHA-256 worked once and was revoked.
    pub fn is_revoked_key(&self, sha256: &[u8; 32]) -> bool {
        self.revoked_keys.contains(sha256)
    }

    /// How many keys the tenant has that are not revoked.
    pub fn live_keys(&self, tenant: TenantId) -> usize {
        self.keys.values().filter(|key| key.tenant == tenant).count()
    }

    /// The live key with this id, for its time of use.
    pub(super) fn key_by_id(&self, id: KeyId) -> Option<&Arc<KeyRecord>> {
        self.keys.values().find(|key| key.id == id)
    }

    /// Every live key.
    pub(super) fn keys(&self) -> impl Iterator<Item = &Arc<KeyRecord>> {
        self.keys.values()
    }

    /// The installation's changes to a dialect's profile.
    pub fn global_overrides(&self, dialect: Dialect) -> Option<&Arc<Overrides>> {
        self.overrides.get(&(None, dialect))
    }

    /// A tenant's own changes to a dialect's profile, to be laid over the installation's.
    pub fn tenant_overrides(&self, tenant: TenantId, dialect: Dialect) -> Option<&Arc<Overrides>> {
        self.overrides.get(&(Some(tenant), dialect))
    }

    /// A tenant's own rules, for every dialect, in the order of creation; those that are switched off are among them.
    pub fn custom_rules(&self, tenant: TenantId) -> &[CustomRule] {
        self.custom_rules.get(&tenant).map_or(&[], Vec::as_slice)
    }

    /// A tenant's velocity rules, in the order of creation; those that are switched off are among them.
    pub fn velocity_rules(&self, tenant: TenantId) -> &[Arc<VelocityRule>] {
        self.velocity_rules.get(&tenant).map_or(&[], Vec::as_slice)
    }

    /// A tenant's webhooks, in the order of creation; those that are switched off are among them.
    pub fn webhooks(&self, tenant: TenantId) -> &[Arc<Webhook>] {
        self.webhooks.get(&tenant).map_or(&[], Vec::as_slice)
    }

    /// The keyri service with this public key, whosever it is.
    pub fn keyri_service(&self, encryption_key: &str) -> Option<&Arc<KeyriService>> {
        self.keyri_services.get(encryption_key)
    }

    /// A tenant's keyri services, in the order of creation.
    pub fn keyri_services(&self, tenant: TenantId) -> Vec<&Arc<KeyriService>> {
        let all = self.keyri_services.values();
        let mut own: Vec<_> = all.filter(|service| service.tenant == tenant).collect();
        own.sort_unstable_by_key(|service| service.id);
        own
    }

    /// What labels taught of a realm's events; `None` before the first.
    pub fn trust(&self, realm: Realm) -> Option<&Arc<TrustModel>> {
        self.trust.get(&realm)
    }

    /// The edits of a reputation list; `None` when it is as shipped.
    pub fn reputation(&self, list: &str) -> Option<&Arc<ReputationEdits>> {
        self.reputation.get(list)
    }

    /// Every edited reputation list by name.
    pub fn reputation_lists(&self) -> impl Iterator<Item = (&str, &Arc<ReputationEdits>)> {
        self.reputation.iter().map(|(name, edits)| (name.as_str(), edits))
    }
}
