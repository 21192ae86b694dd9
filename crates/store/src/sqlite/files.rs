//! The two database files: opening, versions, and the connections' settings.

use std::{
    fs::DirBuilder,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OpenFlags, OptionalExtension as _, config::DbConfig};

use crate::{OpenError, keys::MasterKey};

/// The truth.
pub(super) const MAIN_FILE: &str = "portcullis.db";
/// What is computed from it.
pub(super) const HISTORY_FILE: &str = "history.db";

/// One entry per schema version; only ever append.
const MIGRATIONS: &[&str] = &[
    concat!(include_str!("schema.sql"), include_str!("../control/schema.sql")),
    concat!(include_str!("usage.sql"), include_str!("../control/list_entry.sql")),
    include_str!("client_event.sql"),
    include_str!("../control/custom_rule.sql"),
    include_str!("../control/answer.sql"),
    include_str!("../control/velocity_rule.sql"),
    include_str!("../devices/device.sql"),
    include_str!("../tally/tally.sql"),
    include_str!("../control/webhook.sql"),
    include_str!("../duplicates/duplicates.sql"),
    include_str!("../control/trust_model.sql"),
    include_str!("../control/custom_rule_enforcement.sql"),
    concat!(include_str!("../control/signal.sql"), include_str!("../control/review.sql")),
    include_str!("../control/velocity_rule_enforcement.sql"),
    concat!(
        include_str!("../control/keyri_services/keyri_service.sql"),
        include_str!("../traces/traces.sql")
    ),
    include_str!("../control/enrollment.sql"),
    include_str!("../control/api_key_expiry.sql"),
];

/// A change of this number makes every history file be computed anew.
const HISTORY_VERSION: u32 = 3;

/// Makes the data directory, which nobody else may look into, when there is none.
pub(super) fn make_dir(data_dir: &Path) -> Result<(), OpenError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(data_dir);
    made.map_err(|source| OpenError::Io { path: data_dir.to_owned(), source })
}

/// Opens the main file for writing, creates it when missing, and brings its schema up to date.
pub(super) fn open_main(data_dir: &Path) -> Result<Connection, OpenError> {
    let mut connection = Connection::open(data_dir.join(MAIN_FILE))?;
    refuse_newer(&connection)?;
    tune(&connection, "FULL")?;
    migrate(&mut connection)?;
    Ok(connection)
}

fn refuse_newer(connection: &Connection) -> Result<(), OpenError> {
    let found = user_version(connection)?;
    let known = MIGRATIONS.len() as u32;
    if found > known { Err(OpenError::Newer { found, known }) } else { Ok(()) }
}

/// Each step and its version number are one transaction, so an interrupted migration goes on where it stopped.
fn migrate(connection: &mut Connection) -> Result<(), OpenError> {
    let done = user_version(connection)? as usize;
    for (index, migration) in MIGRATIONS.iter().enumerate().skip(done) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(migration)?;
        if index == 0 {
            transaction.execute("INSERT INTO meta VALUES ('instance', lower(hex(randomblob(16))))", [])?;
        }
        transaction.pragma_update(None, "user_version", index as u32 + 1)?;
        transaction.commit()?;
    }
    Ok(())
}

fn user_version(connection: &Connection) -> rusqlite::Result<u32> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// The random name of this data set, which ties the history file to it.
pub(super) fn instance(main: &Connection) -> rusqlite::Result<String> {
    main.query_row("SELECT value FROM meta WHERE name = 'instance'", [], |row| row.get(0))
}

/// Ties the data to the key in `file`, or refuses another key than the one it is tied to.
pub(super) fn tie_to_key(main: &Connection, key: &MasterKey, file: &Path) -> Result<(), OpenError> {
    if !check_key(main, key, file)? {
        main.execute("INSERT INTO meta VALUES ('key', ?1)", [key.fingerprint()])?;
    }
    Ok(())
}

/// Refuses the key in `file` when the data is tied to another; `false` when it is tied to none yet.
pub(super) fn check_key(main: &Connection, key: &MasterKey, file: &Path) -> Result<bool, OpenError> {
    let mut find = main.prepare("SELECT value FROM meta WHERE name = 'key'")?;
    let known: Option<String> = find.query_row([], |row| row.get(0)).optional()?;
    match known {
        Some(known) if known != key.fingerprint() => Err(OpenError::KeyWrong(file.to_owned())),
        known => Ok(known.is_some()),
    }
}

/// Opens the history file for writing. One that is of another version, of other data, or ahead of `last_event` is
/// thrown away. Returns the last event that it has, 0 when it starts anew.
pub(super) fn open_history(
    data_dir: &Path,
    instance: &str,
    last_event: i64,
) -> Result<(Connection, i64), OpenError> {
    let path = data_dir.join(HISTORY_FILE);
    if let Some(found) = open_valid_history(&path, instance, last_event)? {
        return Ok(found);
    }
    for suffix in ["", "-wal", "-shm"] {
        let file = PathBuf::from(format!("{}{suffix}", path.display()));
        match std::fs::remove_file(&file) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                return Err(OpenError::Io { path: file, source });
            }
            _ => {}
        }
    }
    let mut connection = Connection::open(&path)?;
    tune(&connection, "NORMAL")?;
    let transaction = connection.transaction()?;
    transaction.execute_batch(include_str!("history.sql"))?;
    transaction.execute("INSERT INTO checkpoint VALUES (1, ?1, 0)", [instance])?;
    transaction.pragma_update(None, "user_version", HISTORY_VERSION)?;
    transaction.commit()?;
    Ok((connection, 0))
}

fn open_valid_history(
    path: &Path,
    instance: &str,
    last_event: i64,
) -> Result<Option<(Connection, i64)>, OpenError> {
    if !path.exists() {
        return Ok(None);
    }
    let connection = Connection::open(path)?;
    let is_valid = || -> rusqlite::Result<Option<i64>> {
        tune(&connection, "NORMAL")?;
        if user_version(&connection)? != HISTORY_VERSION {
            return Ok(None);
        }
        let (known, upto): (String, i64) =
            connection.query_row("SELECT instance, upto FROM checkpoint", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        Ok((known == instance && upto <= last_event).then_some(upto))
    };
    // Whatever is wrong with it, it can be computed again.
    let upto = is_valid().unwrap_or_else(|error| {
        tracing::warn!(%error, "the history file can not be used and is computed anew");
        None
    });
    Ok(upto.map(|upto| (connection, upto)))
}

/// A reading connection to the history file alone.
pub(super) fn read_history(data_dir: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(data_dir.join(HISTORY_FILE), read_only())?;
    plan_once(&connection)?;
    connection.pragma_update(None, "cache_size", -65_536)?;
    Ok(connection)
}

/// A reading connection to both files.
pub(super) fn read_all(data_dir: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(data_dir.join(MAIN_FILE), read_only())?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    let history = data_dir.join(HISTORY_FILE);
    connection.execute("ATTACH ?1 AS history", [history.to_string_lossy()])?;
    plan_once(&connection)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

const fn read_only() -> OpenFlags {
    // A read-only open could not create the shared-memory file that WAL needs; `query_only` guards instead.
    OpenFlags::SQLITE_OPEN_READ_WRITE.union(OpenFlags::SQLITE_OPEN_NO_MUTEX)
}

/// Keeps the plan of a prepared statement. SQLite would otherwise parse one that has a range in it anew for each new value
/// of its parameters, in the hope of a better plan.
fn plan_once(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop)
}

fn tune(connection: &Connection, synchronous: &str) -> rusqlite::Result<()> {
    plan_once(connection)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    // Checkpoints are made beside the commits, never inside one.
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "journal_size_limit", 64 << 20)?;
    connection.pragma_update(None, "cache_size", -32_768)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// Copies the write-ahead log of a file into it as far as readers allow; `true` when all of it was copied.
pub(super) fn checkpoint(connection: &Connection, mode: &str) -> rusqlite::Result<bool> {
    connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| {
        let (busy, frames, copied): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(busy == 0 && frames == copied)
    })
}

/// The size of the main file's write-ahead log in bytes.
pub(super) fn main_wal_bytes(data_dir: &Path) -> u64 {
    std::fs::metadata(data_dir.join(format!("{MAIN_FILE}-wal"))).map_or(0, |file| file.len())
}

/// Refuses a file that is damaged, was written by a newer version, or belongs to another key than that in `key_file`.
pub(super) fn check(file: &Path, key_file: &Path) -> Result<(), OpenError> {
    let key = MasterKey::read(key_file)?;
    let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    refuse_newer(&connection)?;
    check_key(&connection, &key, key_file)?;
    let verdict: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" {
        return Ok(());
    }
    let source = std::io::Error::new(std::io::ErrorKind::InvalidData, format!("is damaged: {verdict}"));
    Err(OpenError::Io { path: file.to_owned(), source })
}

/// Opens the main file for reading, whether or not a process works on it. One of an older version is read too.
pub(super) fn open_main_to_read(data_dir: &Path) -> Result<Connection, OpenError> {
    let file = data_dir.join(MAIN_FILE);
    if let Err(source) = std::fs::metadata(&file) {
        return Err(OpenError::Io { path: file, source });
    }
    let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    refuse_newer(&connection)?;
    Ok(connection)
}
