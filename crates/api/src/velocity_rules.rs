//! What a velocity rule may say: the same for a client's backend and for its people.

use std::borrow::Cow;

use portcullis_store::{Enforcement, OnExceed, VelocityRuleChange, VelocityScope, VelocityTerms};

use crate::duration;

const LONGEST_NAME: usize = 100;
const LONGEST_DESCRIPTION: usize = 1_000;
const LONGEST_ACTION: usize = 100;
const LARGEST_LIMIT: u32 = 1_000_000;
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;
/// Attempts are kept for as long as the longest window.
const LONGEST_SPAN_MS: i64 = 366 * DAY_MS;

/// What is wrong with a field, as the end of a sentence that begins with its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Complaint {
    /// A word; the same in every API.
    pub(crate) field: &'static str,
    pub(crate) message: Cow<'static, str>,
}

/// A rule as it was asked for.
#[derive(Debug)]
pub(crate) struct NewDraft {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) action: String,
    pub(crate) limit: i64,
    pub(crate) window: String,
    pub(crate) scope: VelocityScope,
    pub(crate) on_exceed: Option<OnExceed>,
    pub(crate) cooldown: Option<String>,
    pub(crate) enforcement: Option<Enforcement>,
    pub(crate) enabled: Option<bool>,
}

impl NewDraft {
    /// The rule, if it can be kept; all complaints are told at once.
    pub(crate) fn check(self) -> Result<VelocityTerms, Vec<Complaint>> {
        let mut errors = Vec::new();
        let terms = VelocityTerms {
            name: kept(checked_name(&self.name), &mut errors),
            description: kept(checked_description(&self.description.unwrap_or_default()), &mut errors),
            action: kept(checked_action(&self.action), &mut errors),
            limit: kept(checked_limit(self.limit), &mut errors),
            window_ms: kept(checked_span("window", &self.window), &mut errors),
            scope: self.scope,
            on_exceed: self.on_exceed.unwrap_or(OnExceed::Block),
            cooldown_ms: self.cooldown.map(|text| kept(checked_span("cooldown", &text), &mut errors)),
            enforcement: self.enforcement,
            enabled: self.enabled.unwrap_or(true),
        };
        if errors.is_empty() { Ok(terms) } else { Err(errors) }
    }
}

/// A change of a rule as it was asked for: what is `None` stays.
#[derive(Debug)]
pub(crate) struct DraftChange {
    pub(crate) name: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) action: Option<String>,
    pub(crate) limit: Option<i64>,
    pub(crate) window: Option<String>,
    pub(crate) scope: Option<VelocityScope>,
    pub(crate) on_exceed: Option<OnExceed>,
    pub(crate) cooldown: Option<Option<String>>,
    pub(crate) enforcement: Option<Option<Enforcement>>,
    pub(crate) enabled: Option<bool>,
}

impl DraftChange {
    /// The change, if what it says can be kept; all complaints are told at once.
    pub(crate) fn check(self) -> Result<VelocityRuleChange, Vec<Complaint>> {
        let mut errors = Vec::new();
        let change = VelocityRuleChange {
            name: self.name.map(|text| kept(checked_name(&text), &mut errors)),
            description: self.description.map(|text| kept(checked_description(&text), &mut errors)),
            action: self.action.map(|text| kept(checked_action(&text), &mut errors)),
            limit: self.limit.map(|limit| kept(checked_limit(limit), &mut errors)),
            window_ms: self.window.map(|text| kept(checked_span("window", &text), &mut errors)),
            scope: self.scope,
            on_exceed: self.on_exceed,
            cooldown_ms: self
                .cooldown
                .map(|cooldown| cooldown.map(|text| kept(checked_span("cooldown", &text), &mut errors))),
            enforcement: self.enforcement,
            enabled: self.enabled,
        };
        if errors.is_empty() { Ok(change) } else { Err(errors) }
    }
}

/// The value, or its complaint and a value that is not used.
pub(crate) fn kept<T: Default, E>(checked: Result<T, impl Into<E>>, errors: &mut Vec<E>) -> T {
    checked.unwrap_or_else(|error| {
        errors.push(error.into());
        T::default()
    })
}

/// A name, without the spaces around it.
fn checked_name(text: &str) -> Result<String, Complaint> {
    checked_line("name", text, LONGEST_NAME)
}

/// What is attempted, without the spaces around it.
pub(crate) fn checked_action(text: &str) -> Result<String, Complaint> {
    checked_line("action", text, LONGEST_ACTION)
}

/// One line that is not empty, without the spaces around it.
pub(crate) fn checked_line(field: &'static str, text: &str, longest: usize) -> Result<String, Complaint> {
    let text = text.trim();
    let is_fine = !text.is_empty() && text.chars().count() <= longest && !text.chars().any(char::is_control);
    let message = || format!("must have 1 to {longest} characters, and no control characters").into();
    is_fine.then(|| text.to_owned()).ok_or_else(|| Complaint { field, message: message() })
}

/// A description, without the spaces around it.
fn checked_description(text: &str) -> Result<String, Complaint> {
    let text = text.trim();
    let is_odd = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    if text.chars().count() > LONGEST_DESCRIPTION || text.chars().any(is_odd) {
        let message = format!(
            "must have at most {LONGEST_DESCRIPTION} characters, and no control characters but line breaks"
        );
        return Err(Complaint { field: "description", message: message.into() });
    }
    Ok(text.to_owned())
}

/// How many attempts a window may have.
fn checked_limit(limit: i64) -> Result<u32, Complaint> {
    let checked = u32::try_from(limit).ok().filter(|limit| (1..=LARGEST_LIMIT).contains(limit));
    let message = || format!("must be from 1 to {LARGEST_LIMIT}").into();
    checked.ok_or_else(|| Complaint { field: "limit", message: message() })
}

/// A window or cooldown in milliseconds.
pub(crate) fn checked_span(field: &'static str, text: &str) -> Result<i64, Complaint> {
    let millis = duration::parse(text).filter(|millis| *millis <= LONGEST_SPAN_MS);
    let message = "must be a duration such as 30s, 15m, 1h or 30d, and at most 366d".into();
    millis.ok_or(Complaint { field, message })
}

/// The same as a text, in the largest unit that it is a whole number of.
pub(crate) fn shown_span(millis: i64) -> String {
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
