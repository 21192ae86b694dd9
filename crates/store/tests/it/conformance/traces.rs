//! What events leave behind for the next ones: kept with the event, once, and apart for every realm and service.

use domain::{EntityKind, EventType, Mode, Outcome, Realm};
use portcullis_domain as domain;
use portcullis_store::{Companions, FoundTrace, History, NewTrace, Recorded, Store, Submission};

use crate::support::{Bed, LIVE, OTHER, TEST, decision, submission, touch};

/// Submits an envelope of `user` on the device that everybody calls `device`, seen by `service`.
async fn send(store: &Store, realm: Realm, service: u64, envelope: u8, user: &str) -> (FoundTrace, bool) {
    let trace = NewTrace {
        service,
        fingerprint: [envelope; 32],
        is_stale: false,
        device: b"device",
        note: Some(vec![envelope]),
        paint: Box::new(move |_, _, found| {
            let before = found.user.as_ref().map_or(0, |user| user.picture[0]);
            [vec![envelope], vec![before + 1]]
        }),
    };
    let companions = Companions { trace: Some(store.trace(realm.mode, trace)), ..Companions::default() };
    let touch = touch(store, realm, EventType::Login, &[(EntityKind::User, user)]);
    let submission = Submission { companions: Some(Box::new(companions)), ..submission(touch) };
    let decide = move |history: &History<'_>| {
        let replayed = i64::from(history.is_replayed() == Some(true));
        decision(EventType::Login, history.at(), replayed, Outcome::Allow)
    };
    match store.of(realm).transact(submission, decide).await.unwrap() {
        Recorded::Now { id, decision, found } => {
            assert_eq!(store.of(realm).event_note(id).await.unwrap(), Some(vec![envelope]));
            assert_eq!(store.of(OTHER).event_note(id).await.unwrap().is_some(), realm == OTHER);
            (found.unwrap().trace.unwrap(), decision.assessment.score == 1)
        }
        recorded => panic!("{recorded:?}"),
    }
}

#[tokio::test]
async fn an_envelope_is_known_again_in_its_realm_also_after_a_restart() {
    let bed = Bed::new();
    let store = bed.open();
    for (realm, is_known) in [(LIVE, false), (LIVE, true), (TEST, false), (OTHER, false)] {
        let (found, decided) = send(&store, realm, 1, 7, "u1").await;
        assert_eq!((found.is_replayed, decided), (is_known, is_known), "{realm:?}");
    }
    store.close().await.unwrap();
    drop(store);
    let store = bed.open();
    assert!(send(&store, LIVE, 1, 7, "u1").await.0.is_replayed);
}

#[tokio::test]
async fn of_two_equal_envelopes_at_once_exactly_one_is_the_first() {
    let bed = Bed::new();
    let store = bed.open();
    let both = tokio::join!(send(&store, LIVE, 1, 7, "u1"), send(&store, LIVE, 1, 7, "u1"));
    assert_ne!(both.0.0.is_replayed, both.1.0.is_replayed);
}

#[tokio::test]
async fn a_service_sees_what_it_saw_and_everybody_since_when() {
    let bed = Bed::new();
    let store = bed.open();
    let first = send(&store, LIVE, 1, 1, "u1").await.0;
    assert_eq!(first.user, None);
    let second = send(&store, LIVE, 1, 2, "u1").await.0;
    let user = second.user.unwrap();
    assert_eq!((user.picture.as_slice(), user.times_seen), (&[1][..], 1));
    assert_eq!(second.everywhere_since, first.everywhere_since);
    assert_eq!(send(&store, LIVE, 2, 3, "u1").await.0.user, None);
    let elsewhere = send(&store, OTHER, 3, 4, "u1").await.0;
    assert_eq!((elsewhere.user, elsewhere.everywhere_since), (None, first.everywhere_since));
    let trial = send(&store, Realm { mode: Mode::Test, ..LIVE }, 4, 5, "u1").await.0;
    assert_eq!(trial.user, None);
}

#[tokio::test]
async fn envelopes_are_forgotten_after_a_day() {
    let bed = Bed::new();
    let store = bed.open();
    send(&store, LIVE, 1, 7, "u1").await;
    bed.clock.advance(portcullis_store::REPLAY_MS);
    assert_eq!(store.forget_old_keys().await.unwrap(), 0);
    bed.clock.advance(1);
    assert_eq!(store.forget_old_keys().await.unwrap(), 1);
    assert!(!send(&store, LIVE, 1, 7, "u1").await.0.is_replayed);
}
