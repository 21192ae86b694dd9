//! Microseconds per `engine::evaluate`, with the facts of an ordinary signup known.

use std::hint::black_box;

use portcullis_domain::{
    Dialect, EventType, EventTypes, Limits, Outcome, Policy, PolicyRule, RuleMode, Stopwatch, policy::Band,
};
use portcullis_engine::{Plan, evaluate, signals};

use crate::transact::ordinary_facts;

const RUNS: u32 = 2_000_000;

/// Prints the figure, with every shipped signal as a rule.
pub fn run() {
    let micros = micros_per_run(&Plan::compile(shipped_policy()).unwrap(), RUNS);
    println!("evaluate, {} signals: {micros:.2} µs", signals::ALL.len());
}

/// Every shipped signal as a rule.
pub fn shipped_policy() -> Policy {
    let rule = |signal: &&signals::Signal| PolicyRule {
        signal: signal.code.to_owned(),
        code: signal.code.to_owned(),
        label: signal.title.to_owned(),
        weight: 10,
        enabled: true,
        mode: RuleMode::Live,
        applies_to: EventTypes::ALL,
        category: None,
        soft: false,
        custom: None,
    };
    Policy {
        dialect: Dialect::Ingest,
        bands: vec![Band { name: "ALL".to_owned(), max: None, outcome: Outcome::Allow }],
        limits: Limits::default(),
        max_score: None,
        factors: Vec::new(),
        labels: Vec::new(),
        monitor: false,
        learned: None,
        verdicts: Vec::new(),
        rules: signals::ALL.iter().map(rule).collect(),
    }
}

/// Microseconds for one ordinary signup.
pub fn micros_per_run(plan: &Plan, runs: u32) -> f64 {
    let facts = ordinary_facts();
    let stopwatch = Stopwatch::start();
    for _ in 0..runs {
        black_box(evaluate(black_box(&facts), EventType::Signup, black_box(plan)));
    }
    stopwatch.elapsed().as_secs_f64() * 1e6 / f64::from(runs)
}
