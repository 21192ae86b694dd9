//! All tables as they stand after the operator's edits: built whole, never changed, swapped for newer ones.

use std::{collections::HashMap, net::IpAddr, sync::Arc};

use compact_str::CompactString;
use foldhash::fast::RandomState;
use hashbrown::HashSet;
use ipnet::IpNet;
use quick_cache::sync::Cache;

use crate::{
    email::{self, DisposableDomains},
    files::Files,
    ip_intel::IpIntel,
    ranges::IpRanges,
    reputation::{IpOverride, Item, ListEdits, Network, ReputationList, ReputationView, without},
};

/// How many addresses are remembered, at some 500 bytes each.
const REMEMBERED: usize = 32_768;

/// The operator's edits of every list that has any.
pub(crate) type Edits = HashMap<ReputationList, ListEdits>;

/// Networks, and whose they are.
#[derive(Debug)]
pub(crate) struct NetworkTable {
    ranges: IpRanges,
    /// By a range's number; the first is empty and stands for those whose owner is not named.
    providers: Vec<CompactString>,
}

impl NetworkTable {
    fn new(networks: &[Network]) -> Self {
        let mut providers = vec![CompactString::const_new("")];
        let mut numbers: hashbrown::HashMap<&str, u32, RandomState> = hashbrown::HashMap::default();
        let ranges = IpRanges::from_networks(networks.iter().map(|network| {
            let number = network.provider.as_ref().map_or(0, |provider| {
                *numbers.entry(provider.as_str()).or_insert_with(|| {
                    providers.push(provider.clone());
                    (providers.len() - 1) as u32
                })
            });
            (network.cidr, number)
        }));
        Self { ranges, providers }
    }

    /// Whose network the address is in; empty when that is not named.
    pub(crate) fn get(&self, ip: IpAddr) -> Option<&CompactString> {
        self.ranges.get(ip).map(|number| &self.providers[number as usize])
    }

    pub(crate) fn contains(&self, ip: IpAddr) -> bool {
        self.ranges.contains(ip)
    }
}

/// What look-ups are answered from.
#[derive(Debug)]
pub(crate) struct Tables {
    pub(crate) files: Arc<Files>,
    pub(crate) edits: Arc<Edits>,
    pub(crate) disposable: DisposableDomains,
    pub(crate) tor: Option<NetworkTable>,
    pub(crate) vpn: Option<NetworkTable>,
    pub(crate) proxy: Option<NetworkTable>,
    pub(crate) high_risk_asns: HashSet<u32, RandomState>,
    pub(crate) datacenter_asns: HashSet<u32, RandomState>,
    override_ranges: IpRanges,
    overrides: Vec<IpOverride>,
    /// Answers of these very tables: newer tables begin with none.
    seen: Cache<IpAddr, Arc<IpIntel>>,
}

impl Tables {
    pub(crate) fn new(files: Arc<Files>, edits: Arc<Edits>) -> Self {
        let none = ListEdits::default();
        let of = |list| edits.get(&list).unwrap_or(&none);
        let table = |base: &Option<Vec<Network>>, list| {
            effective_networks(base.as_deref(), of(list)).map(|networks| NetworkTable::new(&networks))
        };
        let domains = of(ReputationList::DisposableDomains);
        let overrides = effective_overrides(of(ReputationList::IpOverrides));
        Self {
            disposable: DisposableDomains {
                replaced: domains.replace.as_deref().map(|items| domains_in(items).collect()),
                added: domains_in(&domains.add).collect(),
                removed: domains_in(&domains.remove).collect(),
            },
            tor: table(&files.tor, ReputationList::TorExits),
            vpn: table(&files.vpn, ReputationList::VpnNetworks),
            proxy: table(&files.proxy, ReputationList::ProxyNetworks),
            high_risk_asns: effective_asns(&[], of(ReputationList::HighRiskAsns)),
            datacenter_asns: effective_asns(&files.hosting_asns, of(ReputationList::DatacenterAsns)),
            override_ranges: IpRanges::from_networks(
                overrides.iter().enumerate().map(|(index, entry)| (entry.cidr, index as u32)),
            ),
            overrides,
            seen: Cache::new(REMEMBERED),
            files,
            edits,
        }
    }

    /// What is known of the address.
    pub(crate) fn ip(&self, address: IpAddr) -> Arc<IpIntel> {
        if let Some(known) = self.seen.get(&address) {
            return known;
        }
        let intel = Arc::new(IpIntel::look_up(address, self));
        self.seen.insert(address, Arc::clone(&intel));
        intel
    }

    /// What the operator states of the address.
    pub(crate) fn override_of(&self, address: IpAddr) -> Option<&IpOverride> {
        self.override_ranges.get(address).map(|index| &self.overrides[index as usize])
    }

    /// What a list comes to.
    pub(crate) fn view(&self, list: ReputationList) -> ReputationView {
        let none = ListEdits::default();
        let edits = self.edits.get(&list).unwrap_or(&none);
        let networks = |base: &Option<Vec<Network>>| {
            let networks = effective_networks(base.as_deref(), edits);
            let is_loaded = networks.is_some();
            let mut networks = networks.unwrap_or_default();
            networks.sort_by_key(|network| network.cidr);
            ReputationView { items: networks.into_iter().map(Item::Network).collect(), is_loaded }
        };
        let asns = |set: &HashSet<u32, RandomState>| {
            let mut numbers: Vec<u32> = set.iter().copied().collect();
            numbers.sort_unstable();
            ReputationView { items: numbers.into_iter().map(Item::Asn).collect(), is_loaded: true }
        };
        match list {
            ReputationList::DisposableDomains => {
                ReputationView { items: self.disposable_items(), is_loaded: true }
            }
            ReputationList::HighRiskAsns => asns(&self.high_risk_asns),
            ReputationList::DatacenterAsns => asns(&self.datacenter_asns),
            ReputationList::TorExits => networks(&self.files.tor),
            ReputationList::VpnNetworks => networks(&self.files.vpn),
            ReputationList::ProxyNetworks => networks(&self.files.proxy),
            ReputationList::IpOverrides => {
                let mut overrides = self.overrides.clone();
                overrides.sort_by_key(|entry| entry.cidr);
                let items = overrides.into_iter().map(|entry| Item::Override(Box::new(entry))).collect();
                ReputationView { items, is_loaded: true }
            }
        }
    }

    fn disposable_items(&self) -> Vec<Item> {
        let domains = &self.disposable;
        let mut all: Vec<CompactString> = match &domains.replaced {
            Some(replaced) => replaced.iter().cloned().collect(),
            None => email::shipped_disposable().map(CompactString::const_new).collect(),
        };
        all.extend(domains.added.iter().cloned());
        all.retain(|domain| domains.contains(domain));
        all.sort_unstable();
        all.dedup();
        all.into_iter().map(Item::Domain).collect()
    }
}

fn domains_in(items: &[Item]) -> impl Iterator<Item = CompactString> {
    items.iter().filter_map(|item| match item {
        Item::Domain(domain) => Some(domain.clone()),
        _ => None,
    })
}

fn asns_in(items: &[Item]) -> impl Iterator<Item = u32> {
    items.iter().filter_map(|item| match item {
        Item::Asn(number) => Some(*number),
        _ => None,
    })
}

fn networks_in(items: &[Item]) -> impl Iterator<Item = &Network> {
    items.iter().filter_map(|item| match item {
        Item::Network(network) => Some(network),
        _ => None,
    })
}

fn overrides_in(items: &[Item]) -> impl Iterator<Item = &IpOverride> {
    items.iter().filter_map(|item| match item {
        Item::Override(entry) => Some(&**entry),
        _ => None,
    })
}

fn effective_asns(base: &[u32], edits: &ListEdits) -> HashSet<u32, RandomState> {
    let mut numbers: HashSet<u32, RandomState> = match &edits.replace {
        Some(items) => asns_in(items).collect(),
        None => base.iter().copied().collect(),
    };
    numbers.extend(asns_in(&edits.add));
    for number in asns_in(&edits.remove) {
        numbers.remove(&number);
    }
    numbers
}

/// The networks after the edits, or `None` when there is neither a table nor an edit that makes one.
fn effective_networks(base: Option<&[Network]>, edits: &ListEdits) -> Option<Vec<Network>> {
    if base.is_none() && !edits.makes_a_list() {
        return None;
    }
    let mut networks: Vec<Network> = match &edits.replace {
        Some(items) => networks_in(items).cloned().collect(),
        None => base.unwrap_or_default().to_vec(),
    };
    if !edits.add.is_empty() {
        let added: HashSet<IpNet, RandomState> =
            networks_in(&edits.add).map(|network| network.cidr).collect();
        networks.retain(|network| !added.contains(&network.cidr));
        networks.extend(networks_in(&edits.add).cloned());
    }
    for removed in networks_in(&edits.remove) {
        cut_out(&mut networks, removed.cidr);
    }
    Some(networks)
}

/// Takes a network out of others: those within it go, those around it are split into what is left of them.
fn cut_out(networks: &mut Vec<Network>, removed: IpNet) {
    let touched: Vec<Network> = networks
        .extract_if(.., |network| removed.contains(&network.cidr) || network.cidr.contains(&removed))
        .collect();
    for network in touched {
        let left = without(network.cidr, removed);
        networks.extend(left.into_iter().map(|cidr| Network { cidr, provider: network.provider.clone() }));
    }
}

fn effective_overrides(edits: &ListEdits) -> Vec<IpOverride> {
    let stated = overrides_in(edits.replace.as_deref().unwrap_or_default()).chain(overrides_in(&edits.add));
    let mut by_network: HashMap<IpNet, IpOverride> =
        stated.map(|entry| (entry.cidr, entry.clone())).collect();
    for removed in overrides_in(&edits.remove) {
        by_network.remove(&removed.cidr);
    }
    by_network.into_values().collect()
}
