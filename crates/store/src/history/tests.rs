use domain::{Dialect, EntityKey, EntityKind, EventId, EventType, Outcome, Place, Timestamp};
use portcullis_domain as domain;
use proptest::prelude::*;

use super::*;
use crate::{sessions::Verdict, window::Window};

fn touch(event_type: EventType, entities: &[(EntityKind, u64)]) -> Touch {
    let entities = entities.iter().map(|&(kind, key)| (kind, EntityKey::from_u64(key))).collect();
    Touch {
        event_type,
        at: None,
        entities,
        place: Some(Place { latitude: 52.52, longitude: 13.405 }),
        position: None,
        verdict: None,
    }
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn allowed(millis: i64) -> Happened {
    Happened { id: EventId::from_u64(1), at: at(millis), outcome: Outcome::Allow }
}

#[test]
fn what_was_refused_counts_for_users_devices_and_addresses() {
    let login = touch(EventType::Login, &[(EntityKind::User, 1)]);
    for (kind, expected) in [(EntityKind::User, (1, 2)), (EntityKind::Mailbox, (0, 0))] {
        let mut state = State::new(at(0));
        for (millis, outcome) in [(1, Outcome::Block), (700_000, Outcome::Block), (700_001, Outcome::Review)]
        {
            state.apply(kind, &login, Happened { outcome, ..allowed(millis) });
        }
        let known = EntityHistory { touch: &login, at: at(700_002), state: Some(&state) };
        assert_eq!((known.denials(Window::M10), known.total_denials()), expected, "{kind:?}");
        assert_eq!(state.record_of_entity().denials, expected.1 as u64);
    }
}

#[test]
fn the_event_itself_counts() {
    let signup = touch(EventType::Signup, &[(EntityKind::User, 1), (EntityKind::Device, 2)]);
    let history = History::new(&signup, at(1_000), &[None, None], None);
    let device = history.of(EntityKind::Device).unwrap();
    assert!(device.is_new());
    assert_eq!(device.events_with_this(EventType::Signup, Window::H1), 1);
    assert_eq!(device.events_with_this(EventType::Login, Window::H1), 0);
    assert_eq!(device.linked_with_this(EntityKind::User), 1);
    assert_eq!(device.was_seen_with(EntityKind::User), Some(false));
    assert!(history.of(EntityKind::Ip).is_none());
}

#[test]
fn a_user_seen_in_two_event_types_counts_once() {
    let mut state = State::new(at(0));
    for event_type in [EventType::Signup, EventType::Login] {
        state.apply(EntityKind::Device, &touch(event_type, &[(EntityKind::User, 1)]), allowed(10));
    }
    let other = touch(EventType::Login, &[(EntityKind::User, 2)]);
    state.apply(EntityKind::Device, &other, allowed(20));
    let login = touch(EventType::Login, &[(EntityKind::User, 3), (EntityKind::Device, 9)]);
    let states = [None, Some(&state)];
    let device = History::new(&login, at(30), &states, None).of(EntityKind::Device).unwrap();
    assert_eq!(device.linked_with_this(EntityKind::User), 3);
    assert_eq!(device.linked_in_window_with_this(EntityKind::User, EventType::Login, Window::M10), 3);
    assert_eq!(device.linked_in_window_with_this(EntityKind::User, EventType::Signup, Window::M10), 1);
    assert_eq!(device.total_with_this(), 4);
}

#[test]
fn a_late_event_moves_the_first_sighting_but_not_the_last_place() {
    let mut state = State::new(at(100));
    state.apply(EntityKind::User, &touch(EventType::Login, &[]), allowed(100));
    let mut late = touch(EventType::Login, &[]);
    late.place = Some(Place { latitude: 0.0, longitude: 0.0 });
    state.apply(EntityKind::User, &late, allowed(50));
    assert_eq!(state.first_seen, at(50));
    assert_eq!(state.last_place.unwrap().0, at(100));
}

prop_compose! {
    fn any_touch()(login: bool, entities in prop::collection::vec((1..9u8, 0..9u64), 0..6), place in prop::option::of((-90.0..90.0f64, -180.0..180.0f64)), position in prop::option::of((-90.0..90.0f64, -180.0..180.0f64)), verdict in prop::option::of((-5..200i32, 0..4u8, any::<u32>()))) -> Touch {
        Touch {
            event_type: if login { EventType::Login } else { EventType::Signup },
            at: None,
            entities: entities.iter().map(|&(kind, key)| (EntityKind::from_code(kind).unwrap(), EntityKey::from_u64(key))).collect(),
            place: place.map(|(latitude, longitude)| Place { latitude, longitude }),
            position: position.map(|(latitude, longitude)| Place { latitude, longitude }),
            verdict: verdict.map(|(score, band, labels)| Verdict { dialect: Dialect::Fraudsense, score, band, labels }),
        }
    }
}

proptest! {
    #[test]
    fn stored_forms_read_back(kind in prop::sample::select(&EntityKind::ALL[..]), touches in prop::collection::vec((any_touch(), 0..1_000_000i64), 1..120)) {
        let mut state = State::new(at(touches[0].1));
        for (touch, time) in &touches {
            let outcome = if time % 3 == 0 { Outcome::Block } else { Outcome::Allow };
            state.apply(kind, touch, Happened { outcome, ..allowed(*time) });
            let mut out = Vec::new();
            touch.encode(at(*time), at(500), &mut out);
            let read = Touch::decode(at(500), &mut out.as_slice()).unwrap();
            prop_assert_eq!(read.at, Some(at(*time)));
            prop_assert_eq!(&read.entities, &touch.entities);
            let mut again = Vec::new();
            read.encode(at(*time), at(500), &mut again);
            prop_assert_eq!(out, again);
        }
        let mut out = Vec::new();
        state.encode(&mut out);
        prop_assert_eq!(State::decode(&out).unwrap(), state);
    }

    #[test]
    fn decoding_never_panics(bytes: Vec<u8>) {
        let _ = State::decode(&bytes);
        let _ = Touch::decode(at(0), &mut bytes.as_slice());
    }
}
