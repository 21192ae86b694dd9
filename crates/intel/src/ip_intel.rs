//! What is known of an address, each value with the exact reason when it is not.

use std::net::IpAddr;

use compact_str::{CompactString, ToCompactString};
use portcullis_domain::{
    Fact, Facts, Missing,
    facts::ip as keys,
    ip::{canonical, is_public},
};

use crate::{
    countries,
    reputation::{IpOverride, country_of},
    tables::Tables,
    zones,
};

/// What is known of an address. Of private and reserved ones nothing else is asked, unless an override names them.
#[derive(Clone, Debug, PartialEq)]
pub struct IpIntel {
    /// The address in canonical form: IPv4 written as IPv6 is IPv4.
    pub address: IpAddr,
    /// Whether the address is in a private or reserved range, and no override names it.
    pub is_private: bool,
    /// ISO 3166-1 alpha-2.
    pub country_code: Fact<CompactString>,
    /// The country's English name.
    pub country: Fact<CompactString>,
    /// The country's continent.
    pub continent_code: Fact<CompactString>,
    /// The first-level region.
    pub region: Fact<CompactString>,
    /// The city.
    pub city: Fact<CompactString>,
    /// The city's latitude in degrees.
    pub latitude: Fact<f64>,
    /// The city's longitude in degrees.
    pub longitude: Fact<f64>,
    /// IANA name of the time zone at that place.
    pub timezone: Fact<CompactString>,
    /// The number of the autonomous system that announces the address.
    pub asn: Fact<u32>,
    /// The organization that runs that system.
    pub as_org: Fact<CompactString>,
    /// Whether the address is a Tor exit.
    pub is_tor: Fact<bool>,
    /// Whether the address belongs to a VPN service.
    pub is_vpn: Fact<bool>,
    /// The name of that service; not applicable when it is none.
    pub vpn_provider: Fact<CompactString>,
    /// Whether the address is an open or commercial proxy.
    pub is_proxy: Fact<bool>,
    /// Whether the address belongs to a hosting provider.
    pub is_datacenter: Fact<bool>,
    /// Whether the operator listed the autonomous system as high-risk.
    pub is_high_risk_asn: Fact<bool>,
}

impl IpIntel {
    /// Sets every fact of the family `ip` but the offset from UTC, which depends on the time.
    pub fn put_into(&self, facts: &mut Facts) {
        facts.set(keys::ADDRESS, self.address.to_compact_string());
        facts.set(keys::IS_PRIVATE, self.is_private);
        facts.put(keys::COUNTRY_CODE, self.country_code.clone());
        facts.put(keys::COUNTRY, self.country.clone());
        facts.put(keys::CONTINENT_CODE, self.continent_code.clone());
        facts.put(keys::REGION, self.region.clone());
        facts.put(keys::CITY, self.city.clone());
        facts.put(keys::LATITUDE, self.latitude);
        facts.put(keys::LONGITUDE, self.longitude);
        facts.put(keys::TIMEZONE, self.timezone.clone());
        facts.put(keys::ASN, self.asn);
        facts.put(keys::AS_ORG, self.as_org.clone());
        facts.put(keys::IS_TOR, self.is_tor);
        facts.put(keys::IS_VPN, self.is_vpn);
        facts.put(keys::VPN_PROVIDER, self.vpn_provider.clone());
        facts.put(keys::IS_PROXY, self.is_proxy);
        facts.put(keys::IS_DATACENTER, self.is_datacenter);
        facts.put(keys::IS_HIGH_RISK_ASN, self.is_high_risk_asn);
    }

    /// Of which nothing is known, for this reason.
    fn unknown(address: IpAddr, reason: Missing) -> Self {
        Self {
            address,
            is_private: false,
            country_code: Fact::Missing(reason),
            country: Fact::Missing(reason),
            continent_code: Fact::Missing(reason),
            region: Fact::Missing(reason),
            city: Fact::Missing(reason),
            latitude: Fact::Missing(reason),
            longitude: Fact::Missing(reason),
            timezone: Fact::Missing(reason),
            asn: Fact::Missing(reason),
            as_org: Fact::Missing(reason),
            is_tor: Fact::Missing(reason),
            is_vpn: Fact::Missing(reason),
            vpn_provider: Fact::Missing(reason),
            is_proxy: Fact::Missing(reason),
            is_datacenter: Fact::Missing(reason),
            is_high_risk_asn: Fact::Missing(reason),
        }
    }

    /// Asks every table.
    pub(crate) fn look_up(address: IpAddr, tables: &Tables) -> Self {
        let address = canonical(address);
        let is_public = is_public(address);
        let stated = tables.override_of(address);
        let mut intel = Self::unknown(address, Missing::NotApplicable);
        if !is_public && stated.is_none() {
            intel.is_private = true;
            return intel;
        }
        match stated.filter(|entry| entry.has_place()) {
            Some(entry) => intel.take_stated_place(entry),
            None if is_public => intel.find_place(tables),
            None => {}
        }
        match stated.filter(|entry| entry.has_system()) {
            Some(entry) => intel.take_stated_system(entry, tables),
            None if is_public => intel.find_system(tables),
            None => {}
        }
        intel.find_lists(tables);
        intel
    }

    fn find_place(&mut self, tables: &Tables) {
        let mut databases =
            tables.files.city_databases.iter().filter(|db| db.covers(self.address)).peekable();
        let reason = if databases.peek().is_some() { Missing::NotFound } else { Missing::NotLoaded };
        let place = databases.find_map(|db| db.place(self.address)).unwrap_or_default();
        let text = |text: Option<&str>| Fact::from_option(text.map(CompactString::from), reason);

        let code = place.country_code.or_else(|| iptocc::country_code(self.address));
        let country = code.and_then(countries::find);
        self.country_code = Fact::from_option(country.map(|country| country.code.into()), Missing::NotFound);
        self.country = Fact::from_option(country.map(|country| country.name.into()), Missing::NotFound);
        self.continent_code = continent_of(country);
        self.region = text(place.region);
        self.city = text(place.city);
        self.latitude = Fact::from_option(place.point.map(|(latitude, _)| latitude), reason);
        self.longitude = Fact::from_option(place.point.map(|(_, longitude)| longitude), reason);
        let zone = place.zone.map(CompactString::from);
        self.timezone = Fact::from_option(zone.or_else(|| zone_of(place.point, country)), reason);
    }

    fn take_stated_place(&mut self, entry: &IpOverride) {
        let (code, name) = country_of(entry);
        let country = code.as_deref().and_then(countries::find);
        let point = entry.latitude.zip(entry.longitude);
        self.country_code = Fact::from_option(code, Missing::NotFound);
        self.country = Fact::from_option(name, Missing::NotFound);
        self.continent_code = continent_of(country);
        self.region = Fact::from_option(entry.region.clone(), Missing::NotFound);
        self.city = Fact::from_option(entry.city.clone(), Missing::NotFound);
        self.latitude = Fact::from_option(entry.latitude, Missing::NotFound);
        self.longitude = Fact::from_option(entry.longitude, Missing::NotFound);
        let zone = entry.timezone.clone().or_else(|| zone_of(point, country));
        self.timezone = Fact::from_option(zone, Missing::NotFound);
    }

    fn find_system(&mut self, tables: &Tables) {
        let from_database = tables.files.asn_databases.iter().find_map(|db| db.system(self.address));
        let found = match from_database {
            Some(system) => {
                Some((system.number, system.name.or_else(|| tables.files.asn.name(system.number))))
            }
            None => tables.files.asn.get(self.address),
        };
        let name = found.and_then(|(_, name)| name);
        self.asn = Fact::from_option(found.map(|(number, _)| number), Missing::NotFound);
        self.as_org = Fact::from_option(name.map(CompactString::from), Missing::NotFound);
    }

    fn take_stated_system(&mut self, entry: &IpOverride, tables: &Tables) {
        let known = entry.asn.and_then(|asn| tables.files.asn.name(asn)).map(CompactString::from);
        self.asn = Fact::from_option(entry.asn, Missing::NotFound);
        self.as_org = Fact::from_option(entry.as_org.clone().or(known), Missing::NotFound);
    }

    fn find_lists(&mut self, tables: &Tables) {
        let listed = |list: &Option<crate::tables::NetworkTable>| match list {
            Some(table) => Fact::Known(table.contains(self.address)),
            None => Fact::Missing(Missing::NotLoaded),
        };
        self.is_tor = listed(&tables.tor);
        self.is_proxy = listed(&tables.proxy);
        (self.is_vpn, self.vpn_provider) = match &tables.vpn {
            None => (Fact::Missing(Missing::NotLoaded), Fact::Missing(Missing::NotLoaded)),
            Some(table) => match table.get(self.address) {
                None => (Fact::Known(false), Fact::Missing(Missing::NotApplicable)),
                Some(provider) => {
                    let named = Some(provider.clone()).filter(|provider| !provider.is_empty());
                    (Fact::Known(true), Fact::from_option(named, Missing::NotFound))
                }
            },
        };

        let asn = self.asn.known();
        self.is_high_risk_asn = match asn {
            Some(asn) => Fact::Known(tables.high_risk_asns.contains(&asn)),
            None if tables.high_risk_asns.is_empty() => Fact::Known(false),
            None => Fact::Missing(Missing::NotFound),
        };
        self.is_datacenter = if tables.files.relays.contains(self.address) {
            Fact::Known(false)
        } else if tables.files.hosting.contains(self.address) {
            Fact::Known(true)
        } else {
            Fact::from_option(asn.map(|asn| tables.datacenter_asns.contains(&asn)), Missing::NotFound)
        };
    }
}

fn continent_of(country: Option<countries::Country>) -> Fact<CompactString> {
    let code = country.and_then(|country| country.continent);
    Fact::from_option(code.map(CompactString::const_new), Missing::NotFound)
}

/// The zone at the point; without one, the country's if it has just one.
fn zone_of(point: Option<(f64, f64)>, country: Option<countries::Country>) -> Option<CompactString> {
    point
        .and_then(|(latitude, longitude)| zones::at_point(latitude, longitude))
        .or_else(|| country?.zone.map(CompactString::from))
}
