//! Counts by the hour: every one in its hour, realm and metric, for 400 days.

use domain::{Realm, Timestamp};
use portcullis_domain as domain;
use portcullis_store::{Family, Metric, RuleFigure, RuleId, Store, VelocityRuleId};

use crate::support::{Bed, LIVE, OTHER, START, TEST};

const HOUR_MS: i64 = 60 * 60 * 1_000;
const DAY_MS: i64 = 24 * HOUR_MS;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(START + millis)
}

async fn add(store: &Store, realm: Realm, millis: i64, metric: Metric, n: u32) {
    store.of(realm).tally(at(millis), vec![(metric, n)]).await.unwrap();
}

async fn sum(store: &Store, realm: Realm, metric: Metric, from: i64, to: i64) -> u64 {
    store.of(realm).tallies(move |reader| reader.sum(&metric, at(from), at(to))).await.unwrap()
}

async fn series(store: &Store, metric: Metric, edges: &[i64]) -> Vec<u64> {
    let edges: Vec<_> = edges.iter().copied().map(at).collect();
    store.of(LIVE).tallies(move |reader| reader.series(&metric, &edges)).await.unwrap()
}

#[tokio::test]
async fn counts_are_kept_apart_by_hour_realm_and_metric() {
    let bed = Bed::new();
    let store = bed.open();
    for (millis, n) in [(-1, 1), (0, 2), (HOUR_MS - 1, 4), (HOUR_MS, 8), (DAY_MS, 16)] {
        add(&store, LIVE, millis, Metric::Signals, n).await;
    }
    add(&store, TEST, 0, Metric::Signals, 100).await;
    add(&store, OTHER, 0, Metric::Signals, 1_000).await;
    add(&store, LIVE, 0, Metric::Confirmed, 5).await;
    store.close().await.unwrap();
    drop(store);
    let store = bed.open();
    assert_eq!(sum(&store, LIVE, Metric::Signals, 0, HOUR_MS).await, 6);
    assert_eq!(sum(&store, LIVE, Metric::Signals, 0, DAY_MS).await, 14);
    assert_eq!(sum(&store, LIVE, Metric::Signals, -DAY_MS, 2 * DAY_MS).await, 31);
    assert_eq!(sum(&store, LIVE, Metric::Dismissed, -DAY_MS, 2 * DAY_MS).await, 0);
    assert_eq!(sum(&store, LIVE, Metric::Confirmed, 0, 1).await, 5, "the end is rounded up");
    assert_eq!(sum(&store, TEST, Metric::Signals, 0, HOUR_MS).await, 100);
    assert_eq!(sum(&store, OTHER, Metric::Signals, 0, HOUR_MS).await, 1_000);
}

#[tokio::test]
async fn a_series_has_every_interval_also_the_empty_ones() {
    let bed = Bed::new();
    let store = bed.open();
    for (millis, n) in [(-HOUR_MS, 1), (0, 2), (DAY_MS - 1, 4), (2 * DAY_MS, 8), (3 * DAY_MS, 16)] {
        add(&store, LIVE, millis, Metric::Blocked, n).await;
    }
    let days = [0, DAY_MS, 2 * DAY_MS, 3 * DAY_MS];
    assert_eq!(series(&store, Metric::Blocked, &days).await, [6, 0, 8]);
    assert_eq!(series(&store, Metric::Blocked, &[-DAY_MS, 0, 9 * DAY_MS]).await, [1, 30]);
    assert_eq!(series(&store, Metric::Events, &days).await, [0, 0, 0]);
    assert_eq!(series(&store, Metric::Blocked, &[0]).await, [0; 0]);
    assert_eq!(series(&store, Metric::Blocked, &[]).await, [0; 0]);
}

#[tokio::test]
async fn signals_are_told_apart_by_type_and_severity() {
    let bed = Bed::new();
    let store = bed.open();
    for (realm, millis, kind, severity) in [
        (LIVE, 0, "chargeback", "high"),
        (LIVE, HOUR_MS, "chargeback", "low"),
        (LIVE, HOUR_MS, "a:b;c", "high"),
        (LIVE, HOUR_MS, "", "high"),
        (LIVE, DAY_MS, "later", "high"),
        (OTHER, 0, "theirs", "high"),
    ] {
        let counts = Metric::of_report(kind, severity).map(|metric| (metric, 1));
        store.of(realm).tally(at(millis), counts.into()).await.unwrap();
    }
    let read = |by| {
        let job = move |reader: &portcullis_store::TallyReader<'_>| reader.by_name(by, at(0), at(DAY_MS));
        let live = store.of(LIVE);
        async move { live.tallies(job).await.unwrap() }
    };
    let pairs = |pairs: &[(&str, u64)]| -> Vec<(String, u64)> {
        pairs.iter().map(|&(name, n)| (name.to_owned(), n)).collect()
    };
    assert_eq!(read(Family::SignalTypes).await, pairs(&[("a:b;c", 1), ("chargeback", 2)]));
    assert_eq!(read(Family::SignalSeverities).await, pairs(&[("high", 3), ("low", 1)]));
    assert_eq!(sum(&store, LIVE, Metric::Signals, 0, DAY_MS).await, 4);
}

#[tokio::test]
async fn a_rule_of_either_kind_has_figures_of_its_own() {
    let bed = Bed::new();
    let store = bed.open();
    let custom: RuleId = "rule_000000000001".parse().unwrap();
    let velocity: VelocityRuleId = "vrule_000000000001".parse().unwrap();
    add(&store, LIVE, 0, Metric::rule(RuleFigure::Fired, custom), 3).await;
    add(&store, LIVE, 0, Metric::rule(RuleFigure::Fired, velocity), 4).await;
    for (metric, expected) in [
        (Metric::rule(RuleFigure::Fired, custom), 3),
        (Metric::rule(RuleFigure::Fired, velocity), 4),
        (Metric::rule(RuleFigure::Blocked, custom), 0),
    ] {
        assert_eq!(sum(&store, LIVE, metric, 0, HOUR_MS).await, expected);
    }
}

#[tokio::test]
async fn counts_are_forgotten_after_400_days_and_no_sooner() {
    let bed = Bed::new();
    let store = bed.open();
    // More series than one transaction looks at.
    for number in 0..250 {
        let realm = [LIVE, OTHER][number % 2];
        let kind = format!("type-{number}");
        let counts = vec![(Metric::signals_of_type(kind), 1), (Metric::Signals, 1)];
        store.of(realm).tally(at(0), counts).await.unwrap();
    }
    add(&store, LIVE, HOUR_MS, Metric::Signals, 7).await;
    bed.clock.advance(400 * DAY_MS + HOUR_MS - 1);
    assert_eq!(store.forget_old_tallies().await.unwrap(), 0);
    bed.clock.advance(1);
    assert_eq!(store.forget_old_tallies().await.unwrap(), 252);
    assert_eq!(sum(&store, LIVE, Metric::Signals, 0, DAY_MS).await, 7);
    assert_eq!(sum(&store, OTHER, Metric::Signals, 0, DAY_MS).await, 0);
    assert_eq!(store.forget_old_tallies().await.unwrap(), 0);
}
