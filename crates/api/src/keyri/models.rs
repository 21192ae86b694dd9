//! What `instance` tells of the past: `deviceModel`, `userModel` and `historicalData`. This event is counted, but not among
//! what was refused; what is not known is null. Times are ms since 1970, ages days, parts from 0 to 1.

use domain::{
    Facts, Timestamp,
    facts::{Int, Key, device, history as keys, links},
};
use portcullis_domain as domain;
use serde_json::{Map, Value, json};

use super::{
    calendar::date,
    diary::{Attribute, Diary},
    instance::Instance,
    portrait::user_agent,
    response::or_null,
};

const DAY_MS: f64 = 86_400_000.0;
const HOURS_A_DAY: f64 = 24.0;

/// Counts in windows of a whole model, and of an attribute.
const COUNTS: [&str; 4] = ["_count_10_minutes", "_count_1_hour", "_count_24_hours", "_count_1_month"];
/// Counts in windows of one value.
const LASTS: [&str; 4] = ["last_10_minutes", "last_hour", "last_24_hours", "last_month"];

/// `deviceModel`.
pub(super) fn device_model(of: &Instance<'_>) -> Value {
    let at = of.judged.decision.at;
    let (found, facts) = (of.judged.found, &of.judged.decision.facts);
    let [of_device, of_user] = of.judged.painted;
    let this = of.judged.decision.subject.user.as_deref();
    let mine = found.users.iter().find(|user| Some(user.user.as_str()) == this);
    let diary = &of_device.picture.diary;
    // Only accounts are seen on devices; a visitor's diary ends with the visit.
    let of_user = this.map(|_| &of_user.picture.diary);
    let on_device = of_user.zip(of.device_id).and_then(|(diary, id)| {
        let seen = diary.attribute("deviceId")?.find(id)?;
        Some((seen.days, dates(&diary.last_days_with("deviceId", seen))))
    });
    let (count, days_on_device) = on_device.unzip();
    json!({
        "deviceId": of.device_id,
        "wagId": of.echo.wag_id,
        "deviceAgeLocal": of.ages.here / HOURS_A_DAY,
        "deviceAgeGlobal": of.ages.everywhere / HOURS_A_DAY,
        "deviceAgeUser": or_null(mine.map(|user| days(user.first_seen.as_millis(), at))),
        "daysDeviceSeen": dates(&diary.last_days()),
        "daysDeviceSeenCount": diary.days,
        "daysUserSeenOnDevice": or_null(days_on_device),
        "daysUserSeenOnDeviceCount": or_null(count),
        "users": users(of),
        "events": diary.attribute("eventType").map(|events| values(diary, "eventType", events, at)),
        "language": or_null(facts.known(device::LANGUAGE)),
        "lieProbability": Value::Null,
        "system": or_null(facts.known(device::OS)),
        "time_zone_location": or_null(facts.known(device::TIMEZONE)),
        "userAgentParsed": or_null(user_agent(facts)),
    })
}

/// How often each account was seen on the device.
fn users(of: &Instance<'_>) -> Value {
    let users = &of.judged.found.users;
    let mut members: Map<String, Value> =
        users.iter().map(|user| (user.user.to_string(), json!(user.times_seen))).collect();
    let usage: u64 = users.iter().map(|user| user.times_seen).sum();
    members.insert("_usage_".to_owned(), json!(usage));
    members.insert("_unique_".to_owned(), json!(users.len()));
    Value::Object(members)
}

/// `userModel`.
pub(super) fn user_model(of: &Instance<'_>) -> Value {
    let at = of.judged.decision.at;
    let before = of.judged.trace.user.as_ref();
    let painted = &of.judged.painted[1];
    let diary = &painted.picture.diary;
    let mut model = Map::new();
    let mut put = |name: &str, value: Value| model.insert(name.to_owned(), value);
    for (name, attribute) in diary.attributes() {
        put(name, of_attribute(diary, name, attribute, at));
    }
    put("firstdate", or_null(before.map(|before| before.first_seen.as_millis())));
    put("lastdate", or_null(before.map(|before| before.last_seen.as_millis())));
    put("age", json!(before.map_or(0.0, |before| days(before.first_seen.as_millis(), at))));
    put("changes", json!(painted.changes.len()));
    put("_count", json!(before.map_or(0, |before| before.times_seen) + 1));
    for (name, count) in COUNTS.iter().zip(diary.events(at)) {
        put(name, json!(count));
    }
    let sums = diary.sums(at).into_iter();
    let sums = sums.map(|(name, sum)| (name.to_owned(), json!({ "_sum_24_hours": sum })));
    put("metadata", sums.collect());
    put("rawMetaData", json!(painted.picture.metadata));
    Value::Object(model)
}

/// An attribute: each of its values, and figures of all of them.
fn of_attribute(diary: &Diary, name: &str, attribute: &Attribute, at: Timestamp) -> Value {
    let mut members = values(diary, name, attribute, at);
    let mut put = |name: &str, value: Value| members.insert(name.to_owned(), value);
    let sightings = diary.sightings(name, at);
    for (place, name) in COUNTS.iter().enumerate() {
        put(name, json!(sightings.values().map(|counts| counts[place]).sum::<u64>()));
    }
    let latest = attribute.latest();
    put("_count", json!(attribute.count));
    put("_unique", json!(attribute.unique));
    put("_lastdate", or_null(latest.map(|latest| latest.last)));
    put("_lastentry", or_null(latest.map(|latest| &latest.value)));
    Value::Object(members)
}

/// What is known of each value of an attribute.
fn values(diary: &Diary, name: &str, attribute: &Attribute, at: Timestamp) -> Map<String, Value> {
    let sightings = diary.sightings(name, at);
    let of_value = |seen: &super::diary::Sighting| {
        let mut members = Map::new();
        let mut put = |name: &str, value: Value| members.insert(name.to_owned(), value);
        put("age", json!(days(seen.first, at)));
        put("counter", json!(seen.count));
        put("firstdate", json!(seen.first));
        put("lastdate", json!(seen.last));
        put("last_used", json!(days(seen.last, at)));
        put("percent", json!(seen.count as f64 / attribute.count.max(1) as f64));
        for (name, count) in LASTS.iter().zip(seen.counts(&sightings)) {
            put(name, json!(count));
        }
        (seen.value.clone(), Value::Object(members))
    };
    attribute.values.iter().map(of_value).collect()
}

/// The facts about one kind of entity, by window: events, and those that were refused.
type Figures = [(Key<Int>, Key<Int>); 4];

/// What the windows of `historicalData` are called.
const SPANS: [&str; 4] = ["10_min", "hour", "day", "all"];

const OF_DEVICE: Figures = [
    (keys::DEVICE_EVENTS_10M, keys::DEVICE_DENIALS_10M),
    (keys::DEVICE_EVENTS_1H, keys::DEVICE_DENIALS_1H),
    (keys::DEVICE_EVENTS_24H, keys::DEVICE_DENIALS_24H),
    (keys::DEVICE_EVENTS_ALL, keys::DEVICE_DENIALS_ALL),
];
const OF_IP: Figures = [
    (keys::IP_EVENTS_10M, keys::IP_DENIALS_10M),
    (keys::IP_EVENTS_1H, keys::IP_DENIALS_1H),
    (keys::IP_EVENTS_24H, keys::IP_DENIALS_24H),
    (keys::IP_EVENTS_ALL, keys::IP_DENIALS_ALL),
];
const OF_USER: Figures = [
    (keys::USER_EVENTS_10M, keys::USER_DENIALS_10M),
    (keys::USER_EVENTS_1H, keys::USER_DENIALS_1H),
    (keys::USER_EVENTS_24H, keys::USER_DENIALS_24H),
    (keys::USER_EVENTS_ALL, keys::USER_DENIALS_ALL),
];

/// `historicalData`: of all services and APIs of the client together, but `events`, which are the service's own.
pub(super) fn historical_data(of: &Instance<'_>) -> Value {
    let facts = &of.judged.decision.facts;
    let [of_device, of_user] = of.judged.painted.each_ref().map(|painted| {
        let events = painted.picture.diary.attribute("eventType");
        let count = |seen: &super::diary::Sighting| (seen.value.clone(), json!(seen.count));
        events.map(|events| events.values.iter().map(count).collect::<Map<_, _>>())
    });
    let this = of.judged.decision.subject.user.as_ref();
    json!({
        "device": figures(facts, OF_DEVICE, [
            ("uniqueUser", links::USERS_ON_DEVICE),
            ("uniqueIp", links::IPS_ON_DEVICE),
        ], of_device),
        "ip": figures(facts, OF_IP, [
            ("uniqueUser", links::USERS_ON_IP),
            ("uniqueDevice", links::DEVICES_ON_IP),
        ], None),
        "user": figures(facts, OF_USER, [
            ("uniqueDevice", links::DEVICES_OF_USER),
            ("uniqueIp", links::IPS_OF_USER),
        ], of_user.filter(|_| this.is_some())),
    })
}

fn figures(
    facts: &Facts,
    figures: Figures,
    unique: [(&str, Key<Int>); 2],
    events: Option<Map<String, Value>>,
) -> Value {
    let mut members = Map::new();
    let mut put = |name: String, value: Value| members.insert(name, value);
    for (span, (events, denials)) in SPANS.iter().zip(figures) {
        let (events, denials) = (facts.known(events), facts.known(denials));
        let percent = events.zip(denials).map(|(events, denials)| percent(denials, events));
        put(format!("_totals_{span}_"), or_null(events));
        put(format!("_denials_{span}_"), or_null(denials));
        put(format!("_percent_denial_{span}_"), or_null(percent));
    }
    for (name, key) in unique {
        put(name.to_owned(), or_null(facts.known(key)));
    }
    put("events".to_owned(), or_null(events));
    Value::Object(members)
}

fn percent(part: i64, whole: i64) -> f64 {
    part as f64 / whole.max(1) as f64
}

fn days(since_ms: i64, at: Timestamp) -> f64 {
    (at.as_millis() - since_ms).max(0) as f64 / DAY_MS
}

fn dates(days: &[i64]) -> Value {
    days.iter().map(|&day| date(day)).collect()
}
