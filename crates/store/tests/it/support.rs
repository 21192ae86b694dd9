//! A clock to set, and short ways to make events.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use domain::{
    Assessment, Clock, Decision, Dialect, Entity, EntityKey, EntityKind, EventId, EventType, Facts, Mode,
    Outcome, Place, Policy, PolicyId, Realm, Subject, TenantId, Timestamp, Timings,
};
use portcullis_domain as domain;
use portcullis_store::{History, Options, Recorded, Store, Submission, Touch};
use smallvec::SmallVec;

pub const LIVE: Realm = Realm { tenant: TenantId(1), mode: Mode::Live };
pub const TEST: Realm = Realm { tenant: TenantId(1), mode: Mode::Test };
pub const OTHER: Realm = Realm { tenant: TenantId(2), mode: Mode::Live };

pub const START: i64 = 1_767_225_600_000;

/// A clock that stands still until it is moved.
#[derive(Debug, Default)]
pub struct TestClock(AtomicI64);

impl TestClock {
    pub fn advance(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(START + self.0.load(Ordering::SeqCst))
    }
}

/// A data directory, and the clock that its store runs on.
pub struct Bed {
    pub dir: tempfile::TempDir,
    pub clock: Arc<TestClock>,
    pub flush_after_events: usize,
    pub history_cache_bytes: u64,
}

impl Bed {
    pub fn new() -> Self {
        Self::flushing_after(32_768)
    }

    /// History goes to disk, and is read from there again, as early as that.
    pub fn flushing_after(flush_after_events: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self { dir, clock: Arc::default(), flush_after_events, history_cache_bytes: 1 << 20 }
    }

    pub fn options(&self, dir: &Path) -> Options {
        let mut options = Options::new(dir, self.clock.clone());
        options.flush_after_events = self.flush_after_events;
        options.history_cache_bytes = self.history_cache_bytes;
        options
    }

    pub fn open(&self) -> Store {
        Store::open(self.options(self.dir.path())).unwrap()
    }

    /// The files as a crash at this moment would leave them, opened as after one.
    pub fn open_crashed(&self, copy: &Path) -> Store {
        copy_files(self.dir.path(), copy);
        Store::open(self.options(copy)).unwrap()
    }
}

pub fn copy_files(from: &Path, to: &Path) {
    for file in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        if file.file_name() != "lock" {
            std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
        }
    }
}

pub fn files(dir: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(dir).unwrap().map(|file| file.unwrap().path()).collect()
}

/// An event of this type about these entities.
pub fn touch(store: &Store, realm: Realm, event_type: EventType, entities: &[(EntityKind, &str)]) -> Touch {
    let hasher = store.entity_hasher();
    let key = |&(kind, value): &(EntityKind, &str)| (kind, hasher.key(realm, &Entity::new(kind, value)));
    Touch {
        event_type,
        at: None,
        entities: entities.iter().map(key).collect(),
        place: Some(Place { latitude: 52.5, longitude: 13.4 }),
        position: None,
        verdict: None,
    }
}

pub fn key(store: &Store, realm: Realm, kind: EntityKind, value: &str) -> EntityKey {
    store.entity_hasher().key(realm, &Entity::new(kind, value))
}

pub fn submission(touch: Touch) -> Submission {
    Submission::new(touch, policy_json().into())
}

fn policy_json() -> String {
    let policy = Policy {
        dialect: Dialect::Ingest,
        bands: vec![],
        limits: domain::Limits::default(),
        max_score: None,
        factors: vec![],
        labels: vec![],
        monitor: false,
        learned: None,
        verdicts: vec![],
        rules: vec![],
    };
    serde_json::to_string(&policy).unwrap()
}

/// A decision whose score is whatever the test wants to carry out of the transaction.
pub fn decision(event_type: EventType, at: Timestamp, score: i64, outcome: Outcome) -> Decision {
    Decision {
        dialect: Dialect::Ingest,
        event_type,
        at,
        subject: Subject { user: Some("jane@example.com".into()), ..Subject::default() },
        facts: Box::new(Facts::unknown()),
        policy: PolicyId::of_json(policy_json().as_bytes()),
        assessment: Assessment {
            score: score as i32,
            band: 0,
            outcome,
            would: outcome,
            checks: SmallVec::new(),
            labels: 0,
        },
        forced: None,
        timings: Timings::default(),
    }
}

/// Records an event and returns its id and what `look` saw in its history.
pub async fn record(
    store: &Store,
    realm: Realm,
    touch: Touch,
    look: impl FnOnce(&History<'_>) -> i64 + Send + 'static,
) -> (EventId, i64) {
    record_as(store, realm, touch, Outcome::Allow, look).await
}

pub async fn record_as(
    store: &Store,
    realm: Realm,
    touch: Touch,
    outcome: Outcome,
    look: impl FnOnce(&History<'_>) -> i64 + Send + 'static,
) -> (EventId, i64) {
    let event_type = touch.event_type;
    let decide = move |history: &History<'_>| decision(event_type, history.at(), look(history), outcome);
    match store.of(realm).transact(submission(touch), decide).await.unwrap() {
        Recorded::Now { id, decision, .. } => (id, i64::from(decision.assessment.score)),
        recorded => panic!("{recorded:?}"),
    }
}
