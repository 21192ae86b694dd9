//! A tenant's name in addresses.

use std::{collections::HashSet, str::FromStr};

/// The longest slug: that of a host label.
const LONGEST: usize = 63;
/// What is taken of a name; the rest is room for a number.
const LONGEST_OF_NAME: usize = 48;
/// The slug of a name that has no Latin letter and no digit.
const NAMELESS: &str = "client";

/// A tenant's name in addresses: lower-case letters, digits and single hyphens within, 63 characters at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slug(String);

/// The text can not be a slug.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 63 lower-case letters, digits and single hyphens, with a letter or digit at both ends")]
pub struct SlugError;

impl Slug {
    /// The slug that fits a name for people best: its letters without their accents and its digits, with a hyphen for
    /// whatever is between them. Different names may have the same.
    pub fn of_name(name: &str) -> Self {
        let mut slug = String::new();
        for letter in name.chars().flat_map(char::to_lowercase) {
            match in_ascii(letter) {
                Some(letters) => slug.push_str(letters),
                None if letter.is_ascii_alphanumeric() => slug.push(letter),
                None if slug.is_empty() || slug.ends_with('-') => {}
                None => slug.push('-'),
            }
        }
        slug.truncate(LONGEST_OF_NAME);
        let slug = slug.trim_end_matches('-');
        Self(if slug.is_empty() { NAMELESS } else { slug }.to_owned())
    }

    /// This slug, or else the first of `acme-2`, `acme-3` and so on that is not taken.
    #[must_use]
    pub(super) fn not_among(self, taken: &HashSet<String>) -> Self {
        if !taken.contains(&self.0) {
            return self;
        }
        let base = self.numbered_from();
        let mut numbered = (2u64..).map(|number| format!("{base}-{number}"));
        let free = numbered.find(|slug| !taken.contains(slug));
        Self(free.unwrap_or(self.0))
    }

    /// What stands before the number when this slug gets one.
    pub(super) fn numbered_from(&self) -> &str {
        self.0[..self.0.len().min(LONGEST_OF_NAME)].trim_end_matches('-')
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Slug {
    type Err = SlugError;

    fn from_str(text: &str) -> Result<Self, SlugError> {
        let label_is_fine = |label: &str| {
            !label.is_empty() && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        };
        let fine = text.len() <= LONGEST && text.split('-').all(label_is_fine);
        fine.then(|| Self(text.to_owned())).ok_or(SlugError)
    }
}

/// What a lower-case letter of the Latin script is without its marks; nothing for what belongs to the word that it is
/// in, such as an apostrophe; `None` for everything else.
const fn in_ascii(letter: char) -> Option<&'static str> {
    Some(match letter {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' => "a",
        'æ' => "ae",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => "e",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'ĥ' | 'ħ' => "h",
        'ì' | 'í' | 'î' | 'ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => "i",
        'ĵ' => "j",
        'ķ' => "k",
        'ĺ' | 'ļ' | 'ľ' | 'ł' => "l",
        'ñ' | 'ń' | 'ņ' | 'ň' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => "o",
        'œ' => "oe",
        'ŕ' | 'ŗ' | 'ř' => "r",
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => "s",
        'ß' => "ss",
        'ţ' | 'ť' | 'ț' => "t",
        'þ' => "th",
        'ù' | 'ú' | 'û' | 'ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => "u",
        'ŵ' => "w",
        'ý' | 'ÿ' | 'ŷ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        // Apostrophes, and marks that are characters of their own.
        '\'' | '’' | '\u{300}'..='\u{36f}' => "",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn slugs_are_host_labels_with_single_hyphens() {
        for text in ["a", "acme", "acme-2", "0-9", &"a".repeat(63)] {
            assert!(text.parse::<Slug>().is_ok(), "{text}");
        }
        for text in ["", "-a", "a-", "a--b", "Acme", "a_b", "a.b", "ä", "a b", &"a".repeat(64)] {
            assert!(text.parse::<Slug>().is_err(), "{text}");
        }
    }

    #[test]
    fn names_become_slugs() {
        for (name, expected) in [
            ("Acme Bank", "acme-bank"),
            ("  Acme -- Bank, Inc. ", "acme-bank-inc"),
            ("O'Brien’s Münchner Straße", "obriens-munchner-strasse"),
            ("Łódź & Cie", "lodz-cie"),
            ("Zu\u{308}rich", "zurich"),
            ("İstanbul", "istanbul"),
            ("株式会社 Acme", "acme"),
            ("株式会社", "client"),
            ("!?", "client"),
            ("", "client"),
            ("7", "7"),
        ] {
            assert_eq!(Slug::of_name(name).as_str(), expected, "{name}");
        }
        assert_eq!(Slug::of_name(&format!("{} b", "a".repeat(47))).as_str(), "a".repeat(47));
    }

    #[test]
    fn a_taken_slug_gets_the_first_free_number() {
        let taken: HashSet<String> = ["acme", "acme-2", "acme-4"].map(str::to_owned).into();
        assert_eq!(Slug::of_name("Other").not_among(&taken).as_str(), "other");
        assert_eq!(Slug::of_name("Acme").not_among(&taken).as_str(), "acme-3");
        assert_eq!(Slug::of_name("Acme 2").not_among(&taken).as_str(), "acme-2-2");
        let longest: Slug = "a".repeat(63).parse().unwrap();
        let numbered = longest.clone().not_among(&HashSet::from([longest.0]));
        assert_eq!(numbered.as_str(), format!("{}-2", "a".repeat(48)));
    }

    proptest! {
        #[test]
        fn any_name_has_a_slug(name in ".*") {
            let slug = Slug::of_name(&name);
            prop_assert!(slug.as_str().parse::<Slug>().is_ok(), "{}", slug.as_str());
            let numbered = slug.clone().not_among(&HashSet::from([slug.0]));
            prop_assert!(numbered.as_str().parse::<Slug>().is_ok(), "{}", numbered.as_str());
        }
    }
}
