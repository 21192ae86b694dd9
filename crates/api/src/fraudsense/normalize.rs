//! The request as an event of our vocabulary.

use std::net::IpAddr;

use compact_str::CompactString;
use domain::{Claims, Device, Dialect, Event, EventType, Place, Sensors, Timestamp};
use portcullis_domain as domain;

use super::{
    catalog,
    checks::Checks,
    error::FieldError,
    request::{
        BatteryProfile, BehaviorProfile, DeviceProfile, FlagRequest, LocationProfile, NetworkProfile,
        ScoreRequest, SensorProfile,
    },
};
use crate::{body::Object, text::cut};

/// The most flags that one request may have.
const MOST_FLAGS: usize = 200;
/// The longest code of a flag, and word for an event's type, characters.
const LONGEST_WORD: usize = 64;
/// A request in our words, and what of its own words is told back.
#[derive(Debug, PartialEq)]
pub(super) struct Asked {
    pub(super) event: Event,
    pub(super) words: Words,
}

/// The caller's words that are told back and not kept.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Words {
    /// The event's type in upper case, whether it is known or not.
    pub(super) event_type: Option<String>,
    /// The codes of the flags, each once, in the order in which they were sent.
    pub(super) flags: Vec<String>,
}

/// Checks the request, which came from `ip`, and translates it, or names every field that is wrong.
pub(super) fn normalize(request: ScoreRequest, ip: IpAddr, now: Timestamp) -> Result<Asked, Vec<FieldError>> {
    let mut checks = Checks::default();
    let device_id = checks.id("deviceId", request.device_id);
    let session_id = checks.id("sessionId", request.session_id);
    let event_type = checks.short("eventType", request.event_type, LONGEST_WORD);
    let event_type = event_type.map(|word| word.to_uppercase());
    let score = checks.whole("riskScore", request.risk_score, 0..=100);
    let flags = flags(request.triggered_flags, &mut checks);
    let profile = request.device_profile.map(|Object(sent)| sent).unwrap_or_default();
    let timezone = profile.timezone.as_deref().map(cut);

    let mut sensors = Sensors::default();
    add_device(&mut sensors, &profile, &mut checks);
    add_location(&mut sensors, &inner(request.location_profile), &mut checks);
    add_sensors(&mut sensors, &inner(request.sensor_profile), &mut checks);
    add_behavior(&mut sensors, &inner(request.behavior_profile), &mut checks);
    add_battery(&mut sensors, &inner(request.battery_profile), &mut checks);
    add_network(&mut sensors, &inner(request.network_profile), &mut checks);

    let device = Device { client_fingerprint: Some(device_id.into()), timezone, ..Device::default() };
    let event = Event {
        dialect: Dialect::Fraudsense,
        event_type: event_type.as_deref().map_or(EventType::Visit, type_of),
        at: now,
        user: None,
        email: None,
        ip: Some(ip),
        device: Some(device),
        behavior: None,
        session: Some(session_id.into()),
        sensors: Some(Box::new(sensors)),
        claims: Some(Claims { signals: signals(&flags), score }),
        more: None,
    };
    checks.pass(Asked { event, words: Words { event_type, flags } })
}

fn inner<T: Default>(sent: Option<Object<T>>) -> T {
    sent.map(|Object(profile)| profile).unwrap_or_default()
}

/// A word that is none of ours is a session like any other (G4.12).
fn type_of(word: &str) -> EventType {
    match word {
        "LOGIN" => EventType::Login,
        "REGISTER" => EventType::Signup,
        "PAYMENT" => EventType::Payment,
        "WITHDRAWAL" => EventType::Withdrawal,
        "PROFILE_UPDATE" => EventType::ProfileUpdate,
        _ => EventType::Visit,
    }
}

fn flags(sent: Option<Vec<FlagRequest>>, checks: &mut Checks) -> Vec<String> {
    let sent = sent.unwrap_or_default();
    if sent.len() > MOST_FLAGS {
        checks.complain("triggeredFlags", format!("must have at most {MOST_FLAGS} items"));
        return Vec::new();
    }
    let mut codes: Vec<String> = Vec::with_capacity(sent.len());
    for (index, FlagRequest(code)) in sent.into_iter().enumerate() {
        if code.is_empty() || code.chars().count() > LONGEST_WORD {
            let message = format!("must have a code of 1 to {LONGEST_WORD} characters");
            checks.complain(&format!("triggeredFlags[{index}]"), message);
        } else if !codes.contains(&code) {
            codes.push(code);
        }
    }
    codes
}

/// Our codes of those flags that the catalogue has and a client can know of.
fn signals(flags: &[String]) -> CompactString {
    let mut signals = CompactString::default();
    for flag in flags.iter().filter_map(|code| catalog::claimable(code)) {
        signals.push_str(flag.signal.code);
        signals.push(' ');
    }
    signals
}

fn add_device(sensors: &mut Sensors, sent: &DeviceProfile, checks: &mut Checks) {
    sensors.model = sent.model.as_deref().map(cut);
    sensors.os = sent.os.as_deref().map(cut);
    sensors.is_emulator = sent.is_emulator;
    sensors.is_rooted = sent.is_rooted;
    sensors.has_hook_tool = sent.hook_tool_detected;
    sensors.is_cloud_phone = sent.is_cloud_phone;
    sensors.is_app_tampered = sent.app_tampered;
    sensors.is_screen_shared = sent.screen_sharing;
    sensors.has_sim = sent.has_sim;
    sensors.uptime_s = checks.amount("deviceProfile.uptimeSeconds", sent.uptime_seconds);
    let offset = checks.whole("deviceProfile.utcOffsetMinutes", sent.utc_offset_minutes, -720..=840);
    sensors.utc_offset_min = offset;
}

fn add_location(sensors: &mut Sensors, sent: &LocationProfile, checks: &mut Checks) {
    let lat = checks.within("locationProfile.lat", sent.lat, -90.0..=90.0);
    let lon = checks.within("locationProfile.lon", sent.lon, -180.0..=180.0);
    match (lat, lon) {
        (Some(_), None) => checks.complain("locationProfile.lon", "must be there when lat is"),
        (None, Some(_)) => checks.complain("locationProfile.lat", "must be there when lon is"),
        _ => {}
    }
    sensors.position = lat.zip(lon).map(|(latitude, longitude)| Place { latitude, longitude });
    sensors.location_entropy = checks.ratio("locationProfile.entropy", sent.entropy);
}

fn add_sensors(sensors: &mut Sensors, sent: &SensorProfile, checks: &mut Checks) {
    sensors.movement = checks.amount("sensorProfile.accelerometerVariance", sent.accelerometer_variance);
    sensors.portrait_ratio = checks.ratio("sensorProfile.portraitRatio", sent.portrait_ratio);
    sensors.min_brightness = checks.ratio("sensorProfile.minBrightness", sent.min_brightness);
    sensors.touch_variance_ms = checks.amount("sensorProfile.touchVarianceMs", sent.touch_variance_ms);
}

/// After [`add_sensors`]: where both profiles have a field for a measure, one of them is asked first.
fn add_behavior(sensors: &mut Sensors, sent: &BehaviorProfile, checks: &mut Checks) {
    let movement = checks.amount("behaviorProfile.movementScore", sent.movement_score);
    sensors.movement = sensors.movement.or(movement);
    sensors.typing_wpm = checks.amount("behaviorProfile.typingWPM", sent.typing_wpm);
    sensors.session_hour = checks.whole("behaviorProfile.sessionHour", sent.session_hour, 0..=23);
    let touches = checks.amount("behaviorProfile.touchVarianceMs", sent.touch_variance_ms);
    sensors.touch_variance_ms = touches.or(sensors.touch_variance_ms);
    sensors.clipboard_changed = sent.clipboard_changed;
}

fn add_battery(sensors: &mut Sensors, sent: &BatteryProfile, checks: &mut Checks) {
    sensors.charging_ratio = checks.ratio("batteryProfile.chargingRatio", sent.charging_ratio);
}

fn add_network(sensors: &mut Sensors, sent: &NetworkProfile, checks: &mut Checks) {
    sensors.is_vpn_active = sent.vpn_active;
    let changes = checks.amount("networkProfile.changesPerMinute", sent.changes_per_minute);
    sensors.network_changes_per_min = changes;
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);
    const FROM: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(8, 8, 8, 8));

    /// A request with these fields beside the required ones.
    fn asked(more: &Value) -> Result<Asked, Vec<FieldError>> {
        let mut json = json!({ "deviceId": "d", "sessionId": "s" });
        json.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        normalize(serde_json::from_value(json).unwrap(), FROM, NOW)
    }

    fn sensors(more: &Value) -> Sensors {
        *asked(more).unwrap().event.sensors.unwrap()
    }

    #[test]
    fn the_least_is_a_visit_of_a_device() {
        let Asked { event, words } = asked(&json!({})).unwrap();
        assert_eq!((event.dialect, event.event_type, event.at), (Dialect::Fraudsense, EventType::Visit, NOW));
        assert_eq!((event.ip, event.session.as_deref()), (Some(FROM), Some("s")));
        let device = Device { client_fingerprint: Some("d".into()), ..Device::default() };
        assert_eq!(event.device, Some(device));
        assert_eq!((event.sensors, event.claims), (Some(Box::default()), Some(Claims::default())));
        assert_eq!(words, Words { event_type: None, flags: Vec::new() });
    }

    #[test]
    fn words_for_the_event_are_trimmed_and_raised() {
        let read = |word: &str| {
            let asked = asked(&json!({ "eventType": word })).unwrap();
            (asked.event.event_type, asked.words.event_type)
        };
        let told = |word: &str| Some(word.to_owned());
        assert_eq!(read("LOGIN"), (EventType::Login, told("LOGIN")));
        assert_eq!(read(" register "), (EventType::Signup, told("REGISTER")));
        assert_eq!(read("Payment"), (EventType::Payment, told("PAYMENT")));
        assert_eq!(read("WITHDRAWAL"), (EventType::Withdrawal, told("WITHDRAWAL")));
        assert_eq!(read("PROFILE_UPDATE"), (EventType::ProfileUpdate, told("PROFILE_UPDATE")));
        assert_eq!(read("transfer"), (EventType::Visit, told("TRANSFER")));
        assert_eq!(read(" "), (EventType::Visit, None));
    }

    #[test]
    fn flags_count_once_and_unknown_ones_not_at_all() {
        let flags = json!(["VPN_DETECTED", { "name": "NEW_ONE" }, { "code": "VPN_DETECTED", "points": 99 },
            "vpn_detected", "HAS_SIM_CARD"]);
        let asked = asked(&json!({ "triggeredFlags": flags, "riskScore": 30 })).unwrap();
        assert_eq!(asked.words.flags, ["VPN_DETECTED", "NEW_ONE", "vpn_detected", "HAS_SIM_CARD"]);
        let claims = Claims { signals: "network.vpn device.has_sim ".into(), score: Some(30) };
        assert_eq!(asked.event.claims, Some(claims));
    }

    #[test]
    fn the_better_measure_wins() {
        let both = json!({
            "sensorProfile": { "accelerometerVariance": 0.5, "touchVarianceMs": 1 },
            "behaviorProfile": { "movementScore": 0.1, "touchVarianceMs": 2 },
        });
        assert_eq!((sensors(&both).movement, sensors(&both).touch_variance_ms), (Some(0.5), Some(2.0)));
        let behavior = json!({ "behaviorProfile": { "movementScore": 0.1 } });
        assert_eq!(sensors(&behavior).movement, Some(0.1));
        let sensor = json!({ "sensorProfile": { "touchVarianceMs": 1 } });
        assert_eq!(sensors(&sensor).touch_variance_ms, Some(1.0));
    }

    proptest! {
        #[test]
        fn never_panics(number: f64, text in ".{0,80}") {
            let profile = json!({ "lat": number, "lon": number, "entropy": number, "model": text, "os": text });
            let _ = asked(&json!({
                "eventType": text, "riskScore": number, "triggeredFlags": [text, { "code": text }],
                "deviceProfile": { "model": text, "uptimeSeconds": number, "utcOffsetMinutes": number },
                "locationProfile": profile, "behaviorProfile": { "typingWPM": number, "sessionHour": number },
            }));
        }
    }
}
