//! Lists against a real store in a temporary directory.

use std::sync::atomic::Ordering;

use domain::TenantId;
use futures_util::FutureExt as _;

use super::{
    super::tests::{Fixture, admin},
    *,
};
use crate::AuditVerdict;

const DAY_MS: i64 = 86_400_000;

fn entry(list: List, kind: ListKind, value: &str) -> NewListEntry {
    let value = ListValue::parse(kind, value).unwrap();
    NewListEntry { mode: Mode::Live, list, value, reason: None, expires_at: None }
}

fn live(tenant: TenantId) -> Realm {
    Realm { tenant, mode: Mode::Live }
}

impl Fixture {
    fn is_on(&self, realm: Realm, list: List, user: &str) -> bool {
        let hits = self.store.lists().find(realm, &[(ListKind::User, user)], None, self.store.clock().now());
        hits.has(list, ListKind::User)
    }
}

#[tokio::test]
async fn a_change_is_felt_when_it_returns_and_after_a_restart() {
    let f = Fixture::new();
    let (ours, theirs) = (f.tenant("ours").await, f.tenant("theirs").await);
    let configuration = f.store.configuration(ours);
    let made =
        configuration.add_list_entry(&admin(), entry(List::Block, ListKind::User, "u1")).await.unwrap();
    assert!(f.is_on(live(ours), List::Block, "u1"));
    assert!(!f.is_on(live(ours), List::Watch, "u1") && !f.is_on(live(ours), List::Block, "u2"));
    assert!(!f.is_on(live(theirs), List::Block, "u1"));
    assert!(!f.is_on(Realm { tenant: ours, mode: Mode::Test }, List::Block, "u1"));
    assert_eq!(configuration.list_entry(made.id).await.unwrap(), made);

    let f = f.reopen().await;
    assert!(f.is_on(live(ours), List::Block, "u1"));
    let removed = f.store.configuration(ours).remove_list_entry(&admin(), made.id).await.unwrap();
    assert_eq!(removed, made);
    assert!(!f.is_on(live(ours), List::Block, "u1"));
    let f = f.reopen().await;
    assert!(!f.is_on(live(ours), List::Block, "u1"));
}

#[tokio::test]
async fn another_tenants_entry_is_not_found() {
    let f = Fixture::new();
    let (ours, theirs) = (f.tenant("ours").await, f.tenant("theirs").await);
    let new = entry(List::Block, ListKind::User, "u1");
    let made = f.store.configuration(theirs).add_list_entry(&admin(), new).await.unwrap();
    let configuration = f.store.configuration(ours);
    assert!(matches!(configuration.list_entry(made.id).await, Err(Error::NotFound(_))));
    assert!(matches!(configuration.remove_list_entry(&admin(), made.id).await, Err(Error::NotFound(_))));
    let filter = ListFilter::default();
    assert!(configuration.list_entries(Mode::Live, filter, None, 10).await.unwrap().is_empty());
    assert!(f.is_on(live(theirs), List::Block, "u1"));
}

#[tokio::test]
async fn an_entry_ends_with_its_time_and_makes_room() {
    let f = Fixture::new();
    let tenant = f.tenant("acme").await;
    let configuration = f.store.configuration(tenant);
    let add = |expires_at| {
        let new = NewListEntry { expires_at, ..entry(List::Watch, ListKind::User, "u1") };
        async move { configuration.add_list_entry(&admin(), new).await }
    };
    let first = add(Some(Timestamp::from_millis(DAY_MS))).await.unwrap();
    f.clock.0.store(DAY_MS - 1, Ordering::SeqCst);
    assert!(f.is_on(live(tenant), List::Watch, "u1"));
    assert!(matches!(add(None).await, Err(Error::Exists("list entry"))));

    f.clock.0.store(DAY_MS, Ordering::SeqCst);
    assert!(!f.is_on(live(tenant), List::Watch, "u1"));
    let second = add(None).await.unwrap();
    assert!(f.is_on(live(tenant), List::Watch, "u1"));
    assert!(matches!(configuration.list_entry(first.id).await, Err(Error::NotFound(_))));
    assert!(matches!(add(None).await, Err(Error::Exists(_))));
    let all = configuration.list_entries(Mode::Live, ListFilter::default(), None, 10).await.unwrap();
    assert_eq!(all, [second]);
}

#[tokio::test]
async fn one_value_may_be_on_several_lists_and_in_both_modes() {
    let f = Fixture::new();
    let tenant = f.tenant("acme").await;
    let configuration = f.store.configuration(tenant);
    for list in [List::Block, List::Allow] {
        for mode in [Mode::Live, Mode::Test] {
            let new = NewListEntry { mode, ..entry(list, ListKind::User, "u1") };
            configuration.add_list_entry(&admin(), new).await.unwrap();
        }
    }
    let live_entries = configuration.list_entries(Mode::Live, ListFilter::default(), None, 10).await.unwrap();
    assert_eq!(live_entries.len(), 2);
    configuration.remove_list_entry(&admin(), live_entries[0].id).await.unwrap();
    let left = live_entries[1].list;
    assert!(f.is_on(live(tenant), left, "u1") && !f.is_on(live(tenant), live_entries[0].list, "u1"));
    assert!(f.is_on(Realm { tenant, mode: Mode::Test }, List::Block, "u1"));
}

#[tokio::test]
async fn entries_page_newest_first_and_are_filtered() {
    let f = Fixture::new();
    let tenant = f.tenant("acme").await;
    let configuration = f.store.configuration(tenant);
    for (list, kind, value) in [
        (List::Block, ListKind::User, "u1"),
        (List::Block, ListKind::Ip, "::ffff:10.0.0.1/104"),
        (List::Watch, ListKind::Ip, "10.0.0.1"),
        (List::Block, ListKind::Email, "A@x.org"),
    ] {
        f.clock.0.fetch_add(1, Ordering::SeqCst);
        configuration.add_list_entry(&admin(), entry(list, kind, value)).await.unwrap();
    }
    let values = |filter, after, limit| async move {
        let entries = configuration.list_entries(Mode::Live, filter, after, limit).await.unwrap();
        entries.into_iter().map(|entry| (entry.id, entry.value.to_string())).unzip::<_, _, Vec<_>, Vec<_>>()
    };
    let (ids, first) = values(ListFilter::default(), None, 3).await;
    let (_, rest) = values(ListFilter::default(), ids.last().copied(), 3).await;
    assert_eq!(
        (first, rest),
        (vec!["a@x.org".to_owned(), "10.0.0.1".to_owned(), "10.0.0.0/8".to_owned()], vec!["u1".to_owned()])
    );
    let (_, blocked) = values(ListFilter { list: Some(List::Block), kind: None }, None, 9).await;
    assert_eq!(blocked, ["a@x.org", "10.0.0.0/8", "u1"]);
    let (_, addresses) = values(ListFilter { list: None, kind: Some(ListKind::Ip) }, None, 9).await;
    assert_eq!(addresses, ["10.0.0.1", "10.0.0.0/8"]);
    let both = ListFilter { list: Some(List::Watch), kind: Some(ListKind::Ip) };
    assert_eq!(values(both, None, 9).await.1, ["10.0.0.1"]);
}

#[tokio::test]
async fn changes_are_in_the_log_without_the_value_and_leave_the_snapshot_alone() {
    let f = Fixture::new();
    let tenant = f.tenant("acme").await;
    let configuration = f.store.configuration(tenant);
    let revision = f.store.control().revision();
    let reason = Some("chargeback".to_owned());
    let new = NewListEntry { reason, ..entry(List::Block, ListKind::Email, "jane@example.com") };
    let made = configuration.add_list_entry(&admin(), new.clone()).await.unwrap();
    configuration.add_list_entry(&admin(), new).await.unwrap_err();
    configuration.remove_list_entry(&admin(), made.id).await.unwrap();
    configuration.remove_list_entry(&admin(), made.id).await.unwrap_err();
    assert_eq!(f.store.control().revision(), revision);

    let lines = configuration.audit(None, 10).await.unwrap();
    let actions: Vec<_> = lines.iter().map(|line| line.action.as_str()).collect();
    assert_eq!(actions, ["list.remove", "list.add", "client.create"]);
    assert_eq!((&lines[0].before, &lines[0].target), (&lines[1].after, &made.id.to_string()));
    assert_eq!(lines[1].after.as_ref().unwrap()["reason"], "chargeback");
    assert!(!format!("{lines:?}").contains("jane"));
    assert_eq!(f.store.verify_audit().await.unwrap(), AuditVerdict::Whole(3));
}

#[tokio::test]
async fn a_caller_that_goes_away_leaves_the_index_right() {
    let f = Fixture::new();
    let tenant = f.tenant("acme").await;
    let configuration = f.store.configuration(tenant);
    let (first, second) = (admin(), admin());
    let new = entry(List::Block, ListKind::User, "u1");
    assert!(configuration.add_list_entry(&first, new).now_or_never().is_none());
    // Changes are made in the order they came.
    configuration.add_list_entry(&second, entry(List::Block, ListKind::User, "u2")).await.unwrap();
    let all = configuration.list_entries(Mode::Live, ListFilter::default(), None, 10).await.unwrap();
    for entry in &all {
        assert!(f.is_on(live(tenant), List::Block, &entry.value.to_string()));
    }
    assert_eq!(all.len(), 2);
}

#[tokio::test]
async fn entries_are_found_by_their_short_ids_and_paged_backwards() {
    let f = Fixture::new();
    let (tenant, other) = (f.tenant("acme").await, f.tenant("other").await);
    let configuration = f.store.configuration(tenant);
    let mut made = Vec::new();
    for index in 0..5 {
        f.clock.0.fetch_add(1, Ordering::SeqCst);
        let new = entry(List::Block, ListKind::User, &format!("u{index}"));
        made.push(configuration.add_list_entry(&admin(), new).await.unwrap());
    }
    for entry in &made {
        assert_eq!(configuration.list_entry_by_block_id(BlockId::of(entry.id)).await.unwrap(), *entry);
        let foreign = f.store.configuration(other).list_entry_by_block_id(BlockId::of(entry.id)).await;
        assert!(matches!(foreign, Err(Error::NotFound(_))));
    }
    assert!(matches!(
        configuration.list_entry_by_block_id("blk_000000000000".parse().unwrap()).await,
        Err(Error::NotFound(_))
    ));
    let newer = |than: ListEntryId, limit| async move {
        let filter = ListFilter { list: Some(List::Block), kind: Some(ListKind::User) };
        let entries = configuration.list_entries_newer(Mode::Live, filter, than, limit).await.unwrap();
        entries.into_iter().map(|entry| entry.value.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(newer(made[1].id, 2).await, ["u3", "u2"]);
    assert_eq!(newer(made[1].id, 9).await, ["u4", "u3", "u2"]);
    assert_eq!(newer(*BlockId::of(made[3].id).range().end(), 9).await, ["u4"]);
    assert!(newer(made[4].id, 9).await.is_empty());
}

#[tokio::test]
async fn what_is_listed_is_found_with_its_entry() {
    let f = Fixture::new();
    let (tenant, other) = (f.tenant("acme").await, f.tenant("other").await);
    let configuration = f.store.configuration(tenant);
    for (list, kind, value) in [
        (List::Block, ListKind::Ip, "10.0.0.0/8"),
        (List::Block, ListKind::Ip, "10.1.0.0/16"),
        (List::Block, ListKind::Ip, "2001:db8::/32"),
        (List::Block, ListKind::Phone, "+212 612345678"),
        (List::Watch, ListKind::User, "u1"),
        (List::Block, ListKind::Device, "u1"),
    ] {
        configuration.add_list_entry(&admin(), entry(list, kind, value)).await.unwrap();
    }
    let brief = NewListEntry {
        expires_at: Some(Timestamp::from_millis(DAY_MS)),
        ..entry(List::Block, ListKind::Ip, "10.1.2.3")
    };
    configuration.add_list_entry(&admin(), brief).await.unwrap();
    let table = [
        (ListKind::Ip, "10.1.2.3", Some("10.1.2.3")),
        (ListKind::Ip, "10.1.2.4", Some("10.1.0.0/16")),
        (ListKind::Ip, "10.2.0.0/16", Some("10.0.0.0/8")),
        (ListKind::Ip, "10.0.0.0/7", None),
        (ListKind::Ip, "11.0.0.1", None),
        (ListKind::Ip, "::ffff:10.9.9.9", Some("10.0.0.0/8")),
        (ListKind::Ip, "2001:db8:7::1", Some("2001:db8::/32")),
        (ListKind::Phone, "+212-612-345-678", Some("+212612345678")),
        (ListKind::User, "u1", None),
        (ListKind::Device, "u1", Some("u1")),
    ];
    let find = |tenant, mode| {
        let values = table.iter().map(|&(kind, text, _)| ListValue::parse(kind, text).unwrap()).collect();
        let store = &f.store;
        async move { store.configuration(tenant).find_listed(mode, List::Block, values).await.unwrap() }
    };
    let found = find(tenant, Mode::Live).await;
    for ((_, text, expected), found) in table.iter().zip(&found) {
        assert_eq!(found.as_ref().map(|entry| entry.value.to_string()).as_deref(), *expected, "{text}");
    }
    for found in [find(tenant, Mode::Test).await, find(other, Mode::Live).await] {
        assert!(found.iter().all(Option::is_none));
    }
    f.clock.0.store(DAY_MS, Ordering::SeqCst);
    let found = find(tenant, Mode::Live).await;
    assert_eq!(found[0].as_ref().unwrap().value.to_string(), "10.1.0.0/16");
}

#[tokio::test]
async fn an_appeal_is_noted_and_the_entry_goes_on_to_count() {
    let f = Fixture::new();
    let (tenant, other) = (f.tenant("acme").await, f.tenant("other").await);
    let configuration = f.store.configuration(tenant);
    let made =
        configuration.add_list_entry(&admin(), entry(List::Block, ListKind::User, "u1")).await.unwrap();
    let note = Some("Jane says it was her brother".to_owned());
    let foreign = f.store.configuration(other).note_appeal(&admin(), made.id, note.clone()).await;
    assert!(matches!(foreign, Err(Error::NotFound(_))));
    let noted = configuration.note_appeal(&admin(), made.id, note.clone()).await.unwrap();
    assert_eq!(noted, ListEntry { appeal: note, ..made.clone() });
    assert_eq!(configuration.list_entry(made.id).await.unwrap(), noted);
    assert!(f.is_on(live(tenant), List::Block, "u1"));
    let lines = configuration.audit(None, 1).await.unwrap();
    assert_eq!(
        (lines[0].action.as_str(), lines[0].after.as_ref().unwrap()["isAppealed"].as_bool()),
        ("list.appeal", Some(true))
    );
    assert!(!format!("{lines:?}").contains("Jane"));
    assert_eq!(configuration.note_appeal(&admin(), made.id, None).await.unwrap(), made);
}

fn repeatable(key: u8, body: u8) -> Repeatable<ListEntry> {
    let idempotency = crate::Idempotency { key: [key; 16], body: [body; 16] };
    Repeatable { idempotency, render: Box::new(|entry| entry.value.to_string().into_bytes()) }
}

#[tokio::test]
async fn a_repeated_request_gets_the_first_answer() {
    let f = Fixture::new();
    let (tenant, other) = (f.tenant("acme").await, f.tenant("other").await);
    let add = |tenant, user: &str, key, body| {
        let (new, store) = (entry(List::Block, ListKind::User, user), f.store.clone());
        async move { store.configuration(tenant).add_list_entry_once(&admin(), new, repeatable(key, body)).await }
    };
    let Once::Now(made) = add(tenant, "u1", 1, 1).await.unwrap() else { panic!("it is the first") };
    assert!(f.is_on(live(tenant), List::Block, "u1"));
    assert_eq!(add(tenant, "u1", 1, 1).await.unwrap(), Once::Before(b"u1".to_vec()));
    assert!(matches!(add(tenant, "u1", 1, 2).await, Err(Error::IdempotencyConflict)));
    assert!(matches!(add(tenant, "u1", 2, 1).await, Err(Error::Exists(_))));
    assert!(matches!(add(other, "u1", 1, 2).await, Ok(Once::Now(_))));
    // A request that failed is tried anew.
    f.store.configuration(tenant).remove_list_entry(&admin(), made.id).await.unwrap();
    assert!(matches!(add(tenant, "u1", 2, 1).await, Ok(Once::Now(_))));
    assert_eq!(add(tenant, "u1", 1, 1).await.unwrap(), Once::Before(b"u1".to_vec()));
    assert_eq!(f.store.configuration(tenant).audit(None, 10).await.unwrap().len(), 4);

    let f = f.reopen().await;
    let again = f.store.configuration(tenant);
    let new = entry(List::Block, ListKind::User, "u9");
    assert_eq!(
        again.add_list_entry_once(&admin(), new.clone(), repeatable(1, 1)).await.unwrap(),
        Once::Before(b"u1".to_vec())
    );
    assert_eq!(f.store.forget_old_keys().await.unwrap(), 0);
    f.clock.0.store(DAY_MS, Ordering::SeqCst);
    assert!(matches!(again.add_list_entry_once(&admin(), new, repeatable(1, 2)).await, Ok(Once::Now(_))));
    f.clock.0.store(DAY_MS + 1, Ordering::SeqCst);
    assert_eq!(f.store.forget_old_keys().await.unwrap(), 2);
}

#[tokio::test]
async fn a_device_is_found_by_the_hash_of_the_fingerprint_that_is_listed() {
    let f = Fixture::new();
    let (ours, theirs) = (live(f.tenant("ours").await), live(f.tenant("theirs").await));
    let hasher = f.store.entity_hasher();
    let new = entry(List::Watch, ListKind::Device, "device-1");
    let made = f.store.configuration(ours.tenant).add_list_entry(&admin(), new).await.unwrap();
    let find = |store: &Store, realm, hash: &str| {
        store.lists().find_fingerprint(realm, hash, store.clock().now()).has(List::Watch, ListKind::Device)
    };
    let hash = hasher.fingerprint(ours, "device-1");
    let f = f.reopen().await;
    assert!(find(&f.store, ours, &hash));
    assert!(
        !find(&f.store, theirs, &hash) && !find(&f.store, theirs, &hasher.fingerprint(theirs, "device-1"))
    );
    assert!(
        !find(&f.store, ours, "device-1") && !find(&f.store, ours, &hasher.fingerprint(ours, "device-2"))
    );
    f.store.configuration(ours.tenant).remove_list_entry(&admin(), made.id).await.unwrap();
    assert!(!find(&f.store, ours, &hash) && !f.store.lists().knows(ours));
}
