//! What a device and an account looked like at an event, and what has changed since the one before (R2.18, G2.18).

use std::collections::BTreeMap;

use domain::{
    Decision, Facts, Timestamp,
    facts::{Bool, Key, Text, device, ip},
};
use portcullis_domain as domain;
use portcullis_store::{FoundTrace, Portrait, SeenDevice};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::identity::device_id;

/// How many changes of an attribute are remembered, the last ones.
const MOST_CHANGES: usize = 64;
/// For how long: the longest window that `changeHistory` counts.
const WEEK_MS: i64 = 7 * 24 * 60 * 60 * 1_000;

const TEXTS: [(&str, Key<Text>); 8] = [
    ("asn_name", ip::AS_ORG),
    ("city", ip::CITY),
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

/// What was seen, by attribute, and when each attribute changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Picture {
    seen: BTreeMap<String, Value>,
    /// Milliseconds since 1970.
    changed: BTreeMap<String, Vec<i64>>,
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
pub(super) struct Painter {
    pub(super) wag_id: String,
}

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
        of_device.insert("wagId".to_owned(), json!(self.wag_id));
        of_user.insert("wagId".to_owned(), json!(self.wag_id));
        if let Some(id) = seen.and_then(device_id) {
            of_user.insert("deviceId".to_owned(), json!(id));
        }
        [(&found.device, of_device), (&found.user, of_user)]
            .map(|(before, seen)| Painted::over(read(before.as_ref()), seen, decision.at))
    }
}

impl Painted {
    /// What was seen now over what is remembered. What is not known now is remembered on; the first picture has no
    /// changes.
    fn over(before: Picture, now: BTreeMap<String, Value>, at: Timestamp) -> Self {
        let mut picture = before;
        let mut changes = Vec::new();
        for (attribute, to) in now {
            let from = picture.seen.insert(attribute.clone(), to.clone());
            if let Some(from) = from.filter(|from| *from != to) {
                picture.changed.entry(attribute.clone()).or_default().push(at.as_millis());
                changes.push(Change { attribute, from, to });
            }
        }
        for times in picture.changed.values_mut() {
            times.retain(|&time| time > at.as_millis() - WEEK_MS);
            let surplus = times.len().saturating_sub(MOST_CHANGES);
            times.drain(..surplus);
        }
        picture.changed.retain(|_, times| !times.is_empty());
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
        const MINUTE_MS: i64 = 60_000;
        let windows = [
            ("changes_last_10_minutes", 10 * MINUTE_MS),
            ("changes_last_hour", 60 * MINUTE_MS),
            ("changes_last_24_hours", 24 * 60 * MINUTE_MS),
            ("changes_last_7_days", WEEK_MS),
        ];
        let counts = |times: &[i64]| -> Value {
            let count = |millis| times.iter().filter(|&&time| time > at.as_millis() - millis).count();
            windows.iter().map(|&(name, millis)| (name.to_owned(), json!(count(millis)))).collect()
        };
        self.changed.iter().map(|(attribute, times)| (attribute.clone(), counts(times))).collect()
    }
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

    fn seen(country: &str) -> BTreeMap<String, Value> {
        BTreeMap::from([("country_code".to_owned(), json!(country))])
    }

    #[test]
    fn the_first_picture_has_no_changes() {
        let first = Painted::over(Picture::default(), seen("DE"), NOW);
        assert_eq!(first.changes, []);
        assert_eq!(first.picture.history(NOW), json!({}));
    }

    #[test]
    fn a_change_says_from_what_to_what_and_is_counted_for_a_week() {
        let first = Painted::over(Picture::default(), seen("DE"), NOW);
        let second = Painted::over(first.picture, seen("FR"), NOW);
        let change = Change { attribute: "country_code".to_owned(), from: json!("DE"), to: json!("FR") };
        assert_eq!(second.changes, [change]);
        let counts = &second.picture.history(NOW.plus_millis(3_600_000))["country_code"];
        assert_eq!((&counts["changes_last_hour"], &counts["changes_last_24_hours"]), (&json!(0), &json!(1)));
        let later = NOW.plus_millis(WEEK_MS);
        assert_eq!(Painted::over(second.picture, seen("FR"), later).picture.history(later), json!({}));
    }

    #[test]
    fn what_is_not_known_now_is_no_change() {
        let first = Painted::over(Picture::default(), seen("DE"), NOW);
        let second = Painted::over(first.picture.clone(), BTreeMap::new(), NOW);
        assert_eq!((second.changes, second.picture), (vec![], first.picture));
    }

    #[test]
    fn reads_what_it_wrote() {
        let painted = Painted::over(Picture::default(), seen("DE"), NOW);
        let portrait =
            Portrait { picture: painted.to_bytes(), first_seen: NOW, last_seen: NOW, times_seen: 1 };
        assert_eq!(read(Some(&portrait)), painted.picture);
        assert_eq!(read(None), Picture::default());
    }
}
