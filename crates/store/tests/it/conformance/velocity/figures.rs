//! What of checks is counted for analytics.

use portcullis_store::{Metric, RuleFigure, TallyReader};

use super::*;

/// What is counted of a rule, in the order of [`RuleFigure`]: fired, would have blocked, blocked.
async fn figures(store: &Store, realm: Realm, rule: &VelocityRule) -> [u64; 3] {
    let id = rule.id;
    let of_rule = [RuleFigure::Fired, RuleFigure::WouldBlock, RuleFigure::Blocked];
    sums(store, realm, of_rule.map(|figure| Metric::rule(figure, id))).await
}

async fn exceeded(store: &Store, realm: Realm) -> u64 {
    let [exceeded] = sums(store, realm, [Metric::VelocityExceeded]).await;
    exceeded
}

async fn sums<const N: usize>(store: &Store, realm: Realm, metrics: [Metric; N]) -> [u64; N] {
    let now = store.clock().now();
    let (from, to) = (now.plus_millis(-HOUR_MS), now.plus_millis(HOUR_MS));
    let read = move |reader: &TallyReader<'_>| {
        metrics.iter().map(|metric| reader.sum(metric, from, to)).collect::<Result<Vec<_>, _>>()
    };
    store.of(realm).tallies(read).await.unwrap().try_into().unwrap()
}

#[tokio::test]
async fn each_check_beyond_a_rule_is_counted_once_and_for_each_rule() {
    let bed = Bed::new();
    let store = open_with(&bed, []).await;
    let blocking = add(&store, terms(2, HOUR_MS)).await;
    let watching =
        add(&store, VelocityTerms { enforcement: Some(Enforcement::Monitor), ..terms(1, HOUR_MS) }).await;
    let flagging = add(&store, VelocityTerms { on_exceed: OnExceed::Flag, ..terms(1, HOUR_MS) }).await;
    assert_eq!(attempts(&store, "u1").await, ["ok", "ok", "3600", "3600"]);
    assert_eq!(exceeded(&store, LIVE).await, 3);
    assert_eq!(figures(&store, LIVE, &blocking).await, [2, 0, 2]);
    assert_eq!(figures(&store, LIVE, &watching).await, [3, 3, 0]);
    assert_eq!(figures(&store, LIVE, &flagging).await, [3, 0, 0]);
    // Other users, and other data.
    assert_eq!(attempt(&store, "u2").await, "ok");
    assert_eq!((exceeded(&store, LIVE).await, exceeded(&store, TEST).await), (3, 0));
    assert_eq!(figures(&store, TEST, &blocking).await, [0; 3]);
    assert_eq!(exceeded(&store, OTHER).await, 0);
}

#[tokio::test]
async fn a_repeated_check_is_not_counted_again() {
    let bed = Bed::new();
    let store = open_with(&bed, [terms(1, HOUR_MS)]).await;
    assert_eq!(attempt(&store, "u1").await, "ok");
    for _ in 0..3 {
        let idempotency = Idempotency { key: [1; 16], body: [2; 16] };
        super::submit(&store, LIVE, by_user("verify", "u1"), Some(idempotency)).await.unwrap();
    }
    assert_eq!(exceeded(&store, LIVE).await, 1);
}
