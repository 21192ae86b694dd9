//! The priority of the gravest report of fraud that stands: what the signals of it share.

use portcullis_domain::{Facts, facts::user};

use crate::signals::Reading;

pub(super) fn has_priority(priority: &str, facts: &Facts) -> Reading {
    Reading::of(facts.get(user::FRAUD_PRIORITY).map(|known| known == priority))
}

pub(super) fn told(priority: &str) -> String {
    format!("The gravest report of fraud has {priority} priority")
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Missing;

    use super::*;
    use crate::signals::{
        read,
        reports::{fraud_high, fraud_low, fraud_medium},
    };

    #[test]
    fn each_fires_for_its_priority_only() {
        let scale =
            [("high", &fraud_high::SIGNAL), ("medium", &fraud_medium::SIGNAL), ("low", &fraud_low::SIGNAL)];
        for (its, signal) in scale {
            for priority in ["high", "medium", "low", ""] {
                let (reading, said) = read(signal, |facts| facts.set(user::FRAUD_PRIORITY, priority));
                let expected = if priority == its { Reading::Fired } else { Reading::Quiet };
                assert_eq!(reading, expected, "{} of {priority}", signal.code);
                if priority == its {
                    assert_eq!(said, format!("The gravest report of fraud has {its} priority"));
                }
            }
            assert_eq!(read(signal, |_| {}).0, Reading::Unknown(Missing::NotSent), "{}", signal.code);
        }
    }
}
