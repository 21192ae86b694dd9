//! Durations as people write them: `30s`, `15m`, `1h`, `30d`.

const SECOND_MS: i64 = 1_000;
/// The longest duration: 100 years, which keeps every sum with a time in range.
const LONGEST_MS: i64 = 36_500 * 24 * 60 * 60 * SECOND_MS;

/// What a duration must be, as the end of a sentence that begins with the field.
pub(crate) const EXPECTED: &str = "must be a duration such as 30s, 15m, 1h or 30d, and at most 100 years";

/// A whole number of seconds, minutes, hours or days in milliseconds; at least one second and at most 100 years.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let unit = text.chars().next_back()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        _ => return None,
    };
    let digits = &text[..text.len() - unit.len_utf8()];
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    of_seconds(digits.parse::<i64>().ok()?.checked_mul(seconds)?)
}

/// So many seconds in milliseconds, within the same limits.
pub(crate) fn of_seconds(seconds: i64) -> Option<i64> {
    let millis = seconds.checked_mul(SECOND_MS)?;
    (SECOND_MS..=LONGEST_MS).contains(&millis).then_some(millis)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn units_are_told_apart() {
        let cases =
            [("1s", 1_000), ("30m", 1_800_000), ("1h", 3_600_000), ("30d", 2_592_000_000), ("007s", 7_000)];
        for (text, millis) in cases {
            assert_eq!(parse(text), Some(millis), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        let table =
            ["", "s", "1", "0s", "-1h", "+1h", "1.5h", "1 h", " 1h", "1w", "1H", "٣h", "1hh", "h1", "1é"];
        for text in table {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_hundred_years_are_the_longest() {
        assert!(parse("36500d").is_some() && parse("36501d").is_none());
        assert!(parse("9223372036854775807d").is_none() && parse("99999999999999999999s").is_none());
        assert_eq!(of_seconds(0), None);
        assert_eq!(of_seconds(i64::MAX), None);
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in "\\PC{0,20}|[0-9]{0,25}[smhdü]") {
            let _ = parse(&text);
        }
    }
}
