//! What golden cases have in common: a folder each below `fixtures/dialects/<dialect>/`, with files of JSON.
//!
//! `UPDATE_FIXTURES=1` writes what is found in place of comparing it; read every line of the difference before you keep it.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

/// The folder of a dialect's cases.
pub(crate) fn folder(dialect: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/dialects").join(dialect)
}

/// The folders of its cases.
pub(crate) fn folders(dialect: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder(dialect)).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.is_dir()).collect()
}

/// The names of its cases.
pub(crate) fn names(dialect: &str) -> BTreeSet<String> {
    folders(dialect).iter().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned()).collect()
}

/// A test for each case of a dialect, which `prove(&folder)` proves; and one that every folder has a test.
macro_rules! cases {
    ($dialect:literal, $($name:ident)+) => {
        $(
            #[tokio::test]
            async fn $name() {
                prove(&$crate::golden::folder($dialect).join(stringify!($name))).await;
            }
        )+

        #[test]
        fn every_case_is_proven() {
            let proven = [$(stringify!($name).to_owned()),+];
            assert_eq!($crate::golden::names($dialect), proven.into());
        }
    };
}
pub(crate) use cases;

/// The content of a file; none when it is not there.
pub(crate) fn read(path: &Path) -> Option<Value> {
    let text = fs::read_to_string(path).ok()?;
    Some(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

/// Fails unless the file has what was found, which is the same at every run.
pub(crate) fn compare(path: &Path, found: &Value) {
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        fs::write(path, format!("{found:#}\n")).unwrap();
        return;
    }
    let expected = read(path).unwrap_or_else(|| panic!("{} is missing", path.display()));
    assert_eq!(format!("{found:#}"), format!("{expected:#}"), "{}", path.display());
}
