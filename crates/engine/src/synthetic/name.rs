//! Names that somebody made up without effort.
//!
//! Only what hardly any real name has counts: Null, Tester and Fake are surnames, and so are Wertheim and Trewin, which
//! have four neighboring keys in a row.

/// Not names of anybody.
const WORDS: [&str; 21] = [
    "abc",
    "abcd",
    "admin",
    "anonymous",
    "asdf",
    "azerty",
    "dummy",
    "example",
    "firstname",
    "foobar",
    "lastname",
    "qwer",
    "qwerty",
    "qwertz",
    "surname",
    "test",
    "testing",
    "testuser",
    "unknown",
    "xxx",
    "xyz",
];
/// Names that stand for anybody.
const PERSONS: [(&str, &str); 8] = [
    ("donald", "duck"),
    ("erika", "mustermann"),
    ("foo", "bar"),
    ("jane", "doe"),
    ("joe", "bloggs"),
    ("john", "doe"),
    ("max", "mustermann"),
    ("mickey", "mouse"),
];
/// Rows of keys, and how many of them in a row no name has. The upper rows have vowels.
const ROWS: [(&str, usize); 6] = [
    ("qwertyuiop", 5),
    ("qwertzuiop", 5),
    ("azertyuiop", 5),
    ("asdfghjkl", 4),
    ("zxcvbnm", 4),
    ("yxcvbnm", 4),
];
const VOWELS: &str = "aeiouyàáâãäåāăąæèéêëēĕėęěìíîïĩīĭįıòóôõöøōŏőœơùúûüũūŭůűųưýÿŷ";
/// The last letter before those of other scripts.
const LAST_LATIN: char = '\u{24f}';
const LEAST_REPEATED: usize = 3;
const MOST_WITHOUT_VOWEL: usize = 5;

/// A name as it is compared: in lower case, words of letters and digits with one space between.
pub fn person_name(name: &str) -> String {
    let lower = name.to_lowercase();
    // A mark above a letter, written apart, belongs to it.
    let words = lower.split(|c: char| !c.is_alphanumeric() && !is_mark(c)).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// Combining marks of Latin, Greek and Cyrillic, and of Arabic and Hebrew.
const fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{591}'..='\u{5c7}' | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}')
}

pub(super) fn are_same(first: &str, last: &str) -> bool {
    let first = person_name(first);
    !first.is_empty() && first == person_name(last)
}

pub(super) fn is_placeholder(first: &str, last: &str) -> bool {
    let (first, last) = (person_name(first), person_name(last));
    WORDS.contains(&&*first) || WORDS.contains(&&*last) || PERSONS.contains(&(&first, &last))
}

pub(super) fn has_digits(name: &str) -> bool {
    name.chars().any(char::is_numeric)
}

/// Some word of it is typed along a row of keys, or with one key.
pub(super) fn is_typed_along(name: &str) -> bool {
    person_name(name).split(' ').any(|word| is_one_letter(word) || ROWS.iter().any(|row| follows(word, *row)))
}

fn is_one_letter(word: &str) -> bool {
    let mut letters = word.chars();
    let first = letters.next();
    word.chars().count() >= LEAST_REPEATED && letters.all(|letter| Some(letter) == first)
}

/// Whether so many letters in a row are neighbors, forwards or backwards.
fn follows(word: &str, (row, least): (&str, usize)) -> bool {
    let places: Vec<_> = word.chars().map(|letter| row.chars().position(|key| key == letter)).collect();
    let along = |by: isize| {
        let mut length = 1;
        places.windows(2).any(|pair| {
            let is_next =
                matches!(pair, [Some(one), Some(next)] if one.checked_add_signed(by) == Some(*next));
            length = if is_next { length + 1 } else { 1 };
            length >= least
        })
    };
    along(1) || along(-1)
}

/// Some word of it is of more than five letters, all Latin, and has no vowel.
pub(super) fn lacks_vowels(name: &str) -> bool {
    let name = person_name(name);
    name.split(' ').any(|word| {
        word.chars().count() > MOST_WITHOUT_VOWEL
            && word.chars().all(|letter| letter.is_alphabetic() && letter <= LAST_LATIN)
            && !word.chars().any(|letter| VOWELS.contains(letter))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_by_their_letters() {
        for (name, expected) in [
            ("  El-FASSI ", "el fassi"),
            ("O'Neill", "o neill"),
            ("José\tMaría", "josé maría"),
            ("Jose\u{301}", "jose\u{301}"),
            ("--", ""),
            ("王", "王"),
        ] {
            assert_eq!(person_name(name), expected);
        }
    }

    #[test]
    fn keys_in_a_row_are_noticed() {
        for name in ["asdf", "Asdfgh", "lkjh", "xx qwerty", "poiuy", "Zxcvb", "aaa", "Zzzzz", "azert"] {
            assert!(is_typed_along(name), "{name}");
        }
        for name in ["Wertheim", "Trewin", "Power", "Dewey", "Aa", "Oiu", "Sad", "Rewt", ""] {
            assert!(!is_typed_along(name), "{name}");
        }
    }

    #[test]
    fn only_long_latin_words_lack_vowels() {
        for (name, expected) in [
            ("Brtzkpl", true),
            ("Anna Brtzkpl", true),
            ("Brtzk", false),
            ("Krstic", false),
            ("Strýček", false),
            ("Владмр", false),
            ("العلوي", false),
            ("Brt123kpl", false),
        ] {
            assert_eq!(lacks_vowels(name), expected, "{name}");
        }
    }
}
