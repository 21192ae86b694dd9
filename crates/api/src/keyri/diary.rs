//! What was seen how often: each value that an attribute of an account or a device had, and its last events one by one.
//!
//! An event is kept as its time and the values that are not those of the event before it. Counts in windows are made of
//! these, so they are exact while at most [`MOST_VISITS`] events are in the window, and never too high.

use std::collections::BTreeMap;

use domain::Timestamp;
use portcullis_domain as domain;
use serde::{Deserialize, Serialize};

/// How many events are kept one by one.
pub(super) const MOST_VISITS: usize = 128;
/// How many values of an attribute are known, those that were seen last.
const MOST_VALUES: usize = 32;

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;
/// The longest window.
const MONTH_MS: i64 = 30 * DAY_MS;

/// The windows that sightings are counted in.
pub(super) const WINDOWS_MS: [i64; 4] = [10 * MINUTE_MS, HOUR_MS, DAY_MS, MONTH_MS];
/// The windows that changes are counted in.
const CHANGE_WINDOWS_MS: [i64; 4] = [10 * MINUTE_MS, HOUR_MS, DAY_MS, 7 * DAY_MS];

/// Counts in four windows, the shortest first.
pub(super) type Counts = [u64; 4];

/// The diary of an account or a device.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Diary {
    attributes: BTreeMap<String, Attribute>,
    /// The last events, oldest first.
    visits: Vec<Visit>,
    /// Different days with events, by UTC.
    pub(super) days: u64,
}

/// An attribute and its values.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Attribute {
    pub(super) values: Vec<Sighting>,
    /// Different values there ever were; one that was forgotten counts again. Values are numbered from 1.
    pub(super) unique: u32,
    /// Events that had a value.
    pub(super) count: u64,
    /// The number of the value at the last event, 0 when it had none.
    now: u32,
    /// The same at the event before the oldest that is kept.
    before: u32,
}

/// A value. It is kept as a tuple: there are many, and the names of members would be most of each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "SightingTuple", into = "SightingTuple")]
pub(super) struct Sighting {
    number: u32,
    pub(super) value: String,
    /// Milliseconds since 1970.
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) count: u64,
    /// Different days, by UTC.
    pub(super) days: u64,
}

/// An event, kept as a tuple too.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "VisitTuple", into = "VisitTuple")]
struct Visit {
    at: i64,
    /// The attributes whose value is another than before.
    differs: BTreeMap<String, u32>,
    /// Numbers that came with it, to be summed up.
    numbers: BTreeMap<String, f64>,
}

type SightingTuple = (u32, String, i64, i64, u64, u64);
type VisitTuple = (i64, BTreeMap<String, u32>, BTreeMap<String, f64>);

impl From<SightingTuple> for Sighting {
    fn from((number, value, first, last, count, days): SightingTuple) -> Self {
        Self { number, value, first, last, count, days }
    }
}

impl From<Sighting> for SightingTuple {
    fn from(Sighting { number, value, first, last, count, days }: Sighting) -> Self {
        (number, value, first, last, count, days)
    }
}

impl From<VisitTuple> for Visit {
    fn from((at, differs, numbers): VisitTuple) -> Self {
        Self { at, differs, numbers }
    }
}

impl From<Visit> for VisitTuple {
    fn from(Visit { at, differs, numbers }: Visit) -> Self {
        (at, differs, numbers)
    }
}

impl Diary {
    /// Adds an event, its attributes as texts, and numbers to be summed up.
    pub(super) fn add(
        &mut self,
        at: Timestamp,
        seen: &BTreeMap<String, String>,
        numbers: BTreeMap<String, f64>,
    ) {
        let at = at.as_millis();
        let mut visit = Visit { at, numbers, ..Visit::default() };
        for (name, value) in seen {
            self.attributes.entry(name.clone()).or_default().see(value, at);
        }
        for (name, attribute) in &mut self.attributes {
            let now = seen.get(name).and_then(|value| attribute.find(value)).map_or(0, |found| found.number);
            if attribute.now != now {
                visit.differs.insert(name.clone(), now);
                attribute.now = now;
            }
        }
        let is_same_day = self.visits.last().is_some_and(|last| day(last.at) == day(at));
        self.days += u64::from(!is_same_day);
        self.visits.push(visit);
        self.forget_visits(at);
    }

    fn forget_visits(&mut self, at: i64) {
        let is_old = |visit: &&Visit| visit.at <= at - MONTH_MS;
        let old = self.visits.iter().take_while(is_old).count();
        let surplus = old.max(self.visits.len().saturating_sub(MOST_VISITS));
        for visit in self.visits.drain(..surplus) {
            for (name, number) in visit.differs {
                if let Some(attribute) = self.attributes.get_mut(&name) {
                    attribute.before = number;
                }
            }
        }
    }

    /// An attribute that had a value once.
    pub(super) fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.get(name)
    }

    /// Every attribute that had a value once.
    pub(super) fn attributes(&self) -> impl Iterator<Item = (&str, &Attribute)> {
        self.attributes.iter().map(|(name, attribute)| (name.as_str(), attribute))
    }

    /// Events in the windows that end at `at`.
    pub(super) fn events(&self, at: Timestamp) -> Counts {
        let mut counts = Counts::default();
        for visit in &self.visits {
            count(&mut counts, WINDOWS_MS, visit.at, at);
        }
        counts
    }

    /// How often each value of an attribute was seen in the windows that end at `at`, by the value's number.
    pub(super) fn sightings(&self, name: &str, at: Timestamp) -> BTreeMap<u32, Counts> {
        let mut number = self.attributes.get(name).map_or(0, |attribute| attribute.before);
        let mut sightings = BTreeMap::<u32, Counts>::new();
        for visit in &self.visits {
            number = visit.differs.get(name).copied().unwrap_or(number);
            if number != 0 {
                count(sightings.entry(number).or_default(), WINDOWS_MS, visit.at, at);
            }
        }
        sightings
    }

    /// The days of the events that are kept, by their number since 1970.
    pub(super) fn last_days(&self) -> Vec<i64> {
        let mut days: Vec<_> = self.visits.iter().map(|visit| day(visit.at)).collect();
        days.dedup();
        days
    }

    /// Those of the events at which an attribute had this value.
    pub(super) fn last_days_with(&self, name: &str, value: &Sighting) -> Vec<i64> {
        let mut number = self.attributes.get(name).map_or(0, |attribute| attribute.before);
        let mut days = Vec::new();
        for visit in &self.visits {
            number = visit.differs.get(name).copied().unwrap_or(number);
            if number == value.number {
                days.push(day(visit.at));
            }
        }
        days.dedup();
        days
    }

    /// How often each attribute that changed in the last week did so, in ten minutes, an hour, a day and a week. An event
    /// without a value is no change.
    pub(super) fn changes(&self, at: Timestamp) -> BTreeMap<&str, Counts> {
        let mut known: BTreeMap<&str, u32> =
            self.attributes.iter().map(|(name, attribute)| (name.as_str(), attribute.before)).collect();
        let mut changes = BTreeMap::<&str, Counts>::new();
        for visit in &self.visits {
            for (name, &number) in visit.differs.iter().filter(|(_, number)| **number != 0) {
                let earlier = known.insert(name, number).unwrap_or(0);
                if earlier != 0 && earlier != number {
                    count(changes.entry(name).or_default(), CHANGE_WINDOWS_MS, visit.at, at);
                }
            }
        }
        changes.retain(|_, counts| counts[3] > 0);
        changes
    }

    /// The sum of each number in the last 24 hours.
    pub(super) fn sums(&self, at: Timestamp) -> BTreeMap<&str, f64> {
        let mut sums = BTreeMap::new();
        for visit in self.visits.iter().filter(|visit| visit.at > at.as_millis() - DAY_MS) {
            for (name, number) in &visit.numbers {
                *sums.entry(name.as_str()).or_default() += number;
            }
        }
        sums
    }
}

impl Attribute {
    /// What is known of a value.
    pub(super) fn find(&self, value: &str) -> Option<&Sighting> {
        self.values.iter().find(|sighting| sighting.value == value)
    }

    fn see(&mut self, value: &str, at: i64) {
        self.count += 1;
        if let Some(known) = self.values.iter_mut().find(|sighting| sighting.value == value) {
            known.days += u64::from(day(known.last) != day(at));
            known.last = at;
            known.count += 1;
            return;
        }
        self.unique += 1;
        let number = self.unique;
        let value = value.to_owned();
        self.values.push(Sighting { number, value, first: at, last: at, count: 1, days: 1 });
        if self.values.len() > MOST_VALUES {
            let oldest = self.values.iter().enumerate().min_by_key(|(_, known)| (known.last, known.number));
            if let Some((place, _)) = oldest {
                self.values.remove(place);
            }
        }
    }

    /// The value at the last event.
    pub(super) fn latest(&self) -> Option<&Sighting> {
        self.values.iter().max_by_key(|known| (known.last, known.number))
    }
}

impl Sighting {
    /// How often it was seen in each window, by what [`Diary::sightings`] found.
    pub(super) fn counts(&self, sightings: &BTreeMap<u32, Counts>) -> Counts {
        sightings.get(&self.number).copied().unwrap_or_default()
    }
}

/// The day of a time, by UTC.
const fn day(millis: i64) -> i64 {
    millis.div_euclid(DAY_MS)
}

/// Counts something that happened at `then` in each of the windows that end at `at`.
fn count(counts: &mut Counts, windows_ms: [i64; 4], then: i64, at: Timestamp) {
    for (count, window) in counts.iter_mut().zip(windows_ms) {
        *count += u64::from(then > at.as_millis() - window);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const START: i64 = 1_700_000_000_000;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(START + millis)
    }

    fn diary(events: &[(i64, &[(&str, &str)])]) -> Diary {
        let mut diary = Diary::default();
        for (millis, seen) in events {
            let seen = seen.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
            diary.add(at(*millis), &seen, BTreeMap::new());
        }
        diary
    }

    #[test]
    fn a_change_is_from_one_known_value_to_another() {
        let diary = diary(&[
            (0, &[("country", "DE")]),
            (1, &[]),
            (2, &[("country", "DE")]),
            (3, &[]),
            (4, &[("country", "FR"), ("city", "Lyon")]),
        ]);
        let now = at(10 * MINUTE_MS + 3);
        assert_eq!(diary.changes(now), BTreeMap::from([("country", [1, 1, 1, 1])]));
        assert_eq!(diary.changes(at(10 * MINUTE_MS + 4))["country"], [0, 1, 1, 1]);
        assert_eq!(diary.changes(at(7 * DAY_MS + 4)), BTreeMap::new());
    }

    #[test]
    fn days_are_counted_once_and_the_last_are_named() {
        let mut diary = Diary::default();
        for day in 0..40 {
            for device in ["d1", "d2"].into_iter().take(if day % 2 == 0 { 2 } else { 1 }) {
                let seen = BTreeMap::from([("deviceId".to_owned(), device.to_owned())]);
                diary.add(at(day * DAY_MS), &seen, BTreeMap::new());
            }
        }
        let today = day(START + 39 * DAY_MS);
        let days = diary.last_days();
        assert_eq!((diary.days, days.len(), days.last()), (40, 30, Some(&today)));
        let devices = diary.attribute("deviceId").unwrap();
        let [first, second] = ["d1", "d2"].map(|device| devices.find(device).unwrap());
        assert_eq!((first.days, second.days), (40, 20));
        let days = diary.last_days_with("deviceId", second);
        assert_eq!((days.len(), days.last()), (15, Some(&(today - 1))));
    }

    #[test]
    fn numbers_are_summed_up_for_a_day() {
        let mut diary = Diary::default();
        for (hour, amount) in [(0, 5.0), (12, 7.5), (24, 1.0)] {
            let numbers = BTreeMap::from([("amount".to_owned(), amount)]);
            diary.add(at(hour * HOUR_MS), &BTreeMap::new(), numbers);
        }
        assert_eq!(diary.sums(at(24 * HOUR_MS)), BTreeMap::from([("amount", 8.5)]));
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut diary = Diary::default();
        for event in 0..1_000 {
            let seen = BTreeMap::from([("ip".to_owned(), format!("10.0.0.{event}"))]);
            diary.add(at(event * 1_000), &seen, BTreeMap::new());
        }
        let ip = diary.attribute("ip").unwrap();
        assert_eq!((ip.values.len(), ip.unique, ip.count), (MOST_VALUES, 1_000, 1_000));
        assert_eq!(diary.events(at(999_000)), [MOST_VISITS as u64; 4]);
        assert!(serde_json::to_vec(&diary).unwrap().len() < 8_000);
    }

    proptest! {
        #[test]
        fn counts_equal_a_naive_recount(events in prop::collection::vec((0..40 * HOUR_MS, prop::option::of(0..5u8)), 1..MOST_VISITS)) {
            let mut events = events;
            events.sort_unstable();
            let mut diary = Diary::default();
            for (millis, value) in &events {
                let seen = value.map(|value| ("a".to_owned(), value.to_string())).into_iter().collect();
                diary.add(at(*millis), &seen, BTreeMap::new());
                let json = serde_json::to_vec(&diary).unwrap();
                diary = serde_json::from_slice(&json).unwrap();
            }
            let now = at(events.last().unwrap().0);
            let naive = |wanted: Option<u8>, window: i64| events.iter().filter(|(millis, value)| {
                wanted.is_none_or(|wanted| *value == Some(wanted)) && START + millis > now.as_millis() - window
            }).count() as u64;
            prop_assert_eq!(diary.events(now), WINDOWS_MS.map(|window| naive(None, window)));
            let sightings = diary.sightings("a", now);
            for known in diary.attribute("a").map_or(&[][..], |attribute| &attribute.values) {
                let value = known.value.parse().unwrap();
                prop_assert_eq!(known.counts(&sightings), WINDOWS_MS.map(|window| naive(Some(value), window)));
            }
        }
    }
}
