//! Devices as they tell of themselves: browsers of computers and phones that are usual today.

use serde_json::{Value, json};

use super::{dice::Dice, places::Home};

/// A model that many own.
#[derive(Debug)]
pub(super) struct Model {
    user_agent: &'static str,
    platform: &'static str,
    screen: (u32, u32, f64),
    webgl: (&'static str, &'static str),
    cores: u32,
    touch_points: u32,
}

/// Computers.
pub(super) static COMPUTERS: [Model; 3] = [
    Model {
        user_agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
        platform: "Win32",
        screen: (1_920, 1_080, 1.25),
        webgl: (
            "Google Inc. (Intel)",
            "ANGLE (Intel, Intel(R) UHD Graphics 620 Direct3D11 vs_5_0 ps_5_0, D3D11)",
        ),
        cores: 8,
        touch_points: 0,
    },
    Model {
        user_agent: "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
        platform: "MacIntel",
        screen: (1_512, 982, 2.0),
        webgl: ("Apple Inc.", "Apple GPU"),
        cores: 8,
        touch_points: 0,
    },
    Model {
        user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
        platform: "Linux x86_64",
        screen: (2_560, 1_440, 1.0),
        webgl: ("Intel", "Intel(R) HD Graphics, or similar"),
        cores: 12,
        touch_points: 0,
    },
];

/// Phones.
pub(super) static PHONES: [Model; 2] = [
    Model {
        user_agent: "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
        platform: "Linux armv81",
        screen: (412, 915, 2.625),
        webgl: ("ARM", "Mali-G710"),
        cores: 8,
        touch_points: 5,
    },
    Model {
        user_agent: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
        platform: "iPhone",
        screen: (390, 844, 3.0),
        webgl: ("Apple Inc.", "Apple GPU"),
        cores: 6,
        touch_points: 5,
    },
];

/// One device.
#[derive(Clone, Debug)]
pub(super) struct Device {
    pub(super) id: String,
    model: &'static Model,
}

impl Device {
    /// A device of one of these models.
    pub(super) fn new(models: &'static [Model], dice: &mut Dice) -> Self {
        Self { model: dice.pick(models), id: dice.hex(16) }
    }

    /// For ingest.
    pub(super) fn browser(&self, home: &Home) -> Value {
        let Model { user_agent, platform, screen: (width, height, ratio), webgl, cores, .. } = self.model;
        json!({
            "userAgent": user_agent,
            "screen": { "width": width, "height": height, "pixelRatio": ratio },
            "timezone": home.timezone, "language": home.language, "platform": platform,
            "webglVendor": webgl.0, "webglRenderer": webgl.1,
            "hardwareConcurrency": cores, "clientFingerprint": self.id,
        })
    }

    /// For fraudshield.
    pub(super) fn fingerprint(&self, home: &Home) -> Value {
        let Model { user_agent, platform, screen: (width, height, ratio), webgl, cores, touch_points } =
            self.model;
        json!({
            "device_id": self.id, "user_agent": user_agent, "platform": platform,
            "screen_resolution": format!("{width}x{height}"), "pixel_ratio": ratio,
            "timezone": home.timezone, "language": home.language,
            "webgl_vendor": webgl.0, "webgl_renderer": webgl.1,
            "canvas_hash": format!("c{}", self.id), "webgl_hash": format!("w{}", self.id),
            "hardware_concurrency": cores, "touch_points": touch_points,
        })
    }
}
