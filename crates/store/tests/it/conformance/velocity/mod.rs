//! Attempts are counted exactly, and refused beyond what the rules allow.

mod cooldown;
mod figures;
mod model;
mod window;

use std::sync::Arc;

use domain::{EventType, Outcome, Realm};
use portcullis_domain as domain;
use portcullis_store::{
    Actor, Answer, Companions, Enforcement, Error, History, Idempotency, OnExceed, Recorded, Store,
    Submission, TriggeredRule, VelocityCheck, VelocityOutcome, VelocityRule, VelocityScope, VelocityTerms,
};

use crate::support::{Bed, LIVE, OTHER, TEST, decision, submission, touch};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

fn terms(limit: u32, window_ms: i64) -> VelocityTerms {
    VelocityTerms {
        name: "Limit".to_owned(),
        description: String::new(),
        action: "verify".to_owned(),
        limit,
        window_ms,
        scope: VelocityScope::UserId,
        on_exceed: OnExceed::Block,
        cooldown_ms: None,
        enforcement: None,
        enabled: true,
    }
}

/// The tenants of [`LIVE`], [`TEST`] and [`OTHER`].
async fn make_tenants(store: &Store) {
    for (slug, realm) in [("one", LIVE), ("two", OTHER)] {
        let made = store.create_tenant(&actor(), slug.to_owned(), slug.parse().unwrap()).await.unwrap();
        assert_eq!(made.id, realm.tenant);
    }
}

async fn open_with(bed: &Bed, rules: impl IntoIterator<Item = VelocityTerms>) -> Store {
    let store = bed.open();
    make_tenants(&store).await;
    for terms in rules {
        add(&store, terms).await;
    }
    store
}

async fn add(store: &Store, terms: VelocityTerms) -> VelocityRule {
    store.configuration(LIVE.tenant).create_velocity_rule(&actor(), terms).await.unwrap()
}

fn actor() -> Actor {
    Actor::machine("test")
}

fn by_user(action: &str, user: &str) -> VelocityCheck {
    let subjects = vec![(VelocityScope::UserId, user.to_owned())];
    VelocityCheck { action: action.to_owned(), subjects, window_ms: None }
}

async fn check(store: &Store, realm: Realm, check: VelocityCheck) -> VelocityOutcome {
    match submit(store, realm, check, None).await.unwrap() {
        Recorded::Now { found, .. } => found.unwrap().attempt.unwrap(),
        recorded => panic!("{recorded:?}"),
    }
}

/// An event whose attempt is refused exactly when the rules refuse it.
async fn submit(
    store: &Store,
    realm: Realm,
    check: VelocityCheck,
    idempotency: Option<Idempotency>,
) -> Result<Recorded, Error> {
    let companions = Companions { attempt: Some(check), ..Companions::default() };
    let render = |recorded: &Recorded| match recorded {
        Recorded::Now { found, .. } => {
            found.as_ref().unwrap().attempt.as_ref().unwrap().id.to_string().into_bytes()
        }
        recorded => panic!("{recorded:?}"),
    };
    let submission = Submission {
        idempotency,
        answer: idempotency.is_some().then(|| Answer(Box::new(render))),
        companions: Some(Box::new(companions)),
        ..submission(touch(store, realm, EventType::Attempt, &[]))
    };
    let decide = |history: &History<'_>| {
        let outcome = if history.attempt().unwrap().allowed { Outcome::Allow } else { Outcome::Block };
        decision(EventType::Attempt, history.at(), 0, outcome)
    };
    store.of(realm).transact(submission, decide).await
}

/// `ok`, or the seconds to wait.
async fn attempt(store: &Store, user: &str) -> String {
    let outcome = check(store, LIVE, by_user("verify", user)).await;
    assert_eq!(outcome.allowed, outcome.retry_after_s.is_none());
    outcome.retry_after_s.map_or_else(|| "ok".to_owned(), |seconds| seconds.to_string())
}

async fn attempts<const N: usize>(store: &Store, user: &str) -> [String; N] {
    let mut all = Vec::new();
    for _ in 0..N {
        all.push(attempt(store, user).await);
    }
    all.try_into().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_thirty_simultaneous_attempts_a_limit_of_three_allows_three() {
    let bed = Bed::new();
    let store = open_with(&bed, [terms(3, HOUR_MS)]).await;
    let tasks: Vec<_> = (0..30)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { check(&store, LIVE, by_user("verify", "u1")).await })
        })
        .collect();
    let mut allowed = 0;
    for task in tasks {
        let outcome = task.await.unwrap();
        allowed += usize::from(outcome.allowed);
        assert_eq!(outcome.retry_after_s, (!outcome.allowed).then_some(3_600));
    }
    assert_eq!(allowed, 3);
    assert_eq!(check(&store, LIVE, by_user("verify", "u1")).await.counts, [(VelocityScope::UserId, 3)]);
}

#[tokio::test]
async fn realms_actions_and_values_are_apart() {
    let bed = Bed::new();
    let store = open_with(&bed, [terms(1, HOUR_MS)]).await;
    let other = VelocityTerms { limit: 2, ..terms(2, HOUR_MS) };
    store.configuration(OTHER.tenant).create_velocity_rule(&actor(), other).await.unwrap();
    let same = || by_user("verify", "u1");
    for (realm, expected) in
        [(LIVE, [true, false, false]), (TEST, [true, false, false]), (OTHER, [true, true, false])]
    {
        for expected in expected {
            assert_eq!(check(&store, realm, same()).await.allowed, expected, "{realm:?}");
        }
    }
    assert!(check(&store, LIVE, by_user("verify", "u2")).await.allowed);
    for _ in 0..3 {
        assert!(check(&store, LIVE, by_user("login", "u1")).await.allowed, "no rule is for that");
    }
    let by_ip = VelocityCheck { subjects: vec![(VelocityScope::IpAddress, "u1".to_owned())], ..same() };
    let nobody = VelocityCheck { subjects: vec![], ..same() };
    for check_of in [by_ip, nobody] {
        for _ in 0..3 {
            assert!(check(&store, LIVE, check_of.clone()).await.allowed);
        }
    }
}

#[tokio::test]
async fn attempts_and_cooldowns_outlive_restarts_and_crashes() {
    let bed = Bed::new();
    let rule = VelocityTerms { cooldown_ms: Some(90 * MINUTE_MS), ..terms(2, HOUR_MS) };
    let store = open_with(&bed, [rule]).await;
    assert_eq!(attempt(&store, "u1").await, "ok");
    store.close().await.unwrap();
    drop(store);
    let store = bed.open();
    assert_eq!(attempts(&store, "u1").await, ["ok", "5400"]);
    let copy = tempfile::tempdir().unwrap();
    let after_crash = bed.open_crashed(copy.path());
    bed.clock.advance(70 * MINUTE_MS);
    assert_eq!(attempt(&after_crash, "u1").await, "1200", "the window has room, but the cooldown runs");
    assert_eq!(attempt(&store, "u1").await, "1200");
}

#[tokio::test]
async fn nothing_of_whom_it_is_about_is_in_the_files() {
    let bed = Bed::new();
    let store = open_with(&bed, [VelocityTerms { cooldown_ms: Some(HOUR_MS), ..terms(1, HOUR_MS) }]).await;
    let subjects = vec![
        (VelocityScope::UserId, "jane-doe-4711".to_owned()),
        (VelocityScope::IpAddress, "203.0.113.77".to_owned()),
        (VelocityScope::DeviceId, "device-of-jane".to_owned()),
    ];
    let request = VelocityCheck { action: "verify".to_owned(), subjects, window_ms: None };
    for _ in 0..2 {
        check(&store, LIVE, request.clone()).await;
    }
    assert!(!format!("{request:?}").contains("jane"));
    store.close().await.unwrap();
    for file in crate::support::files(bed.dir.path()) {
        let bytes = std::fs::read(&file).unwrap();
        for personal in ["jane-doe-4711", "203.0.113.77", "device-of-jane"] {
            let found = bytes.windows(personal.len()).any(|part| part == personal.as_bytes());
            assert!(!found, "{personal} in {}", file.display());
        }
    }
}

#[tokio::test]
async fn a_rule_is_felt_from_its_making_to_its_end() {
    let bed = Bed::new();
    let store = open_with(&bed, []).await;
    assert_eq!(attempts(&store, "u1").await, ["ok", "ok", "ok"]);
    let rule = add(&store, terms(2, HOUR_MS)).await;
    assert_eq!(attempt(&store, "u1").await, "3600", "attempts before the rule count");
    let of_one = store.configuration(LIVE.tenant);
    let enabled =
        |enabled| portcullis_store::VelocityRuleChange { enabled: Some(enabled), ..Default::default() };
    of_one.update_velocity_rule(&actor(), rule.id, enabled(false)).await.unwrap();
    assert_eq!(attempt(&store, "u1").await, "ok");
    let on = of_one.update_velocity_rule(&actor(), rule.id, enabled(true)).await.unwrap();
    let outcome = check(&store, LIVE, by_user("verify", "u1")).await;
    assert_eq!((outcome.triggered.len(), outcome.triggered[0].attempts), (1, 5));
    assert_eq!(outcome.triggered[0].rule, Arc::new(on));
    of_one.delete_velocity_rule(&actor(), rule.id).await.unwrap();
    assert_eq!(attempt(&store, "u1").await, "ok");
}

#[tokio::test]
async fn a_repeated_check_counts_once() {
    let bed = Bed::new();
    let store = open_with(&bed, [terms(2, HOUR_MS)]).await;
    let once = async |body: u8, realm| {
        let idempotency = Idempotency { key: [1; 16], body: [body; 16] };
        submit(&store, realm, by_user("verify", "u1"), Some(idempotency)).await
    };
    let Recorded::Now { found, .. } = once(1, LIVE).await.unwrap() else { panic!("it is new") };
    let first = found.unwrap().attempt.unwrap().id.to_string().into_bytes();
    for _ in 0..5 {
        let Recorded::Answered(again) = once(1, LIVE).await.unwrap() else { panic!("it is not new") };
        assert_eq!(again, first);
    }
    assert!(matches!(once(2, LIVE).await, Err(Error::IdempotencyConflict)));
    assert!(matches!(once(1, TEST).await, Ok(Recorded::Now { .. })));
    assert_eq!(attempts(&store, "u1").await, ["ok", "3600"]);
}
