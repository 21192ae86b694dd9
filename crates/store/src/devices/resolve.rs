//! Finding out which device an event is about, and keeping what it tells; both inside the event's transaction.

use domain::{EntityHasher, EntityKey, EventId, Realm, Timestamp};
use portcullis_domain as domain;
use rusqlite::Connection;

use super::{Candidate, DeviceClue, DeviceId, DeviceUser, MOST_DEVICES_PER_KEY, SeenDevice, Sighting, rows};
use crate::{Error, keys::Sealer};

/// The purpose under which devices are named, apart from all entity keys; the same for every dialect.
const DEVICE_NAME: u8 = 200;

/// How many devices may tell exactly the same and still be different ones.
const MOST_NAMESAKES: u32 = 16;

/// A device that an event is about, and what is to be written of it.
pub(crate) struct Resolved {
    /// As it is with this event counted.
    pub(crate) device: SeenDevice,
    seen: Option<Seen>,
}

struct Seen {
    attributes: Vec<u8>,
    keys: Vec<u64>,
}

/// Finds the device; `None` when the caller named one that is not known.
pub(crate) fn resolve(
    connection: &Connection,
    hasher: &EntityHasher,
    realm: Realm,
    clue: DeviceClue,
    user: Option<EntityKey>,
    at: Timestamp,
) -> Result<Option<Resolved>, Error> {
    match clue {
        DeviceClue::Named(id) => {
            let found = rows::find(connection, realm, id.as_i64())?;
            Ok(found.map(|stored| Resolved { device: stored.device, seen: None }))
        }
        DeviceClue::Seen(sighting) => see(connection, hasher, realm, *sighting, user, at).map(Some),
    }
}

fn see(
    connection: &Connection,
    hasher: &EntityHasher,
    realm: Realm,
    sighting: Sighting,
    user: Option<EntityKey>,
    at: Timestamp,
) -> Result<Resolved, Error> {
    let Sighting { names, keys, attributes, choose } = sighting;
    let (mut devices, candidates) = candidates(connection, realm, &keys, user)?;
    let device = match choose(&candidates) {
        Some(chosen) if chosen.place < devices.len() => {
            let known = devices.swap_remove(chosen.place);
            SeenDevice {
                first_seen: known.first_seen.min(at),
                last_seen: known.last_seen.max(at),
                times_seen: known.times_seen + 1,
                matched: Some(chosen.matched),
                ..known
            }
        }
        _ => new_device(connection, hasher, realm, &names, at)?,
    };
    Ok(Resolved { device, seen: Some(Seen { attributes, keys: keys.into_vec() }) })
}

/// The devices that share a key, each once: those of the narrowest key first.
fn candidates(
    connection: &Connection,
    realm: Realm,
    keys: &[u64],
    user: Option<EntityKey>,
) -> Result<(Vec<SeenDevice>, Vec<Candidate>), Error> {
    let mut ids: Vec<(i64, bool)> = Vec::new();
    for (place, &key) in keys.iter().enumerate() {
        let found = rows::with_key(connection, realm, key, MOST_DEVICES_PER_KEY + 1)?;
        if found.len() <= MOST_DEVICES_PER_KEY {
            let fresh: Vec<_> =
                found.into_iter().filter(|id| ids.iter().all(|(known, _)| known != id)).collect();
            ids.extend(fresh.into_iter().map(|id| (id, place == 0)));
        }
    }
    let (mut devices, mut candidates) = (Vec::with_capacity(ids.len()), Vec::with_capacity(ids.len()));
    for (id, is_exact) in ids {
        let Some(stored) = rows::find(connection, realm, id)? else { continue };
        let has_user = user.map(|user| rows::has_user(connection, realm, id, user)).transpose()?;
        candidates.push(Candidate {
            attributes: stored.attributes,
            is_exact,
            has_user: has_user == Some(true),
        });
        devices.push(stored.device);
    }
    Ok((devices, candidates))
}

/// A device that was never seen. Its hash follows from what it tells, so that it is the same after all data was lost,
/// unless another device has it.
fn new_device(
    connection: &Connection,
    hasher: &EntityHasher,
    realm: Realm,
    names: &[impl AsRef<str>; 2],
    at: Timestamp,
) -> Result<SeenDevice, Error> {
    let [first, exact] = names.each_ref().map(AsRef::as_ref);
    let others = (1..MOST_NAMESAKES).map(|number| format!("{exact}\0{number}"));
    for name in [first.to_owned(), exact.to_owned()].into_iter().chain(others) {
        let hash = hasher.name(realm, DEVICE_NAME, name.as_bytes());
        let Some(id) = DeviceId::of_hash(&hash) else { continue };
        if rows::find(connection, realm, id.as_i64())?.is_none() {
            return Ok(SeenDevice {
                id,
                hash,
                is_new: true,
                first_seen: at,
                last_seen: at,
                times_seen: 1,
                last_event: None,
                matched: None,
            });
        }
    }
    tracing::error!("no name is left for a device");
    Err(Error::NotDecided)
}

impl Resolved {
    /// Keeps what the device tells, and who was seen on it.
    pub(crate) fn write(
        &self,
        connection: &Connection,
        sealer: &Sealer,
        realm: Realm,
        user: Option<(EntityKey, &str)>,
        (event, at): (EventId, Timestamp),
    ) -> Result<(), Error> {
        let id = self.device.id;
        if let Some(seen) = &self.seen {
            rows::save(connection, realm, &self.device, &seen.attributes, event)?;
            for &key in &seen.keys {
                rows::add_key(connection, realm, key, id)?;
            }
        }
        if let Some(user) = user {
            rows::add_user(connection, sealer, (realm, id), user, (event, at))?;
        }
        Ok(())
    }

    /// Who was seen on the device.
    pub(crate) fn users(
        &self,
        connection: &Connection,
        sealer: &Sealer,
        realm: Realm,
    ) -> Result<Vec<DeviceUser>, Error> {
        rows::users(connection, sealer, realm, self.device.id)
    }
}
