//! The thread that writes history to disk and copies the write-ahead logs, beside the commits.

use std::{
    path::PathBuf,
    sync::{Arc, mpsc as std_mpsc},
    time::Duration,
};

use rusqlite::Connection;
use tokio::sync::mpsc;

use super::{
    files,
    memory::{self, Cache, Snapshot},
    trouble::Trouble,
    writer::Job,
};

/// History that changed is written at the latest after this time, so that a restart after a quiet hour has little to
/// read again.
const FLUSH_AFTER: Duration = Duration::from_secs(30);

/// How often the write-ahead log is looked at.
const TICK: Duration = Duration::from_secs(1);

/// When this much waits in the write-ahead log it is copied into the file.
const CHECKPOINT_AFTER_BYTES: u64 = 64 << 20;

pub(super) struct Flusher {
    pub(super) snapshots: std_mpsc::Receiver<Arc<Snapshot>>,
    pub(super) writer: mpsc::WeakSender<Job>,
    pub(super) history: Connection,
    /// A connection of its own, for copying the log only.
    pub(super) main: Connection,
    pub(super) cache: Arc<Cache>,
    pub(super) data_dir: PathBuf,
    pub(super) trouble: Arc<Trouble>,
}

impl Flusher {
    /// Works until the writer is gone.
    pub(super) fn run(mut self) {
        let mut ticks_since_flush = 0;
        loop {
            match self.snapshots.recv_timeout(TICK) {
                Ok(snapshot) => {
                    self.flush(&snapshot);
                    ticks_since_flush = 0;
                }
                Err(std_mpsc::RecvTimeoutError::Disconnected) => return,
                Err(std_mpsc::RecvTimeoutError::Timeout) => ticks_since_flush += 1,
            }
            if ticks_since_flush * TICK.as_secs() >= FLUSH_AFTER.as_secs() {
                ticks_since_flush = 0;
                self.tell_writer(Job::FlushSoon);
            }
            if files::main_wal_bytes(&self.data_dir) > CHECKPOINT_AFTER_BYTES && self.trouble.check().is_ok()
            {
                self.checkpoint();
            }
        }
    }

    /// Copies the log beside the commits, then has the writer copy the little that was written meanwhile.
    fn checkpoint(&self) {
        match files::checkpoint(&self.main, "PASSIVE") {
            Ok(_) => self.tell_writer(Job::Checkpoint),
            Err(error) => self.trouble.after_checkpoint(&error),
        }
    }

    /// Writes the snapshot, however often that takes: what is in it is in no other place but the event log.
    fn flush(&mut self, snapshot: &Snapshot) {
        while let Err(error) = memory::flush(&mut self.history, snapshot, &self.cache) {
            tracing::error!(%error, "history could not be written; trying again");
            if self.writer.strong_count() == 0 {
                return;
            }
            std::thread::sleep(TICK);
        }
        self.tell_writer(Job::Flushed);
        if let Err(error) = files::checkpoint(&self.history, "PASSIVE") {
            tracing::warn!(%error, "the history's write-ahead log could not be copied");
        }
    }

    fn tell_writer(&self, job: Job) {
        if let Some(writer) = self.writer.upgrade() {
            // Fails only when the writer is gone.
            let _ = writer.blocking_send(job);
        }
    }
}
