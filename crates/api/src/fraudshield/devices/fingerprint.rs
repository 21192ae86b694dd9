//! What a client tells of its device.

use domain::{Device, IdentityHints, Screen, Sensors};
use portcullis_domain as domain;
use portcullis_engine::device_match::Attributes;
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor, value::MapAccessDeserializer},
};
use utoipa::ToSchema;

use crate::{fraudshield::error::ParamError, text::cut};

/// What the browser or app tells of the device; all that is left out is unknown. Other fields are ignored.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = FraudshieldFingerprint)]
pub(crate) struct Fingerprint {
    /// `navigator.userAgent`.
    #[schema(
        example = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36"
    )]
    user_agent: Option<String>,
    /// Width and height in CSS pixels.
    #[schema(example = "1920x1080")]
    screen_resolution: Option<String>,
    /// The device's time zone, as IANA names it.
    #[schema(example = "Africa/Casablanca")]
    timezone: Option<String>,
    /// `navigator.language`.
    #[schema(example = "fr-MA")]
    language: Option<String>,
    /// `navigator.platform`.
    #[schema(example = "Win32")]
    platform: Option<String>,
    /// A hash of what the device draws on a canvas.
    #[schema(example = "a1b2c3d4")]
    canvas_hash: Option<String>,
    /// A hash of what it renders by WebGL.
    #[schema(example = "e5f6a7b8")]
    webgl_hash: Option<String>,
    /// WebGL's unmasked vendor.
    webgl_vendor: Option<String>,
    /// WebGL's unmasked renderer.
    webgl_renderer: Option<String>,
    /// A hash of the audio that it renders.
    audio_hash: Option<String>,
    /// Its fonts, or a hash of them.
    #[schema(value_type = Option<String>)]
    fonts: Option<Fonts>,
    /// Logical processors.
    hardware_concurrency: Option<f64>,
    /// Memory in GiB.
    device_memory: Option<f64>,
    /// Device pixels per CSS pixel.
    pixel_ratio: Option<f64>,
    /// How many fingers its screen tells apart.
    touch_points: Option<u32>,
    /// The visitor id of a fingerprint library.
    visitor_id: Option<String>,
    /// An id that the app or the operating system gave the device.
    device_id: Option<String>,
    /// The device's model.
    model: Option<String>,
    /// Whether the app found that it runs on an emulator.
    is_emulator: Option<bool>,
    /// Whether the app found that the device is rooted or jailbroken.
    is_rooted: Option<bool>,
}

/// What a device tells of itself, or an id that a library computed from it.
#[derive(Debug)]
pub(crate) enum FingerprintOrText {
    Told(Box<Fingerprint>),
    Text(String),
}

impl<'de> Deserialize<'de> for FingerprintOrText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FingerprintVisitor)
    }
}

struct FingerprintVisitor;

impl<'de> Visitor<'de> for FingerprintVisitor {
    type Value = FingerprintOrText;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object or a text")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<FingerprintOrText, E> {
        Ok(FingerprintOrText::Text(text.to_owned()))
    }

    fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<FingerprintOrText, M::Error> {
        let told = Fingerprint::deserialize(MapAccessDeserializer::new(map))?;
        Ok(FingerprintOrText::Told(Box::new(told)))
    }
}

impl FingerprintOrText {
    /// The device; `param` is where the fingerprint is in the request.
    pub(crate) fn check(self, param: &str, errors: &mut Vec<ParamError>) -> Told {
        match self {
            Self::Told(told) => told.check(param, errors),
            Self::Text(text) => Fingerprint::of_text(text).check(param, errors),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Fonts {
    Text(String),
    List(Vec<String>),
}

/// A device in our vocabulary.
#[derive(Debug)]
pub(crate) struct Told {
    /// What it tells of itself.
    pub(crate) device: Device,
    /// What its app measured.
    pub(crate) sensors: Option<Box<Sensors>>,
}

impl Fingerprint {
    fn of_text(text: String) -> Self {
        Self { visitor_id: Some(text), ..Self::default() }
    }

    /// The device; `param` is where the fingerprint is in the request.
    pub(crate) fn check(self, param: &str, errors: &mut Vec<ParamError>) -> Told {
        let text =
            |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(cut);
        let screen = self.screen_resolution.as_deref().map(parse_resolution);
        if screen == Some(None) {
            let message = "must be a width and a height such as 1920x1080";
            errors.push(ParamError::invalid(format!("{param}.screen_resolution"), message));
        }
        let (width, height) = screen.flatten().unzip();
        let identity = IdentityHints {
            device_id: text(&self.device_id),
            canvas_hash: text(&self.canvas_hash),
            webgl_hash: text(&self.webgl_hash),
            audio_hash: text(&self.audio_hash),
            fonts: self.fonts.as_ref().and_then(Fonts::to_text).map(|fonts| cut(&fonts)),
            touch_points: self.touch_points,
            model: text(&self.model),
        };
        let device = Device {
            user_agent: text(&self.user_agent),
            screen: Some(Screen { width, height, pixel_ratio: self.pixel_ratio }),
            timezone: text(&self.timezone),
            language: text(&self.language),
            webgl_vendor: text(&self.webgl_vendor),
            webgl_renderer: text(&self.webgl_renderer),
            hardware_concurrency: self.hardware_concurrency.map(|cores| cores as i64),
            memory_gib: self.device_memory,
            platform: text(&self.platform),
            client_fingerprint: text(&self.visitor_id),
            identity: Some(Box::new(identity)),
        };
        if is_empty(&device) {
            errors.push(ParamError::invalid(param, "must tell something of the device"));
        }
        let sensors = Sensors {
            is_emulator: self.is_emulator,
            is_rooted: self.is_rooted,
            model: text(&self.model),
            ..Sensors::default()
        };
        let is_measured = sensors != Sensors::default();
        Told { device, sensors: is_measured.then(|| Box::new(sensors)) }
    }
}

impl Fonts {
    /// The list as one text, in an order that does not depend on the client's.
    fn to_text(&self) -> Option<String> {
        let text = match self {
            Self::Text(text) => text.trim().to_owned(),
            Self::List(list) => {
                let mut fonts: Vec<_> = list.iter().map(|font| font.trim()).collect();
                fonts.sort_unstable();
                fonts.dedup();
                blake3::hash(fonts.join("\n").as_bytes()).to_hex().to_string()
            }
        };
        (!text.is_empty()).then_some(text)
    }
}

/// Whether nothing is told that a device could be known again by. `undefined` and the like stand for no value.
fn is_empty(device: &Device) -> bool {
    device.user_agent.is_none() && Attributes::from(device).told().is_empty()
}

fn parse_resolution(text: &str) -> Option<(f64, f64)> {
    const MOST_PIXELS: f64 = 100_000.0;
    let (width, height) = text.trim().split_once(['x', 'X', '×'])?;
    let side = |text: &str| text.trim().parse().ok().filter(|side| (0.0..=MOST_PIXELS).contains(side));
    side(width).zip(side(height))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(json: &str) -> Result<Device, Vec<ParamError>> {
        let fingerprint: Fingerprint = serde_json::from_str(json).unwrap();
        let mut errors = Vec::new();
        let told = fingerprint.check("fingerprint", &mut errors);
        if errors.is_empty() { Ok(told.device) } else { Err(errors) }
    }

    #[test]
    fn reads_what_the_guide_sends() {
        let device = told(
            r#"{"user_agent":"Mozilla/5.0","screen_resolution":"1920x1080","timezone":"Africa/Casablanca",
                "language":"fr-MA","platform":"Win32","canvas_hash":"c1","webgl_hash":"w1","other":[1]}"#,
        )
        .unwrap();
        let screen = device.screen.unwrap();
        assert_eq!((screen.width, screen.height), (Some(1_920.0), Some(1_080.0)));
        let hints = device.identity.unwrap();
        assert_eq!((hints.canvas_hash.as_deref(), hints.webgl_hash.as_deref()), (Some("c1"), Some("w1")));
    }

    #[test]
    fn names_what_is_wrong() {
        let wrong = |json: &str| told(json).unwrap_err();
        let nothing = vec![ParamError::invalid("fingerprint", "must tell something of the device")];
        for json in
            ["{}", r#"{"user_agent":" "}"#, r#"{"canvas_hash":null}"#, r#"{"canvas_hash":"undefined"}"#]
        {
            assert_eq!(wrong(json), nothing, "{json}");
        }
        for size in ["1920", "1920x", "axb", "1920*1080", "-1x5", "1e9x2", "NaNx1"] {
            let errors = wrong(&format!(r#"{{"platform":"Win32","screen_resolution":"{size}"}}"#));
            assert_eq!(errors.len(), 1, "{size}");
        }
    }

    #[test]
    fn fonts_are_a_text_or_a_list_in_any_order() {
        let fonts = |json: &str| {
            let device = told(&format!(r#"{{"fonts":{json}}}"#)).unwrap();
            device.identity.unwrap().fonts
        };
        assert_eq!(fonts(r#""f00d""#).as_deref(), Some("f00d"));
        assert_eq!(fonts(r#"["Arial","Lato"]"#), fonts(r#"["Lato","Arial","Lato"]"#));
    }
}
