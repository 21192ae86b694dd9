//! What the embedded backend promises of its files: crashes, restarts, backups, versions.

use std::path::Path;

use domain::{EntityKind, EventType};
use portcullis_domain as domain;
use portcullis_store::{EventQuery, KEY_FILE, OpenError, Store, Window};

use crate::support::{Bed, LIVE, copy_files, files, record, touch};

const DEVICES: usize = 7;

/// Records `events` logins in turn on a few devices by many users; each must see exactly the earlier ones.
async fn logins(store: &Store, first: usize, events: usize) {
    for index in first..first + events {
        let (user, device) = (format!("u{}", index % 50), format!("d{}", index % DEVICES));
        let entities = [(EntityKind::User, user.as_str()), (EntityKind::Device, device.as_str())];
        let touch = touch(store, LIVE, EventType::Login, &entities);
        let seen = record(store, LIVE, touch, |history| {
            history.of(EntityKind::Device).unwrap().events_with_this(EventType::Login, Window::H1)
        })
        .await
        .1;
        assert_eq!(seen as usize, index / DEVICES + 1, "event {index}");
    }
}

async fn recorded(store: &Store) -> usize {
    store.of(LIVE).list_events(EventQuery::newest(10_000)).await.unwrap().0.len()
}

#[tokio::test]
async fn history_survives_restarts_and_crashes_wherever_the_flush_stands() {
    for flush_after in [1, 10, 32_768] {
        let mut bed = Bed::flushing_after(flush_after);
        bed.history_cache_bytes = 4_096;
        let store = bed.open();
        logins(&store, 0, 300).await;
        let crashed = tempfile::tempdir().unwrap();
        let after_crash = bed.open_crashed(crashed.path());
        assert_eq!(recorded(&after_crash).await, 300);
        logins(&after_crash, 300, 30).await;
        store.close().await.unwrap();
        drop(store);
        let after_restart = bed.open();
        assert_eq!(recorded(&after_restart).await, 300);
        logins(&after_restart, 300, 30).await;
    }
}

#[tokio::test]
async fn a_lost_or_foreign_history_file_is_computed_anew() {
    let bed = Bed::flushing_after(10);
    let store = bed.open();
    logins(&store, 0, 100).await;
    store.close().await.unwrap();
    drop(store);
    let history = bed.dir.path().join("history.db");
    std::fs::write(&history, b"this is no database").unwrap();
    let store = bed.open();
    logins(&store, 100, 20).await;
    store.close().await.unwrap();
    drop(store);

    let other = Bed::flushing_after(1);
    let foreign = other.open();
    foreign.close().await.unwrap();
    drop(foreign);
    std::fs::copy(other.dir.path().join("history.db"), &history).unwrap();
    let store = bed.open();
    logins(&store, 120, 20).await;
    assert_eq!(recorded(&store).await, 140);
}

#[tokio::test]
async fn a_backup_under_load_restores_to_a_consistent_prefix() {
    let bed = Bed::flushing_after(10);
    let store = bed.open();
    logins(&store, 0, 100).await;
    let target = tempfile::tempdir().unwrap();
    let copy = target.path().join("copy.db");
    let (from, to) = (bed.dir.path().to_owned(), copy.clone());
    let backup = tokio::task::spawn_blocking(move || portcullis_store::backup(&from, &to));
    logins(&store, 100, 200).await;
    backup.await.unwrap().unwrap();

    let restored_dir = target.path().join("restored");
    portcullis_store::restore(&copy, &restored_dir).unwrap();
    let restored = Store::open(bed.options(&restored_dir)).unwrap();
    let events = recorded(&restored).await;
    assert!((100..=300).contains(&events), "{events}");
    logins(&restored, events, 30).await;
    assert!(
        matches!(portcullis_store::restore(&copy, &restored_dir), Err(OpenError::Io { .. })),
        "overwrites nothing"
    );
    assert!(
        matches!(portcullis_store::backup(&restored_dir, &copy), Err(OpenError::Io { .. })),
        "overwrites nothing"
    );
}

#[tokio::test]
async fn personal_data_is_in_no_file() {
    let bed = Bed::flushing_after(1);
    let store = bed.open();
    logins(&store, 0, 20).await;
    store.close().await.unwrap();
    for file in files(bed.dir.path()) {
        let bytes = std::fs::read(&file).unwrap();
        assert!(!bytes.windows(16).any(|window| window == b"jane@example.com"), "{}", file.display());
    }
}

fn set_schema_version(dir: &Path, version: u32) {
    let connection = rusqlite::Connection::open(dir.join("portcullis.db")).unwrap();
    connection.pragma_update(None, "user_version", version).unwrap();
}

#[tokio::test]
async fn what_can_not_be_opened_says_why() {
    let bed = Bed::new();
    let store = bed.open();
    assert!(matches!(Store::open(bed.options(bed.dir.path())), Err(OpenError::Locked(_))));
    store.close().await.unwrap();
    drop(store);

    let newer = tempfile::tempdir().unwrap();
    copy_files(bed.dir.path(), newer.path());
    set_schema_version(newer.path(), 99);
    let error = Store::open(bed.options(newer.path())).unwrap_err();
    assert!(matches!(error, OpenError::Newer { found: 99, .. }), "{error}");

    std::fs::remove_file(bed.dir.path().join(KEY_FILE)).unwrap();
    assert!(matches!(Store::open(bed.options(bed.dir.path())), Err(OpenError::KeyMissing(_))));
}

/// How many logins a device has had, this look included.
async fn logins_on_one_device(store: &Store, user: String) -> Option<i64> {
    let entities = [(EntityKind::User, user.as_str()), (EntityKind::Device, "d")];
    let submission = crate::support::submission(touch(store, LIVE, EventType::Login, &entities));
    let decide = |history: &portcullis_store::History<'_>| {
        let seen = history.of(EntityKind::Device).unwrap().events_with_this(EventType::Login, Window::H1);
        crate::support::decision(EventType::Login, history.at(), seen, domain::Outcome::Allow)
    };
    match store.of(LIVE).transact(submission, decide).await {
        Ok(portcullis_store::Recorded::Now { decision, .. }) => Some(i64::from(decision.assessment.score)),
        Ok(recorded) => panic!("{recorded:?}"),
        Err(_) => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_can_not_be_written_leaves_no_trace_in_the_counts() {
    for flush_after in [7, 32_768] {
        let bed = Bed::flushing_after(flush_after);
        let store = bed.open();
        let mut recorded = 0;
        for limit in [30, 45, 80] {
            let other = rusqlite::Connection::open(bed.dir.path().join("portcullis.db")).unwrap();
            other.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
            let trigger = format!(
                "CREATE TRIGGER no_room BEFORE INSERT ON event WHEN (SELECT count(*) FROM event) >= {limit}
                 BEGIN SELECT RAISE(ABORT, 'no room'); END"
            );
            other.execute_batch(&trigger).unwrap();
            let tasks: Vec<_> = (0..200)
                .map(|index| {
                    let store = store.clone();
                    tokio::spawn(async move { logins_on_one_device(&store, format!("u{index}")).await })
                })
                .collect();
            let mut refused = 0;
            for task in tasks {
                match task.await.unwrap() {
                    Some(_) => recorded += 1,
                    None => refused += 1,
                }
            }
            assert!(refused > 0 && recorded <= limit, "{recorded} of {limit}");
            other.execute_batch("DROP TRIGGER no_room").unwrap();
            recorded += 1;
            assert_eq!(logins_on_one_device(&store, "next".to_owned()).await, Some(recorded));
        }
        let crashed = tempfile::tempdir().unwrap();
        let after_crash = bed.open_crashed(crashed.path());
        assert_eq!(logins_on_one_device(&after_crash, "later".to_owned()).await, Some(recorded + 1));
        store.close().await.unwrap();
        drop(store);
        assert_eq!(logins_on_one_device(&bed.open(), "later".to_owned()).await, Some(recorded + 1));
    }
}
