//! What is known of the disk: after a failed sync nobody can tell what is on it, and a second sync may claim success for
//! what the first one lost. So nothing more is written until a restart reads it anew.

use std::sync::OnceLock;

use rusqlite::{ErrorCode, Transaction};

use crate::Error;

/// The failure that ended all writing, if there was one.
#[derive(Debug, Default)]
pub(super) struct Trouble(OnceLock<Error>);

impl Trouble {
    /// Whether anything may be written.
    pub(super) fn check(&self) -> Result<(), Error> {
        self.0.get().map_or(Ok(()), |error| Err(error.clone()))
    }

    /// Commits; a failure other than for want of room ends all writing.
    pub(super) fn commit(&self, transaction: Transaction<'_>) -> Result<(), Error> {
        transaction.commit().map_err(|error| {
            let error = Error::from(error);
            if matches!(error, Error::Failed(_)) {
                self.end_writing(error.clone());
            }
            error
        })
    }

    /// The write-ahead log could not be copied into the file; had its sync failed, the log must not be let go of.
    pub(super) fn after_checkpoint(&self, error: &rusqlite::Error) {
        tracing::warn!(%error, "the write-ahead log could not be copied");
        if error.sqlite_error_code() == Some(ErrorCode::SystemIoFailure) {
            self.end_writing(Error::Failed(error.to_string()));
        }
    }

    fn end_writing(&self, error: Error) {
        tracing::error!(%error, "the disk can not be relied on; nothing more is written until a restart");
        let _ = self.0.set(error);
    }
}
