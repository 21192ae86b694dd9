//! The history that is in memory: what changed since the last flush, what is being flushed, and a cache of the rest.
//!
//! A look-up goes from the newest layer to the oldest: changed, flushing, cache, disk. Only the writer changes the
//! layers; readers of the event log see the postings through [`Tail`].
//!
//! After a restart the tail of events that are not on disk yet is being flushed as deltas: nothing is read for them
//! until an event needs one of their entities, or the flusher comes to it. Until that flush has ended the writer reads
//! the disk as it was before it, so no delta is applied twice.
//!
//! Events are added to the states in place. When a batch can not be written, the changed states are therefore wrong:
//! they are dropped, and what is lost with them is read again from the event log, as deltas too.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::{EntityKey, EntityKind, EventId};
use hashbrown::HashMap;
use portcullis_domain as domain;
use quick_cache::Weighter;
use rusqlite::{Connection, OptionalExtension as _};
use smallvec::SmallVec;

use crate::{
    Error,
    history::{Happened, State, Touch},
};

type States = HashMap<u64, State, foldhash::fast::FixedState>;
type Postings = HashMap<u64, SmallVec<[u64; 1]>, foldhash::fast::FixedState>;

/// The encoded states of entities that did not change since they were last read or written.
pub(super) type Cache = quick_cache::sync::Cache<u64, Arc<[u8]>, ByBytes>;

#[derive(Clone)]
pub(super) struct ByBytes;

impl Weighter<u64, Arc<[u8]>> for ByBytes {
    fn weight(&self, _: &u64, state: &Arc<[u8]>) -> u64 {
        // The map's own cost per entry is about as much as a small state.
        state.len() as u64 + 64
    }
}

pub(super) fn new_cache(bytes: u64) -> Arc<Cache> {
    let estimated_items = (bytes / 160).max(16) as usize;
    Arc::new(Cache::with_weighter(estimated_items, bytes, ByBytes))
}

/// What one flush writes.
#[derive(Default)]
pub(super) struct Snapshot {
    states: States,
    deltas: Deltas,
    postings: Postings,
    upto: u64,
}

/// Events that are to be added to what is on disk of their entities.
#[derive(Default)]
struct Deltas {
    touches: Vec<(Touch, Happened)>,
    by_entity: HashMap<u64, SmallVec<[u32; 2]>, foldhash::fast::FixedState>,
}

impl Deltas {
    fn add(&mut self, touch: Touch, happened: Happened) {
        let index = self.touches.len() as u32;
        for (_, key) in touch.remembered() {
            self.by_entity.entry(key.as_u64()).or_default().push(index);
        }
        self.touches.push((touch, happened));
    }

    fn has(&self, key: u64) -> bool {
        self.by_entity.contains_key(&key)
    }

    /// What the entity's state becomes; `None` when there is nothing to add to it.
    fn add_to(&self, key: u64, mut state: Option<State>) -> Option<State> {
        for &index in self.by_entity.get(&key)? {
            let (touch, happened) = &self.touches[index as usize];
            if let Some((kind, _)) = touch.remembered().find(|(_, known)| known.as_u64() == key) {
                state.get_or_insert_with(|| State::new(happened.at)).apply(kind, touch, *happened);
            }
        }
        state
    }
}

impl Snapshot {
    /// Adds an event that is not in the history yet.
    pub(super) fn add(&mut self, touch: Touch, happened: Happened, keys: impl Iterator<Item = u64>) {
        let id = happened.id.as_u64();
        for key in keys {
            self.postings.entry(key).or_default().push(id);
        }
        self.deltas.add(touch, happened);
        self.upto = id;
    }

    /// How many events [`Self::add`] has added.
    pub(super) fn events(&self) -> usize {
        self.deltas.touches.len()
    }
}

/// The postings that are not on disk yet.
#[derive(Default)]
pub(super) struct Tail(Mutex<TailLayers>);

#[derive(Default)]
struct TailLayers {
    fresh: Postings,
    flushing: Option<Arc<Snapshot>>,
}

impl Tail {
    fn layers(&self) -> MutexGuard<'_, TailLayers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The events of `key` that are not on disk yet, in no particular order.
    pub(super) fn events(&self, key: u64) -> Vec<u64> {
        let layers = self.layers();
        let flushing = layers.flushing.as_ref().and_then(|snapshot| snapshot.postings.get(&key));
        flushing.into_iter().chain(layers.fresh.get(&key)).flatten().copied().collect()
    }

    fn add(&self, postings: &[(u64, u64)]) {
        let mut layers = self.layers();
        for &(key, event) in postings {
            layers.fresh.entry(key).or_default().push(event);
        }
    }
}

pub(super) struct Memory {
    changed: States,
    /// What changed before a batch that failed, to be added to what the older layers have.
    lost: Deltas,
    flushing: Option<Arc<Snapshot>>,
    cache: Arc<Cache>,
    tail: Arc<Tail>,
    disk: Connection,
    batch_postings: Vec<(u64, u64)>,
    events_in_batch: usize,
    events_since_flush: usize,
    /// The last event that is on disk or being flushed.
    set_aside_upto: u64,
    is_spoiled: bool,
}

impl Memory {
    /// `upto` is the last event that is on `disk`.
    pub(super) fn new(disk: Connection, upto: EventId, cache: Arc<Cache>, tail: Arc<Tail>) -> Self {
        Self {
            changed: HashMap::default(),
            lost: Deltas::default(),
            flushing: None,
            cache,
            tail,
            disk,
            batch_postings: Vec::new(),
            events_in_batch: 0,
            events_since_flush: 0,
            set_aside_upto: upto.as_u64(),
            is_spoiled: false,
        }
    }

    /// Brings the state of an entity into memory, so that [`Self::state`] and [`Self::apply`] find it.
    pub(super) fn load(&mut self, key: EntityKey) -> Result<(), Error> {
        let key = key.as_u64();
        if self.changed.contains_key(&key) {
            return Ok(());
        }
        let mut state = self.load_older(key)?;
        if self.lost.has(key) {
            state = self.lost.add_to(key, state);
            self.lost.by_entity.remove(&key);
        }
        if let Some(state) = state {
            self.changed.insert(key, state);
        }
        Ok(())
    }

    /// The state that the layers below the changed ones have.
    fn load_older(&self, key: u64) -> Result<Option<State>, Error> {
        let Some(flushing) = self.flushing.as_deref() else {
            return read_cached(&self.cache, &self.disk, key);
        };
        if let Some(state) = flushing.states.get(&key) {
            return Ok(Some(state.clone()));
        }
        if flushing.deltas.has(key) {
            return Ok(flushing.deltas.add_to(key, read(&self.disk, key)?.map(|(state, _)| state)));
        }
        read_cached(&self.cache, &self.disk, key)
    }

    /// The state of a loaded entity; `None` when it was never seen.
    pub(super) fn state(&self, key: EntityKey) -> Option<&State> {
        self.changed.get(&key.as_u64())
    }

    /// What is known of an entity, without bringing it among the changed ones.
    pub(super) fn peek(&self, key: EntityKey) -> Result<Option<State>, Error> {
        let key = key.as_u64();
        if let Some(state) = self.changed.get(&key) {
            return Ok(Some(state.clone()));
        }
        let state = self.load_older(key)?;
        Ok(if self.lost.has(key) { self.lost.add_to(key, state) } else { state })
    }

    /// Adds an event to the loaded states of its entities, and to the postings under `keys`.
    pub(super) fn apply(&mut self, touch: &Touch, happened: Happened, keys: impl Iterator<Item = u64>) {
        for (kind, key) in touch.remembered() {
            let state = self.changed.entry(key.as_u64()).or_insert_with(|| State::new(happened.at));
            state.apply(kind, touch, happened);
        }
        self.batch_postings.extend(keys.map(|key| (key, happened.id.as_u64())));
        self.events_in_batch += 1;
    }

    /// Keeps what the batch changed: its events are durable.
    pub(super) fn keep_batch(&mut self) {
        self.end_reads();
        self.tail.add(&self.batch_postings);
        self.batch_postings.clear();
        self.events_since_flush += std::mem::take(&mut self.events_in_batch);
    }

    /// Notes that the batch's events were not written.
    pub(super) fn drop_batch(&mut self) {
        self.end_reads();
        self.batch_postings.clear();
        self.is_spoiled |= std::mem::take(&mut self.events_in_batch) > 0;
    }

    /// The event after which everything must be read again before the next batch, when one failed.
    pub(super) fn spoiled_after(&self) -> Option<EventId> {
        self.is_spoiled.then(|| EventId::from_u64(self.set_aside_upto))
    }

    /// Begins anew with all events after [`Self::spoiled_after`].
    pub(super) fn begin_anew(&mut self, events: Snapshot) {
        self.changed.clear();
        self.lost = events.deltas;
        self.is_spoiled = false;
    }

    /// Ends the transaction that the batch's reads share, unless it is the one that a tail is added to.
    pub(super) fn end_reads(&self) {
        let has_tail = self.flushing.as_ref().is_some_and(|snapshot| snapshot.events() > 0);
        if !has_tail {
            self.commit_reads();
        }
    }

    fn commit_reads(&self) {
        if !self.disk.is_autocommit()
            && let Err(error) = self.disk.execute_batch("COMMIT")
        {
            tracing::error!(%error, "the history can not be read anew");
        }
    }

    pub(super) const fn events_since_flush(&self) -> usize {
        self.events_since_flush
    }

    pub(super) fn changed_entities(&self) -> usize {
        self.changed.len()
    }

    pub(super) const fn is_flushing(&self) -> bool {
        self.flushing.is_some()
    }

    /// Sets aside all changes up to `upto`, to be written while new ones are collected.
    pub(super) fn begin_flush(&mut self, upto: EventId) -> Result<Arc<Snapshot>, Error> {
        if !self.lost.touches.is_empty() {
            self.hold_disk()?;
        }
        let postings = std::mem::take(&mut self.tail.layers().fresh);
        // The next lot will be about as many: growing the table again and again costs more than its memory.
        let expected = States::with_capacity_and_hasher(self.changed.len(), self.changed.hasher().clone());
        let states = std::mem::replace(&mut self.changed, expected);
        let deltas = std::mem::take(&mut self.lost);
        self.events_since_flush = 0;
        Ok(self.set_aside(Snapshot { states, deltas, postings, upto: upto.as_u64() }))
    }

    /// Takes up the tail of events that is found after a restart, to be flushed.
    pub(super) fn begin_with_tail(&mut self, tail: Snapshot) -> Result<Arc<Snapshot>, Error> {
        self.hold_disk()?;
        Ok(self.set_aside(tail))
    }

    /// From now until the flush has ended, this reads the disk as it is now.
    fn hold_disk(&self) -> Result<(), Error> {
        self.commit_reads();
        self.disk.execute_batch("BEGIN")?;
        // A transaction sees the disk as of its first look.
        self.disk.query_row("SELECT upto FROM checkpoint", [], |_| Ok(()))?;
        Ok(())
    }

    fn set_aside(&mut self, snapshot: Snapshot) -> Arc<Snapshot> {
        self.set_aside_upto = snapshot.upto;
        let snapshot = Arc::new(snapshot);
        self.tail.layers().flushing = Some(Arc::clone(&snapshot));
        self.flushing = Some(Arc::clone(&snapshot));
        snapshot
    }

    /// Forgets what was set aside: it is on disk now.
    pub(super) fn end_flush(&mut self) {
        self.commit_reads();
        self.flushing = None;
        self.tail.layers().flushing = None;
    }
}

/// A state and its stored form.
type Stored = (State, Arc<[u8]>);

/// What is on disk of an entity; `None` when it was never seen.
fn read(disk: &Connection, key: u64) -> Result<Option<Stored>, Error> {
    if disk.is_autocommit() {
        // One transaction for all reads of a batch saves taking and releasing the file's locks for each.
        disk.prepare_cached("BEGIN")?.execute([])?;
    }
    let mut statement = disk.prepare_cached("SELECT state FROM entity WHERE id = ?1")?;
    let bytes: Option<Arc<[u8]>> =
        statement.query_row([key as i64], |row| Ok(Arc::from(row.get_ref(0)?.as_blob()?))).optional()?;
    bytes.map(|bytes| Ok((State::decode(&bytes)?, bytes))).transpose()
}

fn read_cached(cache: &Cache, disk: &Connection, key: u64) -> Result<Option<State>, Error> {
    if let Some(bytes) = cache.get(&key) {
        return State::decode(&bytes).map(Some);
    }
    Ok(read(disk, key)?.map(|(state, bytes)| {
        cache.insert(key, bytes);
        state
    }))
}

/// Writes a snapshot into the history file, in the order of keys, as one transaction.
pub(super) fn flush(disk: &mut Connection, snapshot: &Snapshot, cache: &Cache) -> Result<(), Error> {
    let transaction = disk.transaction()?;
    {
        let mut insert = transaction.prepare_cached(
            "INSERT INTO entity (id, state) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET state = excluded.state",
        )?;
        let mut bytes = Vec::new();
        let mut write = |key: u64, state: &State| -> Result<(), Error> {
            bytes.clear();
            state.encode(&mut bytes);
            insert.execute((key as i64, &bytes))?;
            cache.insert(key, Arc::from(bytes.as_slice()));
            Ok(())
        };
        for key in sorted(snapshot.deltas.by_entity.keys()) {
            let before = read(&transaction, key)?.map(|(state, _)| state);
            if let Some(state) = snapshot.deltas.add_to(key, before) {
                write(key, &state)?;
            }
        }
        for key in sorted(snapshot.states.keys()) {
            write(key, &snapshot.states[&key])?;
        }
        let mut insert =
            transaction.prepare_cached("INSERT OR IGNORE INTO posting (key, event) VALUES (?1, ?2)")?;
        for key in sorted(snapshot.postings.keys()) {
            for event in &snapshot.postings[&key] {
                insert.execute((key as i64, *event as i64))?;
            }
        }
    }
    transaction.execute("UPDATE checkpoint SET upto = ?1", [snapshot.upto as i64])?;
    transaction.commit()?;
    Ok(())
}

fn sorted<'a>(keys: impl Iterator<Item = &'a u64>) -> Vec<u64> {
    let mut keys: Vec<u64> = keys.copied().collect();
    keys.sort_unstable();
    keys
}

/// The kinds of entity that the event log can be searched by.
pub(super) const fn is_searchable(kind: EntityKind) -> bool {
    matches!(kind, EntityKind::User | EntityKind::Device | EntityKind::Ip | EntityKind::Mailbox)
}
