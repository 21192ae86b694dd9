//! The one thread that writes: it takes the waiting requests as a batch and commits once for all of them.

use std::{
    collections::HashSet,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, mpsc as std_mpsc},
    time::Duration,
};

use arc_swap::ArcSwap;
use domain::{
    Decision, Dialect, EntityHasher, EntityKey, EntityKind, EventId, EventType, Outcome, PolicyId, Realm,
    SharedClock, Stopwatch, Timestamp,
};
use portcullis_domain as domain;
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior};
use smallvec::SmallVec;
use tokio::sync::{mpsc, oneshot};

use super::{
    files,
    memory::{Memory, Snapshot},
    posting, recovery,
    trouble::Trouble,
    usage::Tally,
};
use crate::{
    Answer, Error, Idempotency, Once, Recorded, Repeatable, Submission,
    companions::{Found, Means, Met},
    control::{self, Control, Outbox},
    follow_up::{self, Conclusion, FollowUps},
    history::{Happened, History, State, Touch},
    keys::{MasterKey, Sealer},
    record,
    sessions::DeviceRecord,
    tally::{Metric, Tallies},
};

/// The most events that share one commit: beyond this, waiting longer saves nothing.
const LARGEST_BATCH: usize = 256;

/// How long to wait for one more event that is expected.
const LONGEST_LULL: Duration = Duration::from_micros(40);

/// Changed entities take some 250 bytes each until they are flushed.
const FLUSH_AFTER_ENTITIES: usize = 400_000;

pub(super) type Decide = Box<dyn FnOnce(&History<'_>) -> Conclusion + Send>;
type Reply = oneshot::Sender<Result<Recorded, Error>>;
/// Changes what people configure; calls its second argument once the change is durable, before it tells its caller.
pub(super) type Change = Box<dyn FnOnce(&mut Connection, &dyn Fn(&Connection) -> Result<(), Error>) + Send>;

/// What the writer is asked to do.
pub(super) enum Job {
    /// Decide and record an event.
    Event(Box<EventJob>),
    /// Change what people configure.
    Change(Change),
    /// Tell what is known of these entities, in their order.
    Look(Vec<EntityKey>, oneshot::Sender<Result<Vec<Option<State>>, Error>>),
    /// Read again what people configured: another process changed it.
    Reload(oneshot::Sender<Result<(), Error>>),
    /// Write the history to disk soon, however little there is.
    FlushSoon,
    /// A flush has ended.
    Flushed,
    /// The write-ahead log was copied as far as that goes beside the commits: copy the rest.
    Checkpoint,
    /// Write everything out and stop.
    Close(oneshot::Sender<()>),
}

pub(super) struct EventJob {
    pub(super) realm: Realm,
    pub(super) submission: Submission,
    pub(super) decide: Decide,
    pub(super) reply: Reply,
}

pub(super) struct Writer {
    pub(super) jobs: mpsc::Receiver<Job>,
    pub(super) main: Connection,
    pub(super) memory: Memory,
    pub(super) control: Arc<ArcSwap<Control>>,
    pub(super) flushes: std_mpsc::Sender<Arc<Snapshot>>,
    pub(super) clock: SharedClock,
    pub(super) sealer: Sealer,
    pub(super) device_sealer: Sealer,
    pub(super) answer_sealer: Sealer,
    pub(super) hasher: EntityHasher,
    pub(super) key: MasterKey,
    pub(super) outbox: Outbox,
    pub(super) flush_after_events: usize,
    pub(super) last_id: EventId,
    pub(super) last_at: Timestamp,
    pub(super) known_policies: HashSet<PolicyId>,
    /// The last event that is durable; ids after it may be taken without an event.
    pub(super) last_recorded: EventId,
    pub(super) trouble: Arc<Trouble>,
    /// How many events were in hand when the last batch was committed.
    pub(super) expected: usize,
}

impl Writer {
    /// Works until it is told to close or nobody can ask any more.
    pub(super) fn run(mut self) {
        let mut batch = Vec::with_capacity(LARGEST_BATCH);
        let mut flush_soon = false;
        while let Some(first) = self.jobs.blocking_recv() {
            let mut closing = None;
            let mut next = Some(first);
            while let Some(job) = next {
                match job {
                    Job::Event(job) => batch.push(*job),
                    Job::Change(change) => {
                        // What was asked before a change is decided before it.
                        self.record(&mut batch);
                        self.change(change);
                    }
                    Job::Look(keys, reply) => {
                        // What was asked before is to be seen.
                        self.record(&mut batch);
                        let _ = reply.send(keys.into_iter().map(|key| self.look(key)).collect());
                    }
                    Job::Reload(reply) => {
                        let _ = reply.send(reload(&self.control, &self.main));
                    }
                    Job::FlushSoon => flush_soon = true,
                    Job::Flushed => self.memory.end_flush(),
                    Job::Checkpoint => self.checkpoint(),
                    Job::Close(reply) => {
                        closing = Some(reply);
                        break;
                    }
                }
                next = if batch.len() < LARGEST_BATCH { self.next_job(batch.len()) } else { None };
            }
            self.record(&mut batch);
            if let Some(closing) = closing {
                self.flush_and_wait();
                let _ = closing.send(());
                return;
            }
            if !self.memory.is_flushing() && (flush_soon || self.is_flush_due()) {
                flush_soon = false;
                self.begin_flush();
            }
        }
        self.flush_and_wait();
    }

    /// What else waits already. The callers that were just answered may come back at once: while fewer events are
    /// gathered than were in hand then, waits for them as long as they keep coming, because one commit for all is
    /// quicker than two.
    fn next_job(&mut self, gathered: usize) -> Option<Job> {
        if let Ok(job) = self.jobs.try_recv() {
            return Some(job);
        }
        if gathered >= self.expected {
            return None;
        }
        let lull = Stopwatch::start();
        while lull.elapsed() < LONGEST_LULL {
            std::thread::yield_now();
            if let Ok(job) = self.jobs.try_recv() {
                return Some(job);
            }
        }
        None
    }

    /// Decides and records the waiting events in one transaction, then answers all of them.
    fn record(&mut self, batch: &mut Vec<EventJob>) {
        if batch.is_empty() {
            return;
        }
        let stopwatch = Stopwatch::start();
        let size = batch.len();
        let (replies, results) = match self.record_all(batch.drain(..)) {
            Ok(done) => done,
            Err((replies, error)) => {
                self.memory.drop_batch();
                tracing::error!(%error, events = replies.len(), "events could not be written");
                let results = replies.iter().map(|_| Err(error.clone())).collect();
                (replies, results)
            }
        };
        metrics::counter!("portcullis_store_batches_total").increment(1);
        metrics::counter!("portcullis_store_batched_events_total").increment(size as u64);
        metrics::histogram!("portcullis_store_batch_seconds").record(stopwatch.elapsed());
        self.expected = size + self.jobs.len();
        for (reply, result) in replies.into_iter().zip(results) {
            // A caller that went away still has its event recorded.
            let _ = reply.send(result);
        }
    }

    #[allow(
        clippy::type_complexity,
        reason = "replies and results part ways only between these two functions"
    )]
    fn record_all(
        &mut self,
        batch: impl Iterator<Item = EventJob>,
    ) -> Result<(Vec<Reply>, Vec<Result<Recorded, Error>>), (Vec<Reply>, Error)> {
        let (jobs, replies): (Vec<_>, Vec<_>) = batch
            .map(|job| {
                let EventJob { realm, submission, decide, reply } = job;
                ((realm, submission, decide), reply)
            })
            .unzip();
        let write = || -> Result<Vec<Result<Recorded, Error>>, Error> {
            self.trouble.check()?;
            mend(&mut self.memory, &self.main)?;
            let transaction = Transaction::new_unchecked(&self.main, TransactionBehavior::Immediate)?;
            let mut step = Step {
                transaction: &transaction,
                memory: &mut self.memory,
                sealer: &self.sealer,
                device_sealer: &self.device_sealer,
                answer_sealer: &self.answer_sealer,
                hasher: &self.hasher,
                key: &self.key,
                outbox: &self.outbox,
                control: self.control.load(),
                known_policies: &mut self.known_policies,
                last_id: &mut self.last_id,
                now: after(self.last_at, self.clock.now()),
                new_policies: Vec::new(),
                usage: Tally::default(),
                tallies: Tallies::default(),
                buffer: Vec::with_capacity(2_048),
                touch_buffer: Vec::with_capacity(128),
            };
            self.last_at = step.now;
            let mut results = Vec::with_capacity(jobs.len());
            for (realm, submission, decide) in jobs {
                match step.take(realm, submission, decide) {
                    Err(error @ (Error::Full | Error::Failed(_) | Error::Damaged(_))) => return Err(error),
                    result => results.push(result),
                }
            }
            step.usage.write(step.transaction, step.now)?;
            step.tallies.write(step.transaction)?;
            let new_policies = step.new_policies;
            self.trouble.commit(transaction)?;
            self.last_recorded = self.last_id;
            self.known_policies.extend(new_policies);
            self.memory.keep_batch();
            Ok(results)
        };
        match write() {
            Ok(results) => Ok((replies, results)),
            Err(error) => Err((replies, error)),
        }
    }

    fn look(&mut self, key: EntityKey) -> Result<Option<State>, Error> {
        mend(&mut self.memory, &self.main)?;
        let state = self.memory.peek(key);
        self.memory.end_reads();
        state
    }

    fn change(&mut self, change: Change) {
        change(&mut self.main, &|main| reload(&self.control, main));
    }

    fn begin_flush(&mut self) {
        if self.memory.events_since_flush() == 0 {
            return;
        }
        if let Err(error) = mend(&mut self.memory, &self.main) {
            return tracing::error!(%error, "history can not be read again");
        }
        match self.memory.begin_flush(self.last_recorded) {
            // The flusher only ends after the writer: it can not be gone.
            Ok(snapshot) => drop(self.flushes.send(snapshot)),
            Err(error) => tracing::error!(%error, "history can not be set aside"),
        }
    }

    /// Waits for a flush under way, writes the rest, and empties the write-ahead log.
    fn flush_and_wait(&mut self) {
        for _ in 0..2 {
            while self.memory.is_flushing() {
                match self.jobs.blocking_recv() {
                    Some(Job::Flushed) => self.memory.end_flush(),
                    Some(_) => {}
                    None => return,
                }
            }
            self.begin_flush();
        }
        if let Err(error) = files::checkpoint(&self.main, "TRUNCATE") {
            tracing::warn!(%error, "the write-ahead log could not be emptied");
        }
    }

    fn is_flush_due(&self) -> bool {
        self.memory.events_since_flush() >= self.flush_after_events
            || self.memory.changed_entities() >= FLUSH_AFTER_ENTITIES
    }

    /// With nobody else writing, all of the log is copied after this, and it starts from its beginning again.
    fn checkpoint(&mut self) {
        if self.trouble.check().is_ok()
            && let Err(error) = files::checkpoint(&self.main, "PASSIVE")
        {
            self.trouble.after_checkpoint(&error);
        }
    }
}

/// Reads again what a failed batch spoiled.
fn mend(memory: &mut Memory, main: &Connection) -> Result<(), Error> {
    if let Some(upto) = memory.spoiled_after() {
        memory.begin_anew(recovery::read_lost(main, upto)?);
    }
    Ok(())
}

fn reload(control: &ArcSwap<Control>, main: &Connection) -> Result<(), Error> {
    let fresh = control::reload(main, &control.load());
    control.store(
        fresh.inspect_err(|error| tracing::error!(%error, "the configuration could not be read again"))?,
    );
    Ok(())
}

/// The time of the next event: the clock's, but never a little before the last event's, because simultaneous events must
/// count one another. A clock that was set back further was wrong before, and is believed: its windows would otherwise
/// stand still until it has caught up.
fn after(last: Timestamp, clock: Timestamp) -> Timestamp {
    const STEP_BACK_MS: i64 = 60_000;
    if last.millis_since(clock) > STEP_BACK_MS {
        tracing::warn!(
            millis = last.millis_since(clock),
            "the clock went back; events from its future do not count yet"
        );
        return clock;
    }
    last.max(clock)
}

/// What taking the events of one batch needs.
struct Step<'a> {
    transaction: &'a Transaction<'a>,
    memory: &'a mut Memory,
    sealer: &'a Sealer,
    device_sealer: &'a Sealer,
    answer_sealer: &'a Sealer,
    hasher: &'a EntityHasher,
    key: &'a MasterKey,
    outbox: &'a Outbox,
    control: arc_swap::Guard<Arc<Control>>,
    known_policies: &'a mut HashSet<PolicyId>,
    last_id: &'a mut EventId,
    now: Timestamp,
    new_policies: Vec<PolicyId>,
    usage: Tally,
    tallies: Tallies,
    buffer: Vec<u8>,
    touch_buffer: Vec<u8>,
}

impl Step<'_> {
    /// Decides and records one event, unless the same request was answered before.
    fn take(&mut self, realm: Realm, mut submission: Submission, decide: Decide) -> Result<Recorded, Error> {
        let answer = submission.answer.take();
        if let (Some(idempotency), Some(Answer(render))) = (submission.idempotency, answer) {
            let (tx, sealer, now) = (self.transaction, self.answer_sealer, self.now);
            submission.idempotency = None;
            let request = Repeatable { idempotency, render };
            let once = request.answer(tx, sealer, realm, now, || self.take_now(realm, submission, decide))?;
            return Ok(match once {
                Once::Now(recorded) => recorded,
                Once::Before(answer) => Recorded::Answered(answer),
            });
        }
        if let Some(idempotency) = &submission.idempotency
            && let Some(event) = self.earlier_answer(realm, idempotency)?
        {
            return event.map(Recorded::Before);
        }
        self.take_now(realm, submission, decide)
    }

    /// Decides and records one event, and adds it to the history that the next one sees.
    fn take_now(
        &mut self,
        realm: Realm,
        mut submission: Submission,
        decide: Decide,
    ) -> Result<Recorded, Error> {
        let at = submission.touch.at.unwrap_or(self.now);
        let companions = submission.companions.take();
        let met = match companions {
            Some(companions) => Some(self.means(realm).meet(*companions, &mut submission.touch, at)?),
            None => None,
        };
        let Conclusion { decision, follow_up } = self.decide(&submission.touch, met.as_ref(), at, decide)?;
        submission.touch.conclude(&decision);
        let touch = &submission.touch;
        let id = EventId::next(Some(*self.last_id), self.now);
        *self.last_id = id;
        self.remember_policy(&submission, decision.policy)?;
        self.insert(realm, id, touch, at, &decision)?;
        if let Some(idempotency) = &submission.idempotency {
            self.remember_key(realm, idempotency, id)?;
        }
        let mut found = match met {
            Some(met) => Some(Box::new(self.write_companions(realm, met, touch, &decision, (id, at))?)),
            None => None,
        };
        let attempt = found.as_ref().and_then(|found| found.attempt.as_ref());
        let event = follow_up::Recorded { id, realm, at, decision: &decision, attempt };
        if let Some(review) = self.follow_ups().write(&event, &follow_up)? {
            found.get_or_insert_default().review = Some(review);
        }
        self.usage.count(realm.tenant, decision.dialect);
        self.tally(realm, at, &decision);
        let keys = posting::keys(realm, decision.outcome(), touch);
        self.memory.apply(touch, Happened { id, at, outcome: decision.outcome() }, keys);
        if let Some(verdict) = touch.verdict {
            let sessions = self.record_of_device(touch, verdict.dialect);
            found.get_or_insert_default().sessions = sessions;
        }
        Ok(Recorded::Now { id, decision, found })
    }

    fn follow_ups(&mut self) -> FollowUps<'_> {
        FollowUps {
            tx: self.transaction,
            outbox: self.outbox,
            control: &self.control,
            tallies: &mut self.tallies,
        }
    }

    fn write_companions(
        &mut self,
        realm: Realm,
        met: Met,
        touch: &Touch,
        decision: &Decision,
        when: (EventId, Timestamp),
    ) -> Result<Found, Error> {
        let mut tallies = std::mem::take(&mut self.tallies);
        let found = self.means(realm).write(met, touch, decision, when, &mut tallies);
        self.tallies = tallies;
        found
    }

    /// For analytics.
    fn tally(&mut self, realm: Realm, at: Timestamp, decision: &Decision) {
        let (outcome, would) = (decision.outcome(), decision.assessment.would);
        let of_outcome = match outcome {
            Outcome::Allow => None,
            Outcome::Flag => Some(Metric::Flagged),
            Outcome::Challenge => Some(Metric::Challenged),
            Outcome::Review => Some(Metric::Reviewed),
            Outcome::Block => Some(Metric::Blocked),
        };
        let would_block =
            (would == Outcome::Block && outcome != Outcome::Block).then_some(Metric::WouldBlock);
        let is_verification = decision.event_type == EventType::Verification;
        let verification = is_verification.then_some(Metric::Verifications);
        let score = Metric::score(decision.dialect, decision.assessment.score);
        let metrics = [Some(Metric::Events), of_outcome, would_block, verification, Some(score)];
        for metric in metrics.into_iter().flatten() {
            self.tallies.count(realm, at, metric);
        }
    }

    fn means(&self, realm: Realm) -> Means<'_> {
        Means {
            tx: self.transaction,
            hasher: self.hasher,
            control: &self.control,
            device_sealer: self.device_sealer,
            key: self.key,
            realm,
        }
    }

    fn decide(
        &mut self,
        touch: &Touch,
        met: Option<&Met>,
        at: Timestamp,
        decide: Decide,
    ) -> Result<Conclusion, Error> {
        for (_, key) in touch.remembered() {
            self.memory.load(key)?;
        }
        let memory = &*self.memory;
        let states: SmallVec<[Option<&State>; 6]> =
            touch.remembered().map(|(_, key)| memory.state(key)).collect();
        let history = History::new(touch, at, &states, met);
        catch_unwind(AssertUnwindSafe(|| decide(&history))).map_err(|_| Error::NotDecided)
    }

    /// What became of the device's sessions, this event included.
    fn record_of_device(&self, touch: &Touch, dialect: Dialect) -> Option<DeviceRecord> {
        let (_, key) = touch.remembered().find(|(kind, _)| *kind == EntityKind::Device)?;
        self.memory.state(key)?.record(dialect).cloned()
    }

    fn insert(
        &mut self,
        realm: Realm,
        id: EventId,
        touch: &Touch,
        at: Timestamp,
        decision: &Decision,
    ) -> Result<(), Error> {
        self.touch_buffer.clear();
        touch.encode(at, id.recorded_at(), &mut self.touch_buffer);
        self.buffer.clear();
        record::encode(decision, id, self.sealer, &mut self.buffer)?;
        let mut insert = self.transaction.prepare_cached(
            "INSERT INTO event (id, realm, outcome, touch, body) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        insert.execute((
            id.as_u64() as i64,
            realm.code() as i64,
            decision.outcome() as u8,
            &self.touch_buffer,
            &self.buffer,
        ))?;
        Ok(())
    }

    fn remember_policy(&mut self, submission: &Submission, id: PolicyId) -> Result<(), Error> {
        if !self.known_policies.contains(&id) && !self.new_policies.contains(&id) {
            let mut insert =
                self.transaction.prepare_cached("INSERT OR IGNORE INTO policy (id, json) VALUES (?1, ?2)")?;
            insert.execute((id.0 as i64, &*submission.policy_json))?;
            self.new_policies.push(id);
        }
        Ok(())
    }

    /// The event that the same key was used for, or why it may not be used again.
    fn earlier_answer(
        &self,
        realm: Realm,
        idempotency: &Idempotency,
    ) -> Result<Option<Result<EventId, Error>>, Error> {
        let mut find = self
            .transaction
            .prepare_cached("SELECT body, event FROM idempotency WHERE realm = ?1 AND key = ?2")?;
        let found: Option<([u8; 16], i64)> = find
            .query_row((realm.code() as i64, idempotency.key), |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        Ok(found.map(|(body, event)| (body, EventId::from_u64(event as u64))).and_then(|(body, event)| {
            let is_fresh = self.now.millis_since(event.recorded_at()) < crate::IDEMPOTENCY_MS;
            is_fresh
                .then(|| if body == idempotency.body { Ok(event) } else { Err(Error::IdempotencyConflict) })
        }))
    }

    fn remember_key(&self, realm: Realm, idempotency: &Idempotency, id: EventId) -> Result<(), Error> {
        let mut insert = self.transaction.prepare_cached(
            "INSERT OR REPLACE INTO idempotency (realm, key, body, event) VALUES (?1, ?2, ?3, ?4)",
        )?;
        insert.execute((realm.code() as i64, idempotency.key, idempotency.body, id.as_u64() as i64))?;
        Ok(())
    }
}
