//! The keys under which events are found again.
//!
//! All events of a realm are those under its outcomes together. Keys of outcomes are small numbers; those of entities have bit 62 set, so the two never meet.

use domain::{EntityKey, Outcome, Realm};
use portcullis_domain as domain;

use super::memory::is_searchable;
use crate::history::Touch;

const ENTITY_BIT: u64 = 1 << 62;

pub(super) const fn of_outcome(realm: Realm, outcome: Outcome) -> u64 {
    realm.code() << 8 | outcome as u64
}

pub(super) const fn of_entity(key: EntityKey) -> u64 {
    key.as_u64() | ENTITY_BIT
}

/// Every key under which an event is to be found.
pub(super) fn keys(realm: Realm, outcome: Outcome, touch: &Touch) -> impl Iterator<Item = u64> {
    let entities =
        touch.entities.iter().filter(|(kind, _)| is_searchable(*kind)).map(|&(_, key)| of_entity(key));
    std::iter::once(of_outcome(realm, outcome)).chain(entities)
}
