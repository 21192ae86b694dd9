//! The things that events are about and that history is kept of.

use std::fmt;

use compact_str::CompactString;

use crate::{Realm, Secret};

/// What kind of thing an entity is. The numbers are stored: never reuse one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum EntityKind {
    /// An account at the tenant's product, by the tenant's own user id.
    User = 1,
    /// A device, by its device hash.
    Device = 2,
    /// A visitor's network address: IPv4, or the /64 of an IPv6 address.
    Ip = 3,
    /// A mailbox, whatever alias of it was typed.
    Mailbox = 4,
    /// A recorded mouse path, so that a replayed one is seen again.
    MousePath = 5,
    /// A country, linked to the users seen in it.
    Country = 6,
    /// A session of a client, by the client's id of it.
    Session = 7,
    /// The realm itself, which remembers the devices that were seen last.
    Realm = 8,
    /// A telephone number.
    Phone = 9,
    /// An identity document, by its number.
    Document = 10,
}

impl EntityKind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::User,
        Self::Device,
        Self::Ip,
        Self::Mailbox,
        Self::MousePath,
        Self::Country,
        Self::Session,
        Self::Realm,
        Self::Phone,
        Self::Document,
    ];

    /// The kind with this number.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|&kind| kind as u8 == code)
    }
}

/// One such thing, named as the tenant or the pipeline names it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Entity {
    /// What kind of thing.
    pub kind: EntityKind,
    /// Its name; personal data.
    pub value: CompactString,
}

impl Entity {
    /// The entity of this kind and name.
    pub fn new(kind: EntityKind, value: impl Into<CompactString>) -> Self {
        Self { kind, value: value.into() }
    }
}

impl fmt::Debug for Entity {
    /// Personal data: only the kind is shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}(***)", self.kind)
    }
}

/// An entity within a realm as 63 keyed bits. Ten million entities collide with a probability of about 5 in a million.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntityKey(u64);

impl EntityKey {
    /// The key as the integer the store keeps; fits an `i64`.
    pub const fn as_u64(self) -> u64 {
        self.0
    }

    /// The key that the store kept as `raw`.
    pub const fn from_u64(raw: u64) -> Self {
        Self(raw)
    }
}

/// Turns entities into keys that mean nothing without this installation's secret.
#[derive(Clone)]
pub struct EntityHasher(Secret<[u8; 32]>);

impl EntityHasher {
    /// A hasher keyed with `secret`.
    pub const fn new(secret: [u8; 32]) -> Self {
        Self(Secret::new(secret))
    }

    /// The key of `entity` in `realm`.
    pub fn key(&self, realm: Realm, entity: &Entity) -> EntityKey {
        let digest = self.digest(realm, entity.kind as u8, entity.value.as_bytes());
        let mut first = [0; 8];
        first.copy_from_slice(&digest.as_bytes()[..8]);
        EntityKey(u64::from_le_bytes(first) >> 1)
    }

    /// A 128-bit keyed name, as 32 hex digits, for something that a tenant sees but can not compute.
    pub fn name(&self, realm: Realm, purpose: u8, value: &[u8]) -> CompactString {
        let digest = self.digest(realm, purpose, value);
        CompactString::from(&digest.to_hex().as_str()[..32])
    }

    /// The hash of a device, from what tells it apart.
    pub fn device(&self, realm: Realm, name: &str) -> CompactString {
        /// Apart from all entity keys.
        const DEVICE_NAME: u8 = 200;
        self.name(realm, DEVICE_NAME, name.as_bytes())
    }

    /// The hash of the device that a client calls by this fingerprint; events keep it in place of the fingerprint.
    pub fn fingerprint(&self, realm: Realm, text: &str) -> CompactString {
        self.device(realm, &format!("fingerprint\u{0}{text}"))
    }

    fn digest(&self, realm: Realm, purpose: u8, value: &[u8]) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new_keyed(self.0.expose());
        hasher.update(&realm.code().to_le_bytes());
        hasher.update(&[purpose]);
        hasher.update(value);
        hasher.finalize()
    }
}

impl fmt::Debug for EntityHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EntityHasher(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Mode, TenantId};

    #[test]
    fn keys_differ_by_realm_kind_and_value() {
        let hasher = EntityHasher::new([7; 32]);
        let realm = |tenant, mode| Realm { tenant: TenantId(tenant), mode };
        let live = realm(1, Mode::Live);
        let user = Entity::new(EntityKind::User, "u1");
        let keys = [
            hasher.key(live, &user),
            hasher.key(realm(1, Mode::Test), &user),
            hasher.key(realm(2, Mode::Live), &user),
            hasher.key(live, &Entity::new(EntityKind::Device, "u1")),
            hasher.key(live, &Entity::new(EntityKind::User, "u2")),
        ];
        for (i, a) in keys.iter().enumerate() {
            assert!(keys[i + 1..].iter().all(|b| a != b));
            assert!(i64::try_from(a.as_u64()).is_ok());
        }
        assert_eq!(hasher.key(live, &user), keys[0]);
    }
}
