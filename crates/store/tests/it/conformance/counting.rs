//! Each event sees all earlier ones, exactly once, and itself.

use domain::{EntityKind, EventType, Outcome};
use portcullis_domain as domain;
use portcullis_store::{Store, Window};

use crate::support::{Bed, LIVE, OTHER, TEST, record, record_as, touch};

const ENTITIES: [(EntityKind, &str); 3] =
    [(EntityKind::User, "u1"), (EntityKind::Device, "d1"), (EntityKind::Ip, "192.0.2.1")];

async fn signups_on_device(store: &Store, realm: domain::Realm) -> i64 {
    let touch = touch(store, realm, EventType::Signup, &ENTITIES);
    record(store, realm, touch, |history| {
        history.of(EntityKind::Device).unwrap().events_with_this(EventType::Signup, Window::H1)
    })
    .await
    .1
}

#[tokio::test(flavor = "multi_thread")]
async fn simultaneous_signups_on_one_device_count_one_to_n() {
    const N: i64 = 200;
    let bed = Bed::flushing_after(16);
    let store = bed.open();
    let tasks: Vec<_> = (0..N)
        .map(|index| {
            let store = store.clone();
            tokio::spawn(async move {
                let user = format!("user-{index}");
                let entities = [
                    (EntityKind::User, user.as_str()),
                    (EntityKind::Device, "d1"),
                    (EntityKind::Ip, "192.0.2.1"),
                ];
                let touch = touch(&store, LIVE, EventType::Signup, &entities);
                record(&store, LIVE, touch, |history| {
                    let (device, ip) =
                        (history.of(EntityKind::Device).unwrap(), history.of(EntityKind::Ip).unwrap());
                    let counts = [
                        device.linked_with_this(EntityKind::User),
                        ip.linked_with_this(EntityKind::User),
                        device.events_with_this(EventType::Signup, Window::H24),
                        ip.events_with_this(EventType::Signup, Window::M1),
                        ip.linked_in_window_with_this(EntityKind::User, EventType::Signup, Window::M10),
                        device.total_with_this(),
                    ];
                    assert!(counts.iter().all(|&count| count == counts[0]), "{counts:?}");
                    counts[0]
                })
                .await
                .1
            })
        })
        .collect();
    let mut counts = Vec::new();
    for task in tasks {
        counts.push(task.await.unwrap());
    }
    counts.sort_unstable();
    assert_eq!(counts, (1..=N).collect::<Vec<_>>());
}

#[tokio::test]
async fn realms_share_nothing() {
    let bed = Bed::new();
    let store = bed.open();
    for realm in [LIVE, TEST, OTHER] {
        assert_eq!(signups_on_device(&store, realm).await, 1);
    }
    assert_eq!(signups_on_device(&store, OTHER).await, 2);
}

#[tokio::test]
async fn an_hour_slides() {
    let bed = Bed::new();
    let store = bed.open();
    assert_eq!(signups_on_device(&store, LIVE).await, 1);
    bed.clock.advance(1_800_000);
    assert_eq!(signups_on_device(&store, LIVE).await, 2);
    bed.clock.advance(1_799_999);
    assert_eq!(signups_on_device(&store, LIVE).await, 3);
    bed.clock.advance(1);
    assert_eq!(signups_on_device(&store, LIVE).await, 3, "the first has left, this one has come");
}

#[tokio::test]
async fn a_clock_that_steps_back_a_little_loses_no_event() {
    let bed = Bed::new();
    let store = bed.open();
    assert_eq!(signups_on_device(&store, LIVE).await, 1);
    bed.clock.advance(-60_000);
    assert_eq!(signups_on_device(&store, LIVE).await, 2);
}

#[tokio::test]
async fn a_clock_that_was_a_month_ahead_is_believed_once_it_is_right() {
    const MONTH: i64 = 30 * 24 * 3_600_000;
    let bed = Bed::new();
    let store = bed.open();
    bed.clock.advance(MONTH);
    assert_eq!(signups_on_device(&store, LIVE).await, 1);
    bed.clock.advance(-MONTH);
    assert_eq!(signups_on_device(&store, LIVE).await, 1, "what has not happened yet does not count");
    bed.clock.advance(3_600_000);
    assert_eq!(signups_on_device(&store, LIVE).await, 1, "and windows slide");
    bed.clock.advance(MONTH - 3_600_000);
    assert_eq!(signups_on_device(&store, LIVE).await, 2, "when it has come it counts");
}

#[tokio::test]
async fn links_places_and_first_sightings_are_those_before_the_event() {
    let bed = Bed::new();
    let store = bed.open();
    let first =
        touch(&store, LIVE, EventType::Signup, &[(EntityKind::User, "u1"), (EntityKind::Country, "DE")]);
    record(&store, LIVE, first, |history| {
        let user = history.of(EntityKind::User).unwrap();
        assert!(user.is_new() && user.last_place().is_none());
        assert!(!user.was_seen_with_any(EntityKind::Country));
        assert_eq!(user.first_seen(), history.at());
        0
    })
    .await;
    bed.clock.advance(60_000);
    let entities = [(EntityKind::User, "u1"), (EntityKind::Country, "FR"), (EntityKind::Device, "d1")];
    let second = touch(&store, LIVE, EventType::Login, &entities);
    record(&store, LIVE, second, |history| {
        let user = history.of(EntityKind::User).unwrap();
        assert!(!user.is_new());
        assert!(user.was_seen_with_any(EntityKind::Country));
        assert_eq!(user.was_seen_with(EntityKind::Country), Some(false));
        assert_eq!(user.was_seen_with(EntityKind::Device), Some(false));
        assert_eq!(user.was_seen_with(EntityKind::Ip), None);
        let (at, place) = user.last_place().unwrap();
        assert_eq!((history.at().millis_since(at), place.latitude), (60_000, 52.5));
        assert_eq!(history.at().millis_since(user.first_seen()), 60_000);
        assert!(history.of(EntityKind::Device).unwrap().is_new());
        0
    })
    .await;
}

#[tokio::test]
async fn an_event_may_carry_its_own_time() {
    let bed = Bed::new();
    let store = bed.open();
    let at_minute = |minute: i64| {
        let mut touch = touch(&store, LIVE, EventType::Login, &ENTITIES);
        touch.at = Some(domain::Timestamp::from_millis(crate::support::START + minute * 60_000));
        touch
    };
    let count = |history: &portcullis_store::History<'_>| {
        history.of(EntityKind::User).unwrap().events_with_this(EventType::Login, Window::M10)
    };
    assert_eq!(record(&store, LIVE, at_minute(30), count).await.1, 1);
    assert_eq!(record(&store, LIVE, at_minute(25), count).await.1, 1, "a late event does not see later ones");
    assert_eq!(
        record(&store, LIVE, at_minute(31), count).await.1,
        3,
        "and counts in the window it belongs to"
    );
}

#[tokio::test]
async fn a_failing_decision_records_nothing_and_stops_nobody() {
    let bed = Bed::new();
    let store = bed.open();
    let submission = crate::support::submission(touch(&store, LIVE, EventType::Signup, &ENTITIES));
    let failed = store.of(LIVE).transact(submission, |_| -> domain::Decision { panic!("on purpose") }).await;
    assert!(matches!(failed, Err(portcullis_store::Error::NotDecided)));
    assert_eq!(signups_on_device(&store, LIVE).await, 1);
}

/// Records a login with this outcome, and returns how many were refused before it: in ten minutes times 100, and ever.
async fn denials_before(store: &Store, outcome: Outcome) -> i64 {
    let touch = touch(store, LIVE, EventType::Login, &ENTITIES);
    let count = |history: &portcullis_store::History<'_>| {
        let counts = [EntityKind::User, EntityKind::Device, EntityKind::Ip].map(|kind| {
            let known = history.of(kind).unwrap();
            known.denials(Window::M10) * 100 + known.total_denials()
        });
        assert!(counts.iter().all(|&count| count == counts[0]), "{counts:?}");
        counts[0]
    };
    record_as(store, LIVE, touch, outcome, count).await.1
}

#[tokio::test]
async fn refused_events_count_once_also_after_a_crash_and_when_history_is_lost() {
    for flush_after in [1, 2, 32_768] {
        let bed = Bed::flushing_after(flush_after);
        let store = bed.open();
        assert_eq!(denials_before(&store, Outcome::Block).await, 0);
        bed.clock.advance(600_000);
        assert_eq!(denials_before(&store, Outcome::Block).await, 1);
        assert_eq!(denials_before(&store, Outcome::Review).await, 102);
        let crashed = tempfile::tempdir().unwrap();
        let copy = bed.open_crashed(crashed.path());
        assert_eq!(denials_before(&copy, Outcome::Block).await, 102);
        copy.close().await.unwrap();
        drop(copy);
        std::fs::remove_file(crashed.path().join("history.db")).unwrap();
        let copy = portcullis_store::Store::open(bed.options(crashed.path())).unwrap();
        assert_eq!(denials_before(&copy, Outcome::Allow).await, 203);
        // Those of the copy are its own.
        assert_eq!(denials_before(&store, Outcome::Allow).await, 102);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn simultaneous_refused_events_count_zero_to_n() {
    let bed = Bed::flushing_after(16);
    let store = bed.open();
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { denials_before(&store, Outcome::Block).await % 100 })
        })
        .collect();
    let mut counts = Vec::new();
    for task in tasks {
        counts.push(task.await.unwrap());
    }
    counts.sort_unstable();
    assert_eq!(counts, (0..100).collect::<Vec<_>>());
}
