//! What is remembered of devices' sessions, and what clients reported of them.

use domain::{Dialect, EntityKind, EventId, EventType, Outcome, Place, Realm};
use portcullis_domain as domain;
use portcullis_store::{CLIENT_EVENTS_MS, DeviceRecord, Recorded, Store, Window};

use crate::support::{Bed, LIVE, OTHER, TEST, decision, key, submission, touch};

/// Judges a session of a device, with what the event's history said of its submissions and its last position.
async fn judge(
    store: &Store,
    realm: Realm,
    (device, session): (&str, &str),
    (score, band): (i32, u8),
) -> (EventId, DeviceRecord, (i64, Option<Place>)) {
    let entities = [
        (EntityKind::Device, device),
        (EntityKind::Session, session),
        (EntityKind::Realm, Dialect::Fraudsense.name()),
    ];
    let mut touch = touch(store, realm, EventType::Payment, &entities);
    touch.position = Some(Place { latitude: f64::from(score), longitude: 1.0 });
    let (tell, seen) = std::sync::mpsc::channel();
    let decide = move |history: &portcullis_store::History<'_>| {
        let submissions = history.of(EntityKind::Session).unwrap().events_of_any_type_with_this(Window::M1);
        let position = history.of(EntityKind::Device).unwrap().last_position();
        tell.send((submissions, position.map(|(_, place)| place))).unwrap();
        let mut decision = decision(EventType::Payment, history.at(), score.into(), Outcome::Allow);
        decision.dialect = Dialect::Fraudsense;
        decision.assessment.band = band;
        decision.assessment.labels = 1 << band;
        decision
    };
    match store.of(realm).transact(submission(touch), decide).await.unwrap() {
        Recorded::Now { id, found, .. } => (id, found.unwrap().sessions.unwrap(), seen.recv().unwrap()),
        recorded => panic!("{recorded:?}"),
    }
}

async fn record_of(store: &Store, realm: Realm, device: &str) -> Option<DeviceRecord> {
    let key = key(store, realm, EntityKind::Device, device);
    store.of(realm).device_record(key, Dialect::Fraudsense).await.unwrap()
}

#[tokio::test]
async fn the_answer_has_the_record_with_this_session_in_it() {
    let bed = Bed::new();
    let store = bed.open();
    let (_, first, seen) = judge(&store, LIVE, ("d1", "s1"), (80, 3)).await;
    assert_eq!((first.sessions, first.bands), (1, [0, 0, 0, 1]));
    assert_eq!(seen, (1, None));
    bed.clock.advance(1_000);
    let (_, second, seen) = judge(&store, LIVE, ("d1", "s2"), (10, 0)).await;
    assert_eq!((second.sessions, second.bands), (2, [1, 0, 0, 1]));
    assert_eq!(seen.1, Some(Place { latitude: 80.0, longitude: 1.0 }));
    let (_, again, seen) = judge(&store, LIVE, ("d1", "s1"), (0, 0)).await;
    assert_eq!((again.sessions, again.bands), (2, [2, 0, 0, 0]));
    assert_eq!(seen.0, 2, "submissions of this session");
    let (_, other, seen) = judge(&store, LIVE, ("d2", "s1"), (0, 0)).await;
    assert_eq!((other.sessions, seen.0), (1, 3), "a session id counts whatever the device");
    bed.clock.advance(60_000);
    assert_eq!(judge(&store, LIVE, ("d1", "s1"), (0, 0)).await.2.0, 1);
    assert_eq!(record_of(&store, LIVE, "d1").await.unwrap().sessions, 2);
    assert_eq!(record_of(&store, TEST, "d1").await, None);
    assert_eq!(record_of(&store, OTHER, "d1").await, None);
}

#[tokio::test]
async fn other_events_have_no_record() {
    let bed = Bed::new();
    let store = bed.open();
    let login = touch(&store, LIVE, EventType::Login, &[(EntityKind::Device, "d1")]);
    let decide =
        |history: &portcullis_store::History<'_>| decision(EventType::Login, history.at(), 1, Outcome::Allow);
    let recorded = store.of(LIVE).transact(submission(login), decide).await.unwrap();
    assert!(matches!(recorded, Recorded::Now { found: None, .. }));
    assert_eq!(record_of(&store, LIVE, "d1").await, None);
}

#[tokio::test]
async fn records_survive_flushes_restarts_and_crashes() {
    let bed = Bed::flushing_after(7);
    let store = bed.open();
    for n in 0..60 {
        bed.clock.advance(1_000);
        let session = format!("s{}", n % 56);
        judge(&store, LIVE, ("d1", &session), (n, (n % 4) as u8)).await;
    }
    let expected = record_of(&store, LIVE, "d1").await.unwrap();
    assert_eq!((expected.sessions, expected.recent.len()), (56 + 4, 50));
    let copy = tempfile::tempdir().unwrap();
    let crashed = bed.open_crashed(copy.path());
    assert_eq!(record_of(&crashed, LIVE, "d1").await.unwrap(), expected);
    store.close().await.unwrap();
    drop(store);
    assert_eq!(record_of(&bed.open(), LIVE, "d1").await.unwrap(), expected);
}

#[tokio::test]
async fn the_devices_seen_last_come_first() {
    let bed = Bed::flushing_after(20);
    let store = bed.open();
    let mut last = None;
    for n in (0..60).chain([30]) {
        last = Some(judge(&store, LIVE, (&format!("d{n}"), &format!("s{n}")), (n, 0)).await.0);
    }
    let devices = store.of(LIVE).recent_devices(Dialect::Fraudsense).await.unwrap();
    assert_eq!(devices.len(), 50);
    assert_eq!(devices[0], (key(&store, LIVE, EntityKind::Device, "d30"), last.unwrap()));
    assert_eq!(devices[1].0, key(&store, LIVE, EntityKind::Device, "d59"));
    let ids: Vec<EventId> = devices.iter().map(|&(_, id)| id).collect();
    let events = store.of(LIVE).find_events(ids.clone()).await.unwrap();
    assert_eq!(events.iter().map(|event| event.id).collect::<Vec<_>>(), ids);
    assert!(store.of(OTHER).find_events(ids).await.unwrap().is_empty());
    assert!(store.of(OTHER).recent_devices(Dialect::Fraudsense).await.unwrap().is_empty());
    assert!(store.of(LIVE).recent_devices(Dialect::Keyri).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_clients_report_is_kept_sealed_for_a_while() {
    let bed = Bed::new();
    let store = bed.open();
    let session = key(&store, LIVE, EntityKind::Session, "s1");
    for n in 0..3 {
        store.of(LIVE).add_client_report(session, format!("{{\"name\":\"jane {n}\"}}")).await.unwrap();
        bed.clock.advance(1_000);
    }
    let bodies = |reports: Vec<portcullis_store::ClientReport>| {
        reports.into_iter().map(|report| report.body).collect::<Vec<_>>()
    };
    let reports = store.of(LIVE).client_reports(session, 2).await.unwrap();
    assert_eq!(bodies(reports), [r#"{"name":"jane 0"}"#, r#"{"name":"jane 1"}"#]);
    assert!(store.of(TEST).client_reports(session, 2).await.unwrap().is_empty());
    for file in crate::support::files(bed.dir.path()) {
        let content = std::fs::read(file).unwrap();
        assert!(!content.windows(4).any(|window| window == b"jane"));
    }
    bed.clock.advance(CLIENT_EVENTS_MS - 2_000);
    assert_eq!(store.forget_old_client_reports().await.unwrap(), 1);
    assert_eq!(store.of(LIVE).client_reports(session, 9).await.unwrap().len(), 2);
}
