//! The embedded backend: SQLite, one writing thread with group commit, and history that follows in larger batches.

mod backup;
mod events;
mod files;
mod flusher;
mod memory;
mod posting;
mod readers;
mod recovery;
mod trouble;
mod usage;
mod writer;

use std::{
    collections::HashMap,
    fs::File,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock, mpsc as std_mpsc},
    thread,
};

use arc_swap::ArcSwap;
use domain::{EntityKey, EventId, Policy, PolicyId, Realm, SharedClock};
use portcullis_domain as domain;
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use self::files::MAIN_FILE;
pub use self::usage::Usage;
pub(crate) use self::{
    backup::{backup, restore},
    usage::usage,
};
use self::{
    memory::{Memory, Tail},
    readers::Readers,
    trouble::Trouble,
    writer::{Change, Decide, EventJob, Job, Writer},
};
use crate::{
    Error, OpenError, Options, Recorded, Submission,
    control::{self, Control, Labels, Lists, Outbox},
    history::State,
    keys::{KEY_FILE, MasterKey, Sealer},
    traces::{self, TraceKeys},
};

/// Requests that wait for the writer beyond this are made to wait outside, in their own tasks.
const LONGEST_QUEUE: usize = 4_096;

pub(crate) struct Backend {
    pub(crate) clock: SharedClock,
    pub(crate) key: MasterKey,
    jobs: mpsc::Sender<Job>,
    control: Arc<ArcSwap<Control>>,
    pub(crate) lists: Arc<Lists>,
    pub(crate) labels: Arc<Labels>,
    readers: Readers,
    tail: Arc<Tail>,
    sealer: Sealer,
    pub(crate) report_sealer: Sealer,
    pub(crate) answer_sealer: Sealer,
    pub(crate) device_sealer: Sealer,
    pub(crate) outbox: Outbox,
    pub(crate) trace_keys: Arc<TraceKeys>,
    policies: RwLock<HashMap<PolicyId, Arc<Policy>>>,
    threads: Mutex<Vec<thread::JoinHandle<()>>>,
    trouble: Arc<Trouble>,
    /// Held while the store is open, so that no second process writes to the same data.
    _lock: File,
}

/// Opens the main file beside a process that has the store open; makes it, with its key, when there is none.
pub(crate) fn open_main_beside(data_dir: &Path) -> Result<Connection, OpenError> {
    files::make_dir(data_dir)?;
    open_main_with_key(data_dir).map(|(main, _)| main)
}

/// Refuses data that is damaged, newer than this program, or sealed with another key than that beside it.
pub(crate) fn check(data_dir: &Path) -> Result<(), OpenError> {
    files::open_main_to_read(data_dir)?;
    files::check(&data_dir.join(MAIN_FILE), &data_dir.join(KEY_FILE))
}

pub(crate) fn open_main_to_read(data_dir: &Path) -> Result<Connection, OpenError> {
    files::open_main_to_read(data_dir)
}

fn open_main_with_key(data_dir: &Path) -> Result<(Connection, MasterKey), OpenError> {
    let is_new = !data_dir.join(MAIN_FILE).exists();
    let key = MasterKey::load(data_dir, is_new)?;
    let main = files::open_main(data_dir)?;
    files::tie_to_key(&main, &key, &data_dir.join(KEY_FILE))?;
    Ok((main, key))
}

pub(crate) fn count_events(data_dir: &Path) -> Result<u64, OpenError> {
    let main = files::open_main(data_dir)?;
    Ok(main.query_row("SELECT count(*) FROM event", [], |row| row.get::<_, i64>(0))? as u64)
}

impl Backend {
    pub(crate) fn open(options: Options) -> Result<Self, OpenError> {
        let data_dir = options.data_dir;
        files::make_dir(&data_dir)?;
        let lock = lock(&data_dir)?;
        let (main, key) = open_main_with_key(&data_dir)?;
        let last_id: i64 = main.query_row("SELECT coalesce(max(id), 0) FROM event", [], |row| row.get(0))?;
        let (mut history, upto) = files::open_history(&data_dir, &files::instance(&main)?, last_id)?;

        let cache = memory::new_cache(options.history_cache_bytes);
        let tail = Arc::new(Tail::default());
        let mut memory = Memory::new(
            files::read_history(&data_dir)?,
            EventId::from_u64(upto as u64),
            Arc::clone(&cache),
            Arc::clone(&tail),
        );
        let tail_events = recovery::read_tail(&main, &mut history, &cache, EventId::from_u64(upto as u64))?;

        let control = Arc::new(ArcSwap::from_pointee(control::load(&main)?));
        let lists = Arc::new(control::load_lists(&main, key.entity_hasher(), options.clock.now())?);
        let labels = Arc::new(control::load_labels(&main)?);
        let known_policies = known_policies(&main)?;
        let sealer = key.sealer("personal data")?;
        let report_sealer = key.sealer("client reports")?;
        let answer_sealer = key.sealer("answers")?;
        let device_sealer = key.sealer("device users")?;
        let outbox = Outbox::new(key.sealer("webhook messages")?, key.sealer("webhook secrets")?);
        let trace_keys = Arc::new(TraceKeys::new(&key)?);
        let (jobs, jobs_receiver) = mpsc::channel(LONGEST_QUEUE);
        let (flushes, snapshots) = std_mpsc::channel();
        if tail_events.events() > 0 {
            // The flusher takes it up as soon as it runs.
            let _ = flushes.send(memory.begin_with_tail(tail_events)?);
        }
        let trouble = Arc::new(Trouble::default());
        let flusher = flusher::Flusher {
            snapshots,
            writer: jobs.downgrade(),
            history,
            main: files::open_main(&data_dir)?,
            cache,
            data_dir: data_dir.clone(),
            trouble: Arc::clone(&trouble),
        };
        let last_id = EventId::from_u64(last_id as u64);
        let writer = Writer {
            jobs: jobs_receiver,
            main,
            memory,
            control: Arc::clone(&control),
            flushes,
            clock: Arc::clone(&options.clock),
            sealer: sealer.clone(),
            device_sealer: device_sealer.clone(),
            answer_sealer: answer_sealer.clone(),
            hasher: key.entity_hasher(),
            key: key.clone(),
            outbox: outbox.clone(),
            flush_after_events: options.flush_after_events,
            last_id,
            last_at: last_id.recorded_at(),
            known_policies: known_policies.keys().copied().collect(),
            last_recorded: last_id,
            trouble: Arc::clone(&trouble),
            expected: 0,
        };
        let threads =
            vec![spawn("store-writer", || writer.run())?, spawn("store-flusher", || flusher.run())?];
        Ok(Self {
            clock: options.clock,
            key,
            jobs,
            control,
            lists,
            labels,
            readers: Readers::new(data_dir.clone()),
            tail,
            sealer,
            report_sealer,
            answer_sealer,
            trace_keys,
            device_sealer,
            outbox,
            policies: RwLock::new(known_policies),
            threads: Mutex::new(threads),
            trouble,
            _lock: lock,
        })
    }

    pub(crate) fn control(&self) -> Arc<Control> {
        self.control.load_full()
    }

    /// Whether events and changes can still be written.
    pub(crate) fn check(&self) -> Result<(), Error> {
        self.trouble.check()
    }

    pub(crate) async fn transact(
        &self,
        realm: Realm,
        submission: Submission,
        decide: Decide,
    ) -> Result<Recorded, Error> {
        let (reply, answer) = oneshot::channel();
        self.ask(Job::Event(Box::new(EventJob { realm, submission, decide, reply }))).await?;
        answer.await.map_err(|_| Error::Closed)?
    }

    /// Runs `job` in a transaction of its own; what it changed is in [`Self::control`] when this returns.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&rusqlite::Transaction<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.write_then(job, |_| ()).await
    }

    /// The same; once the change is durable, `follow` brings what is kept in memory beside [`Self::control`] up to date,
    /// also when the caller went away.
    pub(crate) async fn write_then<T: Send + 'static>(
        &self,
        job: impl FnOnce(&rusqlite::Transaction<'_>) -> Result<T, Error> + Send + 'static,
        follow: impl FnOnce(&T) + Send + 'static,
    ) -> Result<T, Error> {
        let (reply, answer) = oneshot::channel();
        let trouble = Arc::clone(&self.trouble);
        let change: Change = Box::new(move |connection, reload| {
            // A change that is not in force yet, such as of a revoked key, must not look as if it were.
            let result = in_transaction(connection, &trouble, job)
                .inspect(follow)
                .and_then(|value| reload(connection).map(|()| value));
            // A caller that went away still has its change made.
            let _ = reply.send(result);
        });
        self.ask(Job::Change(change)).await?;
        answer.await.map_err(|_| Error::Closed)?
    }

    pub(crate) async fn read<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.readers.run(job).await
    }

    /// A thousand at a time, so that no event waits long for the rest.
    pub(crate) async fn forget_old_keys(&self) -> Result<usize, Error> {
        const AT_ONCE: usize = 1_000;
        let oldest = EventId::first_at(self.clock.now().plus_millis(-crate::IDEMPOTENCY_MS));
        let replayed = self.clock.now().plus_millis(-traces::REPLAY_MS);
        let mut forgotten = 0;
        loop {
            let (events, others) = self
                .write(move |transaction| {
                    let mut remove = transaction.prepare_cached(
                        "DELETE FROM idempotency WHERE (realm, key) IN
                             (SELECT realm, key FROM idempotency WHERE event < ?1 ORDER BY event LIMIT ?2)",
                    )?;
                    let events = remove.execute((oldest.as_u64() as i64, AT_ONCE as i64))?;
                    let answers = control::forget_answers(transaction, oldest, AT_ONCE)?;
                    Ok((events, [answers, traces::forget_replays(transaction, replayed, AT_ONCE)?]))
                })
                .await?;
            forgotten += events + others.iter().sum::<usize>();
            if others.into_iter().all(|others| others < AT_ONCE) && events < AT_ONCE {
                return Ok(forgotten);
            }
        }
    }

    /// Takes up what another process changed.
    pub(crate) async fn reload(&self) -> Result<(), Error> {
        let (reply, answer) = oneshot::channel();
        self.ask(Job::Reload(reply)).await?;
        answer.await.map_err(|_| Error::Closed)?
    }

    /// What is known of an entity.
    pub(crate) async fn look(&self, key: EntityKey) -> Result<Option<State>, Error> {
        Ok(self.look_all(vec![key]).await?.pop().flatten())
    }

    /// What is known of these entities, in their order. They are few: events wait meanwhile.
    pub(crate) async fn look_all(&self, keys: Vec<EntityKey>) -> Result<Vec<Option<State>>, Error> {
        let (reply, answer) = oneshot::channel();
        self.ask(Job::Look(keys, reply)).await?;
        answer.await.map_err(|_| Error::Closed)?
    }

    pub(crate) async fn close(&self) -> Result<(), Error> {
        let (reply, closed) = oneshot::channel();
        self.ask(Job::Close(reply)).await?;
        closed.await.map_err(|_| Error::Closed)?;
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        let join = move || threads.into_iter().for_each(|thread| drop(thread.join()));
        tokio::task::spawn_blocking(join).await.map_err(|_| Error::Closed)
    }

    async fn ask(&self, job: Job) -> Result<(), Error> {
        self.jobs.send(job).await.map_err(|_| Error::Closed)
    }
}

fn in_transaction<T>(
    connection: &mut Connection,
    trouble: &Trouble,
    job: impl FnOnce(&rusqlite::Transaction<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    trouble.check()?;
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let value = job(&transaction)?;
    trouble.commit(transaction)?;
    Ok(value)
}

fn lock(data_dir: &Path) -> Result<File, OpenError> {
    let path = data_dir.join("lock");
    let io = |source| OpenError::Io { path: path.clone(), source };
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(io)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(OpenError::Locked(data_dir.to_owned())),
        Err(std::fs::TryLockError::Error(source)) => Err(io(source)),
    }
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<thread::JoinHandle<()>, OpenError> {
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(run)
        .map_err(|source| OpenError::Io { path: PathBuf::from(name), source })
}

fn known_policies(main: &Connection) -> Result<HashMap<PolicyId, Arc<Policy>>, OpenError> {
    let mut statement = main.prepare("SELECT id, json FROM policy")?;
    let mut rows = statement.query([])?;
    let mut policies = HashMap::new();
    while let Some(row) = rows.next()? {
        let (id, json): (i64, String) = (row.get(0)?, row.get(1)?);
        policies.insert(PolicyId(id as u64), parse_policy(&json)?);
    }
    Ok(policies)
}

fn parse_policy(json: &str) -> Result<Arc<Policy>, Error> {
    serde_json::from_str(json).map(Arc::new).map_err(|_| Error::Damaged("policy"))
}
