//! Identifiers that people see: a prefix that names the kind, and 26 digits that sort by the time of creation.

use std::{fmt, ops::RangeInclusive, str::FromStr};

use portcullis_domain::Timestamp;

use crate::Error;

const DIGITS: usize = 26;
const ALPHABET: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";
const RANDOM_BITS: u32 = 80;

/// The text is not an id of this kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not such an id")]
pub struct IdError;

/// 48 bits of milliseconds and 80 random ones.
fn fresh(now: Timestamp) -> Result<u128, Error> {
    let mut random = [0; 16];
    getrandom::fill(&mut random[6..]).map_err(|error| Error::Failed(error.to_string()))?;
    let millis = now.as_millis().max(0) as u128;
    Ok((millis << RANDOM_BITS) | u128::from_be_bytes(random))
}

fn show(f: &mut fmt::Formatter<'_>, prefix: &str, value: u128) -> fmt::Result {
    f.write_str(prefix)?;
    (0..DIGITS).rev().try_for_each(|digit| {
        let index = (value >> (digit * 5)) as usize & 31;
        fmt::Write::write_char(f, char::from(ALPHABET[index]))
    })
}

fn read(text: &str, prefix: &str) -> Result<u128, IdError> {
    let digits = text.strip_prefix(prefix).filter(|digits| digits.len() == DIGITS).ok_or(IdError)?;
    // 26 digits are 130 bits: the first may only be 0 to 7.
    if digits.as_bytes()[0] > b'7' {
        return Err(IdError);
    }
    digits.bytes().try_fold(0, |value: u128, byte| {
        let digit = ALPHABET.iter().position(|&known| known == byte).ok_or(IdError)?;
        Ok((value << 5) | digit as u128)
    })
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u128);

        impl $name {
            /// A new id; the operating system's random source can fail.
            pub(crate) fn fresh(now: Timestamp) -> Result<Self, Error> {
                fresh(now).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                show(f, $prefix, self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                show(f, $prefix, self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                read(text, $prefix).map(Self)
            }
        }
    };
}

id!(
    /// An API key's id; not the key.
    KeyId,
    "key_"
);
id!(
    /// The id of a list's entry.
    ListEntryId,
    "lst_"
);
impl ListEntryId {
    /// Its first 64 bits: its time in milliseconds and 16 random ones. Sorts as the id does; no two entries that are
    /// there at the same time have the same.
    pub(super) const fn short(self) -> u64 {
        (self.0 >> 64) as u64
    }

    /// Every id with that short form.
    pub(super) const fn all_of(short: u64) -> RangeInclusive<Self> {
        let first = (short as u128) << 64;
        Self(first)..=Self(first | u64::MAX as u128)
    }
}

id!(
    /// A user's id.
    UserId,
    "usr_"
);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn later_ids_sort_after_earlier_ones() {
        let earlier = KeyId::fresh(Timestamp::from_millis(1_000)).unwrap();
        let later = KeyId::fresh(Timestamp::from_millis(1_001)).unwrap();
        assert!(earlier.to_string() < later.to_string());
    }

    #[test]
    fn kinds_are_told_apart() {
        let key = KeyId(7).to_string();
        assert_eq!(key, format!("key_{}7", "0".repeat(25)));
        assert!(key.parse::<UserId>().is_err());
        assert!(format!("key_8{}", "0".repeat(25)).parse::<KeyId>().is_err());
    }

    proptest! {
        #[test]
        fn ids_are_among_those_of_their_short_form(raw in 0..1u128 << 126, other: u64) {
            let (id, text) = (ListEntryId(raw), |id: &ListEntryId| id.to_string());
            let range = ListEntryId::all_of(id.short());
            prop_assert!((text(range.start())..=text(range.end())).contains(&text(&id)));
            prop_assert_eq!(ListEntryId::all_of(other).contains(&id), other == id.short());
        }

        #[test]
        fn text_form_parses_back(raw: u128) {
            prop_assert_eq!(KeyId(raw).to_string().parse::<KeyId>().unwrap(), KeyId(raw));
        }

        #[test]
        fn parsing_never_panics(text in "(key_)?.{0,30}") {
            let _ = text.parse::<KeyId>();
        }
    }
}
