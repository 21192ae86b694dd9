//! Every entry that holds, in memory: a request finds its own with a few hash probes.

use std::{
    collections::{BTreeMap, HashMap, btree_map, hash_map},
    hash::Hash,
    net::IpAddr,
    sync::{PoisonError, RwLock},
};

use domain::{EntityHasher, Realm, Timestamp};
use foldhash::fast::RandomState;
use ipnet::IpNet;
use portcullis_domain as domain;

use super::{List, ListEntry, ListKind, ListValue, value::Form};

/// The lists of every realm.
pub struct Lists {
    hasher: EntityHasher,
    realms: RwLock<HashMap<Realm, RealmLists, RandomState>>,
}

impl std::fmt::Debug for Lists {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Lists")
    }
}

impl Lists {
    /// No entries yet. `hasher` is what names devices after the clients' fingerprints of them.
    pub(super) fn new(hasher: EntityHasher) -> Self {
        Self { hasher, realms: RwLock::default() }
    }

    /// Which lists of `realm` have any of `texts`, each in the form of [`ListValue`], or a network with `ip` in it, by
    /// an entry that has not expired at `now`. Several texts may be of one kind; addresses go into `ip` only.
    ///
    /// Costs one probe for a realm without entries, else one for each text and one for each length of network that
    /// the realm has listed.
    pub fn find(
        &self,
        realm: Realm,
        texts: &[(ListKind, &str)],
        ip: Option<IpAddr>,
        now: Timestamp,
    ) -> ListHits {
        let realms = self.realms.read().unwrap_or_else(PoisonError::into_inner);
        realms.get(&realm).map_or_else(ListHits::default, |lists| lists.find(texts, ip, now))
    }

    /// Which lists of `realm` have a device by the fingerprint that has this hash
    /// ([`EntityHasher::fingerprint`]), for who does not know the fingerprint itself.
    pub fn find_fingerprint(&self, realm: Realm, hash: &str, now: Timestamp) -> ListHits {
        let realms = self.realms.read().unwrap_or_else(PoisonError::into_inner);
        let listing = realms.get(&realm).and_then(|lists| lists.fingerprints.get(&())?.get(hash));
        let mut hits = ListHits::default();
        if let Some(listing) = listing {
            hits.add(ListKind::Device, listing, now);
        }
        hits
    }

    /// Whether `realm` has any entry.
    pub fn knows(&self, realm: Realm) -> bool {
        self.realms.read().unwrap_or_else(PoisonError::into_inner).contains_key(&realm)
    }

    pub(in crate::control) fn insert(&self, entry: &ListEntry) {
        let fingerprint = self.fingerprint(entry);
        let mut realms = self.realms.write().unwrap_or_else(PoisonError::into_inner);
        let until = entry.expires_at.unwrap_or(Listing::FOREVER);
        let lists = realms.entry(entry.realm).or_default();
        lists.set(entry.list, &entry.value, until);
        if let Some(hash) = fingerprint {
            set(&mut lists.fingerprints, (), hash, entry.list, until);
        }
    }

    pub(super) fn remove(&self, entry: &ListEntry) {
        let fingerprint = self.fingerprint(entry);
        let mut realms = self.realms.write().unwrap_or_else(PoisonError::into_inner);
        if let hash_map::Entry::Occupied(mut lists) = realms.entry(entry.realm) {
            lists.get_mut().unset(entry.list, &entry.value);
            if let Some(hash) = fingerprint {
                unset(&mut lists.get_mut().fingerprints, (), hash, entry.list);
            }
            if lists.get().is_empty() {
                lists.remove();
            }
        }
    }

    /// The hash of a device's entry, taken for a client's fingerprint.
    fn fingerprint(&self, entry: &ListEntry) -> Option<Box<str>> {
        match &entry.value.0 {
            Form::Text(ListKind::Device, text) => {
                Some(self.hasher.fingerprint(entry.realm, text).as_str().into())
            }
            _ => None,
        }
    }
}

/// Which lists have what a request is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListHits([u8; List::ALL.len()]);

impl ListHits {
    /// Whether nothing is on any list.
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// Whether anything is on `list`.
    pub const fn any(self, list: List) -> bool {
        self.0[list as usize] != 0
    }

    /// Whether something of this kind is on `list`.
    pub const fn has(self, list: List, kind: ListKind) -> bool {
        self.0[list as usize] & (1 << kind as u8) != 0
    }

    /// The kinds of what is on `list`.
    pub fn kinds(self, list: List) -> impl Iterator<Item = ListKind> {
        ListKind::ALL.iter().copied().filter(move |&kind| self.has(list, kind))
    }

    fn add(&mut self, kind: ListKind, listing: &Listing, now: Timestamp) {
        for (kinds, &until) in self.0.iter_mut().zip(&listing.0) {
            *kinds |= u8::from(until > now) << kind as u8;
        }
    }
}

/// Until when something is on each list: an entry with that value and list is the only one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Listing([Timestamp; List::ALL.len()]);

impl Listing {
    const FOREVER: Timestamp = Timestamp::from_millis(i64::MAX);
    const ABSENT: Timestamp = Timestamp::from_millis(i64::MIN);
    const NOWHERE: Self = Self([Self::ABSENT; List::ALL.len()]);
}

type Group<K> = HashMap<K, Listing, RandomState>;
/// How long the addresses and the prefix are, in bits.
type Lengths = (u8, u8);

/// One realm's lists. A group without members is not kept.
#[derive(Default)]
struct RealmLists {
    texts: BTreeMap<ListKind, Group<Box<str>>>,
    /// The same devices as in `texts`, by the hash of what may be a client's fingerprint.
    fingerprints: BTreeMap<(), Group<Box<str>>>,
    networks: BTreeMap<Lengths, Group<IpAddr>>,
}

impl RealmLists {
    fn is_empty(&self) -> bool {
        self.texts.is_empty() && self.fingerprints.is_empty() && self.networks.is_empty()
    }

    fn find(&self, texts: &[(ListKind, &str)], ip: Option<IpAddr>, now: Timestamp) -> ListHits {
        let mut hits = ListHits::default();
        for &(kind, text) in texts {
            if let Some(listing) = self.texts.get(&kind).and_then(|group| group.get(text)) {
                hits.add(kind, listing, now);
            }
        }
        if let Some(ip) = ip {
            self.find_ip(domain::ip::canonical(ip), now, &mut hits);
        }
        hits
    }

    fn find_ip(&self, ip: IpAddr, now: Timestamp, hits: &mut ListHits) {
        let longest = IpNet::from(ip).max_prefix_len();
        for (&(_, length), group) in self.networks.range((longest, 0)..=(longest, longest)) {
            let network = IpNet::new(ip, length).map(|network| network.network());
            if let Some(listing) = network.ok().and_then(|network| group.get(&network)) {
                hits.add(ListKind::Ip, listing, now);
            }
        }
    }

    fn set(&mut self, list: List, value: &ListValue, until: Timestamp) {
        match &value.0 {
            Form::Text(kind, text) => set(&mut self.texts, *kind, text.clone(), list, until),
            Form::Network(network) => {
                set(&mut self.networks, lengths(network), network.addr(), list, until);
            }
        }
    }

    fn unset(&mut self, list: List, value: &ListValue) {
        match &value.0 {
            Form::Text(kind, text) => unset(&mut self.texts, *kind, text.clone(), list),
            Form::Network(network) => unset(&mut self.networks, lengths(network), network.addr(), list),
        }
    }
}

fn lengths(network: &IpNet) -> Lengths {
    (network.max_prefix_len(), network.prefix_len())
}

fn set<G: Ord, K: Eq + Hash>(
    groups: &mut BTreeMap<G, Group<K>>,
    group: G,
    key: K,
    list: List,
    until: Timestamp,
) {
    groups.entry(group).or_default().entry(key).or_insert(Listing::NOWHERE).0[list as usize] = until;
}

fn unset<G: Ord, K: Eq + Hash>(groups: &mut BTreeMap<G, Group<K>>, group: G, key: K, list: List) {
    let btree_map::Entry::Occupied(mut members) = groups.entry(group) else { return };
    if let hash_map::Entry::Occupied(mut listing) = members.get_mut().entry(key) {
        listing.get_mut().0[list as usize] = Listing::ABSENT;
        if *listing.get() == Listing::NOWHERE {
            listing.remove();
        }
    }
    if members.get().is_empty() {
        members.remove();
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use proptest::{collection::vec, prelude::*, sample::select};

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000);

    /// What the index must agree with: all that was set, looked through one by one.
    #[derive(Default)]
    struct Naive(Vec<(List, ListValue, Timestamp)>);

    impl Naive {
        fn unset(&mut self, list: List, value: &ListValue) {
            self.0.retain(|(on, what, _)| (*on, what) != (list, value));
        }

        fn find(&self, texts: &[(ListKind, &str)], ip: IpAddr) -> Vec<(List, ListKind)> {
            let is_meant = |value: &ListValue| match &value.0 {
                Form::Text(kind, text) => texts.contains(&(*kind, &**text)),
                Form::Network(network) => network.contains(&ip.to_canonical()),
            };
            let hits = self.0.iter().filter(|(_, value, until)| is_meant(value) && *until > NOW);
            let mut hits: Vec<_> = hits.map(|(list, value, _)| (*list, value.kind())).collect();
            hits.sort_unstable();
            hits.dedup();
            hits
        }
    }

    fn all(hits: ListHits) -> Vec<(List, ListKind)> {
        List::ALL.iter().flat_map(|&list| hits.kinds(list).map(move |kind| (list, kind))).collect()
    }

    /// Few enough for networks to overlap, and some IPv4 written as IPv6.
    fn address() -> impl Strategy<Value = IpAddr> {
        prop_oneof![
            (0u32..16).prop_map(|low| IpAddr::V4(Ipv4Addr::from_bits(0x0a00_0000 | low << 1))),
            (0u32..16).prop_map(|low| Ipv4Addr::from_bits(0x0a00_0000 | low << 1).to_ipv6_mapped().into()),
            (0u128..16).prop_map(|low| IpAddr::V6(Ipv6Addr::from_bits((0x2001_0db8 << 96) | low << 63))),
        ]
    }

    fn value() -> impl Strategy<Value = ListValue> {
        let network = (address(), prop_oneof![Just(128u8), 0u8..=128]).prop_map(|(ip, length)| {
            let length = length.min(IpNet::from(ip).max_prefix_len());
            ListValue::parse(ListKind::Ip, &format!("{ip}/{length}")).unwrap()
        });
        let text = (select(&[ListKind::User, ListKind::Device][..]), "[ab]")
            .prop_map(|(kind, text)| ListValue::parse(kind, &text).unwrap());
        prop_oneof![3 => network, 1 => text]
    }

    proptest! {
        #[test]
        fn finds_what_a_scan_finds(
            changes in vec((any::<bool>(), select(List::ALL), value(), select(&[999i64, 1_000, 1_001, i64::MAX][..])), 0..40),
            ips in vec(address(), 1..10),
            text in "[abc]",
        ) {
            let (mut lists, mut naive) = (RealmLists::default(), Naive::default());
            for (is_added, list, value, until) in changes {
                let until = Timestamp::from_millis(until);
                naive.unset(list, &value);
                if is_added {
                    lists.set(list, &value, until);
                    naive.0.push((list, value, until));
                } else {
                    lists.unset(list, &value);
                }
            }
            let texts = [(ListKind::User, text.as_str()), (ListKind::User, "a"), (ListKind::Device, text.as_str())];
            for ip in ips {
                prop_assert_eq!(all(lists.find(&texts, Some(ip), NOW)), naive.find(&texts, ip));
            }
            for (list, value, _) in &naive.0 {
                lists.unset(*list, value);
            }
            prop_assert!(lists.is_empty());
        }
    }

    #[test]
    fn hits_tell_lists_and_kinds_apart() {
        let mut lists = RealmLists::default();
        let user = ListValue::parse(ListKind::User, "a").unwrap();
        let network = ListValue::parse(ListKind::Ip, "192.0.2.0/24").unwrap();
        lists.set(List::Block, &user, Listing::FOREVER);
        lists.set(List::Watch, &network, Listing::FOREVER);
        let hits = lists.find(&[(ListKind::User, "a")], "::ffff:192.0.2.9".parse().ok(), NOW);
        assert!(hits.any(List::Block) && hits.any(List::Watch) && !hits.any(List::Allow));
        assert!(hits.has(List::Block, ListKind::User) && !hits.has(List::Block, ListKind::Ip));
        assert_eq!(hits.kinds(List::Watch).collect::<Vec<_>>(), [ListKind::Ip]);
        assert!(lists.find(&[(ListKind::Device, "a")], "192.0.3.9".parse().ok(), NOW).is_empty());
    }
}
