//! How much each attribute tells, in bits, and how much a difference speaks against being the same device.
//!
//! # Sources
//!
//! Entropies in bits, as published, of browsers of all kinds:
//!
//! | attribute | 2016 | 2018 |
//! |---|---|---|
//! | canvas | 8.28 | 8.54 |
//! | fonts | 8.38 | 6.90 |
//! | WebGL renderer | 3.41 | 5.54 |
//! | screen and color depth | 4.89 | |
//! | content language | 5.92 | |
//! | time zone | 3.34 | |
//! | platform | 2.31 | |
//! | audio | 5.4 | |
//!
//! 2016: Laperdrix, Rudametkin, Baudry, "Beauty and the Beast", IEEE S&P 2016 (118,934 fingerprints); the audio figure:
//! Englehardt, Narayanan, "Online Tracking: A 1-million-site Measurement and Analysis", CCS 2016. 2018: Gómez-Boix,
//! Laperdrix, Baudry, "Hiding in the Crowd", WWW 2018 (2,067,942 fingerprints of one French site's visitors: 33.6 % were
//! unique, of phones 18.5 %). The latter's values are its normalized entropies (0.407, 0.329, 0.264) times log2 of
//! its number of fingerprints.
//!
//! # What is estimated
//!
//! Entropies of attributes that depend on each other do not add up: a canvas already tells much of the system, the
//! browser and the graphics. Canvas comes with its published figure and all the others with an estimate of what they
//! add to it. A tenant's customers share a country, so time zone and language tell less than in 2016. Nothing is
//! published for phones of one model; that their graphics, screen, fonts and canvas are the same is how they are made.
//! The penalties are estimates in the order in which "FP-STALKER" (Vastel et al., IEEE S&P 2018) found attributes to be
//! stable; as there, another platform, system or browser is another device.

use super::{Attribute, Form};

/// A difference that no agreement makes up for.
const ANOTHER_DEVICE_BITS: f64 = 12.0;

/// What speaks against a browser or a system that went back to an older version.
pub(super) const ROLLED_BACK_BITS: f64 = 4.0;

/// What an attribute tells, bits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Weight {
    /// What agreeing adds among desktops.
    pub(super) desktop: f64,
    /// What agreeing adds when either device is a phone or a tablet, or may be one: never more.
    pub(super) handheld: f64,
    /// What differing takes off.
    pub(super) against: f64,
}

impl Weight {
    /// The weight of an attribute.
    pub(super) const fn of(attribute: Attribute) -> Self {
        let (desktop, handheld, against) = match attribute {
            // Agreeing ids do not come to be weighed, but for the fingerprints of phones whose ids differ.
            Attribute::DeviceId => (0.0, 0.0, 4.0),
            Attribute::ClientFingerprint => (2.0, 2.0, 0.5),
            Attribute::Account => (14.0, 14.0, 0.0),
            Attribute::Canvas => (8.5, 1.5, 4.0),
            Attribute::Fonts => (6.0, 0.5, 3.0),
            Attribute::WebGl => (4.0, 1.0, 4.0),
            Attribute::Screen => (3.5, 1.0, 3.0),
            Attribute::PixelRatio => (0.5, 0.25, 0.5),
            Attribute::Audio => (1.0, 0.5, 2.0),
            Attribute::Cores => (1.0, 0.25, 3.0),
            Attribute::Memory => (0.5, 0.25, 3.0),
            Attribute::Platform => (1.0, 0.5, ANOTHER_DEVICE_BITS),
            Attribute::Os => (1.0, 1.0, ANOTHER_DEVICE_BITS),
            Attribute::Browser => (2.0, 1.5, ANOTHER_DEVICE_BITS),
            Attribute::TimeZone | Attribute::Language => (1.0, 1.0, 0.5),
            Attribute::TouchPoints => (0.5, 0.25, 2.0),
            Attribute::Model => (0.5, 0.5, ANOTHER_DEVICE_BITS),
        };
        Self { desktop, handheld, against }
    }

    /// What agreeing adds between devices of these kinds.
    pub(super) fn agreeing(self, forms: [Option<Form>; 2]) -> f64 {
        if forms == [Some(Form::Desktop); 2] { self.desktop } else { self.handheld }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{MATCH_THRESHOLD, REQUIRED_BITS};
    use super::*;

    /// What agrees by chance on devices of one model, made, sold and updated alike.
    fn is_common(attribute: Attribute, form: Form) -> bool {
        match attribute {
            Attribute::DeviceId | Attribute::Account => false,
            Attribute::ClientFingerprint | Attribute::Canvas | Attribute::Fonts => form == Form::Handheld,
            _ => true,
        }
    }

    #[test]
    fn all_that_millions_share_does_not_reach_the_threshold() {
        for form in [Form::Desktop, Form::Handheld] {
            let common = Attribute::ALL.into_iter().filter(|&attribute| is_common(attribute, form));
            let bits: f64 = common.map(|attribute| Weight::of(attribute).agreeing([Some(form); 2])).sum();
            assert!(bits < REQUIRED_BITS * MATCH_THRESHOLD, "{form:?}: {bits}");
        }
    }

    #[test]
    fn what_one_never_changes_outweighs_everything() {
        let all: f64 = Attribute::ALL.into_iter().map(|attribute| Weight::of(attribute).desktop).sum();
        assert!(all / (all + ANOTHER_DEVICE_BITS) < MATCH_THRESHOLD);
    }

    #[test]
    fn handhelds_tell_no_more_than_desktops() {
        for weight in Attribute::ALL.map(Weight::of) {
            assert!(weight.handheld >= 0.0 && weight.handheld <= weight.desktop && weight.against >= 0.0);
        }
    }

    #[test]
    fn what_may_be_a_phone_is_weighed_as_one() {
        let canvas = Weight::of(Attribute::Canvas);
        let desktop = Some(Form::Desktop);
        for other in [None, Some(Form::Handheld)] {
            assert!(canvas.agreeing([desktop, other]) < canvas.agreeing([desktop, desktop]));
            assert!(canvas.agreeing([other, desktop]) < canvas.agreeing([desktop, desktop]));
        }
    }
}
