//! What is known of the address that a request came from.

use domain::{
    Facts, Limits,
    facts::{ip, location},
};
use engine::{
    Reading, Signal,
    signals::{ip as address, location as place},
};
use portcullis_domain as domain;
use portcullis_engine as engine;
use serde::Serialize;
use utoipa::ToSchema;

/// What is known of the address; null where nothing is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FraudsenseIpIntelligence)]
pub(crate) struct IpIntelligence<'a> {
    /// The address.
    #[schema(example = "81.2.69.142")]
    ip: Option<&'a str>,
    /// Its country's name.
    #[schema(example = "United Kingdom")]
    country: Option<&'a str>,
    /// Its country, ISO 3166-1.
    #[schema(example = "GB")]
    country_code: Option<&'a str>,
    /// Its region or state.
    region: Option<&'a str>,
    /// Its city.
    city: Option<&'a str>,
    /// Who provides it.
    isp: Option<&'a str>,
    /// Whether it is known as a proxy or a Tor exit.
    is_proxy: bool,
    /// Whether it is known as a hosting provider's.
    is_datacenter: bool,
    /// Whether its place is more than 100 km from the device's.
    #[serde(rename = "mismatchWithGPS")]
    mismatch_with_gps: bool,
    /// From its place to the device's, km; null when one of them is not known.
    distance_km: Option<i64>,
    /// What of the catalogue the address shows: `IP_GPS_MISMATCH`, `IP_PROXY`, `IP_DATACENTER`, `VPN_DETECTED`.
    risk_signals: Vec<&'static str>,
}

impl<'a> IpIntelligence<'a> {
    pub(super) fn new(facts: &'a Facts, limits: &Limits) -> Self {
        let fires = |signal: &Signal| (signal.evaluate)(facts, limits) == Reading::Fired;
        let is_far = fires(&place::ip_far_from_gps::SIGNAL);
        let is_proxy = facts.is_true(ip::IS_PROXY) || facts.is_true(ip::IS_TOR);
        let signals = [
            ("IP_GPS_MISMATCH", is_far),
            ("IP_PROXY", fires(&address::proxy::SIGNAL)),
            ("IP_DATACENTER", fires(&address::datacenter::SIGNAL)),
            ("VPN_DETECTED", facts.is_true(ip::IS_VPN)),
        ];
        Self {
            ip: facts.known(ip::ADDRESS),
            country: facts.known(ip::COUNTRY),
            country_code: facts.known(ip::COUNTRY_CODE),
            region: facts.known(ip::REGION),
            city: facts.known(ip::CITY),
            isp: facts.known(ip::AS_ORG),
            is_proxy,
            is_datacenter: facts.is_true(ip::IS_DATACENTER),
            mismatch_with_gps: is_far,
            distance_km: facts.known(location::IP_DISTANCE_KM).map(|distance| distance.round() as i64),
            risk_signals: signals.into_iter().filter(|(_, fires)| *fires).map(|(code, _)| code).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn shown(facts: &Facts) -> Value {
        serde_json::to_value(IpIntelligence::new(facts, &Limits::USUAL)).unwrap()
    }

    #[test]
    fn what_is_not_known_is_null_or_false() {
        let expected = json!({
            "ip": null, "country": null, "countryCode": null, "region": null, "city": null, "isp": null,
            "isProxy": false, "isDatacenter": false, "mismatchWithGPS": false, "distanceKm": null,
            "riskSignals": [],
        });
        assert_eq!(shown(&Facts::unknown()), expected);
    }

    #[test]
    fn far_is_more_than_a_hundred_km() {
        for (distance, is_far, told) in [(0.4, false, 0), (100.0, false, 100), (100.6, true, 101)] {
            let mut facts = Facts::unknown();
            facts.set(location::IP_DISTANCE_KM, distance);
            let shown = shown(&facts);
            assert_eq!((&shown["mismatchWithGPS"], &shown["distanceKm"]), (&json!(is_far), &json!(told)));
            assert_eq!(shown["riskSignals"], if is_far { json!(["IP_GPS_MISMATCH"]) } else { json!([]) });
        }
    }

    #[test]
    fn a_tor_exit_is_a_proxy() {
        for relay in [ip::IS_TOR, ip::IS_PROXY] {
            let mut facts = Facts::unknown();
            facts.set(relay, true);
            let shown = shown(&facts);
            assert_eq!((&shown["isProxy"], &shown["riskSignals"]), (&json!(true), &json!(["IP_PROXY"])));
        }
    }

    #[test]
    fn an_address_shows_what_it_is() {
        let mut facts = Facts::unknown();
        facts.set(ip::ADDRESS, "81.2.69.142");
        facts.set(ip::AS_ORG, "Example Net");
        facts.set(ip::IS_DATACENTER, true);
        facts.set(ip::IS_VPN, true);
        let shown = shown(&facts);
        assert_eq!((&shown["ip"], &shown["isp"]), (&json!("81.2.69.142"), &json!("Example Net")));
        assert_eq!((&shown["isProxy"], &shown["isDatacenter"]), (&json!(false), &json!(true)));
        assert_eq!(shown["riskSignals"], json!(["IP_DATACENTER", "VPN_DETECTED"]));
    }
}
