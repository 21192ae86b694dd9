//! One key, one event, for 24 hours.

use std::collections::HashSet;

use domain::{EntityKind, EventId, EventType, Outcome, Realm};
use portcullis_domain as domain;
use portcullis_store::{Error, IDEMPOTENCY_MS, Idempotency, Recorded, Store, Window};

use crate::support::{Bed, LIVE, OTHER, decision, record, submission, touch};

async fn post(store: &Store, realm: Realm, key: u8, body: u8) -> Result<(EventId, bool), Error> {
    let mut submission = submission(touch(store, realm, EventType::Signup, &[(EntityKind::Device, "d1")]));
    submission.idempotency = Some(Idempotency { key: [key; 16], body: [body; 16] });
    let decide = |history: &portcullis_store::History<'_>| {
        decision(EventType::Signup, history.at(), 0, Outcome::Allow)
    };
    store.of(realm).transact(submission, decide).await.map(|recorded| match recorded {
        Recorded::Now { id, .. } => (id, true),
        Recorded::Before(id) => (id, false),
        recorded @ Recorded::Answered(_) => panic!("{recorded:?}"),
    })
}

async fn signups(store: &Store) -> i64 {
    let touch = touch(store, LIVE, EventType::Login, &[(EntityKind::Device, "d1")]);
    let look = |history: &portcullis_store::History<'_>| {
        history.of(EntityKind::Device).unwrap().events_with_this(EventType::Signup, Window::D7)
    };
    record(store, LIVE, touch, look).await.1
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_with_one_key_are_one_event() {
    let bed = Bed::new();
    let store = bed.open();
    let tasks: Vec<_> = (0..64)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { post(&store, LIVE, 1, 1).await.unwrap() })
        })
        .collect();
    let mut ids = HashSet::new();
    let mut recorded_now = 0;
    for task in tasks {
        let (id, now) = task.await.unwrap();
        ids.insert(id);
        recorded_now += usize::from(now);
    }
    assert_eq!((ids.len(), recorded_now), (1, 1));
    assert_eq!(signups(&store).await, 1);
}

#[tokio::test]
async fn another_body_is_a_conflict_and_another_tenant_is_not() {
    let bed = Bed::new();
    let store = bed.open();
    let (first, _) = post(&store, LIVE, 1, 1).await.unwrap();
    assert!(matches!(post(&store, LIVE, 1, 2).await, Err(Error::IdempotencyConflict)));
    assert_eq!(post(&store, LIVE, 1, 1).await.unwrap(), (first, false));
    assert!(post(&store, LIVE, 2, 2).await.unwrap().1);
    assert!(post(&store, OTHER, 1, 2).await.unwrap().1);
    assert_eq!(signups(&store).await, 2);
}

#[tokio::test]
async fn keys_are_forgotten_after_a_day_and_survive_a_restart_until_then() {
    let bed = Bed::new();
    let store = bed.open();
    let (first, _) = post(&store, LIVE, 1, 1).await.unwrap();
    store.close().await.unwrap();
    drop(store);
    let store = bed.open();
    bed.clock.advance(IDEMPOTENCY_MS - 1);
    assert_eq!(post(&store, LIVE, 1, 1).await.unwrap(), (first, false));
    assert_eq!(store.forget_old_keys().await.unwrap(), 0);
    bed.clock.advance(2);
    assert_eq!(store.forget_old_keys().await.unwrap(), 1);
    assert!(post(&store, LIVE, 1, 2).await.unwrap().1, "a day later the key is free again");
}
