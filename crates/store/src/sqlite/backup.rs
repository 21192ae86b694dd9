//! Copies of the data, taken while a server works on it.

use std::{
    fs::{self, File},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OpenFlags};

use super::files::{self, MAIN_FILE};
use crate::{OpenError, keys};

pub(crate) fn backup(data_dir: &Path, to: &Path) -> Result<(), OpenError> {
    let key_copy = key_beside(to);
    for file in [to, &key_copy] {
        refuse_existing(file)?;
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let main = Connection::open_with_flags(data_dir.join(MAIN_FILE), flags)?;
    main.busy_timeout(std::time::Duration::from_secs(30))?;
    let key = read(&data_dir.join(keys::KEY_FILE))?;
    // SQLite writes into a file that is there if it is empty. Nobody else may read it.
    File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(to)
        .map_err(|source| OpenError::Io { path: to.to_owned(), source })?;
    // A reader's snapshot, written out without its free pages; it holds up no writer.
    if let Err(error) = main.execute("VACUUM INTO ?1", [to.to_string_lossy()]) {
        let _ = fs::remove_file(to);
        return Err(error.into());
    }
    sync(to)?;
    keys::write_private(&key_copy, key.trim_ascii())
        .map_err(|source| OpenError::Io { path: key_copy, source })
}

pub(crate) fn restore(from: &Path, data_dir: &Path) -> Result<(), OpenError> {
    let io = |path: &Path, source| OpenError::Io { path: path.to_owned(), source };
    files::make_dir(data_dir)?;
    let main = data_dir.join(MAIN_FILE);
    let key = data_dir.join(keys::KEY_FILE);
    for file in [&main, &key] {
        refuse_existing(file)?;
    }
    let key_file = key_beside(from);
    let key_copy = read(&key_file)?;
    files::check(from, &key_file)?;
    let partial = data_dir.join("restoring.tmp");
    fs::copy(from, &partial).map_err(|source| io(from, source))?;
    sync(&partial)?;
    keys::write_private(&key, key_copy.trim_ascii()).map_err(|source| io(&key, source))?;
    fs::rename(&partial, &main).map_err(|source| io(&main, source))?;
    sync(data_dir)
}

fn key_beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".key");
    name.into()
}

fn refuse_existing(file: &Path) -> Result<(), OpenError> {
    if file.exists() {
        let source =
            std::io::Error::new(std::io::ErrorKind::AlreadyExists, "exists already, and is left as it is");
        return Err(OpenError::Io { path: file.to_owned(), source });
    }
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>, OpenError> {
    fs::read(path).map_err(|source| OpenError::Io { path: path.to_owned(), source })
}

fn sync(path: &Path) -> Result<(), OpenError> {
    let result = File::open(path).and_then(|file| file.sync_all());
    result.map_err(|source| OpenError::Io { path: path.to_owned(), source })
}
