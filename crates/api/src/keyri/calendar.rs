//! Times by the calendar, as `timeData` and the attributes of days tell them.

use domain::{
    Facts, Timestamp,
    facts::{device, ip},
};
use portcullis_domain as domain;
use serde_json::{Map, Value};

use super::response::or_null;

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;

/// The time where the device is, and everywhere. Sunday is 0.
pub(super) fn times(facts: &Facts, at: Timestamp) -> Value {
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
    put("local", Clock::local(facts, at), false);
    put("global", Clock::at(at), true);
    Value::Object(times)
}

/// A time by the calendar, UTC.
#[derive(Clone, Copy)]
pub(super) struct Clock {
    year: i64,
    month: i64,
    day: i64,
    pub(super) weekday: i64,
    pub(super) hour: i64,
    minute: i64,
    second: i64,
}

impl Clock {
    /// The time where the device is, else where its address is.
    pub(super) fn local(facts: &Facts, at: Timestamp) -> Option<Self> {
        let offset = facts.known(device::UTC_OFFSET_MIN).or(facts.known(ip::UTC_OFFSET_MIN));
        offset.and_then(|minutes| Self::at(at.plus_millis(minutes * MINUTE_MS)))
    }

    /// The part of the day, six hours each from midnight.
    pub(super) fn part_of_day(self) -> &'static str {
        match self.hour {
            0..6 => "night",
            6..12 => "morning",
            12..18 => "afternoon",
            _ => "evening",
        }
    }

    fn at(at: Timestamp) -> Option<Self> {
        // `2026-01-31T09:30:00Z`, whatever follows.
        let text = at.to_string();
        let part = |range: std::ops::Range<usize>| text.get(range)?.parse::<i64>().ok();
        let days = at.as_millis().div_euclid(DAY_MS);
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

/// The day with this number since 1970, as `2026-01-31`.
pub(super) fn date(day: i64) -> String {
    let text = Timestamp::from_millis(day * DAY_MS).to_string();
    text.get(..10).unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

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
        let nowhere = super::times(&Facts::unknown(), at);
        assert_eq!(nowhere["localHour"], Value::Null);
    }

    #[test]
    fn days_have_dates_and_parts() {
        assert_eq!((date(0), date(20_778)), ("1970-01-01".to_owned(), "2026-11-21".to_owned()));
        for (hour, part) in [(0, "night"), (6, "morning"), (12, "afternoon"), (23, "evening")] {
            let clock = Clock::at(Timestamp::from_millis(hour * 60 * MINUTE_MS)).unwrap();
            assert_eq!(clock.part_of_day(), part);
        }
    }
}
