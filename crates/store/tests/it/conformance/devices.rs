//! Devices are known again, whoever asks at the same time, and remember who was seen on them.

use domain::{EntityKind, EventType, Outcome, Realm};
use portcullis_domain as domain;
use portcullis_store::{
    Candidate, Chosen, Companions, DeviceClue, DeviceId, Error, Found, History, Matched, Recorded,
    SeenDevice, Sighting, Store, Submission,
};

use crate::support::{Bed, LIVE, OTHER, TEST, decision, submission, touch};

/// A device that tells `exact` and shares `key` with those that look like it. It is the one that told the same, else the
/// first one whose attributes begin alike.
fn sighting(exact: u64, key: u64) -> Sighting {
    let attributes = vec![key as u8, exact as u8];
    let choose = move |candidates: &[Candidate]| {
        let alike = |candidate: &Candidate| candidate.attributes.first() == Some(&(key as u8));
        let exactly = candidates.iter().position(|candidate| candidate.is_exact);
        let place = exactly.or_else(|| candidates.iter().position(alike))?;
        let matched = Matched { confidence: 0.9, attributes: vec!["canvas"] };
        Some(Chosen { place, matched })
    };
    Sighting {
        names: [format!("core {key}").into(), format!("exact {exact}").into()],
        keys: [exact, key].into_iter().collect(),
        attributes,
        choose: Box::new(choose),
    }
}

async fn submit(store: &Store, realm: Realm, user: &str, clue: DeviceClue) -> Result<Recorded, Error> {
    let companions = Companions { device: Some(clue), ..Companions::default() };
    let entities = [(EntityKind::User, user)];
    let entities = if user.is_empty() { &[][..] } else { &entities };
    let touch = touch(store, realm, EventType::DeviceRegistration, entities);
    let submission = Submission { companions: Some(Box::new(companions)), ..submission(touch) };
    let user = (!user.is_empty()).then(|| user.to_owned());
    let decide = move |history: &History<'_>| {
        let users =
            history.of(EntityKind::Device).map_or(0, |known| known.linked_with_this(EntityKind::User));
        let mut decision = decision(EventType::DeviceRegistration, history.at(), users, Outcome::Allow);
        decision.subject.user = user.map(Into::into);
        decision
    };
    store.of(realm).transact(submission, decide).await
}

async fn see(store: &Store, realm: Realm, user: &str, exact: u64, key: u64) -> (Found, i32) {
    let clue = DeviceClue::Seen(Box::new(sighting(exact, key)));
    match submit(store, realm, user, clue).await.unwrap() {
        Recorded::Now { decision, found, .. } => (*found.unwrap(), decision.assessment.score),
        recorded => panic!("{recorded:?}"),
    }
}

async fn device(store: &Store, realm: Realm, user: &str, exact: u64, key: u64) -> SeenDevice {
    see(store, realm, user, exact, key).await.0.device.unwrap()
}

#[tokio::test]
async fn a_device_is_new_once() {
    let bed = Bed::new();
    let store = bed.open();
    let first = device(&store, LIVE, "u1", 1, 1).await;
    assert!(first.is_new && first.times_seen == 1 && first.matched.is_none());
    bed.clock.advance(1_000);
    let again = device(&store, LIVE, "u1", 1, 1).await;
    assert_eq!((again.id, again.is_new, again.times_seen), (first.id, false, 2));
    assert_eq!(again.first_seen, first.first_seen);
    assert!(again.last_seen > first.last_seen);
    let other = device(&store, LIVE, "u1", 2, 2).await;
    assert!(other.is_new && other.id != first.id);
}

#[tokio::test]
async fn what_drifts_stays_and_is_then_known_by_both_looks() {
    let bed = Bed::new();
    let store = bed.open();
    let first = device(&store, LIVE, "u1", 1, 7).await;
    let drifted = device(&store, LIVE, "u1", 2, 7).await;
    assert_eq!((drifted.id, drifted.times_seen), (first.id, 2));
    assert!(drifted.matched.unwrap().confidence < 1.0);
    assert_eq!(device(&store, LIVE, "u1", 1, 9).await.id, first.id, "it told exactly this once");
}

#[tokio::test]
async fn devices_that_would_have_one_name_get_two() {
    let bed = Bed::new();
    let store = bed.open();
    let stranger = |exact| Sighting { choose: Box::new(|_| None), ..sighting(exact, 7) };
    let mut ids = Vec::new();
    for exact in 1..=5 {
        let clue = DeviceClue::Seen(Box::new(stranger(exact)));
        let Recorded::Now { found, .. } = submit(&store, LIVE, "u1", clue).await.unwrap() else { panic!() };
        let device = found.unwrap().device.unwrap();
        assert!(device.is_new && DeviceId::of_hash(&device.hash) == Some(device.id));
        ids.push(device.id);
    }
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 5);
}

#[tokio::test]
async fn remembers_who_was_seen_on_it() {
    let bed = Bed::new();
    let store = bed.open();
    assert_eq!(see(&store, LIVE, "u1", 1, 1).await.1, 1);
    assert_eq!(see(&store, LIVE, "u2", 1, 1).await.1, 2);
    assert_eq!(see(&store, LIVE, "", 1, 1).await.1, 2);
    let (found, linked) = see(&store, LIVE, "u1", 1, 1).await;
    assert_eq!(linked, 2);
    let users: Vec<_> = found.users.iter().map(|user| (user.user.as_str(), user.times_seen)).collect();
    assert_eq!(users, [("u1", 2), ("u2", 1)]);
    let id = found.device.unwrap().id;
    let (known, users) = store.of(LIVE).device(id).await.unwrap().unwrap();
    assert_eq!((known.times_seen, users), (4, found.users));
    for realm in [TEST, OTHER] {
        assert!(store.of(realm).device(id).await.unwrap().is_none());
        assert_ne!(device(&store, realm, "u1", 1, 1).await.id, id);
    }
}

#[tokio::test]
async fn simultaneous_first_sights_make_one_device() {
    let bed = Bed::new();
    let store = bed.open();
    let tasks: Vec<_> = (0..40)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move { device(&store, LIVE, &format!("u{number}"), 1, 1).await })
        })
        .collect();
    let mut seen = Vec::new();
    for task in tasks {
        seen.push(task.await.unwrap());
    }
    assert_eq!(seen.iter().filter(|device| device.is_new).count(), 1);
    assert!(seen.iter().all(|device| device.id == seen[0].id));
    let (known, users) = store.of(LIVE).device(seen[0].id).await.unwrap().unwrap();
    assert_eq!((known.times_seen, users.len()), (40, 40));
}

#[tokio::test]
async fn a_restart_and_a_crash_change_nothing() {
    let bed = Bed::new();
    let store = bed.open();
    let first = device(&store, LIVE, "u1", 1, 1).await;
    let copy = tempfile::tempdir().unwrap();
    let crashed = bed.open_crashed(copy.path());
    assert_eq!(see(&crashed, LIVE, "u2", 1, 1).await.1, 2);
    store.close().await.unwrap();
    drop(store);
    let store = bed.open();
    let (again, linked) = see(&store, LIVE, "u2", 1, 1).await;
    assert_eq!((again.device.unwrap().id, linked, again.users.len()), (first.id, 2, 2));
}

#[tokio::test]
async fn a_device_can_be_named() {
    let bed = Bed::new();
    let store = bed.open();
    let first = device(&store, LIVE, "u1", 1, 1).await;
    let named = async |realm, id| match submit(&store, realm, "u2", DeviceClue::Named(id)).await.unwrap() {
        Recorded::Now { decision, found, .. } => (found.unwrap().device, decision.assessment.score),
        recorded => panic!("{recorded:?}"),
    };
    let (known, linked) = named(LIVE, first.id).await;
    assert_eq!((known.unwrap().times_seen, linked), (1, 2), "it was not seen");
    assert_eq!(named(OTHER, first.id).await, (None, 0));
    let nobody = "dev_000000000000".parse().unwrap();
    assert_eq!(named(LIVE, nobody).await, (None, 0));
}

#[tokio::test]
async fn an_event_that_can_not_be_judged_leaves_no_device() {
    let bed = Bed::new();
    let store = bed.open();
    let companions =
        Companions { device: Some(DeviceClue::Seen(Box::new(sighting(1, 1)))), ..Companions::default() };
    let touch = touch(&store, LIVE, EventType::DeviceRegistration, &[]);
    let broken = Submission { companions: Some(Box::new(companions)), ..submission(touch) };
    let failed =
        store.of(LIVE).transact(broken, |_| -> domain::Decision { panic!("a rule is broken") }).await;
    assert!(matches!(failed, Err(Error::NotDecided)));
    assert!(device(&store, LIVE, "u1", 1, 1).await.is_new);
}

#[tokio::test]
async fn a_key_of_too_many_devices_is_left_out() {
    let bed = Bed::new();
    let store = bed.open();
    let stranger = |exact| Sighting { choose: Box::new(|_| None), ..sighting(exact, 7) };
    for exact in 1..=300 {
        let clue = DeviceClue::Seen(Box::new(stranger(exact)));
        submit(&store, LIVE, "u1", clue).await.unwrap();
    }
    let most = |candidates: &[Candidate]| {
        assert!(candidates.len() <= 1, "{}", candidates.len());
        None
    };
    let clue = DeviceClue::Seen(Box::new(Sighting { choose: Box::new(most), ..sighting(300, 7) }));
    submit(&store, LIVE, "u1", clue).await.unwrap();
}

#[test]
fn ids_are_read_as_they_are_written() {
    let id = DeviceId::of_hash("ffffffffffffffff0000000000000000").unwrap();
    assert_eq!(id.to_string().parse::<DeviceId>().unwrap(), id);
    assert_eq!(id.to_string().len(), "dev_a1b2c3d4e5f6".len());
    for text in ["", "dev_", "dev_A1B2C3D4E5F6", "dev_zzzzzzzzzzzz", "dev_a1b2c3d4e5f", "blk_a1b2c3d4e5f6"] {
        assert!(text.parse::<DeviceId>().is_err(), "{text}");
    }
    assert!(DeviceId::of_hash("xyz").is_none());
}
