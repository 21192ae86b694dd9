//! Identifiers of events.

use std::{fmt, str::FromStr};

use crate::Timestamp;

/// An event's id: 43 bits of milliseconds and a 20-bit sequence, so ids sort by the time they were recorded.
///
/// Shown as `cm` and 13 base-36 digits (`cm0k8z3v1q9a2b4`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(u64);

const SEQUENCE_BITS: u32 = 20;
const PREFIX: &str = "cm";
const DIGITS: usize = 13;
const ALPHABET: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

impl EventId {
    /// The smallest id that may be given at `now` and is greater than `last`.
    pub fn next(last: Option<Self>, now: Timestamp) -> Self {
        let first_of_now = (now.as_millis().max(0) as u64) << SEQUENCE_BITS;
        Self(last.map_or(first_of_now, |last| first_of_now.max(last.0 + 1)))
    }

    /// The smallest id recorded at or after `time`.
    pub fn first_at(time: Timestamp) -> Self {
        Self::next(None, time)
    }

    /// When the event was recorded.
    pub fn recorded_at(self) -> Timestamp {
        Timestamp::from_millis((self.0 >> SEQUENCE_BITS) as i64)
    }

    /// The id as the integer the store keeps.
    pub const fn as_u64(self) -> u64 {
        self.0
    }

    /// The id that the store kept as `raw`.
    pub const fn from_u64(raw: u64) -> Self {
        Self(raw)
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits = [b'0'; DIGITS];
        let mut rest = self.0;
        for digit in digits.iter_mut().rev() {
            *digit = ALPHABET[(rest % 36) as usize];
            rest /= 36;
        }
        f.write_str(PREFIX)?;
        digits.iter().try_for_each(|&digit| fmt::Write::write_char(f, char::from(digit)))
    }
}

/// The text is not an event id.
#[derive(Debug, thiserror::Error)]
#[error("not an event id")]
pub struct EventIdError;

impl FromStr for EventId {
    type Err = EventIdError;

    fn from_str(text: &str) -> Result<Self, EventIdError> {
        let digits = text.strip_prefix(PREFIX).filter(|digits| digits.len() == DIGITS).ok_or(EventIdError)?;
        digits
            .bytes()
            .try_fold(0u64, |value, byte| {
                let digit = ALPHABET.iter().position(|&known| known == byte)? as u64;
                value.checked_mul(36)?.checked_add(digit)
            })
            .map(Self)
            .ok_or(EventIdError)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ids_grow_even_when_the_clock_goes_back() {
        let first = EventId::next(None, Timestamp::from_millis(1_000));
        let second = EventId::next(Some(first), Timestamp::from_millis(400));
        assert!(second > first);
        assert_eq!(first.recorded_at(), Timestamp::from_millis(1_000));
    }

    proptest! {
        #[test]
        fn text_form_parses_back(raw: u64) {
            let id = EventId::from_u64(raw);
            prop_assert_eq!(id.to_string().parse::<EventId>().unwrap(), id);
        }

        #[test]
        fn parsing_never_panics(text in ".*") {
            let _ = text.parse::<EventId>();
        }
    }
}
