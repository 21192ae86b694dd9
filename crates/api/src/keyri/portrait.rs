//! What a device and an account looked like at an event, what has changed since the one before (R2.18, G2.18), and how
//! often each was seen so.

use std::{collections::BTreeMap, sync::Arc};

use domain::{
    Decision, Facts, Timestamp,
    facts::{Bool, Float, Key, Text, device, ip},
};
use portcullis_domain as domain;
use portcullis_store::{FoundTrace, Portrait, SeenDevice};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{calendar::Clock, diary::Diary, identity::device_id, profile::PROFILE, response::Echo};

/// How many objects of metadata are remembered of an account, the last ones.
const MOST_METADATA: usize = 5;
/// The longest of them, as JSON.
const LONGEST_METADATA: usize = 512;
/// How many numbers of an event's metadata are summed up.
const MOST_NUMBERS: usize = 8;
/// The longest name of such a number.
const LONGEST_NAME: usize = 64;

const TEXTS: [(&str, Key<Text>); 9] = [
    ("asn_name", ip::AS_ORG),
    ("city", ip::CITY),
    ("continent_code", ip::CONTINENT_CODE),
    ("country_code", ip::COUNTRY_CODE),
    ("ip", ip::ADDRESS),
    ("ip_timezone_name", ip::TIMEZONE),
    ("language", device::LANGUAGE),
    ("region_code", ip::REGION),
    ("time_zone_location", device::TIMEZONE),
];
const FLAGS: [(&str, Key<Bool>); 4] = [
    ("is_datacenter", ip::IS_DATACENTER),
    ("is_proxy", ip::IS_PROXY),
    ("is_tor", ip::IS_TOR),
    ("is_vpn", ip::IS_VPN),
];

/// What was seen last, by attribute, and how often what was seen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Picture {
    seen: BTreeMap<String, Value>,
    pub(super) diary: Diary,
    /// What came with the account's last events, as far as it is short, oldest first.
    pub(super) metadata: Vec<Value>,
}

/// A change of an attribute that was known before and is known now.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Change {
    pub(super) attribute: String,
    pub(super) from: Value,
    pub(super) to: Value,
}

/// A picture and how it differs from the one before.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Painted {
    pub(super) picture: Picture,
    pub(super) changes: Vec<Change>,
}

/// The pictures of the device and the account at a decided event.
#[derive(Clone)]
pub(super) struct Painter(pub(super) Arc<Echo>);

impl Painter {
    /// The device's and the account's, in this order.
    pub(super) fn paint(
        &self,
        decision: &Decision,
        seen: Option<&SeenDevice>,
        found: &FoundTrace,
    ) -> [Painted; 2] {
        let mut of_device = attributes(&decision.facts);
        let mut of_user = of_device.clone();
        of_device.insert("wagId".to_owned(), json!(self.0.wag_id));
        of_user.insert("wagId".to_owned(), json!(self.0.wag_id));
        if let Some(id) = seen.and_then(device_id) {
            of_user.insert("deviceId".to_owned(), json!(id));
        }
        let moment = self.moment(decision);
        let numbers = numbers(&self.0.metadata);
        let device =
            Painted::over(read(found.device.as_ref()), of_device, &moment, BTreeMap::new(), decision.at);
        let mut user = Painted::over(read(found.user.as_ref()), of_user, &moment, numbers, decision.at);
        user.picture.remember_metadata(&self.0.metadata);
        [device, user]
    }

    /// What is true of the event alone, so that another value the next time is no change of anybody.
    fn moment(&self, decision: &Decision) -> BTreeMap<String, String> {
        let facts = &decision.facts;
        let clock = Clock::local(facts, decision.at);
        let hides = [ip::IS_TOR, ip::IS_VPN, ip::IS_PROXY].map(|key| facts.known(key));
        let is_anonymous = hides.iter().any(Option::is_some).then(|| hides.contains(&Some(true)));
        let state = PROFILE.bands.get(usize::from(decision.assessment.band)).map(|band| band.name);
        let degrees = |key: Key<Float>| facts.known(key).map(|degrees| degrees.to_string());
        let values = [
            ("dayOfWeek", clock.map(|clock| clock.weekday.to_string())),
            ("dayPart", clock.map(|clock| clock.part_of_day().to_owned())),
            ("eventType", Some(self.0.event_type.clone())),
            ("is_anonymous", is_anonymous.map(|flag| flag.to_string())),
            ("latitude", degrees(ip::LATITUDE)),
            ("longitude", degrees(ip::LONGITUDE)),
            ("state", state.map(ToOwned::to_owned)),
        ];
        values.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }
}

/// The numbers among an event's metadata.
fn numbers(metadata: &Value) -> BTreeMap<String, f64> {
    let members = metadata.as_object().into_iter().flatten();
    let numbers = members.filter_map(|(name, value)| Some((name, value.as_f64()?)));
    let short = numbers.filter(|(name, _)| name.len() <= LONGEST_NAME);
    short.take(MOST_NUMBERS).map(|(name, number)| (name.clone(), number)).collect()
}

impl Painted {
    /// What was seen now over what is remembered. What is not known now is remembered on; the first picture has no
    /// changes.
    fn over(
        before: Picture,
        now: BTreeMap<String, Value>,
        moment: &BTreeMap<String, String>,
        numbers: BTreeMap<String, f64>,
        at: Timestamp,
    ) -> Self {
        let mut picture = before;
        let mut changes = Vec::new();
        let mut seen = moment.clone();
        seen.extend(now.iter().map(|(name, value)| (name.clone(), plain(value))));
        picture.diary.add(at, &seen, numbers);
        for (attribute, to) in now {
            let from = picture.seen.insert(attribute.clone(), to.clone());
            if let Some(from) = from.filter(|from| *from != to) {
                changes.push(Change { attribute, from, to });
            }
        }
        Self { picture, changes }
    }

    /// The form in which it is kept.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(&self.picture).unwrap_or_default()
    }
}

impl Picture {
    /// `changeHistory`: how often each attribute that changed in the last week did so.
    pub(super) fn history(&self, at: Timestamp) -> Value {
        const WINDOWS: [&str; 4] =
            ["changes_last_10_minutes", "changes_last_hour", "changes_last_24_hours", "changes_last_7_days"];
        let named = |counts| -> Map<String, Value> {
            WINDOWS
                .iter()
                .zip(counts)
                .map(|(&name, count): (_, u64)| (name.to_owned(), json!(count)))
                .collect()
        };
        let changes = self.diary.changes(at).into_iter();
        changes.map(|(attribute, counts)| (attribute.to_owned(), Value::Object(named(counts)))).collect()
    }

    fn remember_metadata(&mut self, metadata: &Value) {
        let is_empty = metadata.as_object().is_none_or(Map::is_empty);
        if !is_empty && metadata.to_string().len() <= LONGEST_METADATA {
            self.metadata.push(metadata.clone());
            self.metadata.drain(..self.metadata.len().saturating_sub(MOST_METADATA));
        }
    }
}

/// A value as text, without marks around it.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

/// What can not be read is as good as never seen.
fn read(portrait: Option<&Portrait>) -> Picture {
    portrait.and_then(|portrait| serde_json::from_slice(&portrait.picture).ok()).unwrap_or_default()
}

/// Browser and operating system, as `Chrome on Windows`.
pub(super) fn user_agent(facts: &Facts) -> Option<String> {
    let (browser, os) = (facts.known(device::BROWSER), facts.known(device::OS));
    match (browser, os) {
        (Some(browser), Some(os)) => Some(format!("{browser} on {os}")),
        (one, other) => one.or(other).map(ToOwned::to_owned),
    }
}

fn attributes(facts: &Facts) -> BTreeMap<String, Value> {
    let texts = TEXTS.iter().filter_map(|&(name, key)| Some((name, json!(facts.known(key)?))));
    let flags = FLAGS.iter().filter_map(|&(name, key)| Some((name, json!(facts.known(key)?))));
    let agent = user_agent(facts).map(|agent| ("userAgentParsed", json!(agent)));
    let system = facts.known(device::OS).map(|os| ("system", json!(os)));
    texts.chain(flags).chain(agent).chain(system).map(|(name, value)| (name.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn over(before: Picture, seen: &[(&str, &str)], at: Timestamp) -> Painted {
        let seen = seen.iter().map(|&(name, value)| (name.to_owned(), json!(value))).collect();
        Painted::over(before, seen, &BTreeMap::new(), BTreeMap::new(), at)
    }

    #[test]
    fn the_first_picture_has_no_changes() {
        let first = over(Picture::default(), &[("country_code", "DE")], NOW);
        assert_eq!(first.changes, []);
        assert_eq!(first.picture.history(NOW), json!({}));
    }

    #[test]
    fn a_change_says_from_what_to_what_and_is_counted_for_a_week() {
        const WEEK_MS: i64 = 7 * 24 * 3_600_000;
        let first = over(Picture::default(), &[("country_code", "DE")], NOW);
        let second = over(first.picture, &[("country_code", "FR")], NOW);
        let change = Change { attribute: "country_code".to_owned(), from: json!("DE"), to: json!("FR") };
        assert_eq!(second.changes, [change]);
        let counts = &second.picture.history(NOW.plus_millis(3_600_000))["country_code"];
        assert_eq!((&counts["changes_last_hour"], &counts["changes_last_24_hours"]), (&json!(0), &json!(1)));
        let later = NOW.plus_millis(WEEK_MS);
        let third = over(second.picture, &[("country_code", "FR")], later);
        assert_eq!(third.picture.history(later), json!({}));
    }

    #[test]
    fn what_is_not_known_now_is_no_change() {
        let first = over(Picture::default(), &[("country_code", "DE")], NOW);
        let second = over(first.picture.clone(), &[], NOW);
        assert_eq!((second.changes, second.picture.seen), (vec![], first.picture.seen));
    }

    #[test]
    fn reads_what_it_wrote() {
        let painted = over(Picture::default(), &[("country_code", "DE")], NOW);
        let portrait =
            Portrait { picture: painted.to_bytes(), first_seen: NOW, last_seen: NOW, times_seen: 1 };
        assert_eq!(read(Some(&portrait)), painted.picture);
        assert_eq!(read(None), Picture::default());
    }

    #[test]
    fn short_metadata_is_remembered_and_its_numbers_are_summed_up() {
        let mut picture = Picture::default();
        for index in 0..9 {
            picture.remember_metadata(&json!({ "index": index }));
        }
        picture.remember_metadata(&json!({ "long": "x".repeat(LONGEST_METADATA) }));
        picture.remember_metadata(&json!({}));
        assert_eq!((picture.metadata.len(), &picture.metadata[4]), (MOST_METADATA, &json!({ "index": 8 })));
        let metadata = json!({ "amount": 12.5, "note": "7", "paid": true, "many": 3 });
        let expected = [("amount", 12.5), ("many", 3.0)].map(|(name, number)| (name.to_owned(), number));
        assert_eq!(numbers(&metadata), BTreeMap::from(expected));
    }
}
