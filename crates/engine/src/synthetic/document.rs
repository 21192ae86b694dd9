//! Document numbers that somebody made up without effort. They are in upper case without separators.

/// Shorter ones are rarely numbers at all.
const LEAST_REPEATED: usize = 4;
/// Shorter ones happen by chance.
const LEAST_SEQUENCE: usize = 6;

pub(super) fn is_repeated(number: &str) -> bool {
    let mut characters = number.chars();
    let first = characters.next();
    number.chars().count() >= LEAST_REPEATED && characters.all(|character| Some(character) == first)
}

/// All of it counts up or down by one; 0 may follow 9.
pub(super) fn is_sequential(number: &str) -> bool {
    let bytes = number.as_bytes();
    let digits = bytes.len() >= LEAST_SEQUENCE && bytes.iter().all(u8::is_ascii_digit);
    let step = |by: u8| bytes.windows(2).all(|pair| (pair[0] - b'0' + by) % 10 == pair[1] - b'0');
    digits && (step(1) || step(9))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetition_is_of_all_characters() {
        for (number, expected) in
            [("0000", true), ("AAAAAA", true), ("000", false), ("", false), ("0001", false), ("ééé", false)]
        {
            assert_eq!(is_repeated(number), expected, "{number}");
        }
    }

    #[test]
    fn sequences_count_up_or_down() {
        for (number, expected) in [
            ("123456789", true),
            ("1234567890", true),
            ("987654321", true),
            ("012345", true),
            ("12345", false),
            ("AB123456", false),
            ("123457", false),
            ("111111", false),
            ("", false),
        ] {
            assert_eq!(is_sequential(number), expected, "{number}");
        }
    }
}
