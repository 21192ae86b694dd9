//! What may be told of a device, one name each.

/// Something that a client tells of its device. The numbers are stored: never reuse one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Attribute {
    /// An id that was given to this one device or installation and is kept on it: in secure storage, as a key pair in
    /// the browser, by the tenant's own app.
    DeviceId = 0,
    /// The id that a fingerprint library computed from what it sees of the device.
    ClientFingerprint = 1,
    /// The account that the device was used for. An account has a handful of devices, so that it narrows down more
    /// than anything a device looks like; another account says nothing, for sharing is what we look for.
    Account = 2,
    /// The hash of a drawn canvas.
    Canvas = 3,
    /// The installed fonts.
    Fonts = 4,
    /// WebGL's unmasked vendor and renderer, or a hash of a rendered scene.
    WebGl = 5,
    /// The screen's size in CSS pixels.
    Screen = 6,
    /// Device pixels per CSS pixel; zooming changes it.
    PixelRatio = 7,
    /// The hash of rendered audio.
    Audio = 8,
    /// Logical processors.
    Cores = 9,
    /// Memory, as coarsely as it is told.
    Memory = 10,
    /// `navigator.platform`.
    Platform = 11,
    /// The operating system's family, and its version, which may rise.
    Os = 12,
    /// The browser's family, and its version, which may rise.
    Browser = 13,
    /// IANA time-zone name.
    TimeZone = 14,
    /// BCP 47 language tag.
    Language = 15,
    /// How many fingers the screen tells apart.
    TouchPoints = 16,
    /// The model, as its maker calls it.
    Model = 17,
}

impl Attribute {
    /// How many there are.
    pub const COUNT: usize = 18;

    /// Every attribute, by its number.
    pub const ALL: [Self; Self::COUNT] = [
        Self::DeviceId,
        Self::ClientFingerprint,
        Self::Account,
        Self::Canvas,
        Self::Fonts,
        Self::WebGl,
        Self::Screen,
        Self::PixelRatio,
        Self::Audio,
        Self::Cores,
        Self::Memory,
        Self::Platform,
        Self::Os,
        Self::Browser,
        Self::TimeZone,
        Self::Language,
        Self::TouchPoints,
        Self::Model,
    ];

    /// The attribute with this number.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// Its name in answers and explanations.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DeviceId => "device_id",
            Self::ClientFingerprint => "client_fingerprint",
            Self::Account => "account",
            Self::Canvas => "canvas",
            Self::Fonts => "fonts",
            Self::WebGl => "webgl",
            Self::Screen => "screen",
            Self::PixelRatio => "pixel_ratio",
            Self::Audio => "audio",
            Self::Cores => "cores",
            Self::Memory => "memory",
            Self::Platform => "platform",
            Self::Os => "os",
            Self::Browser => "browser",
            Self::TimeZone => "time_zone",
            Self::Language => "language",
            Self::TouchPoints => "touch_points",
            Self::Model => "model",
        }
    }
}

/// A set of attributes.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct AttributeSet(u32);

impl AttributeSet {
    /// Puts one in.
    pub const fn insert(&mut self, attribute: Attribute) {
        self.0 |= 1 << attribute as u32;
    }

    /// Whether it is in.
    pub const fn contains(self, attribute: Attribute) -> bool {
        self.0 & (1 << attribute as u32) != 0
    }

    /// Whether none is in.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Those that are in, by their numbers.
    pub fn iter(self) -> impl Iterator<Item = Attribute> {
        Attribute::ALL.into_iter().filter(move |&attribute| self.contains(attribute))
    }
}

impl FromIterator<Attribute> for AttributeSet {
    fn from_iter<I: IntoIterator<Item = Attribute>>(attributes: I) -> Self {
        let mut set = Self::default();
        for attribute in attributes {
            set.insert(attribute);
        }
        set
    }
}

impl std::fmt::Debug for AttributeSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_each_ones_own() {
        for (code, attribute) in (0..).zip(Attribute::ALL) {
            assert_eq!(attribute as u8, code);
            assert_eq!(Attribute::from_code(code), Some(attribute));
            assert_eq!(Attribute::ALL.iter().filter(|other| other.name() == attribute.name()).count(), 1);
        }
        assert_eq!(Attribute::from_code(Attribute::COUNT as u8), None);
    }

    #[test]
    fn a_set_has_what_was_put_in() {
        let set: AttributeSet =
            [Attribute::Model, Attribute::DeviceId, Attribute::Model].into_iter().collect();
        assert_eq!(set.iter().collect::<Vec<_>>(), [Attribute::DeviceId, Attribute::Model]);
        assert!(!set.contains(Attribute::Canvas) && !set.is_empty() && AttributeSet::default().is_empty());
    }
}
