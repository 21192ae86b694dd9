//! The scoring request as the SDK sends it. Unknown fields are ignored, wrong types are refused, null is left out.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error, MapAccess, Visitor, value::MapAccessDeserializer},
};
use utoipa::ToSchema;

use crate::body::Object;

/// A session of a device that is to be judged.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FraudsenseScoreRequest)]
pub(crate) struct ScoreRequest {
    /// The device's stable fingerprint, 1 to 256 characters.
    #[schema(required = true, nullable = false, example = "fs_a3f9b2c1d4e5")]
    pub(crate) device_id: Option<String>,
    /// Your id of the session, 1 to 256 characters; the same id again is the same session.
    #[schema(required = true, nullable = false, example = "sess_20260411_7f3a")]
    pub(crate) session_id: Option<String>,
    /// `LOGIN`, `REGISTER`, `PAYMENT`, `WITHDRAWAL` or `PROFILE_UPDATE`. Without it, or with another word, all signals
    /// count with their plain points.
    #[schema(example = "PAYMENT")]
    pub(crate) event_type: Option<String>,
    /// The SDK's own score, a whole number from 0 to 100: the least that its part of the score comes to.
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 100, example = 30)]
    pub(crate) risk_score: Option<f64>,
    /// The signals that the SDK says fired, at most 200. Points in them are ignored.
    #[schema(value_type = Option<Vec<FlagSchema>>)]
    pub(crate) triggered_flags: Option<Vec<FlagRequest>>,
    /// What the device is.
    #[schema(value_type = Option<DeviceProfile>)]
    pub(crate) device_profile: Option<Object<DeviceProfile>>,
    /// Where it is.
    #[schema(value_type = Option<LocationProfile>)]
    pub(crate) location_profile: Option<Object<LocationProfile>>,
    /// What the person does with it.
    #[schema(value_type = Option<BehaviorProfile>)]
    pub(crate) behavior_profile: Option<Object<BehaviorProfile>>,
    /// What its sensors measured.
    #[schema(value_type = Option<SensorProfile>)]
    pub(crate) sensor_profile: Option<Object<SensorProfile>>,
    /// Its battery.
    #[schema(value_type = Option<BatteryProfile>)]
    pub(crate) battery_profile: Option<Object<BatteryProfile>>,
    /// How it is connected.
    #[schema(value_type = Option<NetworkProfile>)]
    pub(crate) network_profile: Option<Object<NetworkProfile>>,
}

/// What the device is.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FraudsenseDeviceProfile)]
pub(crate) struct DeviceProfile {
    /// Its model.
    #[schema(example = "iPhone 15")]
    pub(crate) model: Option<String>,
    /// Its operating system and version.
    #[schema(example = "iOS 17")]
    pub(crate) os: Option<String>,
    /// It is an emulator or simulator.
    pub(crate) is_emulator: Option<bool>,
    /// It is rooted or jailbroken.
    pub(crate) is_rooted: Option<bool>,
    /// Frida, Xposed or Cydia is on it.
    pub(crate) hook_tool_detected: Option<bool>,
    /// It is a virtual phone in a data center.
    pub(crate) is_cloud_phone: Option<bool>,
    /// The app's signature is not its maker's.
    pub(crate) app_tampered: Option<bool>,
    /// The screen is broadcast or controlled from afar.
    pub(crate) screen_sharing: Option<bool>,
    /// There is a SIM in it.
    pub(crate) has_sim: Option<bool>,
    /// Since it was started, s.
    #[schema(minimum = 0)]
    pub(crate) uptime_seconds: Option<f64>,
    /// IANA name of its time zone.
    #[schema(example = "Asia/Dubai")]
    pub(crate) timezone: Option<String>,
    /// Minutes by which its clock is ahead of UTC, -720 to 840: for when it can not name its time zone.
    #[schema(value_type = Option<i64>, minimum = -720, maximum = 840, example = 240)]
    pub(crate) utc_offset_minutes: Option<f64>,
}

/// Where the device is.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FraudsenseLocationProfile)]
pub(crate) struct LocationProfile {
    /// Degrees north, -90 to 90; only together with `lon`.
    #[schema(minimum = -90, maximum = 90, example = 25.2048)]
    pub(crate) lat: Option<f64>,
    /// Degrees east, -180 to 180; only together with `lat`.
    #[schema(minimum = -180, maximum = 180, example = 55.2708)]
    pub(crate) lon: Option<f64>,
    /// How much its positions in the session differ, 0 (one place) to 1.
    #[schema(minimum = 0, maximum = 1)]
    pub(crate) entropy: Option<f64>,
}

/// What the person does with the device.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FraudsenseBehaviorProfile)]
pub(crate) struct BehaviorProfile {
    /// The variance of the accelerometer's readings, g²; looked at when `sensorProfile` does not tell it.
    #[schema(minimum = 0, example = 0.4)]
    pub(crate) movement_score: Option<f64>,
    /// Words typed a minute.
    #[serde(rename = "typingWPM")]
    #[schema(minimum = 0, example = 45)]
    pub(crate) typing_wpm: Option<f64>,
    /// The hour in which the session began by the device's clock, a whole number from 0 to 23.
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 23, example = 14)]
    pub(crate) session_hour: Option<f64>,
    /// The variance of the times between touches, ms.
    #[schema(minimum = 0)]
    pub(crate) touch_variance_ms: Option<f64>,
    /// The clipboard changed while a form was being filled in.
    pub(crate) clipboard_changed: Option<bool>,
}

/// What the device's sensors measured.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FraudsenseSensorProfile)]
pub(crate) struct SensorProfile {
    /// The variance of the accelerometer's readings, g².
    #[schema(minimum = 0)]
    pub(crate) accelerometer_variance: Option<f64>,
    /// The part of the session in which the device was held upright, 0 to 1.
    #[schema(minimum = 0, maximum = 1)]
    pub(crate) portrait_ratio: Option<f64>,
    /// The screen's lowest brightness in the session, 0 to 1.
    #[schema(minimum = 0, maximum = 1)]
    pub(crate) min_brightness: Option<f64>,
    /// The variance of the times between touches, ms; looked at when `behaviorProfile` does not tell it.
    #[schema(minimum = 0)]
    pub(crate) touch_variance_ms: Option<f64>,
}

/// The device's battery.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FraudsenseBatteryProfile)]
pub(crate) struct BatteryProfile {
    /// The part of the session in which it was charging, 0 to 1.
    #[schema(minimum = 0, maximum = 1)]
    pub(crate) charging_ratio: Option<f64>,
}

/// How the device is connected.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FraudsenseNetworkProfile)]
pub(crate) struct NetworkProfile {
    /// A VPN or proxy interface is up.
    pub(crate) vpn_active: Option<bool>,
    /// Changes of the type of network a minute.
    #[schema(minimum = 0)]
    pub(crate) changes_per_minute: Option<f64>,
    /// Its type; not looked at.
    #[schema(example = "wifi")]
    #[allow(dead_code, reason = "only its type is checked")]
    pub(crate) r#type: Option<String>,
}

/// The code of a signal that the SDK says fired; empty when it named none.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FlagRequest(pub(crate) String);

/// A signal that the SDK says fired: its code, or an object that has it.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = FraudsenseFlagRequest)]
#[allow(dead_code, reason = "only describes what `FlagRequest` reads")]
pub(crate) enum FlagSchema {
    /// The code.
    Code(String),
    /// An object that has it.
    Object(FlagObject),
}

/// A signal that the SDK says fired; one of the three is enough, and the first that is there counts.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[schema(as = FraudsenseFlagObject)]
pub(crate) struct FlagObject {
    /// Its code.
    #[schema(example = "EMULATOR_DETECTED")]
    code: Option<String>,
    /// The same.
    name: Option<String>,
    /// The same.
    signal: Option<String>,
}

impl<'de> Deserialize<'de> for FlagRequest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Flag;

        impl<'de> Visitor<'de> for Flag {
            type Value = FlagRequest;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a code or an object that has one")
            }

            fn visit_str<E: Error>(self, code: &str) -> Result<FlagRequest, E> {
                Ok(FlagRequest(code.trim().to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<FlagRequest, A::Error> {
                let FlagObject { code, name, signal } =
                    FlagObject::deserialize(MapAccessDeserializer::new(map))?;
                let code = [code, name, signal].into_iter().flatten().next().unwrap_or_default();
                Ok(FlagRequest(code.trim().to_owned()))
            }
        }

        deserializer.deserialize_any(Flag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_is_a_code_or_an_object_that_has_one() {
        let json = r#"["A", " B ", {"code": "C", "points": "many"}, {"code": null, "name": "D"}, {"signal": "E"},
            {"code": "F", "name": "G"}, {}]"#;
        let flags: Vec<FlagRequest> = serde_json::from_str(json).unwrap();
        let codes: Vec<_> = flags.iter().map(|flag| flag.0.as_str()).collect();
        assert_eq!(codes, ["A", "B", "C", "D", "E", "F", ""]);
        for wrong in ["7", "true", "null", r#"["A"]"#, r#"{"code": 7}"#] {
            assert!(serde_json::from_str::<FlagRequest>(wrong).is_err(), "{wrong}");
        }
    }
}
