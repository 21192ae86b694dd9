//! Test values: what an integrator sends with a test-mode key to try every branch.

use domain::{Email, Mode, Outcome};
use portcullis_domain as domain;

/// The outcome that a test address asks for, such as `test+block@example.com`; live keys know none.
pub(crate) fn forced_outcome(mode: Mode, email: Option<&Email>) -> Option<Outcome> {
    if mode != Mode::Test {
        return None;
    }
    match email?.local().to_ascii_lowercase().strip_prefix("test+")? {
        "allow" => Some(Outcome::Allow),
        "challenge" => Some(Outcome::Challenge),
        "review" => Some(Outcome::Review),
        "block" => Some(Outcome::Block),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_addresses_force_an_outcome_of_test_keys() {
        let forced = |mode, text: &str| forced_outcome(mode, Some(&Email::parse(text).unwrap()));
        assert_eq!(forced(Mode::Test, "test+block@example.com"), Some(Outcome::Block));
        assert_eq!(forced(Mode::Test, "Test+Review@example.com"), Some(Outcome::Review));
        assert_eq!(forced(Mode::Test, "test+other@example.com"), None);
        assert_eq!(forced(Mode::Test, "jane+block@example.com"), None);
        assert_eq!(forced(Mode::Live, "test+block@example.com"), None);
        assert_eq!(forced_outcome(Mode::Test, None), None);
    }
}
