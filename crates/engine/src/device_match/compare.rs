//! How alike two observations of devices are.

use super::weights::{ROLLED_BACK_BITS, Weight};
use super::{Attribute, AttributeSet, Attributes, Form, MATCH_THRESHOLD, REQUIRED_BITS};

/// How two observations compare.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Match {
    /// How sure it is that they are of one device, 0 to 1.
    pub confidence: f64,
    /// What both told and agrees. A newer version of the same browser or system agrees.
    pub matched: AttributeSet,
    /// What both told and does not agree.
    pub differed: AttributeSet,
}

impl Match {
    /// Whether the confidence reaches the threshold.
    pub fn is_same_device(&self) -> bool {
        self.confidence >= MATCH_THRESHOLD
    }
}

/// Compares what is known of a device with what is seen now.
///
/// The confidence is 1 when a strong identifier agrees: the device's id, or the client's fingerprint. The fingerprint
/// of a phone is computed from what its whole model shares, so there it is no proof against two ids that differ.
///
/// Otherwise, with `A` the bits of what agrees and `P` the bits of what differs, it is
/// `min(A / REQUIRED_BITS, A / (A + P))`: enough must agree, and little may differ. Hence it is
///
/// - monotone: one more attribute that agrees never lowers it;
/// - 1 of a device and itself when that tells a strong identifier or [`REQUIRED_BITS`] in all. One that tells less
///   can not be known again for certain, not even by itself;
/// - symmetric, but for versions: they may rise from `known` to `seen`. One that falls by more than a patch release
///   counts as a difference.
pub fn compare(known: &Attributes, seen: &Attributes) -> Match {
    let mut evidence = Evidence::default();
    for attribute in Attribute::ALL {
        let weight = Weight::of(attribute);
        match agreement(known, seen, attribute) {
            Agreement::Same => evidence.add(attribute, weight.agreeing([known.form, seen.form])),
            Agreement::RolledBack => evidence.subtract(attribute, ROLLED_BACK_BITS),
            Agreement::Different => evidence.subtract(attribute, weight.against),
            Agreement::Unknown => {}
        }
    }
    let is_certain = evidence.has_strong_match([known.form, seen.form]);
    Match {
        confidence: if is_certain { 1.0 } else { evidence.confidence() },
        matched: evidence.matched,
        differed: evidence.differed,
    }
}

enum Agreement {
    Same,
    RolledBack,
    Different,
    Unknown,
}

fn agreement(known: &Attributes, seen: &Attributes, attribute: Attribute) -> Agreement {
    let Some((before, now)) = known.get(attribute).zip(seen.get(attribute)) else {
        return Agreement::Unknown;
    };
    let versions = match attribute {
        Attribute::Browser => known.browser_version.zip(seen.browser_version),
        Attribute::Os => known.os_version.zip(seen.os_version),
        _ => None,
    };
    if before != now {
        Agreement::Different
    } else if versions.is_some_and(|(before, now)| now.is_older_than(before)) {
        Agreement::RolledBack
    } else {
        Agreement::Same
    }
}

/// What speaks for one device and what against.
#[derive(Default)]
struct Evidence {
    agreeing_bits: f64,
    differing_bits: f64,
    matched: AttributeSet,
    differed: AttributeSet,
}

impl Evidence {
    fn add(&mut self, attribute: Attribute, bits: f64) {
        self.agreeing_bits += bits;
        self.matched.insert(attribute);
    }

    fn subtract(&mut self, attribute: Attribute, bits: f64) {
        self.differing_bits += bits;
        self.differed.insert(attribute);
    }

    fn has_strong_match(&self, forms: [Option<Form>; 2]) -> bool {
        let are_desktops = forms == [Some(Form::Desktop); 2];
        self.matched.contains(Attribute::DeviceId)
            || self.matched.contains(Attribute::ClientFingerprint)
                && (are_desktops || !self.differed.contains(Attribute::DeviceId))
    }

    fn confidence(&self) -> f64 {
        self.agreeing_bits / REQUIRED_BITS.max(self.agreeing_bits + self.differing_bits)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Version;
    use super::super::testing::{any_attributes, laptop, phone};
    use super::*;

    /// The device with one attribute set to something else.
    fn with(mut device: Attributes, attribute: Attribute, text: &str) -> Attributes {
        device.set(attribute, text);
        device
    }

    /// The seven members of a fraudshield fingerprint (R1.6).
    fn registered() -> Attributes {
        let mut device = laptop();
        for attribute in Attribute::ALL {
            use Attribute::{Browser, Canvas, Language, Os, Platform, Screen, TimeZone, WebGl};
            if ![Canvas, WebGl, Screen, Platform, TimeZone, Language, Browser, Os].contains(&attribute) {
                device.set(attribute, "");
            }
        }
        device
    }

    #[test]
    fn a_strong_identifier_is_enough() {
        for id in [Attribute::DeviceId, Attribute::ClientFingerprint] {
            let (laptop, phone) = (with(laptop(), id, "x1"), with(phone(), id, "x1"));
            let found = compare(&laptop, &phone);
            assert!(found.confidence >= 1.0 && found.matched.contains(id), "{id:?}");
            assert!(found.differed.contains(Attribute::Platform), "what does not fit is told all the same");
            assert!(!compare(&laptop, &with(phone, id, "x2")).is_same_device());
        }
    }

    #[test]
    fn a_browser_that_forgot_its_id_is_known_by_its_looks() {
        let (before, after) =
            (with(laptop(), Attribute::DeviceId, "x1"), with(laptop(), Attribute::DeviceId, "x2"));
        assert!(compare(&before, &after).is_same_device());
        assert!(compare(&before, &laptop()).is_same_device());
    }

    #[test]
    fn stock_phones_of_one_model_stay_apart() {
        let mine = phone();
        assert!(compare(&mine, &mine).confidence < 0.7, "nothing that millions share is enough");
        let ids = |id| with(with(mine, Attribute::ClientFingerprint, "f"), Attribute::DeviceId, id);
        assert!(!compare(&ids("x1"), &ids("x2")).is_same_device(), "their computed fingerprint is the same");
        let of = |account| with(mine, Attribute::Account, account);
        assert!(compare(&of("u1"), &of("u1")).is_same_device());
        assert!(!compare(&of("u1"), &of("u2")).is_same_device());
    }

    #[test]
    fn laptops_of_one_model_are_told_by_canvas_or_fonts() {
        let mut mine = laptop();
        mine.set(Attribute::Canvas, "");
        mine.set(Attribute::Fonts, "");
        assert!(!compare(&mine, &mine).is_same_device());
        let other_canvas = with(with(laptop(), Attribute::Canvas, "other"), Attribute::Fonts, "");
        assert!(!compare(&laptop(), &other_canvas).is_same_device());
    }

    #[test]
    fn what_a_fraudshield_client_sends_is_enough_and_may_drift() {
        let known = registered();
        assert!(compare(&known, &known).confidence >= 1.0);
        let mut seen = with(known, Attribute::TimeZone, "Europe/Paris");
        seen.set(Attribute::Language, "en-US");
        seen.set_browser("Chrome", Version::parse("131.0"));
        let found = compare(&known, &seen);
        assert!(found.is_same_device() && found.confidence < 1.0, "{found:?}");
        let changed = [Attribute::TimeZone, Attribute::Language].into_iter().collect();
        assert_eq!(found.differed, changed);
        assert!(found.matched.contains(Attribute::Browser));
    }

    #[test]
    fn a_browser_does_not_go_back() {
        let with_chrome = |version| {
            let mut device = registered();
            device.set_browser("Chrome", Version::parse(version));
            device
        };
        let (old, new) = (with_chrome("124.0"), with_chrome("125.0"));
        assert!(compare(&old, &new).is_same_device());
        let back = compare(&new, &old);
        assert!(!back.is_same_device() && back.differed.contains(Attribute::Browser));
        assert!(compare(&with_chrome("124.0.9"), &with_chrome("124.0.1")).is_same_device());
    }

    #[test]
    fn another_platform_system_browser_or_model_is_another_device() {
        use Attribute::{Account, Browser, Model, Os, Platform};
        let known = with(with(laptop(), Account, "u1"), Model, "T480");
        for attribute in [Platform, Os, Browser, Model] {
            assert!(!compare(&known, &with(known, attribute, "other")).is_same_device(), "{attribute:?}");
        }
    }

    #[test]
    fn a_screen_more_is_no_other_laptop() {
        let mut docked = laptop();
        docked.set_screen(2_560.0, 1_440.0);
        assert!(compare(&laptop(), &docked).is_same_device());
        assert!(!compare(&registered(), &with(registered(), Attribute::WebGl, "other")).is_same_device());
    }

    #[test]
    fn knowing_nothing_matches_nothing() {
        let nothing = Attributes::default();
        for other in [nothing, laptop(), phone()] {
            let found = compare(&nothing, &other);
            assert!(found.confidence <= 0.0 && found.matched.is_empty() && found.differed.is_empty());
        }
    }

    proptest! {
        #[test]
        fn the_confidence_is_from_0_to_1(a in any_attributes(), b in any_attributes()) {
            prop_assert!((0.0..=1.0).contains(&compare(&a, &b).confidence));
        }

        #[test]
        fn what_identifies_is_itself(a in any_attributes()) {
            let found = compare(&a, &a);
            prop_assert!(found.differed.is_empty());
            prop_assert_eq!(found.matched, a.told());
            let bits: f64 = a.told().iter().map(|told| Weight::of(told).agreeing([a.form; 2])).sum();
            let has_id = a.told().contains(Attribute::DeviceId) || a.told().contains(Attribute::ClientFingerprint);
            prop_assert_eq!(found.confidence >= 1.0, has_id || bits >= REQUIRED_BITS);
        }

        #[test]
        fn only_versions_have_a_direction(a in any_attributes(), b in any_attributes()) {
            let versions = (a.browser_version, a.os_version);
            let b = Attributes { browser_version: versions.0, os_version: versions.1, ..b };
            prop_assert_eq!(compare(&a, &b), compare(&b, &a));
        }

        #[test]
        fn one_more_that_agrees_never_lowers_it(
            known in any_attributes(),
            seen in any_attributes(),
            attribute in prop::sample::select(Attribute::ALL.to_vec()),
        ) {
            let mut closer = seen;
            if known.get(attribute).is_some() {
                closer.values[attribute as usize] = known.get(attribute);
                match attribute {
                    Attribute::Browser => closer.browser_version = known.browser_version,
                    Attribute::Os => closer.os_version = known.os_version,
                    _ => {}
                }
            }
            prop_assert!(compare(&known, &closer).confidence >= compare(&known, &seen).confidence);
        }

        #[test]
        fn a_value_that_is_not_told_costs_nothing_against_one_that_differs(
            known in any_attributes(),
            seen in any_attributes(),
            attribute in prop::sample::select(Attribute::ALL.to_vec()),
        ) {
            let before = compare(&known, &seen);
            let mut silent = seen;
            silent.values[attribute as usize] = None;
            let after = compare(&known, &silent);
            if before.matched.contains(attribute) {
                prop_assert!(after.confidence <= before.confidence);
            } else if before.differed.contains(attribute) {
                prop_assert!(after.confidence >= before.confidence);
            } else {
                prop_assert_eq!(after, before);
            }
        }
    }
}
