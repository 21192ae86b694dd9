//! `instance`: all that is known of an event, under the names that this dialect's rules use (G2.17). What is not known is
//! null.

use domain::{
    Facts,
    facts::{Bool, FactType, Float, Int, Key, Text, device, ip, velocity},
};
use portcullis_domain as domain;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{
    calendar::times,
    models::{device_model, historical_data, user_model},
    portrait::Painted,
    response::{Ages, Echo, Judged, or_null},
};

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
            // The tables join routes of one system, so the one of this address is not in them.
            "asn_route": Value::Null,
        },
        "ipGeoData": geo(&known),
        "threat": threat(&known, of.signals),
        "timeData": times(&decision.facts, decision.at),
        "deviceModel": device_model(of),
        "userModel": user_model(of),
        "historicalData": historical_data(of),
        "changeHistory": {
            "device": of_device.picture.history(decision.at),
            "user": of_user.picture.history(decision.at),
        },
        "instanceDeltas": deltas(of, of_user, of_device),
    })
}

fn geo(known: &Known<'_>) -> Value {
    json!({
        "city": known.text(ip::CITY),
        "continent_code": known.text(ip::CONTINENT_CODE),
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

/// What changed of the account, and of the device where the account says nothing; and who is on the device, when that is
/// one more.
fn deltas(of: &Instance<'_>, of_user: &Painted, of_device: &Painted) -> Value {
    let mut deltas = Map::new();
    let this = of.judged.decision.subject.user.as_deref();
    let users = &of.judged.found.users;
    if users.len() > 1 && users.iter().any(|user| Some(user.user.as_str()) == this && user.times_seen == 1) {
        deltas.insert("deviceUsers".to_owned(), json!({ "changed": true, "to": users.len() }));
    }
    for change in of_user.changes.iter().chain(&of_device.changes) {
        deltas.entry(change.attribute.clone()).or_insert_with(|| json!({ "changed": true, "to": change.to }));
    }
    Value::Object(deltas)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_null() {
        let facts = Facts::unknown();
        assert_eq!(threat(&Known(&facts), &[])["is_tor"], Value::Null);
    }
}
