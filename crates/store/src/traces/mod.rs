//! What an event leaves behind for the next one of the same device and account: that its envelope was seen, what both
//! looked like, and since when the device is known to anybody.
//!
//! All of it is read and written in the event's own transaction, so of two equal envelopes at the same time exactly one
//! is the first.

mod rows;

use std::{fmt, sync::Arc};

use domain::{Decision, EntityKey, EntityKind, EventId, Mode, Realm, Timestamp};
use portcullis_domain as domain;
use rusqlite::Connection;

pub(crate) use self::rows::{forget_portraits, forget_replays};
use crate::{
    Error, RealmStore, SeenDevice, Store,
    keys::{MasterKey, Sealer},
};

/// How long what was sent is remembered at least: 24 hours.
pub const REPLAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// What an event leaves behind, to be made by [`Store::trace`].
pub struct Trace {
    service: u64,
    fingerprint: [u8; 32],
    is_stale: bool,
    everywhere: [u8; 32],
    note: Option<Vec<u8>>,
    paint: Paint,
    keys: Arc<TraceKeys>,
}

/// What to leave behind.
pub struct NewTrace<'a> {
    /// Whose memory of devices and accounts it is: a service of the tenant.
    pub service: u64,
    /// What the envelope is known by when it comes again.
    pub fingerprint: [u8; 32],
    /// Whether it is too old to count as new, whether it was seen or not.
    pub is_stale: bool,
    /// What tells the device from all others, the same for every tenant.
    pub device: &'a [u8],
    /// What the caller said beside that, to be kept with the event.
    pub note: Option<Vec<u8>>,
    /// Describes the device and the account for the next time.
    pub paint: Paint,
}

/// Describes the device and the account of a decided event, given what they looked like before, in a form that only the
/// caller reads.
pub type Paint = Box<dyn FnOnce(&Decision, Option<&SeenDevice>, &FoundTrace) -> [Vec<u8>; 2] + Send>;

/// What earlier events left behind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundTrace {
    /// Of the device, in the same service; `None` when it was never seen there.
    pub device: Option<Portrait>,
    /// Of the account.
    pub user: Option<Portrait>,
    /// Since when anybody knows the device: the event's time when nobody did.
    pub everywhere_since: Timestamp,
    /// Whether the same was sent before, or is stale.
    pub is_replayed: bool,
}

/// What a device or an account looked like when it was last seen.
#[derive(Clone, PartialEq, Eq)]
pub struct Portrait {
    /// What was painted then.
    pub picture: Vec<u8>,
    /// When it was first seen.
    pub first_seen: Timestamp,
    /// When it was last seen.
    pub last_seen: Timestamp,
    /// How often.
    pub times_seen: u64,
}

/// What traces are sealed and named with. Under each sealer an event seals once.
pub(crate) struct TraceKeys {
    of_devices: Sealer,
    of_users: Sealer,
    notes: Sealer,
    everywhere: domain::Secret<[u8; 32]>,
}

impl TraceKeys {
    pub(crate) fn new(key: &MasterKey) -> Result<Self, Error> {
        Ok(Self {
            of_devices: key.sealer("device portraits")?,
            of_users: key.sealer("user portraits")?,
            notes: key.sealer("event notes")?,
            everywhere: key.subkey("devices everywhere"),
        })
    }

    fn of(&self, kind: EntityKind) -> &Sealer {
        if kind == EntityKind::User { &self.of_users } else { &self.of_devices }
    }
}

impl Store {
    /// What an event of `mode` leaves behind. Test data never meet live data, also not here.
    pub fn trace(&self, mode: Mode, new: NewTrace<'_>) -> Trace {
        let keys = Arc::clone(&self.backend.trace_keys);
        let mut hasher = blake3::Hasher::new_keyed(keys.everywhere.expose());
        hasher.update(&[u8::from(mode == Mode::Test)]);
        hasher.update(new.device);
        let NewTrace { service, fingerprint, is_stale, note, paint, .. } = new;
        Trace { service, fingerprint, is_stale, everywhere: *hasher.finalize().as_bytes(), note, paint, keys }
    }
}

impl RealmStore {
    /// What the caller said of this realm's event beside what is looked at; `None` when nothing is kept.
    pub async fn event_note(&self, id: EventId) -> Result<Option<Vec<u8>>, Error> {
        if self.find_event(id).await?.is_none() {
            return Ok(None);
        }
        let keys = Arc::clone(&self.backend.trace_keys);
        let sealed = self.backend.read(move |connection| rows::note(connection, id)).await?;
        sealed.map(|sealed| keys.notes.open(id, &sealed)).transpose()
    }
}

/// A trace with what earlier ones left.
pub(crate) struct MetTrace {
    trace: Trace,
    pub(crate) found: FoundTrace,
}

impl Trace {
    pub(crate) fn meet(
        self,
        connection: &Connection,
        realm: Realm,
        device: Option<&SeenDevice>,
        user: Option<EntityKey>,
        now: Timestamp,
    ) -> Result<MetTrace, Error> {
        let was_seen = rows::was_seen(connection, realm, &self.fingerprint)?;
        let since = rows::everywhere_since(connection, &self.everywhere)?;
        let find = |kind, key: Option<i64>| match key {
            Some(key) => rows::find(connection, self.keys.of(kind), (self.service, kind, key)),
            None => Ok(None),
        };
        let found = FoundTrace {
            device: find(EntityKind::Device, device.map(device_key))?,
            user: find(EntityKind::User, user.map(user_key))?,
            everywhere_since: since.map_or(now, |since| since.min(now)),
            is_replayed: was_seen || self.is_stale,
        };
        Ok(MetTrace { trace: self, found })
    }
}

impl MetTrace {
    /// Leaves behind what the event is to be known by.
    pub(crate) fn write(
        self,
        connection: &Connection,
        realm: Realm,
        device: Option<&SeenDevice>,
        user: Option<EntityKey>,
        decision: &Decision,
        (event, at): (EventId, Timestamp),
    ) -> Result<FoundTrace, Error> {
        let Self { trace, found } = self;
        rows::remember(connection, realm, &trace.fingerprint, at)?;
        rows::know_everywhere(connection, &trace.everywhere, found.everywhere_since)?;
        let [of_device, of_user] = (trace.paint)(decision, device, &found);
        let portraits = [
            (EntityKind::Device, device.map(device_key), of_device, &found.device),
            (EntityKind::User, user.map(user_key), of_user, &found.user),
        ];
        for (kind, key, mut picture, before) in portraits {
            let Some(key) = key else { continue };
            trace.keys.of(kind).seal(event, &mut picture)?;
            let portrait = Portrait {
                picture,
                first_seen: before.as_ref().map_or(at, |before| before.first_seen.min(at)),
                last_seen: at,
                times_seen: before.as_ref().map_or(0, |before| before.times_seen) + 1,
            };
            rows::save(connection, (trace.service, kind, key), event, &portrait)?;
        }
        if let Some(mut note) = trace.note {
            trace.keys.notes.seal(event, &mut note)?;
            rows::save_note(connection, event, &note)?;
        }
        Ok(found)
    }
}

const fn device_key(device: &SeenDevice) -> i64 {
    device.id.as_i64()
}

const fn user_key(user: EntityKey) -> i64 {
    user.as_u64() as i64
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Trace(***)")
    }
}

impl fmt::Debug for Portrait {
    /// Personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Portrait(***)")
    }
}
