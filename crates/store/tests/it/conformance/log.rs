//! What was recorded reads back, newest first, and only to its own realm.

use domain::{EntityKind, EventId, EventType, Label, Outcome, Realm, Timestamp};
use portcullis_domain as domain;
use portcullis_store::{Error, EventQuery, LabelReport, Store};

use crate::support::{Bed, LIVE, OTHER, START, TEST, key, record_as, touch};

async fn fill(bed: &Bed, store: &Store, realm: Realm, events: usize) -> Vec<EventId> {
    let mut ids = Vec::new();
    for index in 0..events {
        bed.clock.advance(1_000);
        let (user, device) = (format!("u{}", index % 3), format!("d{}", index % 2));
        let entities = [(EntityKind::User, user.as_str()), (EntityKind::Device, device.as_str())];
        let event_type = if index % 4 == 0 { EventType::Signup } else { EventType::Login };
        let outcome = if index % 5 == 0 { Outcome::Block } else { Outcome::Allow };
        let touch = touch(store, realm, event_type, &entities);
        ids.push(record_as(store, realm, touch, outcome, move |_| index as i64).await.0);
    }
    ids.reverse();
    ids
}

/// All pages of a query, `limit` at a time.
async fn all_pages(store: &Store, realm: Realm, mut query: EventQuery) -> Vec<EventId> {
    let mut ids = Vec::new();
    loop {
        let (page, next) = store.of(realm).list_events(query.clone()).await.unwrap();
        assert!(page.len() <= query.limit);
        ids.extend(page.iter().map(|event| event.id));
        match next {
            Some(next) => query.before = Some(next),
            None => return ids,
        }
    }
}

fn every_nth(ids: &[EventId], wanted: impl Fn(usize) -> bool) -> Vec<EventId> {
    let count = ids.len();
    ids.iter().enumerate().filter(|(place, _)| wanted(count - 1 - place)).map(|(_, &id)| id).collect()
}

#[tokio::test]
async fn events_are_listed_newest_first_by_every_filter() {
    for flush_after in [1, 7, 32_768] {
        let bed = Bed::flushing_after(flush_after);
        let store = bed.open();
        fill(&bed, &store, OTHER, 5).await;
        let ids = fill(&bed, &store, LIVE, 60).await;
        fill(&bed, &store, TEST, 5).await;
        for limit in [1, 7, 60, 100] {
            let query = EventQuery::newest(limit);
            assert_eq!(all_pages(&store, LIVE, query.clone()).await, ids);
            let since = EventQuery { after: Some(ids[10]), ..query.clone() };
            assert_eq!(all_pages(&store, LIVE, since).await, ids[..10]);
            let by_type = EventQuery { event_type: Some(EventType::Signup), ..query.clone() };
            assert_eq!(all_pages(&store, LIVE, by_type).await, every_nth(&ids, |index| index % 4 == 0));
            let by_outcome = EventQuery { outcome: Some(Outcome::Block), ..query.clone() };
            assert_eq!(all_pages(&store, LIVE, by_outcome).await, every_nth(&ids, |index| index % 5 == 0));
            let user = key(&store, LIVE, EntityKind::User, "u1");
            let by_user = EventQuery { entities: [user].into_iter().collect(), ..query.clone() };
            assert_eq!(all_pages(&store, LIVE, by_user).await, every_nth(&ids, |index| index % 3 == 1));
            let device = key(&store, LIVE, EntityKind::Device, "d0");
            let by_both = EventQuery {
                entities: [user, device].into_iter().collect(),
                outcome: Some(Outcome::Block),
                ..query.clone()
            };
            let wanted = |index| index % 3 == 1 && index % 2 == 0 && index % 5 == 0;
            assert_eq!(all_pages(&store, LIVE, by_both).await, every_nth(&ids, wanted));
            let (from, to) = (ids[40].recorded_at(), ids[20].recorded_at());
            let by_time = EventQuery { from: Some(from), to: Some(to), ..query };
            assert_eq!(all_pages(&store, LIVE, by_time).await, ids[21..=40]);
        }
    }
}

#[tokio::test]
async fn the_newest_event_of_each_user_and_device_is_listed_once() {
    for flush_after in [1, 7, 32_768] {
        let bed = Bed::flushing_after(flush_after);
        let store = bed.open();
        fill(&bed, &store, OTHER, 7).await;
        let ids = fill(&bed, &store, LIVE, 60).await;
        for limit in [1, 2, 100] {
            let newest = |kind| EventQuery { newest_of: Some(kind), ..EventQuery::newest(limit) };
            // u2 came last, then u1 and u0; d1 and then d0.
            assert_eq!(all_pages(&store, LIVE, newest(EntityKind::User)).await, ids[..3]);
            assert_eq!(all_pages(&store, LIVE, newest(EntityKind::Device)).await, ids[..2]);
            assert_eq!(all_pages(&store, LIVE, newest(EntityKind::Ip)).await, []);
            // Outcomes are those of the newest events, not of earlier ones.
            let allowed = EventQuery { outcome: Some(Outcome::Allow), ..newest(EntityKind::User) };
            assert_eq!(all_pages(&store, LIVE, allowed).await, ids[..3]);
            let refused = EventQuery { outcome: Some(Outcome::Block), ..newest(EntityKind::User) };
            assert_eq!(all_pages(&store, LIVE, refused).await, []);
            let user = key(&store, LIVE, EntityKind::User, "u1");
            let one = EventQuery { entities: [user].into_iter().collect(), ..newest(EntityKind::User) };
            assert_eq!(all_pages(&store, LIVE, one).await, ids[1..2]);
        }
        let keys = ["u0", "u9"].map(|user| key(&store, LIVE, EntityKind::User, user));
        let records = store.of(LIVE).entity_records(&keys).await.unwrap();
        let [Some(record), None] = &records[..] else { panic!("{records:?}") };
        assert_eq!((record.events, record.denials, record.devices, record.ips), (20, 4, 2, 0));
        assert_eq!(record.first_seen.as_millis(), START + 8_000);
    }
}

#[tokio::test]
async fn an_event_reads_back_whole_and_only_to_its_realm() {
    let bed = Bed::new();
    let store = bed.open();
    let ids = fill(&bed, &store, LIVE, 3).await;
    let event = store.of(LIVE).find_event(ids[0]).await.unwrap().unwrap();
    assert_eq!((event.id, event.realm), (ids[0], LIVE));
    assert_eq!(event.decision.assessment.score, 2);
    assert_eq!(event.decision.at, Timestamp::from_millis(START + 3_000));
    assert_eq!(event.decision.subject.user.as_deref(), Some("jane@example.com"));
    assert_eq!(event.policy.dialect, domain::Dialect::Ingest);
    for realm in [TEST, OTHER] {
        assert!(store.of(realm).find_event(ids[0]).await.unwrap().is_none());
    }
    assert!(store.of(LIVE).find_event(EventId::from_u64(1)).await.unwrap().is_none());
}

#[tokio::test]
async fn the_last_label_stands_and_foreign_events_can_not_be_labeled() {
    let bed = Bed::new();
    let store = bed.open();
    let id = fill(&bed, &store, LIVE, 1).await[0];
    let report =
        |label| LabelReport { label, at: Timestamp::from_millis(START), notes: Some("seen".to_owned()) };
    for label in [Label::ChallengePassed, Label::ConfirmedFraud] {
        store.of(LIVE).set_label(id, report(label)).await.unwrap();
        let event = store.of(LIVE).find_event(id).await.unwrap().unwrap();
        assert_eq!(event.label, Some(report(label)));
    }
    let foreign = store.of(OTHER).set_label(id, report(Label::FalsePositive)).await;
    assert!(matches!(foreign, Err(Error::NotFound("event"))));
    assert_eq!(
        store.of(LIVE).find_event(id).await.unwrap().unwrap().label,
        Some(report(Label::ConfirmedFraud))
    );
}
