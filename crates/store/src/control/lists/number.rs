//! Phone and document numbers, which people write with all kinds of separators.

/// The digits of a number in E.164: a country's code and the number in it.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;
const LONGEST_DOCUMENT: usize = 64;

/// A phone number as E.164 writes it, `+212612345678`. It must begin with a plus: a number without its country's code
/// could be anybody's. Spaces, dots, hyphens, slashes and brackets are left out; a zero in brackets is dialed within
/// the country only and would make it another number, so it is refused.
pub(super) fn parse_phone(text: &str) -> Option<Box<str>> {
    let written = text.strip_prefix('+')?;
    let digits: String = written.chars().filter(|&c| !is_separator(c) && !matches!(c, '(' | ')')).collect();
    let is_number = PHONE_DIGITS.contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !digits.starts_with('0')
        && !written.contains("(0");
    is_number.then(|| format!("+{digits}").into())
}

/// The number of an identity document: letters in upper case, without separators, among which is the `<` that fills
/// up machine-readable lines.
pub(super) fn parse_document(text: &str) -> Option<Box<str>> {
    let kept = text.chars().filter(|&c| !is_separator(c) && !matches!(c, '_' | '<'));
    let number: String = kept.flat_map(char::to_uppercase).collect();
    let is_number =
        (1..=LONGEST_DOCUMENT).contains(&number.chars().count()) && number.chars().all(char::is_alphanumeric);
    is_number.then(|| number.into())
}

/// Hyphens and dashes are all of one block; the no-break hyphen is among them.
fn is_separator(c: char) -> bool {
    (c.is_whitespace() && !c.is_control()) || matches!(c, '-' | '.' | '/' | '\u{2010}'..='\u{2015}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phone_numbers_are_brought_into_one_form() {
        for text in ["+212612345678", "+212 6 12-34.56/78", "+(212) 612\u{a0}345\u{2011}678"] {
            assert_eq!(parse_phone(text).as_deref(), Some("+212612345678"), "{text}");
        }
        assert_eq!(parse_phone("+2901234").as_deref(), Some("+2901234"));
        assert_eq!(parse_phone("+123456789012345").as_deref(), Some("+123456789012345"));
    }

    #[test]
    fn what_is_no_phone_number_is_refused() {
        for text in [
            "",
            "+",
            "0612345678",
            "00212612345678",
            "212612345678",
            "+0612345678",
            "+44 (0)20 7946 0000",
            "+123456",
            "+1234567890123456",
            "+1 800 FLOWERS",
            "+1+2345678",
            "+\u{0662}\u{0661}\u{0662}612345678",
            "+1234567\n8",
        ] {
            assert_eq!(parse_phone(text), None, "{text:?}");
        }
    }

    #[test]
    fn document_numbers_are_brought_into_one_form() {
        for (text, number) in [
            ("ab 123-456", "AB123456"),
            ("AB.12/34_56<<<", "AB123456"),
            ("x", "X"),
            ("\u{436}12", "\u{416}12"),
        ] {
            assert_eq!(parse_document(text).as_deref(), Some(number), "{text}");
        }
        assert_eq!(parse_document(&"a".repeat(64)).map(|number| number.len()), Some(64));
        for text in ["", "--", "a+b", "a\u{0}b", "a\nb", &"a".repeat(65)] {
            assert_eq!(parse_document(text), None, "{text:?}");
        }
    }
}
