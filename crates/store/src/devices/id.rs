//! What a device is called.

use std::{fmt, str::FromStr};

use crate::control::{IdError, short_id};

/// The id of a device: `dev_` and 12 digits to the base 36. It follows from the device's hash, so that every event of
/// the device has it, whichever API it came through.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceId(u64);

impl DeviceId {
    const PREFIX: &str = "dev_";
    /// 12 digits to the base 36 hold a little more.
    const BITS: u32 = 62;

    /// The id of the device with this hash, which is at least 16 hex digits; `None` when it is not.
    pub fn of_hash(hash: &str) -> Option<Self> {
        let first = u64::from_str_radix(hash.get(..16)?, 16).ok()?;
        Some(Self(first >> (u64::BITS - Self::BITS)))
    }

    pub(super) const fn as_i64(self) -> i64 {
        self.0 as i64
    }
}

impl fmt::Display for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        short_id::show(f, Self::PREFIX, self.0)
    }
}

impl fmt::Debug for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for DeviceId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let value = short_id::read(text, Self::PREFIX)?;
        if value >> Self::BITS == 0 { Ok(Self(value)) } else { Err(IdError) }
    }
}
