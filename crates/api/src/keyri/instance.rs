//! `instance`: all that is known of an event, under the names that this dialect's rules use (G2.17). What is not known is
//! null.

use domain::{
    Facts, Timestamp,
    facts::{Bool, FactType, Float, Int, Key, Text, device, ip, links, velocity},
};
use portcullis_domain as domain;
use portcullis_store::Portrait;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{
    portrait::{Painted, user_agent},
    response::{Ages, Echo, Judged, or_null},
};

const DAY_MS: f64 = 86_400_000.0;
const HOURS_A_DAY: f64 = 24.0;
const MINUTE_MS: i64 = 60_000;

/// What it is made of, beside the facts.
pub(super) struct Instance<'a> {
    pub(super) judged: &'a Judged<'a>,
    pub(super) echo: &'a Echo,
    pub(super) ages: Ages,
    pub(super) signals: &'a [String],
    pub(super) risk_summary: &'a str,
    pub(super) user_id: Option<&'a str>,
    pub(super) device_id: Option<&'a str>,
}

/// Facts as JSON, or null.
struct Known<'a>(&'a Facts);

impl Known<'_> {
    fn text(&self, key: Key<Text>) -> Value {
        or_null(self.0.known(key))
    }

    fn flag(&self, key: Key<Bool>) -> Value {
        self.value(key)
    }

    fn int(&self, key: Key<Int>) -> Value {
        self.value(key)
    }

    fn float(&self, key: Key<Float>) -> Value {
        self.value(key)
    }

    fn value<T: FactType>(&self, key: Key<T>) -> Value
    where
        for<'r> T::Read<'r>: Serialize,
    {
        or_null(self.0.known(key))
    }
}

/// Writes it.
pub(super) fn instance(of: &Instance<'_>) -> Value {
    let decision = of.judged.decision;
    let known = Known(&decision.facts);
    let [of_device, of_user] = of.judged.painted;
    json!({
        "uuid": of.judged.id.to_string(),
        "userId": of.user_id,
        "eventType": of.echo.event_type,
        "eventMetadata": of.echo.metadata,
        "eventLimiterCount": known.int(velocity::EVENTS_10S),
        "state": of.risk_summary,
        "signals": of.signals,
        "points": decision.assessment.score,
        "ipData": {
            "ip": known.text(ip::ADDRESS),
            "asn_name": known.text(ip::AS_ORG),
            "asn_route": Value::Null,
        },
        "ipGeoData": geo(&known),
        "threat": threat(&known, of.signals),
        "timeData": times(&decision.facts, decision.at),
        "deviceModel": device_model(of, &known),
        "userModel": user_model(of.judged.trace.user.as_ref(), of_user, decision.at),
        "historicalData": {
            "device": { "uniqueUser": known.int(links::USERS_ON_DEVICE) },
            "ip": { "uniqueUser": known.int(links::USERS_ON_IP) },
            "user": {
                "uniqueDevice": known.int(links::DEVICES_OF_USER),
                "uniqueIp": known.int(links::IPS_OF_USER),
                "_totals_day_": known.int(velocity::DAILY_COUNT),
            },
        },
        "changeHistory": {
            "device": of_device.picture.history(decision.at),
            "user": of_user.picture.history(decision.at),
        },
        "instanceDeltas": deltas(of_user, of_device),
    })
}

fn geo(known: &Known<'_>) -> Value {
    json!({
        "city": known.text(ip::CITY),
        "continent_code": Value::Null,
        "country_code": known.text(ip::COUNTRY_CODE),
        "ip_timezone_name": known.text(ip::TIMEZONE),
        "latitude": known.float(ip::LATITUDE),
        "longitude": known.float(ip::LONGITUDE),
        "region_code": known.text(ip::REGION),
    })
}

/// Thirteen booleans. Lists that we have none of are null.
fn threat(known: &Known<'_>, signals: &[String]) -> Value {
    let facts = known.0;
    let any = |keys: &[Key<Bool>]| {
        let values: Vec<_> = keys.iter().filter_map(|&key| facts.known(key)).collect();
        or_null((!values.is_empty()).then(|| values.contains(&true)))
    };
    let offsets = facts.known(ip::UTC_OFFSET_MIN).zip(facts.known(device::UTC_OFFSET_MIN));
    let fired = |name: &str| signals.iter().any(|signal| signal == name);
    json!({
        "is_tor": known.flag(ip::IS_TOR),
        "is_vpn": known.flag(ip::IS_VPN),
        "is_icloud_relay": Value::Null,
        "is_proxy": known.flag(ip::IS_PROXY),
        "is_datacenter": known.flag(ip::IS_DATACENTER),
        "is_anonymous": any(&[ip::IS_TOR, ip::IS_VPN, ip::IS_PROXY]),
        "is_known_attacker": Value::Null,
        "is_known_abuser": Value::Null,
        "is_threat": known.flag(ip::IS_HIGH_RISK_ASN),
        "is_bogon": known.flag(ip::IS_PRIVATE),
        "ip_blocklists": fired("blocklisted"),
        "is_timezone_inconsistent": or_null(offsets.map(|(ip, device)| ip != device)),
        "improbableTravel": fired("improbable_travel"),
    })
}

/// The time where the device is, and everywhere. Sunday is 0.
fn times(facts: &Facts, at: Timestamp) -> Value {
    let offset = facts.known(device::UTC_OFFSET_MIN).or(facts.known(ip::UTC_OFFSET_MIN));
    let mut times = Map::new();
    let mut put = |prefix: &str, parts: Option<Clock>, with_minutes: bool| {
        let mut one = |name: &str, value: Option<i64>| {
            times.insert(format!("{prefix}{name}"), or_null(value));
        };
        one("Year", parts.map(|clock| clock.year));
        one("Month", parts.map(|clock| clock.month));
        one("DayOfMonth", parts.map(|clock| clock.day));
        one("DayOfWeek", parts.map(|clock| clock.weekday));
        one("Hour", parts.map(|clock| clock.hour));
        if with_minutes {
            one("Minute", parts.map(|clock| clock.minute));
            one("Second", parts.map(|clock| clock.second));
        }
    };
    put("local", offset.and_then(|minutes| Clock::at(at.plus_millis(minutes * MINUTE_MS))), false);
    put("global", Clock::at(at), true);
    Value::Object(times)
}

/// A time by the calendar, UTC.
#[derive(Clone, Copy)]
struct Clock {
    year: i64,
    month: i64,
    day: i64,
    weekday: i64,
    hour: i64,
    minute: i64,
    second: i64,
}

impl Clock {
    fn at(at: Timestamp) -> Option<Self> {
        // `2026-01-31T09:30:00Z`, whatever follows.
        let text = at.to_string();
        let part = |range: std::ops::Range<usize>| text.get(range)?.parse::<i64>().ok();
        let days = at.as_millis().div_euclid(DAY_MS as i64);
        Some(Self {
            year: part(0..4)?,
            month: part(5..7)?,
            day: part(8..10)?,
            // The first of January 1970 was a Thursday.
            weekday: (days + 4).rem_euclid(7),
            hour: part(11..13)?,
            minute: part(14..16)?,
            second: part(17..19)?,
        })
    }
}

fn device_model(of: &Instance<'_>, known: &Known<'_>) -> Value {
    let found = of.judged.found;
    let at = of.judged.decision.at;
    let this = of.judged.decision.subject.user.as_deref();
    let mut users: Map<String, Value> =
        found.users.iter().map(|user| (user.user.to_string(), json!(user.times_seen))).collect();
    let mine = found.users.iter().find(|user| Some(user.user.as_str()) == this);
    let usage: u64 = found.users.iter().map(|user| user.times_seen).sum();
    users.insert("_usage_".to_owned(), json!(usage));
    users.insert("_unique_".to_owned(), json!(found.users.len()));
    let days = |since: Timestamp| at.millis_since(since).max(0) as f64 / DAY_MS;
    json!({
        "deviceId": of.device_id,
        "wagId": of.echo.wag_id,
        "deviceAgeLocal": of.ages.here / HOURS_A_DAY,
        "deviceAgeGlobal": of.ages.everywhere / HOURS_A_DAY,
        "deviceAgeUser": or_null(mine.map(|user| days(user.first_seen))),
        "daysDeviceSeenCount": or_null(found.device.as_ref().map(|device| device.times_seen)),
        "daysUserSeenOnDeviceCount": or_null(mine.map(|user| user.times_seen)),
        "users": users,
        "language": known.text(device::LANGUAGE),
        "system": known.text(device::OS),
        "time_zone_location": known.text(device::TIMEZONE),
        "userAgentParsed": or_null(user_agent(known.0)),
    })
}

fn user_model(before: Option<&Portrait>, painted: &Painted, at: Timestamp) -> Value {
    json!({
        "firstdate": or_null(before.map(|before| before.first_seen.as_millis())),
        "lastdate": or_null(before.map(|before| before.last_seen.as_millis())),
        "_count": before.map_or(0, |before| before.times_seen) + 1,
        "age": before.map_or(0.0, |before| at.millis_since(before.first_seen).max(0) as f64 / DAY_MS),
        "changes": painted.changes.len(),
    })
}

/// What changed of the account, and of the device where the account says nothing.
fn deltas(of_user: &Painted, of_device: &Painted) -> Value {
    let mut deltas = Map::new();
    for change in of_user.changes.iter().chain(&of_device.changes) {
        deltas.entry(change.attribute.clone()).or_insert_with(|| json!({ "changed": true, "to": change.to }));
    }
    Value::Object(deltas)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calendar_is_right() {
        let at = "2026-11-21T09:08:07Z".parse().unwrap();
        let mut facts = Facts::unknown();
        facts.set(device::UTC_OFFSET_MIN, -10 * 60);
        let times = times(&facts, at);
        assert_eq!((&times["globalYear"], &times["globalMonth"]), (&json!(2026), &json!(11)));
        assert_eq!((&times["globalDayOfWeek"], &times["localDayOfWeek"]), (&json!(6), &json!(5)));
        assert_eq!((&times["globalHour"], &times["localHour"]), (&json!(9), &json!(23)));
        assert_eq!((&times["globalMinute"], &times["globalSecond"]), (&json!(8), &json!(7)));
        assert_eq!(times.get("localMinute"), None);
    }

    #[test]
    fn what_is_not_known_is_null() {
        let facts = Facts::unknown();
        assert_eq!(threat(&Known(&facts), &[])["is_tor"], Value::Null);
        assert_eq!(times(&facts, Timestamp::from_millis(0))["localHour"], Value::Null);
    }
}
