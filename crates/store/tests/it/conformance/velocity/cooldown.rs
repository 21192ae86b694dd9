//! Rules that hold on after they were exceeded, and rules that do not refuse.

use super::*;

#[tokio::test]
async fn a_cooldown_refuses_although_the_window_has_room() {
    let bed = Bed::new();
    let rule = VelocityTerms { cooldown_ms: Some(90 * MINUTE_MS), ..terms(3, HOUR_MS) };
    let store = open_with(&bed, [rule]).await;
    assert_eq!(attempts(&store, "u1").await, ["ok", "ok", "ok", "5400"]);
    bed.clock.advance(HOUR_MS);
    // Refused attempts neither count nor lengthen it.
    assert_eq!(attempts(&store, "u1").await, ["1800", "1800"]);
    bed.clock.advance(30 * MINUTE_MS - 1);
    assert_eq!(attempt(&store, "u1").await, "1");
    bed.clock.advance(1);
    assert_eq!(attempts(&store, "u1").await, ["ok", "ok", "ok", "5400"]);
    assert_eq!(attempt(&store, "u2").await, "ok", "it is of one user");
}

#[tokio::test]
async fn a_window_that_is_full_beyond_the_cooldown_is_told() {
    let bed = Bed::new();
    let rule = VelocityTerms { cooldown_ms: Some(30 * MINUTE_MS), ..terms(3, HOUR_MS) };
    let store = open_with(&bed, [rule]).await;
    assert_eq!(attempts(&store, "u1").await, ["ok", "ok", "ok", "3600"]);
    bed.clock.advance(20 * MINUTE_MS);
    assert_eq!(attempt(&store, "u1").await, "2400");
    // The cooldown is over at 30; whoever exceeds the rule after that starts it anew.
    bed.clock.advance(25 * MINUTE_MS);
    assert_eq!(attempt(&store, "u1").await, "1800");
    bed.clock.advance(15 * MINUTE_MS);
    assert_eq!(attempt(&store, "u1").await, "900");
    bed.clock.advance(15 * MINUTE_MS);
    assert_eq!(attempt(&store, "u1").await, "ok");
}

#[tokio::test]
async fn waiting_as_long_as_told_is_enough() {
    let bed = Bed::new();
    let rule = VelocityTerms { cooldown_ms: Some(30 * MINUTE_MS), ..terms(3, HOUR_MS) };
    let store = open_with(&bed, [rule]).await;
    assert_eq!(attempts(&store, "u1").await, ["ok", "ok", "ok", "3600"]);
    bed.clock.advance(HOUR_MS);
    assert_eq!(attempt(&store, "u1").await, "ok");
}

#[tokio::test]
async fn a_shortened_cooldown_is_shorter_at_once() {
    let bed = Bed::new();
    let store = open_with(&bed, []).await;
    let rule = add(&store, VelocityTerms { cooldown_ms: Some(HOUR_MS), ..terms(1, 1_000) }).await;
    assert_eq!(attempts(&store, "u1").await, ["ok", "3600"]);
    for (cooldown_ms, expected) in [(Some(10_000), "10"), (None, "1")] {
        let change =
            portcullis_store::VelocityRuleChange { cooldown_ms: Some(cooldown_ms), ..Default::default() };
        store.configuration(LIVE.tenant).update_velocity_rule(&actor(), rule.id, change).await.unwrap();
        assert_eq!(attempt(&store, "u1").await, expected);
    }
}

#[tokio::test]
async fn rules_that_do_not_block_are_told_and_allow() {
    for on_exceed in [OnExceed::Challenge, OnExceed::Review, OnExceed::Flag] {
        let bed = Bed::new();
        let rule = VelocityTerms { on_exceed, cooldown_ms: Some(2 * HOUR_MS), ..terms(1, HOUR_MS) };
        let store = open_with(&bed, [rule]).await;
        for (advance, triggered, attempts) in
            [(0, 0, 0), (0, 1, 2), (HOUR_MS, 1, 1), (HOUR_MS - 1, 1, 2), (HOUR_MS, 0, 0)]
        {
            bed.clock.advance(advance);
            let outcome = check(&store, LIVE, by_user("verify", "u1")).await;
            assert!(outcome.allowed && !outcome.would_block && outcome.retry_after_s.is_none());
            assert_eq!(outcome.triggered.len(), triggered);
            assert!(outcome.triggered.iter().all(|it| it.attempts == attempts && !it.blocks()));
        }
    }
}

#[tokio::test]
async fn a_monitored_rule_only_says_that_it_would_block() {
    let bed = Bed::new();
    let rule = VelocityTerms { enforcement: Some(Enforcement::Monitor), ..terms(1, HOUR_MS) };
    let flag = VelocityTerms { on_exceed: OnExceed::Flag, ..rule.clone() };
    let store = open_with(&bed, [rule, flag]).await;
    for (would_block, triggered) in [(false, vec![]), (true, vec![true, false]), (true, vec![true, false])] {
        let outcome = check(&store, LIVE, by_user("verify", "u1")).await;
        assert_eq!((outcome.allowed, outcome.would_block), (true, would_block));
        let told: Vec<_> = outcome.triggered.iter().map(TriggeredRule::would_block).collect();
        assert_eq!(told, triggered);
    }
}
