//! A small model and labels for the tests of this module.

use std::ops::Range;

use proptest::prelude::*;

use super::{Scale, TrustModel, Truth};

/// The scale of fraudshield, 0 to 1000.
pub const SCALE: Scale = Scale::new(500, 100);

/// Rules and their points.
pub const RULES: &[(&str, i32)] =
    &[("vpn", 200), ("tor", 300), ("bot", 300), ("new_device", 50), ("known", -50)];

/// The model of these rules before any label.
pub fn model() -> TrustModel {
    TrustModel::prior(RULES, SCALE)
}

/// The model after these labels.
pub fn taught(labels: &[(&[&str], Truth)]) -> TrustModel {
    labels.iter().fold(model(), |model, (fired, truth)| model.update(fired, *truth))
}

/// Any of the rules.
pub fn any_fired() -> impl Strategy<Value = Vec<&'static str>> {
    let codes: Vec<_> = RULES.iter().map(|rule| rule.0).collect();
    prop::sample::subsequence(codes, 0..=RULES.len())
}

/// Any labels.
pub fn any_labels(count: Range<usize>) -> impl Strategy<Value = Vec<(Vec<&'static str>, Truth)>> {
    let truth = prop_oneof![Just(Truth::Fraud), Just(Truth::Legitimate)];
    prop::collection::vec((any_fired(), truth), count)
}

/// Numbers that look random and are the same in every run (SplitMix64; Steele, Lea, Flood, 2014).
pub struct Random(pub u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    /// True so often.
    pub fn chance(&mut self, probability: f64) -> bool {
        ((self.next() >> 11) as f64) < probability * (1_u64 << 53) as f64
    }
}
