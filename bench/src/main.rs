//! Measures the promises, each beside a baseline in the same run: read the ratios, not the rates.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a bench that can not go on has nothing to measure, and its figures are its output"
)]

mod baseline;
mod devices;
mod evaluate;
mod http;
mod keyri;
mod load;
mod mobile;
mod rules;
mod server;
mod traffic;
mod transact;

use clap::Parser;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What to measure, and how long.
#[derive(Debug, Parser)]
struct Options {
    /// Seconds per measurement
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Rounds of each measurement; the median counts
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Stored events in the large store
    #[arg(long, default_value_t = 1_000_000)]
    events: usize,
    /// The server to measure
    #[arg(long, default_value = "target/release/portcullis")]
    server: std::path::PathBuf,
    /// Known devices in the large store
    #[arg(long, default_value_t = 1_000_000)]
    devices: usize,
    /// Only these parts: http, keyri, growth, evaluate, rules, transact, devices
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Serve the baseline on this address instead of measuring
    #[arg(long, hide = true)]
    serve_baseline: Option<std::net::SocketAddr>,
    /// The answer that the baseline gives
    #[arg(long, hide = true)]
    answer: Option<std::path::PathBuf>,
}

impl Options {
    fn wants(&self, part: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == part)
    }
}

fn main() {
    let options = Options::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    if let (Some(address), Some(answer)) = (options.serve_baseline, &options.answer) {
        runtime.block_on(baseline::serve(address, std::fs::read(answer).unwrap()));
        return;
    }
    if options.wants("evaluate") {
        evaluate::run();
    }
    if options.wants("rules") {
        rules::run(options.rounds);
    }
    if options.wants("transact") {
        transact::run();
    }
    if options.wants("devices") {
        runtime.block_on(devices::run(options.devices));
    }
    if options.wants("http") {
        runtime.block_on(http::run(&options));
    }
    if options.wants("keyri") {
        runtime.block_on(http::run_keyri(&options));
    }
    if options.wants("growth") {
        runtime.block_on(http::growth(&options));
    }
}
