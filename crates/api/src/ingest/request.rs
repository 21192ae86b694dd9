//! The scoring request as its callers send it. Unknown fields are ignored, wrong types are refused.

use std::fmt;

use domain::{MousePoint, event::MAX_MOUSE_POINTS};
use portcullis_domain as domain;
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, IgnoredAny, SeqAccess, Visitor},
};
use utoipa::ToSchema;

use crate::body::Object;

/// A signup or login that is to be judged.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IngestRequest {
    /// What happens: `SIGNUP` or `LOGIN`.
    #[schema(required = true, nullable = false, example = "SIGNUP")]
    pub(crate) r#type: Option<String>,
    /// The e-mail address given; required for a signup.
    #[schema(example = "jane@example.com")]
    pub(crate) email: Option<String>,
    /// Your own id of the account; the e-mail address when you have none yet.
    pub(crate) external_user_id: Option<String>,
    /// The end user's address, or your forwarded-for header.
    #[schema(required = true, nullable = false, example = "81.2.69.142")]
    pub(crate) ip: Option<String>,
    /// What the browser snippet collected of the device.
    #[schema(value_type = Option<DeviceRequest>)]
    pub(crate) device: Option<Object<DeviceRequest>>,
    /// What the browser snippet collected of the form.
    #[schema(value_type = Option<BehaviorRequest>)]
    pub(crate) behavior: Option<Object<BehaviorRequest>>,
}

/// What the browser snippet collected of the device.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DeviceRequest {
    /// `navigator.userAgent`.
    pub(crate) user_agent: Option<String>,
    /// The screen.
    #[schema(value_type = Option<ScreenRequest>)]
    pub(crate) screen: Option<Object<ScreenRequest>>,
    /// IANA name of the time zone.
    #[schema(example = "Europe/London")]
    pub(crate) timezone: Option<String>,
    /// `navigator.language`.
    pub(crate) language: Option<String>,
    /// WebGL's unmasked vendor.
    pub(crate) webgl_vendor: Option<String>,
    /// WebGL's unmasked renderer.
    pub(crate) webgl_renderer: Option<String>,
    /// `navigator.hardwareConcurrency`.
    #[schema(value_type = Option<i64>, minimum = 0)]
    #[serde(default, deserialize_with = "count")]
    pub(crate) hardware_concurrency: Option<f64>,
    /// `navigator.deviceMemory`, GiB.
    pub(crate) device_memory: Option<f64>,
    /// `navigator.platform`.
    pub(crate) platform: Option<String>,
    /// The fingerprint library's visitor id.
    pub(crate) client_fingerprint: Option<String>,
}

/// The screen, in CSS pixels.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ScreenRequest {
    /// Pixels across.
    pub(crate) width: Option<f64>,
    /// Pixels down.
    pub(crate) height: Option<f64>,
    /// Device pixels per CSS pixel.
    pub(crate) pixel_ratio: Option<f64>,
}

/// What the browser snippet collected of the form.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BehaviorRequest {
    /// When the form was shown, ms since 1970.
    #[schema(value_type = Option<i64>)]
    pub(crate) form_started_at: Option<f64>,
    /// When it was sent, ms since 1970.
    #[schema(value_type = Option<i64>)]
    pub(crate) form_submitted_at: Option<f64>,
    /// Sampled pointer positions; those beyond 300 are not looked at.
    #[schema(value_type = Option<Vec<PointRequest>>)]
    pub(crate) mouse_path: Option<MousePath>,
    /// Keys pressed.
    #[schema(value_type = Option<i64>, minimum = 0)]
    #[serde(default, deserialize_with = "count")]
    pub(crate) keystroke_count: Option<f64>,
}

/// A pointer position.
#[derive(Debug, Deserialize, ToSchema)]
pub(crate) struct PointRequest {
    /// CSS pixels from the left.
    x: f64,
    /// CSS pixels from the top.
    y: f64,
    /// ms since the page started.
    #[schema(value_type = i64)]
    t: f64,
}

/// A whole number that is not negative, however it is written: `8` and `8.0`.
fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    let count = Option::<f64>::deserialize(deserializer)?;
    match count {
        Some(count) if count < 0.0 || count.fract() != 0.0 => {
            Err(D::Error::custom("must be a whole number, 0 or more"))
        }
        count => Ok(count),
    }
}

/// The first [`MAX_MOUSE_POINTS`] points of a list, and how many there were. The rest is skipped, not kept.
#[derive(Debug)]
pub(crate) struct MousePath {
    pub(crate) points: Vec<MousePoint>,
    pub(crate) sent: u32,
}

impl<'de> Deserialize<'de> for MousePath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Points;

        impl<'de> Visitor<'de> for Points {
            type Value = MousePath;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array of points {x, y, t}")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<MousePath, A::Error> {
                let mut points = Vec::with_capacity(list.size_hint().unwrap_or(64).min(MAX_MOUSE_POINTS));
                while points.len() < MAX_MOUSE_POINTS {
                    match list.next_element::<Object<PointRequest>>()? {
                        Some(Object(PointRequest { x, y, t })) => points.push(MousePoint { x, y, t_ms: t }),
                        None => return Ok(MousePath { sent: points.len() as u32, points }),
                    }
                }
                let mut sent = points.len() as u32;
                while list.next_element::<IgnoredAny>()?.is_some() {
                    sent = sent.saturating_add(1);
                }
                Ok(MousePath { points, sent })
            }
        }

        deserializer.deserialize_seq(Points)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_three_hundred_points_and_counts_the_rest() {
        let point = r#"{"x":1,"y":2.5,"t":3,"more":null}"#;
        for (count, kept) in [(0, 0), (300, 300), (301, 300), (1_000, 300)] {
            let json = format!("[{}]", vec![point; count].join(","));
            let path: MousePath = serde_json::from_str(&json).unwrap();
            assert_eq!((path.points.len(), path.sent as usize), (kept, count));
        }
        for wrong in [r#"[{"x":1,"y":2}]"#, "[[1,2,3]]", r#"{"x":1,"y":2,"t":3}"#] {
            assert!(serde_json::from_str::<MousePath>(wrong).is_err());
        }
    }
}
