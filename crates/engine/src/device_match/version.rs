//! Versions of browsers and systems, as far as they tell whether a device was updated or is another one.

use serde::{Deserialize, Serialize};

/// A version without its patch level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// The first number.
    pub major: u32,
    /// The second; `None` when it was not told.
    pub minor: Option<u32>,
}

impl Version {
    /// The version of which only the first number is known.
    pub const fn of_major(major: u32) -> Self {
        Self { major, minor: None }
    }

    /// Reads `124`, `124.0.6367.82` or `10_15_7`. `None` when it does not begin with a number.
    pub fn parse(text: &str) -> Option<Self> {
        let mut numbers = text.trim().split(['.', '_']);
        let major = numbers.next()?.parse().ok()?;
        let minor = numbers.next().and_then(|minor| minor.parse().ok());
        Some(Self { major, minor })
    }

    /// Whether `self`, seen after `known`, is lower by more than a patch release. Second numbers count when both are
    /// known.
    pub fn is_older_than(self, known: Self) -> bool {
        self.major < known.major
            || self.major == known.major
                && self.minor.zip(known.minor).is_some_and(|(seen, known)| seen < known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_browsers_and_systems_say() {
        let cases = [
            ("124.0.6367.82", Some(Version { major: 124, minor: Some(0) })),
            ("10_15_7", Some(Version { major: 10, minor: Some(15) })),
            (" 17 ", Some(Version::of_major(17))),
            ("17.beta", Some(Version::of_major(17))),
            ("", None),
            ("XP", None),
            ("99999999999", None),
        ];
        for (text, version) in cases {
            assert_eq!(Version::parse(text), version, "{text}");
        }
    }

    #[test]
    fn a_patch_level_less_is_not_older() {
        let is_older = |seen: &str, known: &str| {
            Version::parse(seen).unwrap().is_older_than(Version::parse(known).unwrap())
        };
        assert!(!is_older("124.0.1", "124.0.9"));
        assert!(!is_older("124", "124.5"), "what was not told is not lower");
        assert!(!is_older("125.0", "124.9"));
        assert!(is_older("17.3", "17.4.1"));
        assert!(is_older("123.9", "124.0"));
    }
}
