//! The names under which an event's `instance` is documented (G2.17): what rules may ask for, whether it is known or not.

/// A part of a name that is an attribute of a device or an account.
const ATTRIBUTE: &str = "@";
/// A part that is how often an attribute changed lately.
const CHANGES: &str = "#";
/// A part that is how many events, or denied ones, there were.
const TOTALS: &str = "%";
/// One part of a name or more, whatever they are.
const ANY: &str = "*";

const ATTRIBUTES: [&str; 27] = [
    "asn_name",
    "city",
    "continent_code",
    "country_code",
    "dayOfWeek",
    "dayPart",
    "deviceId",
    "deviceUsers",
    "eventType",
    "ip",
    "ip_timezone_name",
    "is_anonymous",
    "is_datacenter",
    "is_icloud_relay",
    "is_proxy",
    "is_tor",
    "is_vpn",
    "language",
    "latitude",
    "lieProbability",
    "longitude",
    "region_code",
    "state",
    "system",
    "time_zone_location",
    "userAgentParsed",
    "wagId",
];

const CHANGES_LAST: [&str; 4] = ["10_minutes", "hour", "24_hours", "7_days"];
const TOTALS_OF: [&str; 3] = ["_denials_", "_totals_", "_percent_denial_"];
const TOTALS_LAST: [&str; 6] = ["10_min", "10_minutes", "hour", "day", "24_hours", "all"];

/// Names, part by part; `|` is between parts of which any one may stand there.
const PATTERNS: [&str; 24] = [
    "changeHistory.device|user.@.#",
    "deviceModel.daysDeviceSeenCount|daysUserSeenOnDeviceCount|deviceAgeGlobal|deviceAgeLocal|deviceAgeUser|deviceId",
    "deviceModel.language|lieProbability|system|time_zone_location|userAgentParsed|wagId",
    "deviceModel.events|metadata|users.*",
    "deviceModel.daysDeviceSeen|daysUserSeenOnDevice|events|metadata|users",
    "eventLimiterCount|eventLimitCounter|eventType|points|signals|state|userId|uuid",
    "eventMetadata.*",
    "historicalData.device|ip|user.%",
    "historicalData.device|ip|user.uniqueDevice|uniqueIp|uniqueUser",
    "historicalData.device|ip|user.uniqueDevice|uniqueIp|uniqueUser.%",
    "historicalData.device|ip|user.events",
    "historicalData.device|ip|user.events.*",
    "instanceDeltas.@.changed|to",
    "ipData.asn_name|asn_route|ip",
    "ipGeoData.city|continent_code|country_code|ip_timezone_name|latitude|longitude|region_code",
    "threat.improbableTravel|ip_blocklists|is_anonymous|is_bogon|is_datacenter|is_icloud_relay|is_known_abuser",
    "threat.is_known_attacker|is_proxy|is_threat|is_timezone_inconsistent|is_tor|is_vpn",
    "timeData.localYear|localMonth|localDayOfMonth|localDayOfWeek|localHour",
    "timeData.globalYear|globalMonth|globalDayOfMonth|globalDayOfWeek|globalHour|globalMinute|globalSecond",
    "userModel._count|_count_10_minutes|_count_1_hour|_count_24_hours|_count_1_month|age|changes|firstdate|lastdate",
    "userModel.@.*",
    "userModel.@|events|metadata|rawMetaData",
    "userModel.metadata.*",
    "userModel.events.*",
];

/// Whether this is the name of something in `instance`. What stands in `${…}` may be any part of a name, and must be one
/// itself.
pub(super) fn is_leaf(name: &str) -> bool {
    let Some((plain, inner)) = without_templates(name) else { return false };
    let parts: Vec<_> = plain.split('.').collect();
    inner.iter().all(|name| is_leaf(name)) && PATTERNS.iter().any(|pattern| matches(pattern, &parts))
}

/// The name as the value is shown: documents spell the ends of some names in several ways.
pub(super) fn canonical(name: &str) -> String {
    let (before, last) = name.rsplit_once('.').unwrap_or(("", name));
    let of = TOTALS_OF.iter().find(|of| name.starts_with("historicalData.") && last.starts_with(**of));
    let last = match of {
        Some(of) => match last[of.len()..].trim_end_matches('_') {
            "10_minutes" => format!("{of}10_min_"),
            "24_hours" => format!("{of}day_"),
            window => format!("{of}{window}_"),
        },
        None if ["_sum_24_h", "_sum_24_hr"].contains(&last.trim_end_matches('_')) => {
            "_sum_24_hours".to_owned()
        }
        None => last.to_owned(),
    };
    if before.is_empty() { last } else { format!("{before}.{last}") }
}

/// The name with an ordinary part in place of each `${…}`, and what stands in those; `None` when one is not closed.
fn without_templates(name: &str) -> Option<(String, Vec<&str>)> {
    let (mut plain, mut inner, mut rest) = (String::new(), Vec::new(), name);
    while let Some((before, after)) = rest.split_once("${") {
        let (template, after) = after.split_once('}')?;
        if template.contains("${") {
            return None;
        }
        plain.push_str(before);
        plain.push('$');
        inner.push(template);
        rest = after;
    }
    plain.push_str(rest);
    Some((plain, inner))
}

fn matches(pattern: &str, parts: &[&str]) -> bool {
    let mut parts = parts.iter();
    for wanted in pattern.split('.') {
        let Some(part) = parts.next() else { return false };
        let fits = match wanted {
            ANY => return !part.is_empty(),
            CHANGES => part.strip_prefix("changes_last_").is_some_and(|window| is_any(&CHANGES_LAST, window)),
            TOTALS => is_total(part),
            wanted => wanted.split('|').any(|wanted| {
                wanted == *part || *part == "$" || wanted == ATTRIBUTE && is_any(&ATTRIBUTES, part)
            }),
        };
        if !fits {
            return false;
        }
    }
    parts.next().is_none()
}

/// `_denials_hour_`, and the same without the last mark.
fn is_total(part: &str) -> bool {
    let window = TOTALS_OF.iter().find_map(|of| part.strip_prefix(of)).unwrap_or(part);
    part == "$"
        || window.len() < part.len() && is_any(&TOTALS_LAST, window.strip_suffix('_').unwrap_or(window))
}

fn is_any(known: &[&str], part: &str) -> bool {
    part == "$" || known.contains(&part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documented_names_are_known() {
        for name in [
            "changeHistory.user.ip.changes_last_hour",
            "changeHistory.device.wagId.changes_last_7_days",
            "deviceModel.deviceAgeUser",
            "deviceModel.users.jane@example.com",
            "eventType",
            "historicalData.user._denials_10_min_",
            "historicalData.user._denials_24_hours",
            "historicalData.ip._percent_denial_all_",
            "historicalData.user.uniqueIp._totals_day_",
            "historicalData.device.uniqueUser",
            "historicalData.device.events.signup._totals_all_",
            "instanceDeltas.deviceUsers.changed",
            "threat.is_known_attacker",
            "timeData.localHour",
            "userModel.country_code.US.percent",
            "userModel.city._unique_24_hr_",
            "userModel.country_code.${ipGeoData.country_code}.percent",
            "userModel._count_24_hours",
            "userModel.metadata.amount._sum_24_hours",
            "eventMetadata.${eventType}",
        ] {
            assert!(is_leaf(name), "{name}");
        }
    }

    /// Adds the names of all values in an object, and of what is not known.
    fn names(value: &serde_json::Value, prefix: &str, found: &mut Vec<String>) {
        if let Some(members) = value.as_object() {
            for (name, value) in members {
                names(value, &format!("{prefix}.{name}"), found);
            }
        } else {
            found.push(prefix.trim_start_matches('.').to_owned());
        }
    }

    #[test]
    fn everything_that_answers_show_can_be_named() {
        let cases = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/dialects/keyri");
        let mut found = Vec::new();
        for case in std::fs::read_dir(cases).unwrap() {
            let Ok(text) = std::fs::read_to_string(case.unwrap().path().join("response.json")) else {
                continue;
            };
            let answer: serde_json::Value = serde_json::from_str(&text).unwrap();
            let Some(instance) = answer.pointer("/body/instance") else { continue };
            let mut shown = Vec::new();
            names(instance, "", &mut shown);
            found.extend(shown.into_iter().filter(|name| name != "eventMetadata"));
        }
        assert!(found.len() > 1_000, "{}", found.len());
        let unknown: Vec<_> = found.iter().filter(|name| !is_leaf(name)).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }

    #[test]
    fn ends_are_spelled_as_they_are_shown() {
        for (name, expected) in [
            ("historicalData.user._denials_10_minutes", "historicalData.user._denials_10_min_"),
            ("historicalData.user._denials_10_min_", "historicalData.user._denials_10_min_"),
            ("historicalData.ip._percent_denial_24_hours", "historicalData.ip._percent_denial_day_"),
            ("historicalData.ip._totals_all", "historicalData.ip._totals_all_"),
            ("userModel.metadata.amount._sum_24_hr_", "userModel.metadata.amount._sum_24_hours"),
            ("userModel.city._unique_", "userModel.city._unique_"),
            ("eventType", "eventType"),
        ] {
            assert_eq!(canonical(name), expected);
        }
    }

    #[test]
    fn others_are_not() {
        for name in [
            "",
            "nobody",
            "changeHistory.user.ip",
            "changeHistory.user.shoes.changes_last_hour",
            "changeHistory.user.ip.changes_last_year",
            "changeHistory.user.ip.changes_last_hour.more",
            "deviceModel.deviceAge",
            "historicalData.user._denials_",
            "historicalData.user.denials_hour",
            "instanceDeltas.ip",
            "timeData.localMinute",
            "userModel",
            "userModel.country_code.",
            "userModel.country_code.${ipGeoData.country_code",
            "userModel.country_code.${nobody}.percent",
            "userModel.country_code.${${eventType}}.percent",
        ] {
            assert!(!is_leaf(name), "{name}");
        }
    }
}
