//! What is wrong with a request: everything that is, told at once.

use std::{borrow::Cow, ops::RangeInclusive};

use super::error::FieldError;

/// The longest id of a device or a session, characters.
const LONGEST_ID: usize = 256;

/// The complaints about a request so far. A value that is complained about is taken as left out.
#[derive(Debug, Default)]
pub(super) struct Checks(Vec<FieldError>);

impl Checks {
    /// Complains about `field`.
    pub(super) fn complain(&mut self, field: &str, message: impl Into<Cow<'static, str>>) {
        self.0.push(FieldError::invalid(field, message));
    }

    /// Complains that `field` must be there.
    pub(super) fn miss(&mut self, field: &str) {
        self.0.push(FieldError::missing(field));
    }

    /// An id that must be there; one of nothing but blanks is none.
    pub(super) fn id(&mut self, field: &str, id: Option<String>) -> String {
        let id = id.filter(|id| !id.trim().is_empty());
        match id {
            Some(id) if id.chars().any(char::is_control) => {
                self.complain(field, "must have no control characters");
            }
            Some(id) if id.chars().count() <= LONGEST_ID => return id,
            Some(_) => self.complain(field, format!("must have at most {LONGEST_ID} characters")),
            None => self.miss(field),
        }
        String::new()
    }

    /// A text of at most `most` characters, without blanks around it; of nothing but blanks it is none.
    pub(super) fn short(&mut self, field: &str, text: Option<String>, most: usize) -> Option<String> {
        let text = text?.trim().to_owned();
        if text.chars().count() > most {
            self.complain(field, format!("must have at most {most} characters"));
        }
        Some(text).filter(|text| !text.is_empty())
    }

    /// A number in `range`.
    pub(super) fn within(
        &mut self,
        field: &str,
        number: Option<f64>,
        range: RangeInclusive<f64>,
    ) -> Option<f64> {
        if !range.contains(&number?) {
            self.complain(field, format!("must be from {} to {}", range.start(), range.end()));
        }
        number
    }

    /// A part of a whole.
    pub(super) fn ratio(&mut self, field: &str, number: Option<f64>) -> Option<f64> {
        self.within(field, number, 0.0..=1.0)
    }

    /// A number that is not negative.
    pub(super) fn amount(&mut self, field: &str, number: Option<f64>) -> Option<f64> {
        if number? < 0.0 {
            self.complain(field, "must not be negative");
        }
        number
    }

    /// A whole number in `range`, however it is written.
    pub(super) fn whole(
        &mut self,
        field: &str,
        number: Option<f64>,
        range: RangeInclusive<i64>,
    ) -> Option<i64> {
        let number = number?;
        let whole = number as i64;
        if number.fract() != 0.0 || !range.contains(&whole) {
            self.complain(field, format!("must be a whole number from {} to {}", range.start(), range.end()));
        }
        Some(whole)
    }

    /// `value`, unless there were complaints.
    pub(super) fn pass<T>(self, value: T) -> Result<T, Vec<FieldError>> {
        if self.0.is_empty() { Ok(value) } else { Err(self.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_fine(check: impl FnOnce(&mut Checks)) -> bool {
        let mut checks = Checks::default();
        check(&mut checks);
        checks.pass(()).is_ok()
    }

    #[test]
    fn ids_are_required_and_bounded() {
        let id = |id: Option<&str>| {
            is_fine(|checks| {
                checks.id("deviceId", id.map(str::to_owned));
            })
        };
        assert!(id(Some("d")) && id(Some(&"ü".repeat(256))));
        assert!(!id(None) && !id(Some("")) && !id(Some(" \n")) && !id(Some(&"d".repeat(257))));
    }

    #[test]
    fn whole_numbers_are_whole_and_in_range() {
        let score = |number| {
            is_fine(|checks| {
                checks.whole("riskScore", Some(number), 0..=100);
            })
        };
        for fine in [0.0, -0.0, 1.0, 100.0, 1e2] {
            assert!(score(fine), "{fine}");
        }
        for wrong in [0.5, 99.999, 100.5, 101.0, -1.0, 1e300, -1e300, 5e-324] {
            assert!(!score(wrong), "{wrong}");
        }
    }

    #[test]
    fn ratios_and_amounts_have_ends() {
        let ratio = |number| {
            is_fine(|checks| {
                checks.ratio("r", Some(number));
            })
        };
        assert!(ratio(0.0) && ratio(1.0) && !ratio(1.000_001) && !ratio(-0.1));
        let amount = |number| {
            is_fine(|checks| {
                checks.amount("a", Some(number));
            })
        };
        assert!(amount(0.0) && amount(1e308) && !amount(-5e-324));
    }

    #[test]
    fn short_texts_are_trimmed() {
        let mut checks = Checks::default();
        assert_eq!(checks.short("t", Some(" a ".to_owned()), 1).as_deref(), Some("a"));
        assert_eq!(checks.short("t", Some("  ".to_owned()), 1), None);
        assert_eq!(checks.short("t", None, 1), None);
        checks.short("t", Some("ab".to_owned()), 1);
        assert_eq!(
            checks.pass(()).unwrap_err(),
            [FieldError::invalid("t", "must have at most 1 characters")]
        );
    }
}
