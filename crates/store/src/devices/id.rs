//! What a device is called.

use std::{fmt, str::FromStr};

use compact_str::{CompactString, format_compact};

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

    /// The ids that a device may have which is called so: of the hash's first 62 bits the UUID's version hides four.
    pub(super) fn candidates_of_uuid(uuid: &str) -> impl Iterator<Item = Self> {
        const VERSION_SHIFT: u32 = 12;
        let hex: String = uuid.chars().filter(|c| *c != '-').collect();
        let is_uuid = uuid.len() == 36 && hex.len() == 32 && hex.is_ascii();
        let first = hex.get(..16).filter(|_| is_uuid).and_then(|hex| u64::from_str_radix(hex, 16).ok());
        let of = |first: u64, version: u64| first & !(0xf << VERSION_SHIFT) | version << VERSION_SHIFT;
        let firsts = first.into_iter().flat_map(move |first| (0..16).map(move |version| of(first, version)));
        firsts.map(|first| Self(first >> (u64::BITS - Self::BITS)))
    }

    pub(crate) const fn as_i64(self) -> i64 {
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

/// The device with this hash as a UUID of version 8 (RFC 9562), for dialects that name devices so; `None` when the hash is
/// not 32 hex digits.
pub fn device_uuid(hash: &str) -> Option<CompactString> {
    let value = u128::from_str_radix(hash, 16).ok().filter(|_| hash.len() == 32)?;
    let value = value & !(0xf << 76) & !(3 << 62) | (8 << 76) | (2 << 62);
    let hex = format_compact!("{value:032x}");
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| &hex[part]);
    Some(CompactString::from(parts.join("-")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_device_is_among_those_of_its_uuid() {
        for hash in ["0123456789abcdef0123456789abcdef", "ffffffffffffffffffffffffffffffff"] {
            let uuid = device_uuid(hash).unwrap();
            let id = DeviceId::of_hash(hash).unwrap();
            assert_eq!(DeviceId::candidates_of_uuid(&uuid).filter(|found| *found == id).count(), 1);
        }
        for wrong in ["", "dev_0", "0123456789abcdef0123456789abcdef", "éééééééé-0000-0000-0000-000000000000"]
        {
            assert_eq!(DeviceId::candidates_of_uuid(wrong).count(), 0, "{wrong}");
        }
    }

    #[test]
    fn a_uuid_says_its_version_and_variant() {
        let uuid = device_uuid("0123456789abcdef0123456789abcdef").unwrap();
        assert_eq!(uuid, "01234567-89ab-8def-8123-456789abcdef");
        let uuid = device_uuid("ffffffffffffffffffffffffffffffff").unwrap();
        assert_eq!(uuid, "ffffffff-ffff-8fff-bfff-ffffffffffff");
        assert_eq!((device_uuid("0123"), device_uuid("x123456789abcdef0123456789abcdef")), (None, None));
    }
}
