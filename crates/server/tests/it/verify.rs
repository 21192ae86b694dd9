//! `verify` and `audit verify`: what is whole, what was altered, and what is damaged.

use std::{fs, path::Path};

use crate::process::{Ended, Server, Tenant, portcullis, run, serve};

fn verify(data: &Path) -> Ended {
    run(&mut portcullis(["verify", "--data-dir", data.to_str().unwrap()]), "")
}

fn verify_audit(data: &Path) -> Ended {
    run(&mut portcullis(["audit", "verify", "--data-dir", data.to_str().unwrap()]), "")
}

#[track_caller]
fn assert_refused(ended: &Ended, word: &str) {
    assert_eq!((ended.code, ended.out.as_str()), (Some(1), ""), "{ended:?}");
    assert!(ended.err.contains(word), "no `{word}` in {ended:?}");
}

/// Writes `new` wherever the file has `old`; gives how often.
fn replace(file: &Path, old: &[u8], new: &[u8]) -> usize {
    assert_eq!(old.len(), new.len());
    let mut bytes = fs::read(file).unwrap();
    let places: Vec<_> = (0..bytes.len() - old.len()).filter(|&at| bytes[at..].starts_with(old)).collect();
    for &at in &places {
        bytes[at..at + new.len()].copy_from_slice(new);
    }
    fs::write(file, bytes).unwrap();
    places.len()
}

#[tokio::test]
async fn what_is_whole_is_told_beside_a_server_and_without() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    assert_refused(&verify(&data), "portcullis.db");
    assert_refused(&verify_audit(&data), "portcullis.db");
    assert!(!data.exists(), "nothing is made by looking");

    let server = Server::start(serve(&data, &[]));
    let mut client = server.connect().await;
    Tenant::create(&mut client, "checked").await;
    let is_whole = || {
        for ended in [verify(&data), verify_audit(&data)] {
            assert_eq!(ended.code, Some(0), "{ended:?}");
            assert!(ended.err.contains("The audit log is whole: "), "{ended:?}");
        }
    };
    is_whole();
    assert_eq!(server.stop().await, Some(0));
    is_whole();

    let key = fs::read(data.join("master.key")).unwrap();
    fs::write(data.join("master.key"), "0".repeat(64)).unwrap();
    assert_refused(&verify(&data), "master.key");
    fs::write(data.join("master.key"), key).unwrap();
    is_whole();
}

#[tokio::test]
async fn an_altered_line_and_a_damaged_page_are_told() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let server = Server::start(serve(&data, &[]));
    let mut client = server.connect().await;
    Tenant::create(&mut client, "checked").await;
    assert_eq!(server.stop().await, Some(0));

    let file = data.join("portcullis.db");
    let (before, after) = (br#""status":"active""#, br#""status":"ACTIVE""#);
    assert!(replace(&file, before, after) > 0, "a client is in the audit log with its status");
    assert_refused(&verify_audit(&data), "the audit log is broken: line ");
    assert_refused(&verify(&data), "the audit log is broken: line ");
    replace(&file, after, before);
    assert_eq!(verify(&data).code, Some(0));

    let mut bytes = fs::read(&file).unwrap();
    let page = 4_096;
    for at in (2 * page)..(bytes.len() - page) {
        bytes[at] ^= 0x5a;
    }
    fs::write(&file, bytes).unwrap();
    assert_refused(&verify(&data), "the data can not be used");
}
