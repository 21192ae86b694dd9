//! The request as an event of our vocabulary.

use compact_str::CompactString;
use domain::{Behavior, Device, Dialect, Email, Event, EventType, Screen, Timestamp};
use portcullis_domain as domain;

use super::{
    error::FieldError,
    request::{BehaviorRequest, DeviceRequest, IngestRequest},
};
use crate::{body::Object, text::cut};

/// The longest account id.
const MAX_USER_BYTES: usize = 256;

/// Checks the request and translates it, or names every field that is wrong.
pub(super) fn normalize(request: IngestRequest, now: Timestamp) -> Result<Event, Vec<FieldError>> {
    let mut errors = Vec::new();
    let event_type = parse_type(request.r#type.as_deref()).map_err(|error| errors.push(error)).ok();
    let email = parse_email(request.email.as_deref(), event_type).unwrap_or_else(|error| {
        errors.push(error);
        None
    });
    let user = parse_user(request.external_user_id.as_deref(), email.as_ref()).unwrap_or_else(|error| {
        errors.push(error);
        None
    });
    let ip = parse_ip(request.ip.as_deref()).map_err(|error| errors.push(error)).ok();
    match (event_type, errors.is_empty()) {
        (Some(event_type), true) => Ok(Event {
            dialect: Dialect::Ingest,
            event_type,
            at: now,
            user,
            email,
            ip,
            device: request.device.as_ref().map(|Object(sent)| device(sent)),
            behavior: request.behavior.map(|Object(sent)| behavior(sent)),
            session: None,
            sensors: None,
            claims: None,
            more: None,
        }),
        _ => Err(errors),
    }
}

fn parse_type(text: Option<&str>) -> Result<EventType, FieldError> {
    match text {
        Some("SIGNUP") => Ok(EventType::Signup),
        Some("LOGIN") => Ok(EventType::Login),
        Some(_) => Err(FieldError::invalid("type", "must be SIGNUP or LOGIN")),
        None => Err(FieldError::missing("type")),
    }
}

fn parse_email(text: Option<&str>, event_type: Option<EventType>) -> Result<Option<Email>, FieldError> {
    match text {
        Some(text) => {
            Email::parse(text).map(Some).map_err(|error| FieldError::invalid("email", error.to_string()))
        }
        None if event_type == Some(EventType::Signup) => {
            Err(FieldError::invalid("email", "is required for a SIGNUP"))
        }
        None => Ok(None),
    }
}

/// The account: the caller's id, or the address in lower case. Callers that use the address as the id write it as the
/// person typed it; it is the same account however that was.
fn parse_user(text: Option<&str>, email: Option<&Email>) -> Result<Option<CompactString>, FieldError> {
    let address = email.map(Email::to_lowercase);
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(address) };
    if text.len() > MAX_USER_BYTES {
        return Err(FieldError::invalid(
            "externalUserId",
            format!("must have at most {MAX_USER_BYTES} bytes"),
        ));
    }
    let is_the_address =
        |address: &CompactString| Email::parse(text).is_ok_and(|typed| typed.to_lowercase() == *address);
    Ok(Some(address.filter(is_the_address).unwrap_or_else(|| text.into())))
}

fn parse_ip(text: Option<&str>) -> Result<std::net::IpAddr, FieldError> {
    let text = text.ok_or_else(|| FieldError::missing("ip"))?;
    domain::ip::parse_client_ip(text)
        .ok_or_else(|| FieldError::invalid("ip", "must be an IPv4 or IPv6 address"))
}

fn device(sent: &DeviceRequest) -> Device {
    Device {
        user_agent: sent.user_agent.as_deref().map(cut),
        screen: sent.screen.as_ref().map(|Object(screen)| Screen {
            width: screen.width,
            height: screen.height,
            pixel_ratio: screen.pixel_ratio,
        }),
        timezone: sent.timezone.as_deref().map(cut),
        language: sent.language.as_deref().map(cut),
        webgl_vendor: sent.webgl_vendor.as_deref().map(cut),
        webgl_renderer: sent.webgl_renderer.as_deref().map(cut),
        hardware_concurrency: sent.hardware_concurrency.map(whole),
        memory_gib: sent.device_memory,
        platform: sent.platform.as_deref().map(cut),
        client_fingerprint: sent
            .client_fingerprint
            .as_deref()
            .map(cut)
            .filter(|text| !text.trim().is_empty()),
        identity: None,
    }
}

fn behavior(sent: BehaviorRequest) -> Behavior {
    let (mouse_path, mouse_points_sent) = match sent.mouse_path {
        Some(path) => (Some(path.points), path.sent),
        None => (None, 0),
    };
    Behavior {
        form_started_at: sent.form_started_at.map(whole).map(Timestamp::from_millis),
        form_submitted_at: sent.form_submitted_at.map(whole).map(Timestamp::from_millis),
        mouse_path,
        mouse_points_sent,
        keystroke_count: sent.keystroke_count.map(whole),
    }
}

/// JavaScript has one kind of number; a fraction where none is meant is rounded.
fn whole(number: f64) -> i64 {
    number.round() as i64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

    fn normalized(json: &str) -> Result<Event, Vec<FieldError>> {
        normalize(serde_json::from_str(json).unwrap(), NOW)
    }

    fn wrong_fields(json: &str) -> Vec<String> {
        normalized(json).unwrap_err().into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn names_every_field_that_is_wrong() {
        assert_eq!(wrong_fields("{}"), ["type", "ip"]);
        assert_eq!(wrong_fields(r#"{"type":"SIGNUP","ip":"8.8.8.8"}"#), ["email"]);
        assert_eq!(wrong_fields(r#"{"type":"signup","email":"x","ip":"8.8.8"}"#), ["type", "email", "ip"]);
        assert_eq!(
            wrong_fields(&format!(r#"{{"type":"LOGIN","ip":"::1","externalUserId":"{}"}}"#, "u".repeat(257))),
            ["externalUserId"]
        );
    }

    #[test]
    fn the_account_is_the_callers_id_or_the_address() {
        let user = |id: &str| {
            let json = format!(r#"{{"type":"LOGIN","ip":"8.8.8.8","email":"Jane@Example.com"{id}}}"#);
            normalized(&json).unwrap().user.unwrap()
        };
        assert_eq!(user(""), "jane@example.com");
        assert_eq!(user(r#","externalUserId":null"#), "jane@example.com");
        assert_eq!(user(r#","externalUserId":" ""#), "jane@example.com");
        assert_eq!(user(r#","externalUserId":"JANE@example.COM""#), "jane@example.com");
        assert_eq!(user(r#","externalUserId":"Cust-7""#), "Cust-7");
        assert_eq!(normalized(r#"{"type":"LOGIN","ip":"8.8.8.8"}"#).unwrap().user, None);
    }

    #[test]
    fn long_texts_are_cut_at_a_character() {
        let agent = "ä".repeat(400);
        let json = format!(
            r#"{{"type":"LOGIN","ip":"8.8.8.8","device":{{"userAgent":"{agent}","hardwareConcurrency":8.0}}}}"#
        );
        let device = normalized(&json).unwrap().device.unwrap();
        assert_eq!(device.user_agent.unwrap().len(), crate::text::MOST_BYTES);
        assert_eq!(device.hardware_concurrency, Some(8));
    }

    fn any_json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<f64>().prop_map(Into::into),
            ".{0,20}".prop_map(Into::into),
        ];
        leaf.prop_recursive(3, 20, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
                prop::collection::hash_map(
                    prop::sample::select(vec!["x", "y", "t", "width", "userAgent"]),
                    inner,
                    0..4
                )
                .prop_map(|map| map.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn never_panics(device in any_json(), behavior in any_json(), text in ".{0,40}") {
            let json = serde_json::json!({"type": "LOGIN", "ip": text, "email": text, "device": device, "behavior": {"mousePath": behavior}});
            if let Ok(request) = serde_json::from_value::<IngestRequest>(json) {
                let _ = normalize(request, NOW);
            }
        }

        #[test]
        fn unknown_fields_change_nothing(extra in any_json()) {
            let plain = serde_json::json!({"type": "LOGIN", "ip": "8.8.8.8", "device": {"platform": "Win32"}});
            let mut more = plain.clone();
            more["unknown"] = extra.clone();
            more["device"]["unknown"] = extra;
            let read = |value| normalize(serde_json::from_value(value).unwrap(), NOW).unwrap();
            prop_assert_eq!(read(plain), read(more));
        }
    }
}
