//! What can go wrong with storage.

/// Why the store could not do what it was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The disk is full; nothing was written. Asking again works once there is room.
    #[error("the disk is full")]
    Full,
    /// Reading or writing failed; nothing was written.
    #[error("storage failed: {0}")]
    Failed(String),
    /// A stored value can not be read back.
    #[error("damaged data: {0}")]
    Damaged(&'static str),
    /// Something with this name is there already.
    #[error("{0} exists already")]
    Exists(&'static str),
    /// What the request names is not there, or is not this tenant's.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// There are as many of these as there may be.
    #[error("there may be at most {most} {what}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there may be.
        most: usize,
    },
    /// The tenant would have no admin left who may log in.
    #[error("the last admin can not go")]
    LastAdmin,
    /// The idempotency key was used before, with another body.
    #[error("the idempotency key was used with another body")]
    IdempotencyConflict,
    /// Judging the event failed; it was not recorded.
    #[error("the event could not be judged")]
    NotDecided,
    /// The store is closing.
    #[error("the store is closing")]
    Closed,
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::Full,
            _ => Self::Failed(error.to_string()),
        }
    }
}

impl From<portcullis_domain::varint::Damaged> for Error {
    fn from(_: portcullis_domain::varint::Damaged) -> Self {
        Self::Damaged("record")
    }
}

/// Why a data directory can not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process works on it.
    #[error("another portcullis works on {0}")]
    Locked(std::path::PathBuf),
    /// It was written by a newer version.
    #[error(
        "the data was written by a newer portcullis (schema {found}, this one knows {known}); install that version"
    )]
    Newer {
        /// The data's schema version.
        found: u32,
        /// The newest version this program knows.
        known: u32,
    },
    /// The key that seals personal data is missing, although there is data.
    #[error(
        "{0} is missing: without it the data can not be read; restore it from where the backup's key is kept"
    )]
    KeyMissing(std::path::PathBuf),
    /// The key is one, but not the one that this data is sealed with.
    #[error("{0} is not the key of this data; restore the one that belongs to it")]
    KeyWrong(std::path::PathBuf),
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    Io {
        /// Which file.
        path: std::path::PathBuf,
        /// What went wrong.
        source: std::io::Error,
    },
    /// The database could not be read or written.
    #[error("{0}")]
    Database(#[from] rusqlite::Error),
    /// The data is there and can not be used.
    #[error(transparent)]
    Store(#[from] Error),
}
