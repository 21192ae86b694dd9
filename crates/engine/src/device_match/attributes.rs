//! What was told of one device, as digests that can only be compared.

use std::num::NonZeroU64;

use portcullis_domain::{Device, IdentityHints};
use serde::{Deserialize, Serialize};

use super::stored::Stored;
use super::{Attribute, AttributeSet, Form, Version};

/// Texts that stand for no value: what scripts send when they have none, and ids that are known to be shared by many
/// devices (iOS without permission to track, and a make of Android 2.2).
const NO_VALUES: [&str; 10] = [
    "undefined",
    "null",
    "none",
    "nil",
    "nan",
    "unknown",
    "n/a",
    "[object object]",
    "00000000-0000-0000-0000-000000000000",
    "9774d56d682e549c",
];

/// What a client told of its device.
///
/// Values are kept as 64-bit digests: they are compared for being the same and never shown, so a store of them holds
/// no more personal data than it needs. A value that was not told is missing. The digests are stored: how they are
/// made must not change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct Attributes {
    pub(super) values: [Option<NonZeroU64>; Attribute::COUNT],
    pub(super) browser_version: Option<Version>,
    pub(super) os_version: Option<Version>,
    pub(super) form: Option<Form>,
}

impl Attributes {
    /// Sets an attribute to a text. Spaces around it do not count, nor does the case of a language tag. A text that is
    /// empty or stands for no value (`undefined`, `null`, …) leaves the attribute missing.
    pub fn set(&mut self, attribute: Attribute, text: &str) {
        let text = text.trim();
        if text.is_empty() || NO_VALUES.iter().any(|none| text.eq_ignore_ascii_case(none)) {
            self.values[attribute as usize] = None;
        } else if attribute == Attribute::Language {
            self.put(attribute, text.to_ascii_lowercase().as_bytes());
        } else {
            self.put(attribute, text.as_bytes());
        }
    }

    /// Sets an attribute to a number; one that is not finite leaves it missing.
    pub fn set_number(&mut self, attribute: Attribute, number: f64) {
        if number.is_finite() {
            // Minus zero is zero.
            self.put(attribute, &(number + 0.0).to_le_bytes());
        } else {
            self.values[attribute as usize] = None;
        }
    }

    /// Sets the screen's size, CSS pixels. How it is held does not count.
    pub fn set_screen(&mut self, width: f64, height: f64) {
        if width.is_finite() && height.is_finite() {
            let mut sides = [0; 16];
            sides[..8].copy_from_slice(&width.min(height).to_le_bytes());
            sides[8..].copy_from_slice(&width.max(height).to_le_bytes());
            self.put(Attribute::Screen, &sides);
        }
    }

    /// Sets the graphics to WebGL's unmasked vendor and renderer, as far as they were told.
    pub fn set_webgl(&mut self, vendor: Option<&str>, renderer: Option<&str>) {
        if let Some(renderer) = renderer {
            self.set(
                Attribute::WebGl,
                &format!("{}\n{}", vendor.unwrap_or_default().trim(), renderer.trim()),
            );
        }
    }

    /// Sets the fonts to a list. Order and repetition do not count; an empty list leaves them missing.
    pub fn set_fonts<'a>(&mut self, fonts: impl IntoIterator<Item = &'a str>) {
        let mut fonts: Vec<_> = fonts.into_iter().map(str::trim).filter(|font| !font.is_empty()).collect();
        fonts.sort_unstable();
        fonts.dedup();
        self.set(Attribute::Fonts, &fonts.join("\n"));
    }

    /// Sets the browser.
    pub fn set_browser(&mut self, family: &str, version: Option<Version>) {
        self.set(Attribute::Browser, family);
        self.browser_version = version;
    }

    /// Sets the operating system.
    pub fn set_os(&mut self, family: &str, version: Option<Version>) {
        self.set(Attribute::Os, family);
        self.os_version = version;
    }

    /// Sets the kind of device, which decides how much the others tell.
    pub const fn set_form(&mut self, form: Option<Form>) {
        self.form = form;
    }

    /// The kind of device, as far as it is known.
    pub const fn form(&self) -> Option<Form> {
        self.form
    }

    fn set_hints(&mut self, hints: &IdentityHints) {
        let texts = [
            (Attribute::DeviceId, &hints.device_id),
            (Attribute::Canvas, &hints.canvas_hash),
            (Attribute::Fonts, &hints.fonts),
            (Attribute::Audio, &hints.audio_hash),
            (Attribute::Model, &hints.model),
        ];
        for (attribute, text) in texts {
            self.set(attribute, text.as_deref().unwrap_or_default());
        }
        self.set_number(Attribute::TouchPoints, hints.touch_points.map_or(f64::NAN, f64::from));
        // A client that hashes what it renders need not tell by what.
        if let Some(hash) = hints.webgl_hash.as_deref() {
            self.set(Attribute::WebGl, hash);
        }
    }

    /// The attributes that were told.
    pub fn told(&self) -> AttributeSet {
        Attribute::ALL.into_iter().filter(|&attribute| self.get(attribute).is_some()).collect()
    }

    pub(super) fn get(&self, attribute: Attribute) -> Option<NonZeroU64> {
        self.values[attribute as usize]
    }

    fn put(&mut self, attribute: Attribute, bytes: &[u8]) {
        self.values[attribute as usize] = Some(digest(bytes));
    }
}

/// What an event tells of its device without its user agent, which only `intel` can read: set browser, system and
/// form from that.
impl From<&Device> for Attributes {
    fn from(device: &Device) -> Self {
        let mut attributes = Self::default();
        let texts = [
            (Attribute::ClientFingerprint, &device.client_fingerprint),
            (Attribute::Platform, &device.platform),
            (Attribute::TimeZone, &device.timezone),
            (Attribute::Language, &device.language),
        ];
        for (attribute, text) in texts {
            attributes.set(attribute, text.as_deref().unwrap_or_default());
        }
        attributes.set_webgl(device.webgl_vendor.as_deref(), device.webgl_renderer.as_deref());
        let screen = device.screen.unwrap_or_default();
        if let Some((width, height)) = screen.width.zip(screen.height) {
            attributes.set_screen(width, height);
        }
        let numbers = [
            (Attribute::PixelRatio, screen.pixel_ratio),
            (Attribute::Memory, device.memory_gib),
            (Attribute::Cores, device.hardware_concurrency.map(|cores| cores as f64)),
        ];
        for (attribute, number) in numbers {
            attributes.set_number(attribute, number.unwrap_or(f64::NAN));
        }
        if let Some(hints) = device.identity.as_deref() {
            attributes.set_hints(hints);
        }
        let touch_points = device.identity.as_deref().and_then(|hints| hints.touch_points);
        attributes.form = Form::guess(None, device.platform.as_deref(), touch_points);
        attributes
    }
}

/// The first 8 bytes of the BLAKE3 hash, little-endian, never zero.
pub(super) fn digest(bytes: &[u8]) -> NonZeroU64 {
    let mut first = [0; 8];
    first.copy_from_slice(&blake3::hash(bytes).as_bytes()[..8]);
    NonZeroU64::new(u64::from_le_bytes(first)).unwrap_or(NonZeroU64::MIN)
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Screen;

    use super::*;

    fn with(attribute: Attribute, text: &str) -> Attributes {
        let mut attributes = Attributes::default();
        attributes.set(attribute, text);
        attributes
    }

    #[test]
    fn what_stands_for_no_value_is_missing() {
        for text in ["", "  ", "undefined", "NULL", "00000000-0000-0000-0000-000000000000", "[object Object]"]
        {
            assert_eq!(with(Attribute::DeviceId, text), Attributes::default(), "{text}");
        }
        let mut attributes = Attributes::default();
        attributes.set_number(Attribute::Memory, f64::NAN);
        attributes.set_screen(f64::INFINITY, 1.0);
        attributes.set_webgl(Some("Intel"), None);
        attributes.set_fonts([" ", ""]);
        assert!(attributes.told().is_empty());
    }

    #[test]
    fn writing_does_not_matter_where_it_means_nothing() {
        assert_eq!(with(Attribute::Language, "en-US "), with(Attribute::Language, "en-us"));
        assert_ne!(with(Attribute::ClientFingerprint, "aB"), with(Attribute::ClientFingerprint, "ab"));
        let (mut upright, mut turned) = (Attributes::default(), Attributes::default());
        upright.set_screen(390.0, 844.0);
        upright.set_fonts(["Arial", "Lato"]);
        turned.set_screen(844.0, 390.0);
        turned.set_fonts(["Lato", "Arial ", "Lato"]);
        assert_eq!(upright, turned);
    }

    #[test]
    fn takes_what_an_event_tells() {
        let device = Device {
            screen: Some(Screen { width: Some(1_536.0), height: Some(864.0), pixel_ratio: Some(1.25) }),
            platform: Some("Win32".into()),
            webgl_renderer: Some("ANGLE (Intel)".into()),
            hardware_concurrency: Some(8),
            ..Device::default()
        };
        let attributes = Attributes::from(&device);
        let told: AttributeSet = [
            Attribute::Screen,
            Attribute::PixelRatio,
            Attribute::Platform,
            Attribute::WebGl,
            Attribute::Cores,
        ]
        .into_iter()
        .collect();
        assert_eq!((attributes.told(), attributes.form), (told, Some(Form::Desktop)));
        assert_eq!(Attributes::from(&Device::default()), Attributes::default());
    }

    #[test]
    fn the_digests_of_stored_devices_stay() {
        assert_eq!(with(Attribute::Canvas, "c1").get(Attribute::Canvas), Some(digest(b"c1")));
        assert_eq!(digest(b"c1").get(), 3_242_660_672_262_952_486);
    }
}
