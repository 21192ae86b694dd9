//! Index keys by which a store finds the devices that are worth comparing.

use smallvec::SmallVec;

use super::attributes::digest;
use super::{Attribute, Attributes, Form};

/// The most keys that a device has.
pub const MAX_KEYS: usize = 8;

/// A key that more devices of a tenant have than this tells nothing: a store may leave it out, which also bounds the
/// devices that one event is compared with to this times [`MAX_KEYS`].
pub const MAX_DEVICES_PER_KEY: usize = 256;

/// The attributes that make a key together, the narrowest first. The places are hashed into the keys: only append.
const TUPLES: [&[Attribute]; MAX_KEYS] = [
    &[Attribute::DeviceId],
    &[Attribute::ClientFingerprint],
    &[Attribute::Account],
    &[Attribute::Canvas, Attribute::Fonts],
    &[Attribute::Canvas, Attribute::WebGl],
    &[Attribute::Canvas, Attribute::Screen],
    &[Attribute::Fonts, Attribute::WebGl],
    &[Attribute::Fonts, Attribute::Screen],
];

/// How many of the tuples a device has that is, or may be, a phone or a tablet: those whose looks do not count.
const HANDHELD_TUPLES: usize = 3;

/// The keys of a device, narrowest first; none when nothing was told that could identify it.
///
/// Two devices that [`compare`](super::compare) takes for one have a key in common, whatever has changed: desktops can
/// not reach the threshold without canvas or fonts, nor by one of these without the other, the graphics or the screen;
/// phones and tablets not without an id or the account. A key is 64 bits of a hash, the same for every tenant: store
/// it under the tenant.
pub fn blocking_keys(attributes: &Attributes) -> SmallVec<[u64; MAX_KEYS]> {
    let used = if attributes.form == Some(Form::Desktop) { MAX_KEYS } else { HANDHELD_TUPLES };
    (0_u8..).zip(&TUPLES[..used]).filter_map(|(place, tuple)| key(place, tuple, attributes)).collect()
}

/// The key that only devices have which tell exactly the same, by the same user agent: its smaller versions are in no
/// attribute.
pub fn exact_key(attributes: &Attributes, user_agent: &str) -> u64 {
    let mut bytes = attributes.to_bytes();
    bytes.extend_from_slice(user_agent.as_bytes());
    digest(&bytes).get()
}

fn key(place: u8, tuple: &[Attribute], attributes: &Attributes) -> Option<u64> {
    let mut bytes: SmallVec<[u8; 32]> = SmallVec::new();
    bytes.push(place);
    for &attribute in tuple {
        bytes.extend_from_slice(&attributes.get(attribute)?.get().to_le_bytes());
    }
    Some(digest(&bytes).get())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing::{any_attributes, any_drift, laptop, phone};
    use super::super::weights::Weight;
    use super::super::{MATCH_THRESHOLD, REQUIRED_BITS, compare};
    use super::*;

    fn share_a_key(a: &Attributes, b: &Attributes) -> bool {
        let keys = blocking_keys(b);
        blocking_keys(a).iter().any(|key| keys.contains(key))
    }

    /// Whether the attributes in `set`, by bit, hold all of a tuple that devices of this form have.
    fn holds_a_tuple(set: u32, form: Form) -> bool {
        let used = if form == Form::Desktop { MAX_KEYS } else { HANDHELD_TUPLES };
        TUPLES[..used].iter().any(|tuple| tuple.iter().all(|&attribute| set >> attribute as u32 & 1 == 1))
    }

    #[test]
    fn no_set_of_attributes_reaches_the_threshold_without_a_key() {
        for form in [Form::Desktop, Form::Handheld] {
            let weights = Attribute::ALL.map(|attribute| Weight::of(attribute).agreeing([Some(form); 2]));
            for set in 0..1_u32 << Attribute::COUNT {
                let agreeing = (0..Attribute::COUNT).filter(|bit| set >> bit & 1 == 1);
                let bits: f64 = agreeing.map(|bit| weights[bit]).sum();
                let matches = bits >= REQUIRED_BITS * MATCH_THRESHOLD;
                assert!(!matches || holds_a_tuple(set, form), "{form:?} {set:b}");
            }
        }
    }

    #[test]
    fn a_stock_phone_without_ids_has_no_key() {
        assert!(blocking_keys(&phone()).is_empty());
        assert!(blocking_keys(&Attributes::default()).is_empty());
    }

    #[test]
    fn keys_differ_by_what_they_are_made_of() {
        let keys = blocking_keys(&laptop());
        assert_eq!(keys.len(), 5, "canvas and fonts, and each of them with graphics and screen");
        assert!(keys.iter().enumerate().all(|(place, key)| !keys[..place].contains(key)));
    }

    proptest! {
        #[test]
        fn a_device_that_drifted_is_found_when_it_matches(known in any_attributes(), drift in any_drift()) {
            let seen = drift.of(known);
            if compare(&known, &seen).is_same_device() {
                prop_assert!(share_a_key(&known, &seen));
            }
        }

        #[test]
        fn any_two_that_match_share_a_key(a in any_attributes(), b in any_attributes()) {
            if compare(&a, &b).is_same_device() {
                prop_assert!(share_a_key(&a, &b));
            }
        }

        #[test]
        fn a_laptop_is_found_after_any_one_drift(drift in any_drift()) {
            let seen = drift.of(laptop());
            prop_assert!(compare(&laptop(), &seen).is_same_device());
            prop_assert!(share_a_key(&laptop(), &seen));
        }
    }
}
