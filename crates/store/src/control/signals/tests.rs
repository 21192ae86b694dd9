//! Signals against a real store in a temporary directory. What decisions do to events is tested through the API.

use std::sync::atomic::Ordering;

use domain::{Entity, EntityKind, Mode, TenantId};
use futures_util::future::join_all;
use serde_json::json;

use super::{
    super::{
        Decided, Finding,
        tests::{Fixture, admin},
    },
    *,
};
use crate::{Idempotency, Metric};

fn live(tenant: TenantId) -> Realm {
    Realm { tenant, mode: Mode::Live }
}

/// A repeatable request whose answer is the signal's id.
fn repeatable(body: u8) -> Repeatable<Signal> {
    let idempotency = Idempotency { key: [1; 16], body: [body; 16] };
    Repeatable { idempotency, render: Box::new(|signal: &Signal| signal.id.to_string().into_bytes()) }
}

impl Fixture {
    fn key(&self, realm: Realm, kind: EntityKind, value: &str) -> EntityKey {
        self.store.entity_hasher().key(realm, &Entity::new(kind, value))
    }

    fn new_signal(&self, realm: Realm, user: &str) -> NewSignal {
        let details = json!({ "amount": 5000, "currency": "MAD", "transaction_id": "txn_123" });
        NewSignal {
            kind: "chargeback".to_owned(),
            severity: Severity::High,
            about: SignalContent {
                user: Some(user.to_owned()),
                details: details.as_object().cloned(),
                ..SignalContent::default()
            },
            keys: SignalKeys {
                user: Some(self.key(realm, EntityKind::User, user)),
                device: Some(self.key(realm, EntityKind::Device, "d1")),
                fingerprint: None,
            },
        }
    }

    async fn report(&self, realm: Realm, user: &str) -> Signal {
        let new = self.new_signal(realm, user);
        match self.store.of(realm).report_signal(&admin(), new, |_| Value::Null, None).await.unwrap() {
            Once::Now(signal) => signal,
            Once::Before(_) => panic!("nothing was repeated"),
        }
    }

    async fn decide(&self, realm: Realm, id: SignalId, finding: Finding) -> Result<Decided<Signal>, Error> {
        self.store.of(realm).decide_signal(&admin(), id, finding, Some("Bank said so".into())).await
    }

    fn labels(&self, realm: Realm, kind: EntityKind, value: &str) -> (u32, u32) {
        self.store.labels().of(realm, self.key(realm, kind, value))
    }

    async fn tallied(&self, realm: Realm, metric: Metric) -> u64 {
        let (from, to) = (Timestamp::from_millis(0), Timestamp::from_millis(1 << 42));
        self.store.of(realm).tallies(move |reader| reader.sum(&metric, from, to)).await.unwrap()
    }
}

#[tokio::test]
async fn a_signal_is_pending_until_it_is_decided_once() {
    let f = Fixture::new();
    let realm = live(f.tenant("acme").await);
    let signal = f.report(realm, "u1").await;
    assert_eq!((signal.status, signal.decided_at), (SignalStatus::Pending, None));
    assert_eq!(f.store.of(realm).signal(signal.id).await.unwrap(), signal);
    assert_eq!(f.labels(realm, EntityKind::User, "u1"), (0, 0));

    f.clock.0.store(5_000, Ordering::SeqCst);
    let Decided::Now(confirmed) = f.decide(realm, signal.id, Finding::Fraud).await.unwrap() else {
        panic!("it was pending")
    };
    let expected = Signal {
        status: SignalStatus::Confirmed,
        notes: Some("Bank said so".to_owned()),
        decided_at: Some(Timestamp::from_millis(5_000)),
        decided_by: Some("machine".to_owned()),
        ..signal
    };
    assert_eq!(confirmed, expected);
    f.clock.0.store(6_000, Ordering::SeqCst);
    let again = f.decide(realm, confirmed.id, Finding::Fraud).await.unwrap();
    assert_eq!(again, Decided::Before(confirmed.clone()));
    let opposite = f.decide(realm, confirmed.id, Finding::Legitimate).await.unwrap();
    assert_eq!(opposite, Decided::Otherwise(confirmed.clone()));
    assert_eq!(f.labels(realm, EntityKind::User, "u1"), (1, 0));
    assert_eq!(f.labels(realm, EntityKind::Device, "d1"), (1, 0));

    let lines = f.store.audit(None, 2).await.unwrap();
    assert_eq!((lines[0].action.as_str(), lines[1].action.as_str()), ("signal.confirm", "client.create"));
    let text = format!("{lines:?}");
    assert!(!text.contains("u1") && !text.contains("Bank"), "{text}");

    let f = f.reopen().await;
    assert_eq!(f.store.of(realm).signal(confirmed.id).await.unwrap(), confirmed);
    assert_eq!(f.labels(realm, EntityKind::User, "u1"), (1, 0));
}

#[tokio::test]
async fn signals_are_counted_where_they_belong() {
    let f = Fixture::new();
    let (ours, theirs) = (live(f.tenant("ours").await), live(f.tenant("theirs").await));
    for (user, finding) in [
        ("u1", Some(Finding::Fraud)),
        ("u1", Some(Finding::Fraud)),
        ("u2", Some(Finding::Legitimate)),
        ("u3", None),
    ] {
        let id = f.report(ours, user).await.id;
        if let Some(finding) = finding {
            f.decide(ours, id, finding).await.unwrap();
            f.decide(ours, id, finding).await.unwrap();
        }
    }
    let f = f.reopen().await;
    assert_eq!(f.labels(ours, EntityKind::User, "u1"), (2, 0));
    assert_eq!(f.labels(ours, EntityKind::User, "u2"), (0, 1));
    assert_eq!(f.labels(ours, EntityKind::User, "u3"), (0, 0));
    assert_eq!(f.labels(ours, EntityKind::Device, "d1"), (2, 1));
    assert_eq!(f.labels(theirs, EntityKind::User, "u1"), (0, 0));
    assert_eq!(f.labels(Realm { mode: Mode::Test, ..ours }, EntityKind::User, "u1"), (0, 0));
    for (metric, n) in [
        (Metric::Signals, 4),
        (Metric::signals_of_type("chargeback"), 4),
        (Metric::signals_of_severity("high"), 4),
        (Metric::SignalsConfirmed, 2),
        (Metric::Confirmed, 2),
        (Metric::SignalsDismissed, 1),
        (Metric::Dismissed, 1),
    ] {
        assert_eq!(f.tallied(ours, metric.clone()).await, n, "{metric}");
        assert_eq!(f.tallied(theirs, metric).await, 0);
    }
}

#[tokio::test]
async fn another_realm_does_not_find_a_signal() {
    let f = Fixture::new();
    let (ours, theirs) = (live(f.tenant("ours").await), live(f.tenant("theirs").await));
    let signal = f.report(ours, "u1").await;
    for other in [theirs, Realm { mode: Mode::Test, ..ours }] {
        assert!(matches!(f.store.of(other).signal(signal.id).await, Err(Error::NotFound(_))));
        assert!(matches!(f.decide(other, signal.id, Finding::Fraud).await, Err(Error::NotFound(_))));
        assert!(f.store.of(other).signals(SignalFilter::default(), None, 9).await.unwrap().is_empty());
    }
    assert_eq!(f.store.of(ours).signal(signal.id).await.unwrap(), signal);
}

#[tokio::test]
async fn of_simultaneous_decisions_one_stands() {
    let f = Fixture::new();
    let realm = live(f.tenant("acme").await);
    let id = f.report(realm, "u1").await.id;
    let findings = (0..20).map(|index| if index % 2 == 0 { Finding::Fraud } else { Finding::Legitimate });
    let decided = join_all(findings.map(|finding| f.decide(realm, id, finding))).await;
    let decided: Vec<_> = decided.into_iter().map(Result::unwrap).collect();
    let stands = f.store.of(realm).signal(id).await.unwrap();
    assert_eq!(decided.iter().filter(|decided| matches!(decided, Decided::Now(_))).count(), 1);
    for (index, decided) in decided.into_iter().enumerate() {
        let is_same = (stands.status == SignalStatus::Confirmed) == (index % 2 == 0);
        match decided {
            Decided::Now(signal) | Decided::Before(signal) => assert!(is_same && signal == stands),
            Decided::Otherwise(signal) => assert!(!is_same && signal == stands),
        }
    }
    let (confirmed, dismissed) = f.labels(realm, EntityKind::User, "u1");
    assert_eq!(confirmed + dismissed, 1);
}

#[tokio::test]
async fn a_repeated_report_is_made_once() {
    let f = Fixture::new();
    let realm = live(f.tenant("acme").await);
    let store = f.store.of(realm);
    let new = || f.new_signal(realm, "u1");
    let Once::Now(made) =
        store.report_signal(&admin(), new(), |_| Value::Null, Some(repeatable(1))).await.unwrap()
    else {
        panic!("the first one makes it")
    };
    let again = store.report_signal(&admin(), new(), |_| Value::Null, Some(repeatable(1))).await.unwrap();
    assert_eq!(again, Once::Before(made.id.to_string().into_bytes()));
    let other = store.report_signal(&admin(), new(), |_| Value::Null, Some(repeatable(2))).await;
    assert!(matches!(other, Err(Error::IdempotencyConflict)));
    assert_eq!(store.signals(SignalFilter::default(), None, 9).await.unwrap(), [made]);
    assert_eq!(f.tallied(realm, Metric::Signals).await, 1);
}

#[tokio::test]
async fn what_people_wrote_is_sealed() {
    let f = Fixture::new();
    let realm = live(f.tenant("acme").await);
    let id = f.report(realm, "jane@x.example").await.id;
    f.decide(realm, id, Finding::Fraud).await.unwrap();
    let (body, notes): (Vec<u8>, Vec<u8>) = f
        .store
        .read(|connection| {
            let sql = "SELECT body, notes FROM main.signal";
            Ok(connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?)
        })
        .await
        .unwrap();
    for word in ["jane", "txn_123", "Bank"] {
        let is_in = |bytes: &[u8]| bytes.windows(word.len()).any(|window| window == word.as_bytes());
        assert!(!is_in(&body) && !is_in(&notes), "{word}");
    }
}

#[tokio::test]
async fn a_report_that_is_taken_back_counts_no_more_and_is_seen_with_its_account_only() {
    let f = Fixture::new();
    let (ours, theirs) = (live(f.tenant("ours").await), live(f.tenant("theirs").await));
    let (first, second) = (f.report(ours, "u1").await, f.report(ours, "u1").await);
    f.report(theirs, "u1").await;
    let (store, user) = (f.store.of(ours), f.key(ours, EntityKind::User, "u1"));
    let device = vec![f.key(ours, EntityKind::Device, "d1"), f.key(ours, EntityKind::Device, "d2")];
    assert_eq!(store.count_signals_of_devices(device.clone()).await.unwrap(), 2);

    let actor = admin();
    let back = |id| store.withdraw_signal(&actor, user, "chargeback", id);
    assert_eq!(back(None).await.unwrap().id, second.id);
    assert_eq!(store.count_signals_of_devices(device.clone()).await.unwrap(), 1);
    assert!(matches!(store.signal(second.id).await, Err(Error::NotFound(_))));
    assert!(matches!(back(Some(second.id)).await, Err(Error::NotFound(_))));
    let ids = |signals: Vec<Signal>| signals.iter().map(|signal| signal.id).collect::<Vec<_>>();
    assert_eq!(ids(store.signals(SignalFilter::default(), None, 10).await.unwrap()), [first.id]);
    let all = store.signals_of_account(user).await.unwrap();
    assert_eq!(all.iter().map(Signal::counts).collect::<Vec<_>>(), [false, true]);
    assert_eq!(ids(all), [second.id, first.id]);

    // One that was dismissed does not count either, and another kind or user is not meant.
    f.decide(ours, first.id, Finding::Legitimate).await.unwrap();
    assert!(matches!(back(None).await, Err(Error::NotFound(_))));
    assert_eq!(store.count_signals_of_devices(device).await.unwrap(), 0);
    let third = f.report(ours, "u2").await;
    assert!(matches!(back(Some(third.id)).await, Err(Error::NotFound(_))));
    let second_tenant = f.store.of(theirs).signals_of_account(f.key(theirs, EntityKind::User, "u1")).await;
    assert_eq!(second_tenant.unwrap().len(), 1);
}

#[tokio::test]
async fn of_many_who_take_the_newest_back_at_once_each_takes_another() {
    let f = Fixture::new();
    let ours = live(f.tenant("ours").await);
    for _ in 0..4 {
        f.report(ours, "u1").await;
    }
    let (store, user) = (f.store.of(ours), f.key(ours, EntityKind::User, "u1"));
    let actor = admin();
    let back = join_all((0..6).map(|_| store.withdraw_signal(&actor, user, "chargeback", None))).await;
    let mut taken: Vec<_> = back.into_iter().filter_map(Result::ok).map(|signal| signal.id).collect();
    taken.sort_unstable();
    taken.dedup();
    assert_eq!(taken.len(), 4);
}
