//! Identifiers of what there is little of: a prefix that names the kind, and 12 digits to the base 36 that sort by the
//! time of creation.

use std::{fmt, ops::RangeInclusive, str::FromStr};

use portcullis_domain::Timestamp;

use super::{IdError, ListEntryId};
use crate::Error;

const DIGITS: usize = 12;
const BASE: u64 = 36;
const ALPHABET: &[u8; BASE as usize] = b"0123456789abcdefghijklmnopqrstuvwxyz";
/// The first value that has more digits.
const END: u64 = BASE.pow(DIGITS as u32);
const RANDOM_BITS: u32 = 16;

/// The time in milliseconds, which fits until the year 4261, and 16 random bits; more than `last`.
pub(crate) fn fresh(now: Timestamp, last: Option<u64>) -> Result<u64, Error> {
    let mut random = [0; 2];
    getrandom::fill(&mut random).map_err(|error| Error::Failed(error.to_string()))?;
    let millis = u64::try_from(now.as_millis()).unwrap_or(0).min((END >> RANDOM_BITS) - 1);
    let value = (millis << RANDOM_BITS) | u64::from(u16::from_be_bytes(random));
    let value = last.map_or(value, |last| value.max(last + 1));
    if value < END { Ok(value) } else { Err(Error::Failed("there are no ids left".to_owned())) }
}

pub(crate) fn show(f: &mut fmt::Formatter<'_>, prefix: &str, mut value: u64) -> fmt::Result {
    let mut digits = [b'0'; DIGITS];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[(value % BASE) as usize];
        value /= BASE;
    }
    f.write_str(prefix)?;
    digits.iter().try_for_each(|&digit| fmt::Write::write_char(f, char::from(digit)))
}

pub(crate) fn read(text: &str, prefix: &str) -> Result<u64, IdError> {
    let digits = text.strip_prefix(prefix).filter(|digits| digits.len() == DIGITS).ok_or(IdError)?;
    digits.bytes().try_fold(0, |value: u64, byte| {
        let digit = ALPHABET.iter().position(|&known| known == byte).ok_or(IdError)?;
        Ok(value * BASE + digit as u64)
    })
}

/// Declares an id of this form.
macro_rules! short_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u64);

        impl $name {
            /// A new id that sorts after `last`, the last one given; the operating system's random source can fail.
            pub(crate) fn fresh(
                now: portcullis_domain::Timestamp,
                last: Option<Self>,
            ) -> Result<Self, crate::Error> {
                $crate::control::short_id::fresh(now, last.map(|last| last.0)).map(Self)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $crate::control::short_id::show(f, $prefix, self.0)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $crate::control::short_id::show(f, $prefix, self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = crate::IdError;

            fn from_str(text: &str) -> Result<Self, crate::IdError> {
                $crate::control::short_id::read(text, $prefix).map(Self)
            }
        }
    };
}

pub(crate) use short_id;

short_id!(
    /// The id of a custom rule; the rule's permanent code.
    RuleId,
    "rule_"
);

/// The id of a list's entry in this form: the first part of [`ListEntryId`], which no two entries share that are there at
/// the same time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockId(u64);

impl BlockId {
    const PREFIX: &str = "blk_";

    /// That of the entry with this id.
    pub const fn of(id: ListEntryId) -> Self {
        Self(id.short())
    }

    /// The ids that an entry with this one can have: they lie between those of earlier and later entries.
    pub const fn range(self) -> RangeInclusive<ListEntryId> {
        ListEntryId::all_of(self.0)
    }
}

impl fmt::Display for BlockId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(f, Self::PREFIX, self.0)
    }
}

impl fmt::Debug for BlockId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(f, Self::PREFIX, self.0)
    }
}

impl FromStr for BlockId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        read(text, Self::PREFIX).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ids_sort_in_the_order_in_which_they_are_given() {
        let at = Timestamp::from_millis(1_767_607_200_000);
        let mut last = RuleId::fresh(at, None).unwrap();
        for earlier in [0, 0, 5, 1_000_000_000_000] {
            let next = RuleId::fresh(at.plus_millis(-earlier), Some(last)).unwrap();
            assert!(next.to_string() > last.to_string());
            last = next;
        }
        assert!(RuleId::fresh(at.plus_millis(1), None).unwrap() > RuleId::fresh(at, None).unwrap());
    }

    #[test]
    fn the_last_id_has_twelve_digits_too() {
        assert_eq!(RuleId(END - 1).to_string(), format!("rule_{}", "z".repeat(12)));
        assert_eq!(RuleId(37).to_string(), "rule_000000000011");
        assert!(RuleId::fresh(Timestamp::from_millis(0), Some(RuleId(END - 1))).is_err());
        assert!(RuleId::fresh(Timestamp::from_millis(i64::MAX), None).is_ok());
        assert!(RuleId::fresh(Timestamp::from_millis(-1), None).is_ok());
    }

    #[test]
    fn an_entry_is_in_the_range_of_its_own_id() {
        let at = |millis| ListEntryId::fresh(Timestamp::from_millis(millis)).unwrap();
        let (earlier, entry, later) = (at(1_767_607_200_000), at(1_767_607_200_001), at(1_767_607_200_002));
        let id = BlockId::of(entry);
        assert_eq!(id.to_string().parse::<BlockId>().unwrap(), id);
        assert!(id.range().contains(&entry));
        assert!(earlier < *id.range().start() && *id.range().end() < later);
        assert!(BlockId::of(earlier).to_string() < id.to_string());
    }

    proptest! {
        #[test]
        fn text_form_parses_back(raw in 0..END) {
            prop_assert_eq!(RuleId(raw).to_string().parse::<RuleId>().unwrap(), RuleId(raw));
        }

        #[test]
        fn parsing_never_panics(text in "(rule_)?[0-9a-zA-Zü]{0,14}") {
            let _ = text.parse::<RuleId>();
        }
    }
}
