//! MaxMind-format databases of the layouts in use: GeoLite2 and DB-IP (nested records), IPinfo and ip-location-db
//! (flat ones).

use std::{
    fs,
    net::IpAddr,
    path::{Path, PathBuf},
};

use maxminddb::Reader;
use serde::{Deserialize, Deserializer};

use crate::LoadError;

/// A database, held in memory whole.
#[derive(Debug)]
pub(crate) struct Mmdb {
    reader: Reader<Vec<u8>>,
    path: PathBuf,
}

/// What a city database says of an address; empty values are left out.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Place<'a> {
    pub(crate) country_code: Option<&'a str>,
    pub(crate) region: Option<&'a str>,
    pub(crate) city: Option<&'a str>,
    /// Latitude and longitude in degrees.
    pub(crate) point: Option<(f64, f64)>,
    pub(crate) zone: Option<&'a str>,
}

/// What an ASN database says of an address.
#[derive(Debug, PartialEq)]
pub(crate) struct System<'a> {
    pub(crate) number: u32,
    pub(crate) name: Option<&'a str>,
}

impl Mmdb {
    /// Reads the file whole.
    pub(crate) fn open(path: &Path) -> Result<Self, LoadError> {
        let bytes = fs::read(path).map_err(|source| LoadError::Read { path: path.to_owned(), source })?;
        let reader = Reader::from_source(bytes)
            .map_err(|error| LoadError::Damaged { path: path.to_owned(), reason: error.to_string() })?;
        Ok(Self { reader, path: path.to_owned() })
    }

    /// Whether it can have an entry for this address at all.
    pub(crate) fn covers(&self, ip: IpAddr) -> bool {
        ip.is_ipv4() || self.reader.metadata().ip_version == 6
    }

    fn read<'a, T: Deserialize<'a>>(&'a self, ip: IpAddr) -> Option<T> {
        if !self.covers(ip) {
            return None;
        }
        match self.reader.lookup(ip).and_then(|found| found.decode()) {
            Ok(record) => record,
            Err(error) => {
                tracing::warn!(file = %self.path.display(), %error, "a database entry cannot be read");
                None
            }
        }
    }

    /// Where the address is.
    pub(crate) fn place(&self, ip: IpAddr) -> Option<Place<'_>> {
        self.read::<CityRecord<'_>>(ip).map(CityRecord::into_place)
    }

    /// Who announces the address.
    pub(crate) fn system(&self, ip: IpAddr) -> Option<System<'_>> {
        let record: AsnRecord<'_> = self.read(ip)?;
        let number = match record.autonomous_system_number.or(record.asn)? {
            Numeral::Int(number) => u32::try_from(number).ok()?,
            Numeral::Text(text) => text.trim_start_matches(['A', 'S', 'a', 's']).parse().ok()?,
            Numeral::Float(_) => return None,
        };
        let name = record.autonomous_system_organization.or(record.as_name).or(record.name);
        Some(System { number, name: name.and_then(filled) })
    }
}

fn filled(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

/// The union of the layouts' fields.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CityRecord<'a> {
    #[serde(borrow)]
    country: Option<Named<'a>>,
    country_code: Option<&'a str>,
    #[serde(borrow)]
    subdivisions: Vec<Named<'a>>,
    region: Option<&'a str>,
    state1: Option<&'a str>,
    #[serde(borrow)]
    city: Option<Named<'a>>,
    #[serde(borrow)]
    location: Option<Location<'a>>,
    #[serde(borrow, alias = "lat")]
    latitude: Option<Numeral<'a>>,
    #[serde(borrow, alias = "lng", alias = "lon")]
    longitude: Option<Numeral<'a>>,
    loc: Option<&'a str>,
    timezone: Option<&'a str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct AsnRecord<'a> {
    #[serde(borrow)]
    autonomous_system_number: Option<Numeral<'a>>,
    autonomous_system_organization: Option<&'a str>,
    #[serde(borrow)]
    asn: Option<Numeral<'a>>,
    as_name: Option<&'a str>,
    name: Option<&'a str>,
}

/// A record with names in many languages, or just a text.
#[derive(Debug)]
enum Named<'a> {
    Text(&'a str),
    Record { iso_code: Option<&'a str>, name: Option<&'a str> },
}

impl<'a> Named<'a> {
    fn name(&self) -> Option<&'a str> {
        match *self {
            Self::Text(name) => filled(name),
            Self::Record { name, .. } => name.and_then(filled),
        }
    }

    /// The country's code, when this is a country.
    fn country_code(&self) -> Option<&'a str> {
        match *self {
            Self::Text(code) => filled(code).filter(|code| code.len() == 2),
            Self::Record { iso_code, .. } => iso_code.and_then(filled),
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct NamedRecord<'a> {
    iso_code: Option<&'a str>,
    #[serde(borrow)]
    names: Names<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Names<'a> {
    en: Option<&'a str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Location<'a> {
    #[serde(borrow)]
    latitude: Option<Numeral<'a>>,
    #[serde(borrow)]
    longitude: Option<Numeral<'a>>,
    time_zone: Option<&'a str>,
}

/// A number, or a text that says one.
#[derive(Clone, Copy, Debug)]
enum Numeral<'a> {
    Int(i64),
    Float(f64),
    Text(&'a str),
}

impl Numeral<'_> {
    fn as_f64(self) -> Option<f64> {
        match self {
            Self::Int(int) => Some(int as f64),
            Self::Float(float) => Some(float),
            Self::Text(text) => text.trim().parse().ok(),
        }
    }
}

impl<'a> CityRecord<'a> {
    fn into_place(self) -> Place<'a> {
        let location = self.location.unwrap_or_default();
        let pair = self.loc.and_then(|loc| {
            let (latitude, longitude) = loc.split_once(',')?;
            Some((latitude.trim().parse().ok()?, longitude.trim().parse().ok()?))
        });
        let degrees = |latitude: Option<Numeral<'_>>, longitude: Option<Numeral<'_>>| {
            Some((latitude?.as_f64()?, longitude?.as_f64()?))
        };
        let point = degrees(location.latitude, location.longitude)
            .or_else(|| degrees(self.latitude, self.longitude))
            .or(pair);
        let region = self.subdivisions.first().and_then(Named::name);
        Place {
            country_code: self
                .country_code
                .and_then(filled)
                .or_else(|| self.country.as_ref().and_then(Named::country_code)),
            region: region.or_else(|| self.region.and_then(filled)).or_else(|| self.state1.and_then(filled)),
            city: self.city.as_ref().and_then(Named::name),
            point: point.filter(|&(latitude, longitude)| is_on_earth(latitude, longitude)),
            zone: location.time_zone.and_then(filled).or_else(|| self.timezone.and_then(filled)),
        }
    }
}

/// Whether these are degrees of latitude and longitude; 0, 0 is how tables write that they do not know.
fn is_on_earth(latitude: f64, longitude: f64) -> bool {
    latitude.abs() <= 90.0 && longitude.abs() <= 180.0 && (latitude != 0.0 || longitude != 0.0)
}

struct NamedVisitor;

impl<'de> serde::de::Visitor<'de> for NamedVisitor {
    type Value = Named<'de>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a name or a record with names")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Named<'de>, E> {
        Ok(Named::Text(text))
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<Named<'de>, A::Error> {
        let record = NamedRecord::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
        Ok(Named::Record { iso_code: record.iso_code, name: record.names.en })
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Named<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NamedVisitor)
    }
}

struct NumeralVisitor;

impl<'de> serde::de::Visitor<'de> for NumeralVisitor {
    type Value = Numeral<'de>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a number")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Numeral<'de>, E> {
        Ok(Numeral::Text(text))
    }

    fn visit_i64<E>(self, int: i64) -> Result<Numeral<'de>, E> {
        Ok(Numeral::Int(int))
    }

    fn visit_u64<E>(self, int: u64) -> Result<Numeral<'de>, E> {
        Ok(i64::try_from(int).map_or(Numeral::Float(int as f64), Numeral::Int))
    }

    fn visit_f32<E>(self, float: f32) -> Result<Numeral<'de>, E> {
        // What was stored as 37.422 shall not read 37.42200088500977; 1e-5 degrees are a meter.
        Ok(Numeral::Float((f64::from(float) * 1e5).round() / 1e5))
    }

    fn visit_f64<E>(self, float: f64) -> Result<Numeral<'de>, E> {
        Ok(Numeral::Float(float))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Numeral<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumeralVisitor)
    }
}

/// Writes tiny databases for the tests.
#[cfg(test)]
pub(crate) mod fixture {
    use ipnet::IpNet;

    /// A value of a database.
    pub(crate) enum Data {
        Text(&'static str),
        Double(f64),
        Float(f32),
        Int(u32),
        Short(u16),
        Long(u64),
        List(Vec<Data>),
        Map(Vec<(&'static str, Data)>),
    }

    impl Data {
        fn write(&self, out: &mut Vec<u8>) {
            match self {
                Self::Text(text) => {
                    head(2, text.len(), out);
                    out.extend_from_slice(text.as_bytes());
                }
                Self::Double(value) => {
                    head(3, 8, out);
                    out.extend_from_slice(&value.to_be_bytes());
                }
                Self::Float(value) => {
                    head(15, 4, out);
                    out.extend_from_slice(&value.to_be_bytes());
                }
                Self::Int(value) => {
                    head(6, 4, out);
                    out.extend_from_slice(&value.to_be_bytes());
                }
                Self::Short(value) => {
                    head(5, 2, out);
                    out.extend_from_slice(&value.to_be_bytes());
                }
                Self::Long(value) => {
                    head(9, 8, out);
                    out.extend_from_slice(&value.to_be_bytes());
                }
                Self::List(items) => {
                    head(11, items.len(), out);
                    for item in items {
                        item.write(out);
                    }
                }
                Self::Map(entries) => {
                    head(7, entries.len(), out);
                    for (key, value) in entries {
                        Self::Text(key).write(out);
                        value.write(out);
                    }
                }
            }
        }
    }

    /// The control byte or bytes of a value: its type, and its size up to 28 + 255.
    fn head(kind: u8, size: usize, out: &mut Vec<u8>) {
        let (field, more) = if size < 29 { (size as u8, None) } else { (29, Some((size - 29) as u8)) };
        if kind < 8 {
            out.push((kind << 5) | field);
        } else {
            out.extend([field, kind - 7]);
        }
        out.extend(more);
    }

    /// The bytes of a database with these entries, all of one family.
    pub(crate) fn database(ip_version: u16, entries: &[(&str, Data)]) -> Vec<u8> {
        // Children: 0 is nothing, n > 0 is node n, n < 0 is entry -n - 1.
        let mut nodes: Vec<[i64; 2]> = vec![[0, 0]];
        for (index, (network, _)) in entries.iter().enumerate() {
            let (bits, length) = match network.parse().unwrap() {
                IpNet::V4(net) => (u128::from(net.network().to_bits()) << 96, net.prefix_len()),
                IpNet::V6(net) => (net.network().to_bits(), net.prefix_len()),
            };
            let mut node = 0;
            for depth in 0..length {
                let side = (bits >> (127 - depth)) as usize & 1;
                if depth + 1 == length {
                    nodes[node][side] = -(index as i64) - 1;
                } else if nodes[node][side] > 0 {
                    node = nodes[node][side] as usize;
                } else {
                    nodes.push([0, 0]);
                    let fresh = nodes.len() - 1;
                    nodes[node][side] = fresh as i64;
                    node = fresh;
                }
            }
        }
        let mut data = Vec::new();
        let mut offsets = Vec::new();
        for (_, entry) in entries {
            offsets.push(data.len());
            entry.write(&mut data);
        }
        let mut out = Vec::new();
        for child in nodes.iter().flatten() {
            let record = match *child {
                0 => nodes.len(),
                node if node > 0 => node as usize,
                entry => nodes.len() + 16 + offsets[(-entry - 1) as usize],
            };
            out.extend_from_slice(&(record as u32).to_be_bytes());
        }
        out.extend([0; 16]);
        out.extend(data);
        out.extend(b"\xab\xcd\xefMaxMind.com");
        Data::Map(vec![
            ("binary_format_major_version", Data::Short(2)),
            ("binary_format_minor_version", Data::Short(0)),
            ("build_epoch", Data::Long(1)),
            ("database_type", Data::Text("Test")),
            ("description", Data::Map(Vec::new())),
            ("ip_version", Data::Short(ip_version)),
            ("languages", Data::List(Vec::new())),
            ("node_count", Data::Int(nodes.len() as u32)),
            ("record_size", Data::Short(32)),
        ])
        .write(&mut out);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::{
        fixture::{Data, database},
        *,
    };

    fn open(ip_version: u16, entries: &[(&str, Data)]) -> Mmdb {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), database(ip_version, entries)).unwrap();
        Mmdb::open(file.path()).unwrap()
    }

    fn names(name: &'static str) -> Data {
        Data::Map(vec![("names", Data::Map(vec![("de", Data::Text("?")), ("en", Data::Text(name))]))])
    }

    #[test]
    fn reads_nested_city_records() {
        let record = Data::Map(vec![
            ("city", names("Cairo")),
            ("country", Data::Map(vec![("geoname_id", Data::Int(1)), ("iso_code", Data::Text("EG"))])),
            (
                "location",
                Data::Map(vec![
                    ("accuracy_radius", Data::Int(50)),
                    ("latitude", Data::Double(30.05)),
                    ("longitude", Data::Double(31.25)),
                    ("time_zone", Data::Text("Africa/Cairo")),
                ]),
            ),
            ("subdivisions", Data::List(vec![names("Cairo Governorate"), names("?")])),
        ]);
        let db = open(4, &[("102.45.64.0/18", record)]);
        let expected = Place {
            country_code: Some("EG"),
            region: Some("Cairo Governorate"),
            city: Some("Cairo"),
            point: Some((30.05, 31.25)),
            zone: Some("Africa/Cairo"),
        };
        assert_eq!(db.place("102.45.67.89".parse().unwrap()), Some(expected));
        assert_eq!(db.place("102.45.128.1".parse().unwrap()), None);
        assert_eq!(db.place("2001:4860::1".parse().unwrap()), None);
    }

    #[test]
    fn reads_flat_city_records() {
        let dbip = Data::Map(vec![
            ("city", Data::Text("London")),
            ("country_code", Data::Text("GB")),
            ("latitude", Data::Float(51.5143)),
            ("longitude", Data::Float(-0.0912)),
            ("postcode", Data::Text("")),
            ("state1", Data::Text("England")),
            ("state2", Data::Text("")),
            ("timezone", Data::Text("")),
        ]);
        let ipinfo = Data::Map(vec![
            ("city", Data::Text("Mountain View")),
            ("country", Data::Text("US")),
            ("lat", Data::Text("37.40599")),
            ("lng", Data::Text("-122.078514")),
            ("region", Data::Text("California")),
            ("timezone", Data::Text("America/Los_Angeles")),
        ]);
        let db = open(4, &[("81.2.69.0/24", dbip), ("8.8.8.0/24", ipinfo)]);
        let london = db.place("81.2.69.142".parse().unwrap()).unwrap();
        assert_eq!(
            (london.country_code, london.region, london.city),
            (Some("GB"), Some("England"), Some("London"))
        );
        assert_eq!((london.point, london.zone), (Some((51.5143, -0.0912)), None));
        let google = db.place("8.8.8.8".parse().unwrap()).unwrap();
        assert_eq!((google.country_code, google.region), (Some("US"), Some("California")));
        assert_eq!(google.point, Some((37.40599, -122.078_514)));
        assert_eq!(google.zone, Some("America/Los_Angeles"));
    }

    #[test]
    fn takes_null_island_for_unknown() {
        let record = Data::Map(vec![("latitude", Data::Float(0.0)), ("longitude", Data::Float(0.0))]);
        assert_eq!(
            open(4, &[("8.0.0.0/8", record)]).place("8.8.8.8".parse().unwrap()),
            Some(Place::default())
        );
    }

    #[test]
    fn reads_both_asn_layouts() {
        let geolite = Data::Map(vec![
            ("autonomous_system_number", Data::Int(15169)),
            ("autonomous_system_organization", Data::Text("GOOGLE")),
        ]);
        let ipinfo = Data::Map(vec![("as_name", Data::Text("Hetzner")), ("asn", Data::Text("AS24940"))]);
        let db = open(6, &[("2001:4860::/32", geolite), ("2a01:4f8::/32", ipinfo)]);
        let google = db.system("2001:4860:4860::8888".parse().unwrap());
        assert_eq!(google, Some(System { number: 15169, name: Some("GOOGLE") }));
        let hetzner = db.system("2a01:4f8::1".parse().unwrap());
        assert_eq!(hetzner, Some(System { number: 24940, name: Some("Hetzner") }));
    }

    #[test]
    fn names_a_damaged_file() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), b"no database").unwrap();
        let error = Mmdb::open(file.path()).unwrap_err().to_string();
        assert!(error.contains(file.path().to_str().unwrap()), "{error}");
    }
}
