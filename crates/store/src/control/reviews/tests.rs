//! The queue's order and fences. What resolving does to events is tested through the API.

use domain::{EventId, Mode, Realm};

use super::{
    super::tests::{Fixture, admin},
    *,
};

/// Three reviews, oldest first.
const EVENTS: [EventId; 3] = [EventId::from_u64(7), EventId::from_u64(8), EventId::from_u64(9)];

async fn queue(f: &Fixture, realm: Realm) -> Vec<ReviewId> {
    f.store
        .write(move |tx| {
            EVENTS.map(|event| open(tx, realm, event, Timestamp::from_millis(5))).into_iter().collect()
        })
        .await
        .unwrap()
}

#[tokio::test]
async fn the_queue_is_read_newest_first() {
    let f = Fixture::new();
    let ours = Realm { tenant: f.tenant("ours").await, mode: Mode::Live };
    let ids = queue(&f, ours).await;
    let store = f.store.of(ours);
    let events = |reviews: Vec<Review>| reviews.iter().map(|review| review.id.event()).collect::<Vec<_>>();
    for status in [None, Some(ReviewStatus::Open)] {
        assert_eq!(events(store.reviews(status, None, 9).await.unwrap()), [EVENTS[2], EVENTS[1], EVENTS[0]]);
        assert_eq!(events(store.reviews(status, Some(ids[2]), 1).await.unwrap()), [EVENTS[1]]);
        assert_eq!(events(store.reviews_newer(status, ids[0], 1).await.unwrap()), [EVENTS[1]]);
        assert_eq!(events(store.reviews_newer(status, ids[0], 9).await.unwrap()), [EVENTS[2], EVENTS[1]]);
    }
    assert!(store.reviews(Some(ReviewStatus::Approved), None, 9).await.unwrap().is_empty());
    drop(store);
    let f = f.reopen().await;
    let review = f.store.of(ours).review(ids[1]).await.unwrap();
    assert_eq!((review.status, review.opened_at.as_millis(), review.notes), (ReviewStatus::Open, 5, None));
}

#[tokio::test]
async fn another_realm_does_not_find_a_review() {
    let f = Fixture::new();
    let ours = Realm { tenant: f.tenant("ours").await, mode: Mode::Live };
    let theirs = Realm { tenant: f.tenant("theirs").await, mode: Mode::Live };
    let ids = queue(&f, ours).await;
    for other in [theirs, Realm { mode: Mode::Test, ..ours }] {
        let store = f.store.of(other);
        assert!(store.reviews(None, None, 9).await.unwrap().is_empty());
        assert!(matches!(store.review(ids[0]).await, Err(Error::NotFound(_))));
        let refused = store.resolve_review(&admin(), ids[0], Finding::Fraud, None).await;
        assert!(matches!(refused, Err(Error::NotFound(_))));
    }
    assert_eq!(f.store.of(ours).review(ids[0]).await.unwrap().status, ReviewStatus::Open);
}

#[tokio::test]
async fn an_event_is_in_the_queue_once() {
    let f = Fixture::new();
    let realm = Realm { tenant: f.tenant("acme").await, mode: Mode::Live };
    queue(&f, realm).await;
    let again = f.store.write(move |tx| open(tx, realm, EVENTS[0], Timestamp::from_millis(6))).await;
    assert!(again.is_err());
}
