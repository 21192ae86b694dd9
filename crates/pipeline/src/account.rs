//! What is known of an account, judged without an event: a question, which changes nothing.

use std::{collections::BTreeSet, net::IpAddr, sync::Arc};

use compact_str::{CompactString, ToCompactString as _};
use domain::{
    Assessment, Entity, EntityKey, EntityKind, EventType, Facts, Realm, Timestamp,
    facts::{device, ip, lists, user},
};
use portcullis_domain as domain;
use portcullis_engine::{self as engine, Plan, Profile};
use portcullis_store::{DeviceId, EventQuery, List, ListHits, ListKind, Lists, StoredEvent, listed_user};

use crate::{AssessError, Assessor};

/// How many of the account's newest events are looked through for its devices and addresses.
const LOOKED_THROUGH: usize = 200;

/// How urgent a report of fraud is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// Suspicious, and no more is told.
    Low,
    /// Worth a look.
    Medium,
    /// Money or an identity is at stake.
    High,
}

impl Priority {
    /// Our word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// Which account, and what its tenant knows of it beside its events.
#[derive(Debug)]
pub struct AccountQuestion<'a> {
    /// Whose data it is about.
    pub realm: Realm,
    /// The codes, points and scale it is judged by.
    pub profile: &'static Profile,
    /// The tenant's own id of the account.
    pub user: &'a str,
    /// How many reports of other people stand.
    pub reports: usize,
    /// How urgent the gravest report of fraud is that stands.
    pub fraud: Option<Priority>,
    /// Whether the account is flagged.
    pub is_flagged: bool,
    /// What of the account's is listed by the tenant's word, beside what its events show.
    pub listed: Vec<(List, ListKind)>,
}

/// What was concluded of an account.
#[derive(Debug)]
pub struct JudgedAccount {
    /// The checks, the score and its band.
    pub assessment: Assessment,
    /// The policy it was judged by.
    pub plan: Arc<Plan>,
}

/// The kinds of what is listed, by list.
type Listed = BTreeSet<(List, ListKind)>;

impl Assessor {
    /// Judges an account by what was reported of it, by the lists as they are now, and by its newest 200 events: their
    /// devices and addresses, and where the last one came from. Nothing is recorded.
    pub async fn judge_account(&self, question: AccountQuestion<'_>) -> Result<JudgedAccount, AssessError> {
        let AccountQuestion { realm, profile, user, .. } = question;
        let plan = self.plans.of(&self.store.control(), realm, profile, None)?;
        let store = self.store.of(realm);
        let key = self.entity_key(realm, &Entity::new(EntityKind::User, user));
        let query =
            EventQuery { entities: [key].into_iter().collect(), ..EventQuery::newest(LOOKED_THROUGH) };
        let (events, _) = store.list_events(query).await?;

        let seen = Seen::of(&events);
        let device_reports = store.count_signals_of_devices(self.device_keys(realm, &seen)).await?;
        let mut listed: Listed = question.listed.iter().copied().collect();
        let account = [(ListKind::User, &*listed_user(user))];
        let (all, now) = (self.store.lists(), self.store.clock().now());
        add(&mut listed, all.find(realm, &account, None, now));
        seen.add_listed(&mut listed, realm, all, now);

        let mut facts = Box::new(Facts::unknown());
        facts.set(user::REPORTS, question.reports as i64);
        facts.set(user::FRAUD_PRIORITY, question.fraud.map_or("", Priority::name));
        facts.set(user::IS_FLAGGED, question.is_flagged);
        facts.set(device::REPORTS, device_reports as i64);
        facts.set(lists::BLOCKED, words(&listed, List::Block));
        facts.set(lists::WATCHED, words(&listed, List::Watch));
        facts.set(lists::ALLOWED, words(&listed, List::Allow));
        if let Some(newest) = events.first() {
            let known = &newest.decision.facts;
            facts.put(device::UTC_OFFSET_MIN, known.get(device::UTC_OFFSET_MIN));
            facts.put(ip::UTC_OFFSET_MIN, known.get(ip::UTC_OFFSET_MIN));
        }
        let assessment = engine::evaluate(&facts, EventType::Visit, &plan);
        Ok(JudgedAccount { assessment, plan })
    }

    /// The keys under which signals about these devices are found, whichever of a device's names was reported.
    fn device_keys(&self, realm: Realm, seen: &Seen) -> Vec<EntityKey> {
        let ids = seen.hashes.iter().filter_map(|hash| Some(DeviceId::of_hash(hash)?.to_compact_string()));
        let names = seen.hashes.iter().chain(&seen.fingerprints).chain(&seen.names).cloned().chain(ids);
        names.map(|name| self.entity_key(realm, &Entity::new(EntityKind::Device, name))).collect()
    }
}

/// The devices and addresses that an account was seen on.
#[derive(Default)]
struct Seen {
    /// Our hashes of the devices.
    hashes: BTreeSet<CompactString>,
    /// The hashes of the clients' own fingerprints.
    fingerprints: BTreeSet<CompactString>,
    /// The clients' own ids, where they are kept.
    names: BTreeSet<CompactString>,
    addresses: BTreeSet<IpAddr>,
}

impl Seen {
    fn of(events: &[StoredEvent]) -> Self {
        let mut seen = Self::default();
        for event in events {
            let facts = &event.decision.facts;
            seen.hashes.extend(facts.known(device::HASH).map(CompactString::from));
            seen.fingerprints.extend(facts.known(device::CLIENT_FINGERPRINT).map(CompactString::from));
            seen.names.extend(event.decision.subject.device.clone());
            seen.addresses
                .extend(facts.known(ip::ADDRESS).and_then(|address| address.parse::<IpAddr>().ok()));
        }
        seen
    }

    fn add_listed(&self, listed: &mut Listed, realm: Realm, lists: &Lists, now: Timestamp) {
        if !lists.knows(realm) {
            return;
        }
        for hash in &self.hashes {
            let id = DeviceId::of_hash(hash).map(|id| id.to_compact_string());
            let texts = [Some(hash), id.as_ref()].into_iter().flatten();
            let texts: Vec<_> = texts.map(|text| (ListKind::Device, text.as_str())).collect();
            add(listed, lists.find(realm, &texts, None, now));
            add(listed, lists.find_fingerprint(realm, hash, now));
        }
        for fingerprint in &self.fingerprints {
            add(listed, lists.find_fingerprint(realm, fingerprint, now));
        }
        for name in &self.names {
            add(listed, lists.find(realm, &[(ListKind::Device, name.as_str())], None, now));
        }
        for &address in &self.addresses {
            add(listed, lists.find(realm, &[], Some(address), now));
        }
    }
}

fn add(listed: &mut Listed, hits: ListHits) {
    for &list in List::ALL {
        listed.extend(hits.kinds(list).map(|kind| (list, kind)));
    }
}

fn words(listed: &Listed, list: List) -> CompactString {
    let kinds = listed.iter().filter(|(on, _)| *on == list).map(|(_, kind)| kind.as_str());
    kinds.collect::<Vec<_>>().join(" ").into()
}
