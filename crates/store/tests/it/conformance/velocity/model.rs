//! Checks at random times against a naive model that remembers everything.

use std::collections::HashMap;

use proptest::{collection::vec, prelude::*};

use super::*;

type Rule = (u32, i64, usize, usize, Option<i64>, bool);

fn rule() -> impl Strategy<Value = Rule> {
    let scope = 0..VelocityScope::ALL.len();
    let on_exceed = prop_oneof![3 => Just(0), 1 => 1..OnExceed::ALL.len()];
    (1..4u32, 1..60i64, scope, on_exceed, proptest::option::of(1..60i64), prop::bool::weighted(0.8))
}

fn terms_of(&(limit, window, scope, on_exceed, cooldown, enforced): &Rule) -> VelocityTerms {
    VelocityTerms {
        scope: VelocityScope::ALL[scope],
        on_exceed: OnExceed::ALL[on_exceed],
        cooldown_ms: cooldown.map(|units| units * 700),
        enforcement: if enforced { None } else { Some(Enforcement::Monitor) },
        ..terms(limit, window * 700)
    }
}

/// Milliseconds since the last check, and for each scope who, if anybody.
type Step = (i64, [Option<u8>; 3]);

fn step() -> impl Strategy<Value = Step> {
    let millis = prop_oneof![Just(0), 0..700i64, (0..40i64).prop_map(|units| units * 700)];
    (millis, std::array::from_fn(|_| proptest::option::weighted(0.8, 0..2u8)))
}

fn check_of(who: [Option<u8>; 3]) -> VelocityCheck {
    let named = VelocityScope::ALL.iter().zip(who);
    let subjects = named.filter_map(|(scope, who)| Some((*scope, who?.to_string()))).collect();
    VelocityCheck { action: "verify".to_owned(), subjects, window_ms: Some(7_000) }
}

/// Everything that happened.
#[derive(Default)]
struct Model {
    attempts: Vec<(i64, [Option<u8>; 3])>,
    cooldowns: HashMap<(usize, u8), i64>,
}

impl Model {
    fn times(&self, scope: usize, who: u8, window_ms: i64, now: i64) -> Vec<i64> {
        let of_who = self.attempts.iter().filter(|(_, all)| all[scope] == Some(who)).map(|(at, _)| *at);
        of_who.filter(|at| now - window_ms < *at && *at <= now).collect()
    }

    /// The seconds to wait when refused, the rules that the attempt is beyond, and the counts.
    fn check(
        &mut self,
        rules: &[VelocityTerms],
        who: [Option<u8>; 3],
        now: i64,
    ) -> (Option<i64>, Vec<(usize, u64)>, Vec<u64>) {
        let (mut wait_ms, mut triggered) = (None, Vec::new());
        for (index, rule) in rules.iter().enumerate() {
            let scope = rule.scope as usize;
            let Some(who) = who[scope] else { continue };
            let times = self.times(scope, who, rule.window_ms, now);
            let is_full = times.len() >= rule.limit as usize;
            let until = self.cooldowns.get(&(index, who)).copied().filter(|until| *until > now);
            if !is_full && until.is_none() {
                continue;
            }
            let until = until.or_else(|| rule.cooldown_ms.map(|cooldown| now + cooldown));
            until.map(|until| self.cooldowns.insert((index, who), until));
            let leaves = is_full.then(|| times[times.len() - rule.limit as usize] + rule.window_ms);
            triggered.push((index, times.len() as u64 + 1));
            if rule.on_exceed == OnExceed::Block && rule.enforcement.is_none() {
                wait_ms = wait_ms.max(until.max(leaves).map(|at| at - now));
            }
        }
        if wait_ms.is_none() {
            self.attempts.push((now, who));
        }
        let given = (0..3).filter_map(|scope| Some((scope, who[scope]?)));
        let counts = given.map(|(scope, who)| self.times(scope, who, 7_000, now).len() as u64).collect();
        (wait_ms.map(|millis| (millis + 999).div_euclid(1_000)), triggered, counts)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn checks_are_as_a_naive_model_says(rules in vec(rule(), 1..4), steps in vec(step(), 1..60)) {
        let terms: Vec<_> = rules.iter().map(terms_of).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let bed = Bed::new();
            let store = open_with(&bed, terms.clone()).await;
            let ids: Vec<_> =
                store.control().velocity_rules(LIVE.tenant).iter().map(|rule| rule.id).collect();
            let (mut model, mut now) = (Model::default(), 0);
            for (millis, who) in steps {
                bed.clock.advance(millis);
                now += millis;
                let outcome = check(&store, LIVE, check_of(who)).await;
                let index = |id| ids.iter().position(|known| *known == id).unwrap();
                let triggered: Vec<_> =
                    outcome.triggered.iter().map(|it| (index(it.rule.id), it.attempts)).collect();
                let counts: Vec<_> = outcome.counts.iter().map(|(_, count)| *count).collect();
                let (wait, expected, expected_counts) = model.check(&terms, who, now);
                prop_assert_eq!(outcome.allowed, wait.is_none());
                prop_assert_eq!(outcome.retry_after_s, wait);
                prop_assert_eq!(triggered, expected);
                prop_assert_eq!(counts, expected_counts);
            }
            Ok(())
        })?;
    }
}
