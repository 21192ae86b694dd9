//! What is counted: every recorded event once, in the month of its recording.

use domain::{Dialect, EventType, Mode, Outcome, Realm, TenantId};
use portcullis_domain as domain;
use portcullis_store::{Idempotency, Recorded, Store, Usage};

use crate::support::{Bed, LIVE, OTHER, TEST, decision, submission, touch};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

async fn usage(store: &Store, tenant: u32, dialect: Dialect) -> (u64, u64) {
    let Usage { total, this_month } = store.configuration(TenantId(tenant)).usage(dialect).await.unwrap();
    (total, this_month)
}

/// Records an event; whether it was recorded now.
async fn record(store: &Store, realm: Realm, dialect: Dialect, idempotency: Option<Idempotency>) -> bool {
    let mut new = submission(touch(store, realm, EventType::Login, &[]));
    new.idempotency = idempotency;
    let decide = move |history: &portcullis_store::History<'_>| {
        let mut decision = decision(EventType::Login, history.at(), 0, Outcome::Allow);
        decision.dialect = dialect;
        decision
    };
    matches!(store.of(realm).transact(new, decide).await.unwrap(), Recorded::Now { .. })
}

#[tokio::test]
async fn both_modes_count_together_and_tenants_and_dialects_apart() {
    let bed = Bed::new();
    let store = bed.open();
    let events = [(LIVE, Dialect::Fraudsense), (TEST, Dialect::Fraudsense), (LIVE, Dialect::Ingest)]
        .into_iter()
        .chain(std::iter::repeat_n((OTHER, Dialect::Fraudsense), 300));
    // All at once, so that batches have several tenants and there is more than one.
    let calls = events.map(|(realm, dialect)| record(&store, realm, dialect, None));
    assert!(futures_util::future::join_all(calls).await.into_iter().all(|is_new| is_new));
    assert_eq!(usage(&store, 1, Dialect::Fraudsense).await, (2, 2));
    assert_eq!(usage(&store, 1, Dialect::Ingest).await, (1, 1));
    assert_eq!(usage(&store, 1, Dialect::Signet).await, (0, 0));
    assert_eq!(usage(&store, 2, Dialect::Fraudsense).await, (300, 300));
    assert_eq!(usage(&store, 3, Dialect::Fraudsense).await, (0, 0));
}

#[tokio::test]
async fn a_replayed_answer_is_not_counted_and_neither_is_what_could_not_be_judged() {
    let bed = Bed::new();
    let store = bed.open();
    let once = Some(Idempotency { key: [1; 16], body: [2; 16] });
    assert!(record(&store, LIVE, Dialect::Ingest, once).await);
    assert!(!record(&store, LIVE, Dialect::Ingest, once).await);
    let new = submission(touch(&store, LIVE, EventType::Login, &[]));
    let broken = store.of(LIVE).transact(new, |_| -> domain::Decision { panic!("a rule is broken") }).await;
    assert!(broken.is_err());
    assert_eq!(usage(&store, 1, Dialect::Ingest).await, (1, 1));
}

#[tokio::test]
async fn each_month_begins_at_nothing_and_the_total_goes_on() {
    let bed = Bed::new();
    let store = bed.open();
    let realm = Realm { tenant: TenantId(1), mode: Mode::Test };
    bed.clock.advance(31 * DAY_MS - 1);
    record(&store, realm, Dialect::Ingest, None).await;
    assert_eq!(usage(&store, 1, Dialect::Ingest).await, (1, 1));
    bed.clock.advance(1);
    assert_eq!(usage(&store, 1, Dialect::Ingest).await, (1, 0));
    record(&store, realm, Dialect::Ingest, None).await;
    record(&store, realm, Dialect::Ingest, None).await;
    assert_eq!(usage(&store, 1, Dialect::Ingest).await, (3, 2));
    store.close().await.unwrap();
    drop(store);
    assert_eq!(usage(&bed.open(), 1, Dialect::Ingest).await, (3, 2));
}
