//! Devices and drifts for the tests of this module.

use proptest::prelude::*;

use super::{Attribute, Attributes, Form, Version};

/// A laptop that tells everything a browser can.
pub fn laptop() -> Attributes {
    let mut laptop = Attributes::default();
    let texts = [
        (Attribute::Canvas, "a91c07"),
        (Attribute::Fonts, "Arial,Calibri,Lato"),
        (Attribute::WebGl, "ANGLE (Intel, UHD 620)"),
        (Attribute::Audio, "124.0434"),
        (Attribute::Platform, "Win32"),
        (Attribute::TimeZone, "Africa/Casablanca"),
        (Attribute::Language, "fr-MA"),
    ];
    for (attribute, text) in texts {
        laptop.set(attribute, text);
    }
    laptop.set_screen(1_536.0, 864.0);
    let numbers = [(Attribute::PixelRatio, 1.25), (Attribute::Cores, 8.0), (Attribute::Memory, 8.0)];
    for (attribute, number) in numbers {
        laptop.set_number(attribute, number);
    }
    laptop.set_browser("Chrome", Version::parse("124.0"));
    laptop.set_os("Windows", Some(Version::of_major(10)));
    laptop.set_form(Some(Form::Desktop));
    laptop
}

/// A phone as it left the shop, with all that its browser can tell.
pub fn phone() -> Attributes {
    let mut phone = Attributes::default();
    let texts = [
        (Attribute::Canvas, "5e77d1"),
        (Attribute::Fonts, "stock"),
        (Attribute::WebGl, "Apple GPU"),
        (Attribute::Audio, "35.749"),
        (Attribute::Platform, "iPhone"),
        (Attribute::TimeZone, "Africa/Casablanca"),
        (Attribute::Language, "fr-MA"),
        (Attribute::Model, "iPhone15,2"),
    ];
    for (attribute, text) in texts {
        phone.set(attribute, text);
    }
    phone.set_screen(393.0, 852.0);
    let numbers = [(Attribute::PixelRatio, 3.0), (Attribute::Cores, 4.0), (Attribute::TouchPoints, 5.0)];
    for (attribute, number) in numbers {
        phone.set_number(attribute, number);
    }
    phone.set_browser("Mobile Safari", Version::parse("17.4"));
    phone.set_os("iOS", Version::parse("17.4"));
    phone.set_form(Some(Form::Handheld));
    phone
}

/// What happens to a device between two visits.
#[derive(Clone, Debug, Default)]
pub struct Drift {
    browser_update: Option<u32>,
    time_zone: Option<u8>,
    language: Option<u8>,
    missing: Option<Attribute>,
}

impl Drift {
    /// The device after it.
    pub fn of(&self, mut device: Attributes) -> Attributes {
        if let (Some(by), Some(version)) = (self.browser_update, &mut device.browser_version) {
            version.major += by;
        }
        if let Some(zone) = self.time_zone {
            device.set(Attribute::TimeZone, &format!("Zone/{zone}"));
        }
        if let Some(language) = self.language {
            device.set(Attribute::Language, &format!("l{language}"));
        }
        if let Some(attribute) = self.missing {
            device.values[attribute as usize] = None;
        }
        device
    }
}

/// Any mixture of an update, a journey, another language and something that is no longer told.
pub fn any_drift() -> impl Strategy<Value = Drift> {
    let missing = prop::sample::select(Attribute::ALL.to_vec());
    (of_any(1..20_u32), of_any(0..5_u8), of_any(0..5_u8), of_any(missing)).prop_map(
        |(browser_update, time_zone, language, missing)| Drift {
            browser_update,
            time_zone,
            language,
            missing,
        },
    )
}

fn of_any<T: std::fmt::Debug + Clone>(value: impl Strategy<Value = T>) -> impl Strategy<Value = Option<T>> {
    prop::option::of(value)
}

/// Any attributes at all. There are two values of each, so that pairs agree about as often as they differ; ids and
/// accounts are rarer and of more values, so that they do not decide everything.
pub fn any_attributes() -> impl Strategy<Value = Attributes> {
    let values = prop::collection::vec(prop::option::weighted(0.85, 0..2_u8), Attribute::COUNT);
    let ids = [0; 3].map(|_: u8| prop::option::weighted(0.3, 0..4_u8));
    let form = prop_oneof![3 => Just(Some(Form::Desktop)), 1 => Just(Some(Form::Handheld)), 1 => Just(None)];
    (values, ids, any_version(), any_version(), form).prop_map(|(values, ids, browser, os, form)| {
        let mut attributes = Attributes::default();
        let values = ids.into_iter().chain(values.into_iter().skip(3));
        for (attribute, value) in Attribute::ALL.into_iter().zip(values) {
            if let Some(value) = value {
                attributes.set(attribute, &format!("v{value}"));
            }
        }
        (attributes.browser_version, attributes.os_version) = (browser, os);
        attributes.set_form(form);
        attributes
    })
}

fn any_version() -> impl Strategy<Value = Option<Version>> {
    prop::option::of(
        (0..3_u32, prop::option::of(0..3_u32)).prop_map(|(major, minor)| Version { major, minor }),
    )
}
