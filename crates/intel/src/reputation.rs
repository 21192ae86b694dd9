//! Reputation lists: what they hold, how an item is written, and the operator's edits.

use std::{
    collections::{HashMap, HashSet},
    fmt,
    str::FromStr,
};

use compact_str::{CompactString, ToCompactString};
use ipnet::{IpNet, Ipv4Net};
use portcullis_domain::ip;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::{countries, zones};

/// A list of reference data that the operator may edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReputationList {
    /// Domains of throw-away mailboxes; a domain stands for every domain below it.
    DisposableDomains,
    /// Autonomous systems that the operator takes for high-risk; empty as shipped.
    HighRiskAsns,
    /// Addresses and networks of Tor exits.
    TorExits,
    /// Networks of VPN services.
    VpnNetworks,
    /// Networks of open and commercial proxies.
    ProxyNetworks,
    /// Autonomous systems that host servers.
    DatacenterAsns,
    /// Networks whose place and system the operator states himself; they answer before every other table.
    IpOverrides,
}

impl ReputationList {
    /// Every list.
    pub const ALL: [Self; 7] = [
        Self::DisposableDomains,
        Self::HighRiskAsns,
        Self::TorExits,
        Self::VpnNetworks,
        Self::ProxyNetworks,
        Self::DatacenterAsns,
        Self::IpOverrides,
    ];

    /// Its name in paths and documents, such as `tor-exits`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DisposableDomains => "disposable-domains",
            Self::HighRiskAsns => "high-risk-asns",
            Self::TorExits => "tor-exits",
            Self::VpnNetworks => "vpn-networks",
            Self::ProxyNetworks => "proxy-networks",
            Self::DatacenterAsns => "datacenter-asns",
            Self::IpOverrides => "ip-overrides",
        }
    }

    /// The list with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|list| list.name() == name)
    }

    /// Reads one item as the management API takes it, and brings it into canonical form; the error is the reason why
    /// it cannot be an item of this list, as the end of a sentence that begins with the item.
    pub fn parse_item(self, value: &Value) -> Result<Item, String> {
        match (self, value) {
            (Self::DisposableDomains, Value::String(text)) => parse_domain(text).map(Item::Domain),
            (Self::DisposableDomains, _) => Err("must be a domain name".to_owned()),
            (Self::HighRiskAsns | Self::DatacenterAsns, value) => parse_asn(value).map(Item::Asn),
            (Self::TorExits | Self::VpnNetworks | Self::ProxyNetworks, Value::String(text)) => {
                Ok(Item::Network(Network { cidr: parse_network(text)?, provider: None }))
            }
            (Self::VpnNetworks | Self::ProxyNetworks, Value::Object(_)) => NetworkFields::deserialize(value)
                .map_err(|error| error.to_string())?
                .check()
                .map(Item::Network),
            (Self::TorExits, _) => Err("must be an address or a network such as 192.0.2.0/24".to_owned()),
            (Self::VpnNetworks | Self::ProxyNetworks, _) => {
                Err("must be a network such as 192.0.2.0/24, or an object with cidr and provider".to_owned())
            }
            (Self::IpOverrides, Value::Object(_)) => {
                let fields = OverrideFields::deserialize(value).map_err(|error| error.to_string())?;
                fields.check().map(|entry| Item::Override(Box::new(entry)))
            }
            (Self::IpOverrides, _) => Err("must be an object with cidr".to_owned()),
        }
    }

    /// Reads items as the management API takes them, and stops at the first wrong one.
    pub fn parse_items(self, values: &[Value]) -> Result<Vec<Item>, ItemError> {
        let parse = |(index, value)| {
            self.parse_item(value).map_err(|reason| ItemError { index, item: value.to_string(), reason })
        };
        values.iter().enumerate().map(parse).collect()
    }

    /// Whether an item is of the kind that the list holds.
    pub(crate) fn takes(self, item: &Item) -> bool {
        match item {
            Item::Domain(_) => self == Self::DisposableDomains,
            Item::Asn(_) => matches!(self, Self::HighRiskAsns | Self::DatacenterAsns),
            Item::Network(network) => match self {
                Self::TorExits => network.provider.is_none(),
                _ => matches!(self, Self::VpnNetworks | Self::ProxyNetworks),
            },
            Item::Override(_) => self == Self::IpOverrides,
        }
    }
}

impl fmt::Display for ReputationList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An item of a list is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("item {index} ({item}) {reason}")]
pub struct ItemError {
    /// Its place among the given items, from 0.
    pub index: usize,
    /// The item as given, as JSON.
    pub item: String,
    /// What is wrong with it.
    pub reason: String,
}

/// An item of a reputation list, in canonical form.
///
/// As JSON: a domain or a network is a string (a network of one address is that address), a network with a provider an
/// object of both, an autonomous system an integer, an override an object. Any item can be read back without knowing
/// its list.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A domain, lower-case ASCII.
    Domain(CompactString),
    /// The number of an autonomous system.
    Asn(u32),
    /// A network.
    Network(Network),
    /// The place and system of a network.
    Override(Box<IpOverride>),
}

/// A network, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Network {
    /// The network, host bits cleared.
    pub cidr: IpNet,
    /// Who runs it, if known.
    pub provider: Option<CompactString>,
}

/// What the operator states about a network. When it says anything of the place, or of the system, then that part is
/// taken from here whole; what is left out of it is not known.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IpOverride {
    /// The network, host bits cleared.
    pub cidr: IpNet,
    /// The country's English name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<CompactString>,
    /// ISO 3166-1 alpha-2, upper case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country_code: Option<CompactString>,
    /// The first-level region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<CompactString>,
    /// The city.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<CompactString>,
    /// Degrees; only together with `longitude`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latitude: Option<f64>,
    /// Degrees; only together with `latitude`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longitude: Option<f64>,
    /// IANA name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<CompactString>,
    /// The number of the autonomous system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asn: Option<u32>,
    /// The organization that runs it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_org: Option<CompactString>,
}

impl IpOverride {
    /// Whether it says anything of where the network is.
    pub(crate) fn has_place(&self) -> bool {
        self.country.is_some()
            || self.country_code.is_some()
            || self.region.is_some()
            || self.city.is_some()
            || self.latitude.is_some()
            || self.timezone.is_some()
    }

    /// Whether it says anything of who announces the network.
    pub(crate) fn has_system(&self) -> bool {
        self.asn.is_some() || self.as_org.is_some()
    }
}

impl Item {
    /// What it is an entry for: of two items with the same key one takes the other's place.
    fn key(&self) -> Key<'_> {
        match self {
            Self::Domain(domain) => Key::Domain(domain),
            Self::Asn(number) => Key::Asn(*number),
            Self::Network(network) => Key::Network(network.cidr),
            Self::Override(entry) => Key::Override(entry.cidr),
        }
    }

    /// The network, if it is an item of a list of networks.
    fn network(&self) -> Option<IpNet> {
        match self {
            Self::Network(network) => Some(network.cidr),
            _ => None,
        }
    }
}

/// What an item is an entry for.
#[derive(PartialEq, Eq, Hash)]
enum Key<'a> {
    Domain(&'a str),
    Asn(u32),
    Network(IpNet),
    Override(IpNet),
}

impl Serialize for Item {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Domain(domain) => serializer.serialize_str(domain),
            Self::Asn(number) => serializer.serialize_u32(*number),
            Self::Network(Network { cidr, provider: None }) => serializer.collect_str(&short(*cidr)),
            Self::Network(Network { cidr, provider: Some(provider) }) => {
                use serde::ser::SerializeStruct;
                let mut object = serializer.serialize_struct("Network", 2)?;
                object.serialize_field("cidr", &cidr.to_compact_string())?;
                object.serialize_field("provider", provider)?;
                object.end()
            }
            Self::Override(entry) => entry.serialize(serializer),
        }
    }
}

/// A network of one address as that address, any other in CIDR form.
fn short(cidr: IpNet) -> CompactString {
    if cidr.prefix_len() == cidr.max_prefix_len() {
        cidr.addr().to_compact_string()
    } else {
        cidr.to_compact_string()
    }
}

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let list = match &value {
            Value::String(text) if parse_network(text).is_ok() => ReputationList::VpnNetworks,
            Value::String(_) => ReputationList::DisposableDomains,
            Value::Object(fields) if fields.contains_key("provider") => ReputationList::VpnNetworks,
            Value::Object(_) => ReputationList::IpOverrides,
            _ => ReputationList::HighRiskAsns,
        };
        list.parse_item(&value).map_err(|reason| serde::de::Error::custom(format_args!("{value} {reason}")))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NetworkFields {
    cidr: CompactString,
    #[serde(default)]
    provider: Option<CompactString>,
}

impl NetworkFields {
    fn check(self) -> Result<Network, String> {
        Ok(Network { cidr: parse_network(&self.cidr)?, provider: tidy(self.provider, "provider")? })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct OverrideFields {
    cidr: CompactString,
    #[serde(default)]
    country: Option<CompactString>,
    #[serde(default)]
    country_code: Option<CompactString>,
    #[serde(default)]
    region: Option<CompactString>,
    #[serde(default)]
    city: Option<CompactString>,
    #[serde(default)]
    latitude: Option<f64>,
    #[serde(default)]
    longitude: Option<f64>,
    #[serde(default)]
    timezone: Option<CompactString>,
    #[serde(default)]
    asn: Option<Value>,
    #[serde(default)]
    as_org: Option<CompactString>,
}

impl OverrideFields {
    fn check(self) -> Result<IpOverride, String> {
        let country_code = match tidy(self.country_code, "countryCode")? {
            Some(code) if code.len() == 2 && code.bytes().all(|b| b.is_ascii_alphabetic()) => {
                Some(code.to_ascii_uppercase())
            }
            Some(_) => return Err("has a countryCode that is not two letters".to_owned()),
            None => None,
        };
        let (latitude, longitude) = match (self.latitude, self.longitude) {
            (Some(latitude), Some(longitude)) => {
                if latitude.abs() > 90.0 || longitude.abs() > 180.0 {
                    return Err("has a latitude beyond 90 or a longitude beyond 180 degrees".to_owned());
                }
                (Some(latitude), Some(longitude))
            }
            (None, None) => (None, None),
            _ => return Err("must have both latitude and longitude, or neither".to_owned()),
        };
        let timezone = tidy(self.timezone, "timezone")?;
        if let Some(name) = &timezone
            && !zones::exists(name)
        {
            return Err(format!("has a timezone that is not an IANA name: {name}"));
        }
        Ok(IpOverride {
            cidr: parse_network(&self.cidr)?,
            country: tidy(self.country, "country")?,
            country_code,
            region: tidy(self.region, "region")?,
            city: tidy(self.city, "city")?,
            latitude,
            longitude,
            timezone,
            asn: self.asn.map(|value| parse_asn(&value)).transpose()?,
            as_org: tidy(self.as_org, "asOrg")?,
        })
    }
}

/// Trimmed, empty as none, and not too long to keep.
fn tidy(text: Option<CompactString>, field: &str) -> Result<Option<CompactString>, String> {
    let Some(text) = text else { return Ok(None) };
    let trimmed = text.trim();
    if trimmed.len() > 200 || trimmed.chars().any(char::is_control) {
        return Err(format!("has a {field} that is longer than 200 bytes or not plain text"));
    }
    Ok(Some(trimmed.to_compact_string()).filter(|text| !text.is_empty()))
}

/// Reads a domain: lower-case ASCII, and not a suffix below which anybody may register, such as `co.uk`.
fn parse_domain(text: &str) -> Result<CompactString, String> {
    let trimmed = text.trim().trim_start_matches("*.").trim_start_matches('@').trim_end_matches('.');
    let not_a_domain = || "is not a domain name".to_owned();
    let ascii = idna::domain_to_ascii_cow(trimmed.as_bytes(), idna::AsciiDenyList::STD3)
        .map_err(|_| not_a_domain())?;
    let labels_are_fine = ascii.split('.').all(|label| {
        !label.is_empty() && label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-')
    });
    let top_is_a_name = ascii.rsplit('.').next().is_some_and(|top| !top.bytes().all(|b| b.is_ascii_digit()));
    if ascii.len() > 253 || !ascii.contains('.') || !labels_are_fine || !top_is_a_name {
        return Err(not_a_domain());
    }
    let suffix = psl::suffix(ascii.as_bytes());
    if suffix.is_some_and(|suffix| suffix == ascii.as_bytes() && suffix.typ() == Some(psl::Type::Icann)) {
        return Err("is a public suffix: it would stand for every domain below it".to_owned());
    }
    Ok(ascii.to_compact_string())
}

/// Reads the number of a system: 1 to 4294967294, as a number or as `AS64500`.
fn parse_asn(value: &Value) -> Result<u32, String> {
    let number = match value {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => {
            text.trim().trim_start_matches(['A', 'a']).trim_start_matches(['S', 's']).parse().ok()
        }
        _ => None,
    };
    number
        .and_then(|number| u32::try_from(number).ok())
        .filter(|&number| number != 0 && number != u32::MAX)
        .ok_or_else(|| "must be the number of an autonomous system, 1 to 4294967294".to_owned())
}

/// Reads an address or a network; IPv4 written as IPv6 becomes IPv4, host bits are cleared.
pub(crate) fn parse_network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    let network = if text.contains('/') {
        IpNet::from_str(text).ok()
    } else {
        text.parse().ok().map(|address| IpNet::from(ip::canonical(address)))
    };
    network.map(canonical).ok_or_else(|| "is not an address or a network such as 192.0.2.0/24".to_owned())
}

fn canonical(network: IpNet) -> IpNet {
    if let IpNet::V6(v6) = network
        && let (Some(v4), Some(length)) = (v6.addr().to_ipv4_mapped(), v6.prefix_len().checked_sub(96))
        && let Ok(net) = Ipv4Net::new(v4, length)
    {
        return IpNet::V4(net.trunc());
    }
    network.trunc()
}

/// The operator's edits of one list. What the list comes to is `replace`, or else the shipped and fetched items; with
/// `add`; without `remove`. A removed network is cut out of larger ones, and a removed domain, with the domains below
/// it, out of a listed domain above it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListEdits {
    /// Stands in for the shipped and fetched items.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replace: Option<Vec<Item>>,
    /// Added to them; of two entries for the same network the added one counts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub add: Vec<Item>,
    /// Taken away from both.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<Item>,
}

impl ListEdits {
    /// Edits that make the list exactly these items.
    pub fn replaced(items: Vec<Item>) -> Self {
        Self { replace: Some(items), ..Self::default() }
    }

    /// Adds and then removes more items. A later change takes back an earlier one: what is added is no longer removed,
    /// be it as part of a larger network, and what is removed is no longer added.
    pub fn patch(&mut self, add: Vec<Item>, remove: Vec<Item>) {
        for added in add.iter().filter_map(Item::network) {
            let overlapping: Vec<IpNet> = self
                .remove
                .extract_if(.., |removed| removed.network().is_some_and(|cidr| overlap(cidr, added)))
                .filter_map(|removed| removed.network())
                .collect();
            let left = overlapping.into_iter().flat_map(|removed| without(removed, added));
            self.remove.extend(left.map(|cidr| Item::Network(Network { cidr, provider: None })));
        }
        let keys: HashSet<Key<'_>> = add.iter().map(Item::key).collect();
        self.remove.retain(|removed| !keys.contains(&removed.key()));
        self.add.retain(|added| !keys.contains(&added.key()));
        append(&mut self.add, add);

        let keys: HashSet<Key<'_>> = remove.iter().map(Item::key).collect();
        let networks: Vec<IpNet> = remove.iter().filter_map(Item::network).collect();
        self.add.retain(|added| {
            let is_within = |cidr: IpNet| networks.iter().any(|removed| removed.contains(&cidr));
            !keys.contains(&added.key()) && !added.network().is_some_and(is_within)
        });
        self.remove.retain(|removed| !keys.contains(&removed.key()));
        append(&mut self.remove, remove);
    }

    /// Whether they change nothing.
    pub fn is_empty(&self) -> bool {
        self.replace.is_none() && self.add.is_empty() && self.remove.is_empty()
    }

    /// Every item named.
    pub(crate) fn items(&self) -> impl Iterator<Item = &Item> {
        self.replace.iter().flatten().chain(&self.add).chain(&self.remove)
    }

    /// Whether they make a list of their own where no table is loaded.
    pub(crate) fn makes_a_list(&self) -> bool {
        self.replace.is_some() || !self.add.is_empty()
    }
}

/// Appends items; of several for the same entry the last one only.
fn append(to: &mut Vec<Item>, items: Vec<Item>) {
    let mut last: HashMap<Key<'_>, usize> = HashMap::new();
    for (index, item) in items.iter().enumerate() {
        last.insert(item.key(), index);
    }
    let keep: HashSet<usize> = last.into_values().collect();
    to.extend(items.into_iter().enumerate().filter(|(index, _)| keep.contains(index)).map(|(_, item)| item));
}

/// Whether two networks share an address: then one lies in the other.
fn overlap(a: IpNet, b: IpNet) -> bool {
    a.contains(&b) || b.contains(&a)
}

/// What is left of `outer` without `inner`: itself when they share no address, nothing when it lies in `inner`.
pub(crate) fn without(outer: IpNet, inner: IpNet) -> Vec<IpNet> {
    if !outer.contains(&inner) {
        return if inner.contains(&outer) { Vec::new() } else { vec![outer] };
    }
    let mut left = Vec::new();
    let mut rest = outer;
    while rest != inner {
        let Ok(halves) = rest.subnets(rest.prefix_len() + 1) else { break };
        for half in halves {
            if half.contains(&inner) {
                rest = half;
            } else {
                left.push(half);
            }
        }
    }
    left
}

/// What a list comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct ReputationView {
    /// The items, in order.
    pub items: Vec<Item>,
    /// Whether there is such a list on this machine: shipped, fetched, or made by edits. Facts drawn from a list that
    /// is not there are missing, and not false.
    pub is_loaded: bool,
}

/// Edits hold an item that the list cannot.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{list} cannot hold {item}")]
pub struct EditError {
    /// The list.
    pub list: ReputationList,
    /// The item as JSON.
    pub item: String,
}

/// The name for a country code, for an override that gives just one of both.
pub(crate) fn country_of(entry: &IpOverride) -> (Option<CompactString>, Option<CompactString>) {
    let by_code = entry.country_code.as_deref().and_then(countries::find);
    let by_name = entry.country.as_deref().and_then(countries::find_by_name);
    let code = entry.country_code.clone().or_else(|| by_name.map(|country| country.code.into()));
    let name = entry.country.clone().or_else(|| by_code.map(|country| country.name.into()));
    (code, name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(list: ReputationList, value: &Value) -> Result<Value, String> {
        list.parse_item(value).map(|item| serde_json::to_value(item).unwrap())
    }

    #[test]
    fn every_list_has_a_name_of_its_own() {
        for list in ReputationList::ALL {
            assert_eq!(ReputationList::from_name(list.name()), Some(list));
            assert_eq!(serde_json::to_value(list).unwrap(), json!(list.name()));
        }
        assert_eq!(ReputationList::from_name("tor"), None);
    }

    #[test]
    fn items_come_out_in_canonical_form() {
        use ReputationList as L;
        let cases = [
            (L::DisposableDomains, json!(" Bücher.EXAMPLE. "), json!("xn--bcher-kva.example")),
            (L::DisposableDomains, json!("*.mailinator.com"), json!("mailinator.com")),
            (L::HighRiskAsns, json!(64500), json!(64500)),
            (L::DatacenterAsns, json!("AS24940"), json!(24940)),
            (L::TorExits, json!("192.0.2.7/32"), json!("192.0.2.7")),
            (L::TorExits, json!("::ffff:192.0.2.0/120"), json!("192.0.2.0/24")),
            (L::TorExits, json!("2001:DB8::1"), json!("2001:db8::1")),
            (L::VpnNetworks, json!("192.0.2.77/24"), json!("192.0.2.0/24")),
            (
                L::VpnNetworks,
                json!({"cidr": "192.0.2.77/24", "provider": " Mullvad "}),
                json!({"cidr": "192.0.2.0/24", "provider": "Mullvad"}),
            ),
            (L::ProxyNetworks, json!({"cidr": "192.0.2.7"}), json!("192.0.2.7")),
            (
                L::IpOverrides,
                json!({"cidr": "127.0.0.1/8", "countryCode": "eg", "latitude": 30, "longitude": 31.5, "asn": 8452}),
                json!({"cidr": "127.0.0.0/8", "countryCode": "EG", "latitude": 30.0, "longitude": 31.5, "asn": 8452}),
            ),
        ];
        for (list, given, expected) in cases {
            assert_eq!(shown(list, &given), Ok(expected.clone()), "{given}");
            let item: Item = serde_json::from_value(expected.clone()).unwrap();
            assert!(list.takes(&item), "{expected}");
            assert_eq!(serde_json::to_value(item).unwrap(), expected);
        }
    }

    #[test]
    fn wrong_items_are_refused_with_a_reason() {
        use ReputationList as L;
        let cases = [
            (L::DisposableDomains, json!("mail inator.com"), "is not a domain name"),
            (L::DisposableDomains, json!("localhost"), "is not a domain name"),
            (L::DisposableDomains, json!("192.0.2.1"), "is not a domain name"),
            (L::DisposableDomains, json!("co.uk"), "public suffix"),
            (L::DisposableDomains, json!(7), "must be a domain name"),
            (L::HighRiskAsns, json!(0), "must be the number"),
            (L::HighRiskAsns, json!(-5), "must be the number"),
            (L::HighRiskAsns, json!(4_294_967_295_u64), "must be the number"),
            (L::HighRiskAsns, json!("example"), "must be the number"),
            (L::TorExits, json!("300.1.1.1"), "is not an address"),
            (L::TorExits, json!("10.0.0.0/33"), "is not an address"),
            (L::TorExits, json!({"cidr": "10.0.0.0/8"}), "must be an address"),
            (L::VpnNetworks, json!({"provider": "x"}), "missing field `cidr`"),
            (L::VpnNetworks, json!({"cidr": "10.0.0.0/8", "name": "x"}), "unknown field `name`"),
            (L::IpOverrides, json!("10.0.0.0/8"), "must be an object"),
            (L::IpOverrides, json!({"cidr": "10.0.0.0/8", "latitude": 1.0}), "both latitude and longitude"),
            (L::IpOverrides, json!({"cidr": "10.0.0.0/8", "latitude": 91, "longitude": 0}), "beyond 90"),
            (L::IpOverrides, json!({"cidr": "10.0.0.0/8", "countryCode": "Egypt"}), "not two letters"),
            (L::IpOverrides, json!({"cidr": "10.0.0.0/8", "timezone": "Mars/Olympus"}), "not an IANA name"),
        ];
        for (list, given, reason) in cases {
            let error = list.parse_item(&given).unwrap_err();
            assert!(error.contains(reason), "{given}: {error}");
        }
    }

    #[test]
    fn the_wrong_item_is_named() {
        let error =
            ReputationList::TorExits.parse_items(&[json!("192.0.2.1"), json!("nonsense")]).unwrap_err();
        assert_eq!(error.index, 1);
        assert_eq!(
            error.to_string(),
            "item 1 (\"nonsense\") is not an address or a network such as 192.0.2.0/24"
        );
    }

    #[test]
    fn adding_a_part_of_what_was_removed_takes_just_that_back() {
        let network = |cidr: &str| ReputationList::TorExits.parse_item(&json!(cidr)).unwrap();
        let mut edits = ListEdits::default();
        edits.patch(vec![network("192.0.2.8")], vec![]);
        edits.patch(vec![], vec![network("192.0.2.0/29"), network("192.0.2.8/30")]);
        assert!(edits.add.is_empty());
        edits.patch(vec![network("192.0.2.2/31"), network("192.0.2.8/29")], vec![]);
        assert_eq!(
            serde_json::to_value(&edits).unwrap(),
            json!({"add": ["192.0.2.2/31", "192.0.2.8/29"], "remove": ["192.0.2.4/30", "192.0.2.0/31"]})
        );
    }

    #[test]
    fn of_two_entries_for_a_network_the_later_counts() {
        let provider = |name: &str| {
            ReputationList::VpnNetworks
                .parse_item(&json!({"cidr": "192.0.2.0/24", "provider": name}))
                .unwrap()
        };
        let mut edits = ListEdits::default();
        edits.patch(vec![provider("A")], vec![]);
        edits.patch(vec![provider("B"), provider("C")], vec![]);
        assert_eq!(edits.add, [provider("C")]);
    }

    #[test]
    fn a_later_patch_takes_back_an_earlier_one() {
        let mut edits = ListEdits::default();
        edits.patch(vec![Item::Asn(1), Item::Asn(2)], vec![]);
        edits.patch(vec![], vec![Item::Asn(1)]);
        assert_eq!(
            (edits.add.as_slice(), edits.remove.as_slice()),
            (&[Item::Asn(2)][..], &[Item::Asn(1)][..])
        );
        edits.patch(vec![Item::Asn(1)], vec![]);
        assert!(edits.remove.is_empty());
        let json = serde_json::to_string(&edits).unwrap();
        assert_eq!(json, r#"{"add":[2,1]}"#);
        assert_eq!(serde_json::from_str::<ListEdits>(&json).unwrap(), edits);
    }
}
