//! Risk labels: names for what fired together.

use domain::Policy;
use portcullis_domain as domain;
use portcullis_engine::labels_of;
use serde::Serialize;
use utoipa::ToSchema;

/// The label of a device without any other.
const CLEAN: Label<'static> =
    Label { code: "CLEAN", description: "No risk labels detected — device appears legitimate" };

/// A name for what fired together.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = FraudsenseLabel)]
pub(crate) struct Label<'a> {
    /// Its code.
    #[schema(example = "FAKE_DEVICE")]
    code: &'a str,
    /// What it means.
    #[schema(example = "Device is an emulator or virtual environment")]
    description: &'a str,
}

/// The labels of the policy whose bits are set, in the contract's order; CLEAN when there is none.
pub(super) fn labels(policy: &Policy, bits: u32) -> Vec<Label<'_>> {
    let applying =
        labels_of(policy, bits).map(|label| Label { code: &label.code, description: &label.description });
    let mut labels: Vec<_> = applying.collect();
    if labels.is_empty() {
        labels.push(CLEAN);
    }
    labels
}

#[cfg(test)]
mod tests {
    use domain::Overrides;

    use super::*;
    use crate::fraudsense::profile::PROFILE;

    #[test]
    fn clean_is_shown_alone() {
        let policy = PROFILE.policy(&Overrides::default(), &Overrides::default());
        let codes = |bits| labels(&policy, bits).iter().map(|label| label.code).collect::<Vec<_>>();
        assert_eq!(codes(0), ["CLEAN"]);
        assert_eq!(codes(0b1), ["FAKE_DEVICE"]);
        assert_eq!(codes(0b1_0000_0010), ["TAMPERED_DEVICE", "STATIC_DEVICE"]);
    }
}
