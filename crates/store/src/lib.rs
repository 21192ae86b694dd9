//! The only crate that knows a database.
//!
//! The heart is [`RealmStore::transact`]: it reads what is remembered of an event's entities, calls a pure function
//! with that, and records event, decision and updated history as one step that is durable before the answer. Two
//! simultaneous events can not both see an empty device, and a crash leaves all of an event or nothing of it.
//!
//! The contract is what this page says. `tests/it/conformance` holds any backend to it; there is one so far, SQLite.

mod client_events;
mod companions;
mod control;
mod devices;
mod distinct;
mod duplicates;
mod error;
mod follow_up;
mod history;
mod keys;
mod query;
mod record;
mod sessions;
mod sqlite;
mod tally;
mod traces;
mod velocity;
mod window;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use domain::{
    Decision, Dialect, Entity, EntityHasher, EntityKey, EntityKind, EventId, Realm, Secret, SharedClock,
};
use portcullis_domain as domain;

pub use client_events::{CLIENT_EVENTS_MS, ClientReport};
pub use companions::{Companions, Found};
pub use control::*;
pub use devices::{
    Candidate, Choose, Chosen, DeviceClue, DeviceId, DeviceUser, MOST_DEVICE_KEYS, MOST_DEVICE_USERS,
    MOST_DEVICES_PER_KEY, Matched, SeenDevice, Sighting, device_uuid,
};
pub use duplicates::{
    AnalysisId, DUPLICATE_SEARCH_MS, DuplicateId, DuplicateMatch, DuplicateReport, DuplicateSearch,
    FoundDuplicates, IdentityClaim, IdentityFacts, ImageKind, MOST_DIFFERING_BITS, MOST_LINKED, MOST_MATCHES,
    MatchId, Sample, SampleKind, Verification,
};
pub use error::{Error, OpenError};
pub use follow_up::{CheckHit, Conclusion, FollowUp, RuleHit};
use history::State;
pub use history::{EntityHistory, EntityRecord, History, Touch};
pub use keys::KEY_FILE;
pub use query::EventQuery;
pub use record::{LabelReport, StoredEvent};
pub use sessions::{DeviceRecord, LabelCount, RECENT, SessionMark, Verdict};
pub use tally::{
    CheckFigure, Family, LAST_SCORE, Metric, RuleFigure, RuleRef, SCORE_STEP, TALLY_DAYS, TallyReader,
    latency_range_end_us,
};
pub use traces::{FoundTrace, NewTrace, Paint, Portrait, REPLAY_MS, Trace};
pub use velocity::{TriggeredRule, VelocityCheck, VelocityOutcome};
pub use window::{EXACT, Window};

/// How long an idempotency key is remembered: 24 hours.
pub const IDEMPOTENCY_MS: i64 = 24 * 60 * 60 * 1_000;

/// How to open a store.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where its files are; made when missing.
    pub data_dir: PathBuf,
    /// Where the time comes from.
    pub clock: SharedClock,
    /// The most memory for the history of entities that did not change lately.
    pub history_cache_bytes: u64,
    /// How many events may pass before changed history is written to disk. A restart after a crash reads up to twice
    /// as many again.
    pub flush_after_events: usize,
}

impl Options {
    /// The usual settings.
    pub fn new(data_dir: impl Into<PathBuf>, clock: SharedClock) -> Self {
        Self { data_dir: data_dir.into(), clock, history_cache_bytes: 128 << 20, flush_after_events: 200_000 }
    }
}

/// An event that is to be decided and recorded.
#[derive(Debug)]
pub struct Submission {
    /// What it adds to history.
    pub touch: Touch,
    /// The policy it is judged by, as JSON, to be kept as long as the event.
    pub policy_json: Arc<str>,
    /// The caller's promise that a repetition is the same event.
    pub idempotency: Option<Idempotency>,
    /// Writes the answer, to be kept for repetitions; without it the answer can be made from the event again.
    pub answer: Option<Answer>,
    /// What it brings along that has tables of its own.
    pub companions: Option<Box<Companions>>,
}

impl Submission {
    /// An event that nobody repeats and that brings nothing along.
    pub const fn new(touch: Touch, policy_json: Arc<str>) -> Self {
        Self { touch, policy_json, idempotency: None, answer: None, companions: None }
    }
}

/// Writes the answer to an event.
pub struct Answer(pub Render<Recorded>);

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Answer")
    }
}

/// A caller's idempotency key, and what it was sent with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Idempotency {
    /// A hash of the key and of what it is valid for.
    pub key: [u8; 16],
    /// A hash of the request's body.
    pub body: [u8; 16],
}

/// What became of a submitted event.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "nearly all are the large one, and it is moved only twice")]
pub enum Recorded {
    /// It was decided and recorded now, and is durable.
    Now {
        /// Its id.
        id: EventId,
        /// What was decided.
        decision: Decision,
        /// What was found out beside that; only for events of a session and those that brought something along.
        found: Option<Box<Found>>,
    },
    /// The same idempotency key and body were recorded before, as this event.
    Before(EventId),
    /// The same, and this was the answer.
    Answered(Vec<u8>),
}

/// An open store; cheap to clone.
#[derive(Clone)]
pub struct Store {
    backend: Arc<sqlite::Backend>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

impl Store {
    /// Opens the embedded store, blocking; brings its schema and history up to date first.
    pub fn open(options: Options) -> Result<Self, OpenError> {
        Ok(Self { backend: Arc::new(sqlite::Backend::open(options)?) })
    }

    /// One realm's data: the only way to any of it.
    pub fn of(&self, realm: Realm) -> RealmStore {
        RealmStore { backend: Arc::clone(&self.backend), realm }
    }

    /// What people configured, as of now.
    pub fn control(&self) -> Arc<Control> {
        self.backend.control()
    }

    /// Where the time comes from.
    pub fn clock(&self) -> &SharedClock {
        &self.backend.clock
    }

    /// A secret for one purpose, derived from the installation's.
    pub fn subkey(&self, purpose: &str) -> Secret<[u8; 32]> {
        self.backend.key.subkey(purpose)
    }

    /// What turns entities into keys.
    pub fn entity_hasher(&self) -> EntityHasher {
        self.backend.key.entity_hasher()
    }

    /// Takes up what another process, such as `portcullis admin`, changed in the configuration.
    pub async fn reload(&self) -> Result<(), Error> {
        self.backend.reload().await
    }

    /// Forgets idempotency keys that are older than [`IDEMPOTENCY_MS`]; returns how many. To be called now and then.
    pub async fn forget_old_keys(&self) -> Result<usize, Error> {
        self.backend.forget_old_keys().await
    }

    /// Writes everything out and stops; later calls give [`Error::Closed`].
    pub async fn close(&self) -> Result<(), Error> {
        self.backend.close().await
    }

    /// Runs `job` in a transaction of its own on the one writing connection. When this returns, what it changed is
    /// durable and in [`Self::control`].
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&rusqlite::Transaction<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.backend.write(job).await
    }

    /// Runs `job` on a reading connection, off the async threads.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        job: impl FnOnce(&rusqlite::Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.backend.read(job).await
    }
}

/// One realm's events.
#[derive(Clone)]
pub struct RealmStore {
    backend: Arc<sqlite::Backend>,
    realm: Realm,
}

impl RealmStore {
    /// Decides an event with `decide` and records it, all or nothing, durable when this returns.
    ///
    /// `decide` is called once, with what was remembered before the event, unless the idempotency key was used before.
    /// Calls are ordered: each sees all that the earlier ones recorded. `decide` runs on the writing thread, so it
    /// must be quick and must not block.
    pub async fn transact<D: Into<Conclusion>>(
        &self,
        submission: Submission,
        decide: impl FnOnce(&History<'_>) -> D + Send + 'static,
    ) -> Result<Recorded, Error> {
        let decide = Box::new(|history: &History<'_>| decide(history).into());
        self.backend.transact(self.realm, submission, decide).await
    }

    /// The event with this id, when it is this realm's.
    pub async fn find_event(&self, id: EventId) -> Result<Option<StoredEvent>, Error> {
        self.backend.find_event(self.realm, id).await
    }

    /// These events, in this order, as far as they are this realm's.
    pub async fn find_events(&self, ids: Vec<EventId>) -> Result<Vec<StoredEvent>, Error> {
        self.backend.find_events(self.realm, ids).await
    }

    /// What became of a device's sessions in one dialect; `None` when it had none.
    pub async fn device_record(
        &self,
        device: EntityKey,
        dialect: Dialect,
    ) -> Result<Option<DeviceRecord>, Error> {
        Ok(self.backend.look(device).await?.and_then(|state| state.record(dialect).cloned()))
    }

    /// What is known of these entities, in figures and in their order; `None` of one that was never seen.
    pub async fn entity_records(&self, keys: &[EntityKey]) -> Result<Vec<Option<EntityRecord>>, Error> {
        /// How many are looked up in one go, between which events are decided.
        const AT_ONCE: usize = 64;
        let mut records = Vec::with_capacity(keys.len());
        for few in keys.chunks(AT_ONCE) {
            let states = self.backend.look_all(few.to_vec()).await?;
            records.extend(states.iter().map(|state| state.as_ref().map(State::record_of_entity)));
        }
        Ok(records)
    }

    /// The devices whose sessions one dialect judged last, and the last event of each: newest first, at most
    /// [`RECENT`].
    pub async fn recent_devices(&self, dialect: Dialect) -> Result<Vec<(EntityKey, EventId)>, Error> {
        let all = Entity::new(EntityKind::Realm, dialect.name());
        let state = self.backend.look(self.backend.key.entity_hasher().key(self.realm, &all)).await?;
        Ok(state.map(|state| state.devices().iter().rev().copied().collect()).unwrap_or_default())
    }

    /// One page of events, newest first, and where the next page begins, when there may be one. A page may be short,
    /// or even empty, although there are more.
    pub async fn list_events(&self, query: EventQuery) -> Result<(Vec<StoredEvent>, Option<EventId>), Error> {
        self.backend.list_events(self.realm, query).await
    }

    /// Notes what turned out to be true of an event; the last report stands. Confirmed fraud and false positives teach
    /// the realm's trust model, each once an event.
    pub async fn set_label(&self, id: EventId, report: LabelReport) -> Result<(), Error> {
        self.backend.set_label(self.realm, id, report).await
    }
}

/// Copies the data in `data_dir` to the new file `to`, as of one moment, while a server may be working on it; and the
/// key without which the copy can not be read to the same name with `.key` added.
pub fn backup(data_dir: &Path, to: &Path) -> Result<(), OpenError> {
    sqlite::backup(data_dir, to)
}

/// Makes `data_dir`, which must not hold data yet, from what [`backup`] wrote. The history is computed anew when the
/// store is opened next.
pub fn restore(from: &Path, data_dir: &Path) -> Result<(), OpenError> {
    sqlite::restore(from, data_dir)
}

/// Looks whether the data in `data_dir` can be used: refuses what is damaged, was written by a newer version, or is
/// sealed with another key than that beside it. A server may be working on it.
pub fn check(data_dir: &Path) -> Result<(), OpenError> {
    sqlite::check(data_dir)
}

/// How many events a data directory holds, for measurements; no process need have it open.
pub fn count_events(data_dir: &Path) -> Result<u64, OpenError> {
    sqlite::count_events(data_dir)
}
