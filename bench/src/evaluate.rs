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
    let policy = Policy {
        dialect: Dialect::Ingest,
        bands: vec![Band { name: "ALL".to_owned(), max: None, outcome: Outcome::Allow }],
        limits: Limits::default(),
        max_score: None,
        factors: Vec::new(),
        labels: Vec::new(),
        monitor: false,
        learned: None,
        rules: signals::ALL.iter().map(rule).collect(),
    };
    let plan = Plan::compile(policy).unwrap();
    let facts = ordinary_facts();
    let stopwatch = Stopwatch::start();
    for _ in 0..RUNS {
        black_box(evaluate(black_box(&facts), EventType::Signup, black_box(&plan)));
    }
    let micros = stopwatch.elapsed().as_secs_f64() * 1e6 / f64::from(RUNS);
    println!("evaluate, {} signals: {micros:.2} µs", signals::ALL.len());
}
