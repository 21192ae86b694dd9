//! Which attempts count, and when one may be tried again.

use super::*;

#[tokio::test]
async fn the_window_slides_to_the_millisecond() {
    let bed = Bed::new();
    let store = open_with(&bed, [terms(2, 10_000)]).await;
    assert_eq!(attempt(&store, "u1").await, "ok");
    bed.clock.advance(3_500);
    assert_eq!(attempts(&store, "u1").await, ["ok", "7"], "6.5 s rounded up");
    bed.clock.advance(500);
    assert_eq!(attempt(&store, "u1").await, "6", "exactly 6 s");
    bed.clock.advance(5_999);
    assert_eq!(attempt(&store, "u1").await, "1", "a millisecond before the first one leaves");
    bed.clock.advance(1);
    assert_eq!(attempts(&store, "u1").await, ["ok", "4"], "the second one is the oldest now");
}

#[tokio::test]
async fn waiting_as_long_as_told_is_enough_even_if_the_limit_was_lowered() {
    let bed = Bed::new();
    let store = open_with(&bed, []).await;
    for _ in 0..5 {
        assert_eq!(attempt(&store, "u1").await, "ok");
        bed.clock.advance(1_000);
    }
    add(&store, terms(2, 100_000)).await;
    assert_eq!(attempt(&store, "u1").await, "98", "until one of five is left");
    bed.clock.advance(97_999);
    assert_eq!(attempt(&store, "u1").await, "1");
    bed.clock.advance(1);
    assert_eq!(attempt(&store, "u1").await, "ok");
}

#[tokio::test]
async fn of_two_rules_the_longer_wait_is_told() {
    let bed = Bed::new();
    let store = open_with(&bed, [terms(1, 10_000), terms(3, HOUR_MS)]).await;
    for wait in ["10", "10", "3580"] {
        assert_eq!(attempt(&store, "u1").await, "ok");
        assert_eq!(attempt(&store, "u1").await, wait);
        bed.clock.advance(10_000);
    }
    let outcome = check(&store, LIVE, by_user("verify", "u1")).await;
    assert_eq!(
        (outcome.retry_after_s, outcome.triggered.len()),
        (Some(3_570), 1),
        "only the slower one holds"
    );
}

#[tokio::test]
async fn each_scope_has_its_own_attempts_and_a_refused_one_counts_nowhere() {
    let bed = Bed::new();
    let by_ip = VelocityTerms { scope: VelocityScope::IpAddress, ..terms(3, HOUR_MS) };
    let store = open_with(&bed, [terms(2, HOUR_MS), by_ip]).await;
    let both = |user: &str| VelocityCheck {
        subjects: vec![
            (VelocityScope::UserId, user.to_owned()),
            (VelocityScope::IpAddress, "192.0.2.1".to_owned()),
            (VelocityScope::DeviceId, "d1".to_owned()),
        ],
        ..by_user("verify", user)
    };
    for (user, allowed, counts) in [
        ("u1", true, [1, 1, 1]),
        ("u1", true, [2, 2, 2]),
        ("u1", false, [2, 2, 2]),
        ("u2", true, [1, 3, 3]),
        ("u2", false, [1, 3, 3]),
        ("u3", false, [0, 3, 3]),
    ] {
        let outcome = check(&store, LIVE, both(user)).await;
        let found: Vec<_> = outcome.counts.iter().map(|(_, count)| *count).collect();
        assert_eq!((outcome.allowed, found.as_slice()), (allowed, counts.as_slice()), "{user}");
    }
}

#[tokio::test]
async fn without_a_rule_the_callers_window_is_counted() {
    let bed = Bed::new();
    let store = open_with(&bed, []).await;
    let count = |window_ms| VelocityCheck { window_ms, ..by_user("verify", "u1") };
    for (advance, window_ms, expected) in [
        (0, Some(HOUR_MS), 1),
        (0, Some(HOUR_MS), 2),
        (HOUR_MS - 1, Some(HOUR_MS), 3),
        (1, Some(HOUR_MS), 2),
        (0, None, 5),
        (23 * HOUR_MS, None, 4),
    ] {
        bed.clock.advance(advance);
        let outcome = check(&store, LIVE, count(window_ms)).await;
        assert!(outcome.allowed && outcome.triggered.is_empty());
        assert_eq!(outcome.counts, [(VelocityScope::UserId, expected)]);
    }
}

#[tokio::test]
async fn what_left_every_window_is_forgotten() {
    let bed = Bed::new();
    let week = 7 * 24 * HOUR_MS;
    let store = open_with(&bed, [terms(50, week)]).await;
    let count = |window_ms| VelocityCheck { window_ms: Some(window_ms), ..by_user("verify", "u1") };
    for _ in 0..40 {
        check(&store, LIVE, by_user("verify", "u1")).await;
        check(&store, LIVE, by_user("login", "u2")).await;
    }
    bed.clock.advance(week);
    for _ in 0..10 {
        check(&store, LIVE, by_user("other", "u3")).await;
    }
    // Windows that nobody asked for before show what is still there.
    assert_eq!(check(&store, LIVE, count(10 * week)).await.counts, [(VelocityScope::UserId, 1)]);
    let login = VelocityCheck { action: "login".to_owned(), ..count(10 * week) };
    let login = VelocityCheck { subjects: by_user("", "u2").subjects, ..login };
    assert_eq!(check(&store, LIVE, login).await.counts, [(VelocityScope::UserId, 1)]);
}

#[tokio::test]
async fn old_attempts_are_forgotten_without_checks_too() {
    let bed = Bed::new();
    let store = open_with(&bed, [VelocityTerms { cooldown_ms: Some(HOUR_MS), ..terms(3, HOUR_MS) }]).await;
    assert_eq!(attempts(&store, "u1").await, ["ok", "ok", "ok", "3600"]);
    assert_eq!(store.forget_old_attempts().await.unwrap(), 0);
    bed.clock.advance(HOUR_MS);
    assert_eq!(store.forget_old_attempts().await.unwrap(), 1, "the cooldown");
    bed.clock.advance(23 * HOUR_MS);
    assert_eq!(store.forget_old_attempts().await.unwrap(), 3);
}

#[tokio::test]
async fn a_clock_that_steps_back_a_little_does_not_lose_attempts() {
    let bed = Bed::new();
    let store = open_with(&bed, [terms(2, HOUR_MS)]).await;
    assert_eq!(attempt(&store, "u1").await, "ok");
    bed.clock.advance(-MINUTE_MS);
    assert_eq!(attempts(&store, "u1").await, ["ok", "3600"]);
    bed.clock.advance(-1);
    assert_eq!(attempt(&store, "u1").await, "ok", "it was wrong before");
}
