//! What velocity rules and checks may say.

use super::{duration, error::ParamError};

const LONGEST_NAME: usize = 100;
const LONGEST_DESCRIPTION: usize = 1_000;
const LONGEST_ACTION: usize = 100;
const LARGEST_LIMIT: u32 = 1_000_000;
const LONGEST_ID: usize = 256;
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// Attempts are kept for as long as the longest window.
const LONGEST_SPAN_MS: i64 = 366 * DAY_MS;

/// A name, without the spaces around it.
pub(super) fn checked_name(text: &str) -> Result<String, ParamError> {
    checked_line("name", text, LONGEST_NAME)
}

/// What is attempted, without the spaces around it.
pub(super) fn checked_action(text: &str) -> Result<String, ParamError> {
    checked_line("action", text, LONGEST_ACTION)
}

/// The id of a user or device, without the spaces around it.
pub(super) fn checked_id(param: &'static str, text: &str) -> Result<String, ParamError> {
    checked_line(param, text, LONGEST_ID)
}

fn checked_line(param: &'static str, text: &str, longest: usize) -> Result<String, ParamError> {
    let text = text.trim();
    let is_fine = !text.is_empty() && text.chars().count() <= longest && !text.chars().any(char::is_control);
    let wrong = || {
        ParamError::invalid(param, format!("must have 1 to {longest} characters, and no control characters"))
    };
    is_fine.then(|| text.to_owned()).ok_or_else(wrong)
}

/// A description, without the spaces around it.
pub(super) fn checked_description(text: &str) -> Result<String, ParamError> {
    let text = text.trim();
    let is_odd = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if text.chars().count() > LONGEST_DESCRIPTION || text.chars().any(is_odd) {
        let message = format!(
            "must have at most {LONGEST_DESCRIPTION} characters, and no control characters but line breaks"
        );
        return Err(ParamError::invalid("description", message));
    }
    Ok(text.to_owned())
}

/// How many attempts a window may have.
pub(super) fn checked_limit(limit: i64) -> Result<u32, ParamError> {
    let checked = u32::try_from(limit).ok().filter(|limit| (1..=LARGEST_LIMIT).contains(limit));
    checked.ok_or_else(|| ParamError::invalid("limit", format!("must be from 1 to {LARGEST_LIMIT}")))
}

/// A window or cooldown in milliseconds.
pub(super) fn checked_span(param: &'static str, text: &str) -> Result<i64, ParamError> {
    let millis = duration::parse(text).filter(|millis| *millis <= LONGEST_SPAN_MS);
    let wrong = "must be a duration such as 30s, 15m, 1h or 30d, and at most 366d";
    millis.ok_or_else(|| ParamError::invalid(param, wrong))
}

/// The same as a text, in the largest unit that it is a whole number of.
pub(super) fn shown_span(millis: i64) -> String {
    let units = [(DAY_MS, 'd'), (60 * 60 * 1_000, 'h'), (60 * 1_000, 'm')];
    let fitting = units.into_iter().find(|(unit, _)| millis % unit == 0);
    let (unit, letter) = fitting.unwrap_or((1_000, 's'));
    format!("{}{letter}", millis / unit)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spans_are_shown_in_the_largest_unit_that_fits() {
        for (text, shown) in
            [("1h", "1h"), ("60m", "1h"), ("90m", "90m"), ("61s", "61s"), ("24h", "1d"), ("366d", "366d")]
        {
            assert_eq!(shown_span(checked_span("window", text).unwrap()), shown);
        }
        assert!(checked_span("window", "367d").is_err() && checked_span("window", "8785h").is_err());
    }

    #[test]
    fn limits_have_limits() {
        assert_eq!((checked_limit(1).unwrap(), checked_limit(1_000_000).unwrap()), (1, 1_000_000));
        for limit in [0, -1, 1_000_001, i64::MAX, i64::MIN, 4_294_967_297] {
            assert!(checked_limit(limit).is_err(), "{limit}");
        }
    }

    proptest! {
        #[test]
        fn a_shown_span_is_the_same_span(seconds in 1..366 * 24 * 60 * 60i64) {
            let millis = seconds * 1_000;
            prop_assert_eq!(checked_span("window", &shown_span(millis)).unwrap(), millis);
        }
    }
}
