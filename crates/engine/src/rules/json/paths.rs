//! What is called otherwise in JSON: paths into `instance`, and the variables that they are.

use super::{
    super::{details, leaves, variables::Schema},
    At, JsonError,
};

/// What is called otherwise in JSON, and the variable that it is. Other names of `instance` are variables of their own,
/// under `instance.`.
pub const PATHS: [(&str, &str); 28] = [
    ("deviceModel.language", "device.language"),
    ("deviceModel.system", "device.os"),
    ("deviceModel.time_zone_location", "device.timezone"),
    ("eventLimitCounter", "velocity.events_10s"),
    ("eventLimiterCount", "velocity.events_10s"),
    ("eventType", "event.action"),
    ("historicalData.device.uniqueIp", "links.ips_on_device"),
    ("historicalData.device.uniqueUser", "links.users_on_device"),
    ("historicalData.ip.uniqueDevice", "links.devices_on_ip"),
    ("historicalData.ip.uniqueUser", "links.users_on_ip"),
    ("historicalData.user.uniqueDevice", "links.devices_of_user"),
    ("historicalData.user.uniqueIp", "links.ips_of_user"),
    ("ipData.asn_name", "ip.as_org"),
    ("ipData.ip", "ip.address"),
    ("ipGeoData.city", "ip.city"),
    ("ipGeoData.continent_code", "ip.continent_code"),
    ("ipGeoData.country_code", "ip.country_code"),
    ("ipGeoData.ip_timezone_name", "ip.timezone"),
    ("ipGeoData.latitude", "ip.latitude"),
    ("ipGeoData.longitude", "ip.longitude"),
    ("ipGeoData.region_code", "ip.region"),
    ("threat.is_bogon", "ip.is_private"),
    ("threat.is_datacenter", "ip.is_datacenter"),
    ("threat.is_proxy", "ip.is_proxy"),
    ("threat.is_threat", "ip.is_high_risk_asn"),
    ("threat.is_tor", "ip.is_tor"),
    ("threat.is_vpn", "ip.is_vpn"),
    ("userModel.age", "user.age_days"),
];

/// What the caller sent, under the name that it has in `instance`.
const EVENT_METADATA: &str = "eventMetadata.";

/// The name of the variable that a path names.
pub(super) fn variable(schema: &Schema, path: &str, at: &At) -> Result<Box<str>, JsonError> {
    find(schema, path).ok_or_else(|| at.error("names nothing that rules can look at"))
}

/// The same; `None` when it names nothing.
pub(super) fn find(schema: &Schema, path: &str) -> Option<Box<str>> {
    let path = interpolated(path).unwrap_or(path);
    if path.chars().any(char::is_control) {
        return None;
    }
    if let Some((_, name)) = PATHS.iter().find(|(json, _)| *json == path) {
        return Some((*name).into());
    }
    if let Some(name) = total(path).filter(|name| schema.slot(name).is_some()) {
        return Some(name.into());
    }
    let sent = path.strip_prefix(EVENT_METADATA).filter(|rest| !rest.is_empty() && !rest.contains("${"));
    if let Some(rest) = sent {
        return Some(format!("{}{rest}", details::SENT).into());
    }
    if leaves::is_leaf(path) {
        return Some(format!("{}{path}", details::SHOWN).into());
    }
    (details::is_name(path) || schema.slot(path).is_some()).then(|| path.into())
}

/// The fact behind `historicalData.user._denials_hour_` and the like.
fn total(path: &str) -> Option<String> {
    let name = leaves::canonical(path);
    let (of, last) = name.strip_prefix("historicalData.")?.split_once('.')?;
    let (what, window) = last.strip_prefix('_')?.strip_suffix('_')?.split_once('_')?;
    let what = match what {
        "totals" => "events",
        "denials" => "denials",
        _ => return None,
    };
    let window = match window {
        "10_min" => "10m",
        "hour" => "1h",
        "day" => "24h",
        "all" => "all",
        _ => return None,
    };
    Some(format!("history.{of}_{what}_{window}"))
}

/// What stands in `${…}`, when that is all there is.
pub(super) fn interpolated(text: &str) -> Option<&str> {
    let inner = text.strip_prefix("${")?.strip_suffix('}')?;
    (!inner.contains(['{', '}'])).then_some(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_is_a_variable_and_documented() {
        for (path, name) in PATHS {
            assert!(Schema::standard().slot(name).is_some(), "{path}: {name}");
            assert!(leaves::is_leaf(path), "{path}");
        }
    }

    #[test]
    fn names_are_found() {
        let found = |path| find(Schema::standard(), path);
        for (path, name) in [
            ("threat.is_tor", Some("ip.is_tor")),
            ("${threat.is_tor}", Some("ip.is_tor")),
            ("ip.is_tor", Some("ip.is_tor")),
            ("eventMetadata.amount", Some("metadata.amount")),
            ("metadata.riskScore", Some("metadata.riskScore")),
            ("eventMetadata.order-id", Some("metadata.order-id")),
            ("threat.is_known_attacker", Some("instance.threat.is_known_attacker")),
            ("historicalData.device._totals_10_min_", Some("history.device_events_10m")),
            ("historicalData.user._denials_24_hours", Some("history.user_denials_24h")),
            ("historicalData.ip._totals_all", Some("history.ip_events_all")),
            (
                "historicalData.ip._percent_denial_hour_",
                Some("instance.historicalData.ip._percent_denial_hour_"),
            ),
            ("instance.timeData.localHour", Some("instance.timeData.localHour")),
            (
                "userModel.country_code.${ipGeoData.country_code}.percent",
                Some("instance.userModel.country_code.${ipGeoData.country_code}.percent"),
            ),
            ("eventMetadata.${eventType}", Some("instance.eventMetadata.${eventType}")),
            ("eventMetadata.", None),
            ("eventMetadata", None),
            ("eventMetadata.a\nb", None),
            ("${ip.is_tor", None),
            ("timeData.localMinute", None),
            ("nobody", None),
        ] {
            assert_eq!(found(path).as_deref(), name, "{path}");
        }
    }
}
