//! Enrollments against a real store in a temporary directory.

use domain::{Entity, EntityKind, Mode, TenantId};
use futures_util::future::join_all;

use super::{
    super::{
        List, ListKind, ListValue, NewListEntry,
        tests::{Fixture, admin},
    },
    *,
};
use crate::{Idempotency, NewSignal, Severity, SignalContent, SignalKeys};

const USER: &str = "550E8400-e29b-41d4-a716-446655440000";

fn live(tenant: TenantId) -> Realm {
    Realm { tenant, mode: Mode::Live }
}

fn person(user: &str) -> Person {
    Person {
        user: user.to_owned(),
        name: "John Doe".to_owned(),
        email: "john@example.com".to_owned(),
        entity_type: "user".to_owned(),
        metadata: Map::new(),
        public_key: [7; 32],
    }
}

fn entry(list: List, kind: ListKind, value: &str) -> NewListEntry {
    let value = ListValue::parse(kind, value).unwrap();
    NewListEntry { mode: Mode::Live, list, value, reason: None, expires_at: None }
}

impl Fixture {
    async fn enroll(&self, realm: Realm, user: &str) -> Result<Enrollment, Error> {
        match self.store.of(realm).enroll_person(&admin(), person(user), None).await? {
            Once::Now(enrollment) => Ok(enrollment),
            Once::Before(_) => panic!("nothing was repeated"),
        }
    }

    fn user_key(&self, realm: Realm, user: &str) -> EntityKey {
        self.store.entity_hasher().key(realm, &Entity::new(EntityKind::User, user))
    }

    async fn report_person(&self, realm: Realm, user: &str) -> SignalId {
        let new = NewSignal {
            kind: "user_report".to_owned(),
            severity: Severity::Medium,
            about: SignalContent { user: Some(user.to_owned()), ..SignalContent::default() },
            keys: SignalKeys { user: Some(self.user_key(realm, user)), ..SignalKeys::default() },
        };
        match self.store.of(realm).report_signal(&admin(), new, |_| Value::Null, None).await.unwrap() {
            Once::Now(signal) => signal.id,
            Once::Before(_) => panic!("nothing was repeated"),
        }
    }
}

#[tokio::test]
async fn a_person_is_found_in_any_case_and_after_a_restart_by_their_own_tenant_and_mode_only() {
    let f = Fixture::new();
    let (ours, theirs) = (f.tenant("ours").await, f.tenant("theirs").await);
    let made = f.enroll(live(ours), USER).await.unwrap();
    for spelled in [USER, &USER.to_lowercase(), &USER.to_uppercase()] {
        assert_eq!(f.store.of(live(ours)).enrollment(spelled).await.unwrap(), made);
    }
    for realm in [live(theirs), Realm { tenant: ours, mode: Mode::Test }] {
        assert!(matches!(f.store.of(realm).enrollment(USER).await, Err(Error::NotFound(_))));
    }
    assert!(matches!(f.enroll(live(ours), &USER.to_lowercase()).await, Err(Error::Exists(_))));
    assert_ne!(f.enroll(live(theirs), USER).await.unwrap().id, made.id);

    let f = f.reopen().await;
    assert_eq!(f.store.of(live(ours)).enrollment(USER).await.unwrap().person, person(USER));
    let found = f.store.of(live(ours)).enrollments(vec!["nobody".into(), USER.into()]).await.unwrap();
    assert_eq!(found, [None, Some(made)]);
}

#[tokio::test]
async fn of_many_at_once_one_enrolls() {
    let f = Fixture::new();
    let ours = live(f.tenant("ours").await);
    let made = join_all((0..8).map(|_| f.enroll(ours, USER))).await;
    assert_eq!(made.iter().filter(|made| made.is_ok()).count(), 1);
}

#[tokio::test]
async fn a_repetition_gets_the_first_answer() {
    let f = Fixture::new();
    let ours = live(f.tenant("ours").await);
    let request = |body| Repeatable {
        idempotency: Idempotency { key: [1; 16], body: [body; 16] },
        render: Box::new(|made: &Enrollment| made.id.to_string().into_bytes()),
    };
    let (store, actor) = (f.store.of(ours), admin());
    let enroll = |body| store.enroll_person(&actor, person(USER), Some(request(body)));
    let Once::Now(made) = enroll(1).await.unwrap() else { panic!("it is the first") };
    assert_eq!(enroll(1).await.unwrap(), Once::Before(made.id.to_string().into_bytes()));
    assert!(matches!(enroll(2).await, Err(Error::IdempotencyConflict)));
}

#[tokio::test]
async fn a_listed_thing_is_a_persons_until_it_is_removed_or_expires() {
    let f = Fixture::new();
    let (ours, theirs) = (live(f.tenant("ours").await), live(f.tenant("theirs").await));
    let (made, other) = (f.enroll(ours, USER).await.unwrap(), f.enroll(theirs, USER).await.unwrap());
    let store = f.store.of(ours);
    let device = entry(List::Watch, ListKind::Device, "device-1");
    let device = store.list_for(&admin(), device, made.id).await.unwrap();
    let soon = f.store.clock().now().plus_millis(1_000);
    let ip = NewListEntry { expires_at: Some(soon), ..entry(List::Watch, ListKind::Ip, "192.0.2.1") };
    store.list_for(&admin(), ip, made.id).await.unwrap();
    let mut listed = store.listed_of(made.id).await.unwrap();
    listed.sort_unstable();
    assert_eq!(listed, [(List::Watch, ListKind::Device), (List::Watch, ListKind::Ip)]);
    assert!(f.store.of(theirs).listed_of(made.id).await.unwrap().is_empty());
    let not_theirs = entry(List::Watch, ListKind::Device, "device-2");
    assert!(matches!(store.list_for(&admin(), not_theirs, other.id).await, Err(Error::NotFound(_))));

    f.clock.0.store(soon.as_millis(), std::sync::atomic::Ordering::SeqCst);
    assert_eq!(store.listed_of(made.id).await.unwrap(), [(List::Watch, ListKind::Device)]);
    f.store.configuration(ours.tenant).remove_list_entry(&admin(), device.id).await.unwrap();
    assert!(store.listed_of(made.id).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_flag_stays_off_until_the_next_report() {
    let f = Fixture::new();
    let (ours, theirs) = (live(f.tenant("ours").await), live(f.tenant("theirs").await));
    let made = f.enroll(ours, USER).await.unwrap();
    let (store, key) = (f.store.of(ours), f.user_key(ours, USER));
    let upto = || async { f.store.of(ours).enrollment(USER).await.unwrap().unflagged_upto };
    store.unflag(&admin(), made.id, key).await.unwrap();
    assert_eq!(upto().await, None);
    let first = f.report_person(ours, USER).await;
    f.report_person(theirs, USER).await;
    f.report_person(ours, "another").await;
    store.unflag(&admin(), made.id, key).await.unwrap();
    assert_eq!(upto().await, Some(first));
    assert!(f.report_person(ours, USER).await > first);
    assert!(matches!(f.store.of(theirs).unflag(&admin(), made.id, key).await, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn who_it_is_is_not_in_the_files() {
    let f = Fixture::new();
    let ours = live(f.tenant("ours").await);
    f.enroll(ours, USER).await.unwrap();
    for file in std::fs::read_dir(f.dir.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for text in [USER, "john@example.com", "John Doe"] {
            assert!(!bytes.windows(text.len()).any(|window| window == text.as_bytes()));
        }
    }
}
