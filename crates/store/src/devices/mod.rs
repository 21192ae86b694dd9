//! Devices that are known again by what they tell of themselves, and who was seen on them.
//!
//! How two observations compare is not for the store to know: it finds the few devices that share a key with the one
//! that is seen, lets the caller choose among them, and keeps the choice in the event's own transaction. So two
//! simultaneous first registrations of one device make one device.

mod id;
mod look_up;
mod resolve;
mod rows;

use compact_str::CompactString;
use domain::{EventId, Timestamp};
use portcullis_domain as domain;
use smallvec::SmallVec;

pub use self::id::{DeviceId, device_uuid};
pub(crate) use self::resolve::{Resolved, resolve};

/// The most keys that a sighting may have.
pub const MOST_DEVICE_KEYS: usize = 9;
/// A key that more devices have than this tells nothing, and is left out.
pub const MOST_DEVICES_PER_KEY: usize = 256;
/// The most users that are named of a device, those seen last.
pub const MOST_DEVICE_USERS: usize = 1_024;

/// Which device an event is about, when it is to be looked up.
pub enum DeviceClue {
    /// It was seen: it is known again, or new.
    Seen(Box<Sighting>),
    /// The caller names it; an id that no device has changes nothing.
    Named(DeviceId),
}

/// A device as it was seen.
pub struct Sighting {
    /// What a new device is named after: the same for equal devices. When another device has the name that follows from
    /// the first, the second is taken, which only a device has that tells exactly the same.
    pub names: [CompactString; 2],
    /// The keys under which it is looked for and found; a device with the first in common tells exactly the same.
    pub keys: SmallVec<[u64; MOST_DEVICE_KEYS]>,
    /// What it tells, in the form that `choose` reads.
    pub attributes: Vec<u8>,
    /// Which of several known devices it is, if any.
    pub choose: Choose,
}

/// Chooses among known devices.
pub type Choose = Box<dyn FnOnce(&[Candidate]) -> Option<Chosen> + Send>;

/// A choice among candidates.
#[derive(Clone, Debug, PartialEq)]
pub struct Chosen {
    /// Which of them.
    pub place: usize,
    /// Why.
    pub matched: Matched,
}

/// Why a device was taken for a known one.
#[derive(Clone, Debug, PartialEq)]
pub struct Matched {
    /// How sure that is, 0 to 1.
    pub confidence: f64,
    /// What agreed, by name.
    pub attributes: Vec<&'static str>,
}

/// A known device that shares a key with one that was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// What it told last.
    pub attributes: Vec<u8>,
    /// Whether it told exactly the same once.
    pub is_exact: bool,
    /// Whether the event's user was seen on it.
    pub has_user: bool,
}

/// What is known of a device.
#[derive(Clone, Debug, PartialEq)]
pub struct SeenDevice {
    /// Its id.
    pub id: DeviceId,
    /// The name under which history is kept of it.
    pub hash: CompactString,
    /// Whether it was never seen before.
    pub is_new: bool,
    /// When it was first seen.
    pub first_seen: Timestamp,
    /// When it was last seen.
    pub last_seen: Timestamp,
    /// How often it was seen.
    pub times_seen: u64,
    /// Its last event; of a new device none yet.
    pub last_event: Option<EventId>,
    /// Why it was taken for this device; `None` for a new one and one that the caller named.
    pub matched: Option<Matched>,
}

/// A user of a device.
#[derive(Clone, PartialEq, Eq)]
pub struct DeviceUser {
    /// The tenant's own id of the account.
    pub user: CompactString,
    /// When both were first seen together.
    pub first_seen: Timestamp,
    /// When both were last seen together.
    pub last_seen: Timestamp,
    /// How often.
    pub times_seen: u64,
}

impl std::fmt::Debug for DeviceClue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Seen(_) => f.write_str("Seen(***)"),
            Self::Named(id) => write!(f, "Named({id})"),
        }
    }
}

impl std::fmt::Debug for DeviceUser {
    /// Personal data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DeviceUser(***)")
    }
}
