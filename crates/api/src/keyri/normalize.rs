//! The dialect's request as an event.

use compact_str::CompactString;
use domain::{
    Claims as Concluded, Device, Dialect, Email, Event, EventType, IdentityHints, More, Screen, Sensors,
    Timestamp,
};
use portcullis_domain as domain;
use portcullis_engine::rules::details;
use serde_json::{Value, json};

use super::{
    KeyriError,
    claims::{Claims, DeviceInfo},
    identity::Machine,
    profile::signal_of,
    request::ClientRequest,
};
use crate::text::cut;

/// The longest id of a user, and the longest name of an event.
const LONGEST_ID: usize = 256;
/// What is sent for a visitor without an account.
const NOBODY: [&str; 3] = ["undefined", "ANON", ""];
const MOST_PIXELS: f64 = 100_000.0;

/// A request in our vocabulary.
pub(super) struct Asked {
    pub(super) event: Event,
    /// The event's name, to be echoed.
    pub(super) event_type: String,
    /// The address as it was sent, to be echoed.
    pub(super) ip_address: Option<String>,
    /// What the caller said beside, as it was sent; that of the client where the caller said nothing.
    pub(super) metadata: Value,
    /// What is kept with the event.
    pub(super) note: Vec<u8>,
    pub(super) machine: Machine,
}

/// Makes an event of a request and what was in its envelope. What the caller says goes before what the client says.
pub(super) fn normalize(
    request: &ClientRequest,
    claims: &Claims,
    now: Timestamp,
) -> Result<Asked, KeyriError> {
    let user = checked_text("userId", request.user_id.as_deref().or(claims.user_id.as_deref()))?;
    let user = user.filter(|user| !NOBODY.contains(user)).map(CompactString::from);
    let name = checked_text("eventType", request.event_type.as_deref().or(claims.event_type.as_deref()))?;
    let name = name.filter(|name| !name.is_empty()).unwrap_or("visits");
    let address = request.ip_address.as_deref().map(str::trim).filter(|text| !text.is_empty());
    let ip = address.map(|text| {
        let wrong = || KeyriError::Field("ipAddress must be an IPv4 or IPv6 address".to_owned());
        domain::ip::parse_client_ip(text).ok_or_else(wrong)
    });
    let ip = ip.transpose()?;
    let device = device(claims, request.user_agent());
    let metadata = request.metadata.as_ref().or(claims.event_metadata.as_ref());
    let metadata = metadata.map_or_else(|| json!({}), |metadata| Value::Object(metadata.clone()));
    let result = claims.event_result.clone().or(claims.success.map(|success| success.to_string()));
    let note = json!({ "eventType": name, "metadata": metadata, "eventResult": result });
    let readable = metadata.as_object().map(details::of_metadata).unwrap_or_default();
    let more = More { action: Some(CompactString::from(name)), metadata: readable, ..More::default() };
    Ok(Asked {
        machine: Machine::of(claims, &device),
        event_type: name.to_owned(),
        ip_address: address.map(ToOwned::to_owned),
        note: note.to_string().into_bytes(),
        metadata,
        event: Event {
            dialect: Dialect::Keyri,
            event_type: event_type(name),
            at: now,
            email: user.as_deref().and_then(|user| Email::parse(user).ok()),
            user,
            ip,
            device: Some(device),
            behavior: None,
            session: None,
            sensors: sensors(&claims.device_info),
            claims: concluded(&claims.signals),
            more: Some(Box::new(more)),
        },
    })
}

/// Our type of an event of this name; what we have no type for is a visit, and keeps its name.
fn event_type(name: &str) -> EventType {
    match name.to_ascii_lowercase().as_str() {
        "signup" => EventType::Signup,
        "login" | "access" => EventType::Login,
        "attach_new_device" => EventType::DeviceRegistration,
        "email_change" | "profile_update" | "password_reset" => EventType::ProfileUpdate,
        "withdrawal" => EventType::Withdrawal,
        "deposit" | "purchase" => EventType::Payment,
        _ => EventType::Visit,
    }
}

fn checked_text<'t>(field: &str, text: Option<&'t str>) -> Result<Option<&'t str>, KeyriError> {
    let Some(text) = text.map(str::trim) else { return Ok(None) };
    if text.chars().count() > LONGEST_ID || text.chars().any(char::is_control) {
        let sentence =
            format!("{field} must have at most {LONGEST_ID} characters, and no control characters");
        return Err(KeyriError::Field(sentence));
    }
    Ok(Some(text))
}

fn device(claims: &Claims, user_agent: Option<&str>) -> Device {
    let text = |name: &str| claims.param(name).map(|text| cut(&text));
    let told = |text: &Option<String>| text.as_deref().filter(|text| !text.is_empty()).map(cut);
    let number = |name: &str| claims.param(name).and_then(|text| text.parse::<f64>().ok());
    let (width, height) = claims.param("screenResolution").and_then(|text| resolution(&text)).unzip();
    let identity = IdentityHints {
        device_id: told(&claims.crypto_cookie),
        fonts: claims.param("fonts").map(|fonts| digest(&fonts)),
        audio_hash: claims.param("audioFingerprint").map(|audio| digest(&audio)),
        touch_points: number("maxTouchPoints").filter(|n| (0.0..=100.0).contains(n)).map(|n| n as u32),
        ..IdentityHints::default()
    };
    Device {
        user_agent: user_agent.map(cut).or_else(|| text("userAgent")),
        screen: Some(Screen { width, height, pixel_ratio: None }),
        timezone: text("timezone"),
        language: text("languages").and_then(|languages| first_language(&languages)),
        webgl_vendor: text("gpuVendor"),
        webgl_renderer: text("gpuRenderer"),
        hardware_concurrency: number("hardwareConcurrency").map(|cores| cores as i64),
        memory_gib: number("deviceMemory"),
        platform: text("platform"),
        client_fingerprint: told(&claims.device_hash),
        identity: Some(Box::new(identity)),
    }
}

/// Lists that are compared and never shown.
fn digest(text: &str) -> CompactString {
    CompactString::from(blake3::hash(text.as_bytes()).to_hex().as_str())
}

/// Width and height in whatever is around them: `1920x1080`, `[1920,1080]`, `1920,1080`.
fn resolution(text: &str) -> Option<(f64, f64)> {
    let mut sides = text
        .split(|c: char| !c.is_ascii_digit() && c != '.')
        .filter_map(|side| side.parse::<f64>().ok())
        .filter(|side| (1.0..=MOST_PIXELS).contains(side));
    sides.next().zip(sides.next())
}

/// The first of `en-US,en`, `["en-US","en"]` or `[["en-US"]]`.
fn first_language(text: &str) -> Option<CompactString> {
    let mut tags = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    tags.find(|tag| tag.len() >= 2).map(CompactString::from)
}

fn sensors(info: &DeviceInfo) -> Option<Box<Sensors>> {
    let sensors = Sensors {
        is_rooted: info.rooted,
        has_hook_tool: info.swizzle,
        is_debuggable: info.is_debuggable,
        has_malicious_packages: info.malicious_packages,
        has_dangerous_apps: info.dangerous_apps,
        is_app_tampered: info.tamper_detection,
        is_emulator: info.emulator,
        ..Sensors::default()
    };
    (sensors != Sensors::default()).then(|| Box::new(sensors))
}

/// What the client says fired, as far as we know it and it can know that.
fn concluded(signals: &[String]) -> Option<Concluded> {
    let mut codes = CompactString::default();
    for signal in signals.iter().take(64).filter_map(|name| signal_of(name)) {
        codes.push_str(signal);
        codes.push(' ');
    }
    (!codes.is_empty()).then(|| Concluded { signals: codes, score: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_in_every_form() {
        for text in ["1920x1080", "[1920,1080]", "1920, 1080", "1920 × 1080"] {
            assert_eq!(resolution(text), Some((1_920.0, 1_080.0)), "{text}");
        }
        for text in ["", "1920", "axb", "0x0", "1000000x5"] {
            assert_eq!(resolution(text), None, "{text}");
        }
    }

    #[test]
    fn the_first_language_counts() {
        for text in ["en-US,en", r#"["en-US","en"]"#, r#"[["en-US"]]"#, "en-US"] {
            assert_eq!(first_language(text).as_deref(), Some("en-US"), "{text}");
        }
        assert_eq!(first_language("[]"), None);
    }

    #[test]
    fn names_of_events_have_types_and_others_are_visits() {
        for (name, of) in [
            ("signup", EventType::Signup),
            ("LOGIN", EventType::Login),
            ("access", EventType::Login),
            ("deposit", EventType::Payment),
            ("visits", EventType::Visit),
            ("dance", EventType::Visit),
        ] {
            assert_eq!(event_type(name), of, "{name}");
        }
    }

    #[test]
    fn a_client_claims_only_what_it_can_see() {
        let names = ["bot_detection", "tor", "blocked_device", "nonsense"].map(ToOwned::to_owned);
        assert_eq!(concluded(&names).unwrap().signals, "device.bot_agent ");
        assert_eq!(concluded(&[]), None);
    }
}
