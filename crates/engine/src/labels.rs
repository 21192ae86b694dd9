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
