//! Labels: names for what fired together.

use portcullis_domain::{Check, CheckStatus, EventType, Policy, PolicyLabel};

/// The most labels of a policy: an assessment keeps one bit for each.
pub(crate) const MOST: usize = 32;

/// A policy's labels with their rules looked up once.
#[derive(Debug)]
pub(crate) struct Labels(Vec<Label>);

#[derive(Debug)]
struct Label {
    /// The label of the policy with this number.
    bit: u32,
    applies_to: portcullis_domain::EventTypes,
    /// Rules by their index: the label applies when all of any one set fired.
    any_of: Vec<Vec<u16>>,
}

impl Labels {
    /// Fails with the code of a rule that the policy does not have.
    pub(crate) fn compile(policy: &Policy) -> Result<Self, String> {
        let labels = (0..).zip(&policy.labels).map(|(bit, label)| Label::compile(bit, label, policy));
        labels.collect::<Result<_, _>>().map(Self)
    }

    /// The bits of the labels that apply.
    pub(crate) fn of(&self, checks: &[Check], event_type: EventType) -> u32 {
        let fired =
            |rule: u16| checks.iter().any(|check| check.rule == rule && check.status == CheckStatus::Fired);
        let applies = |label: &&Label| {
            label.applies_to.contains(event_type)
                && label.any_of.iter().any(|all| all.iter().all(|&rule| fired(rule)))
        };
        self.0.iter().filter(applies).fold(0, |bits, label| bits | 1 << label.bit)
    }
}

impl Label {
    fn compile(bit: u32, label: &PolicyLabel, policy: &Policy) -> Result<Self, String> {
        let index = |code: &String| {
            let place = policy.rules.iter().position(|rule| rule.code == *code);
            place.and_then(|place| u16::try_from(place).ok()).ok_or_else(|| code.clone())
        };
        let any_of =
            label.any_of.iter().map(|all| all.iter().map(index).collect()).collect::<Result<_, _>>()?;
        Ok(Self { bit, applies_to: label.applies_to, any_of })
    }
}

/// The labels of `policy` whose bits are set, in the policy's order.
pub fn labels_of(policy: &Policy, bits: u32) -> impl Iterator<Item = &PolicyLabel> {
    policy.labels.iter().enumerate().filter(move |(bit, _)| bits >> bit & 1 == 1).map(|(_, label)| label)
}

#[cfg(test)]
mod tests {
    use portcullis_domain::{EventTypes, Overrides};

    use super::*;
    use crate::testing::PROFILE;

    const PAYMENTS: EventTypes = EventTypes::only(EventType::Payment).and(EventType::Withdrawal);

    fn policy() -> Policy {
        let label = |code: &str, any_of: &[&[&str]], applies_to| PolicyLabel {
            code: code.to_owned(),
            description: "What fired together".to_owned(),
            any_of: any_of.iter().map(|all| all.iter().map(|&rule| rule.to_owned()).collect()).collect(),
            applies_to,
        };
        let labels = vec![
            label("ONE", &[&["TOR"]], EventTypes::ALL),
            label("BOTH", &[&["TOR", "MAIL"]], EventTypes::ALL),
            label("EITHER", &[&["MAIL"], &["DEVICE"]], EventTypes::ALL),
            label("PAYING", &[&["TOR"]], PAYMENTS),
        ];
        Policy { labels, ..PROFILE.policy(&Overrides::default(), &Overrides::default()) }
    }

    /// The labels when the rules with these codes have these statuses.
    fn labels(statuses: &[(&str, CheckStatus)], event_type: EventType) -> Vec<String> {
        let policy = policy();
        let check = |&(code, status): &(&str, CheckStatus)| {
            let rule = policy.rules.iter().position(|rule| rule.code == code).unwrap();
            Check { rule: u16::try_from(rule).unwrap(), status }
        };
        let checks: Vec<_> = statuses.iter().map(check).collect();
        let bits = Labels::compile(&policy).unwrap().of(&checks, event_type);
        labels_of(&policy, bits).map(|label| label.code.clone()).collect()
    }

    #[test]
    fn one_set_is_enough_and_all_of_it_is_needed() {
        let fired = |codes: &[&'static str]| {
            let checks: Vec<_> = codes.iter().map(|&code| (code, CheckStatus::Fired)).collect();
            labels(&checks, EventType::Signup)
        };
        assert_eq!(fired(&[]), [""; 0]);
        assert_eq!(fired(&["RATE"]), [""; 0]);
        assert_eq!(fired(&["TOR"]), ["ONE"]);
        assert_eq!(fired(&["MAIL"]), ["EITHER"]);
        assert_eq!(fired(&["DEVICE"]), ["EITHER"]);
        assert_eq!(fired(&["DEVICE", "TOR", "MAIL"]), ["ONE", "BOTH", "EITHER"]);
    }

    #[test]
    fn is_for_its_event_types() {
        let tor = [("TOR", CheckStatus::Fired)];
        assert_eq!(labels(&tor, EventType::Withdrawal), ["ONE", "PAYING"]);
        assert_eq!(labels(&tor, EventType::Payment), ["ONE", "PAYING"]);
        assert_eq!(labels(&tor, EventType::Login), ["ONE"]);
    }

    #[test]
    fn only_what_counts_makes_a_label() {
        use CheckStatus::{Disabled, Quiet, ShadowFired, ShadowQuiet, Unknown};
        for status in [ShadowFired, ShadowQuiet, Disabled, Quiet, Unknown] {
            assert_eq!(labels(&[("TOR", status)], EventType::Payment), [""; 0], "{status:?}");
        }
        let half = [("TOR", CheckStatus::Fired), ("MAIL", ShadowFired)];
        assert_eq!(labels(&half, EventType::Signup), ["ONE"]);
    }

    #[test]
    fn the_last_bit_is_a_label_too() {
        let mut policy = policy();
        policy.labels = vec![policy.labels[0].clone(); MOST];
        let all = Labels::compile(&policy).unwrap();
        let tor = [Check { rule: 2, status: CheckStatus::Fired }];
        assert_eq!(all.of(&tor, EventType::Signup), u32::MAX);
        assert_eq!(labels_of(&policy, 1 << 31).count(), 1);
    }
}
