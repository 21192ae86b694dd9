//! The scoring calls over HTTP, durable, beside the empty handler; and how it changes as the store grows.

use std::{path::Path, time::Duration};

use crate::{
    Options,
    keyri::Browsers,
    load::{self, Call, FRAUDSENSE, INGEST, KEYRI, Measured},
    mobile::Mobile,
    server::{Server, bytes_in, exchange},
    traffic::Traffic,
};
use portcullis_domain::Stopwatch;

const BODIES: usize = 50_000;

/// Each dialect's scoring call.
pub async fn run(options: &Options) {
    let mut traffic = Traffic::new(1, 0);
    measure(options, "Ingest", INGEST, (0..BODIES).map(|_| traffic.body()).collect()).await;
    let mut mobile = Mobile::new(1);
    measure(options, "Fraudsense", FRAUDSENSE, (0..BODIES).map(|_| mobile.body()).collect()).await;
}

/// The keyri dialect's call: answers in clear to who sends the key for them, and encrypted to all others.
pub async fn run_keyri(options: &Options) {
    for (title, is_encrypted) in [("Keyri, answers in clear,", false), ("Keyri, encrypted answers,", true)] {
        let dir = tempfile::tempdir_in(".").unwrap();
        let server = Server::portcullis(&options.server, &dir.path().join("data")).await;
        let mut browsers = Browsers::new(server.address, is_encrypted).await;
        measure_on(options, title, KEYRI, (0..BODIES).map(|_| browsers.body()).collect(), server).await;
    }
}

async fn measure(options: &Options, title: &str, call: Call, bodies: Vec<String>) {
    let dir = tempfile::tempdir_in(".").unwrap();
    let server = Server::portcullis(&options.server, &dir.path().join("data")).await;
    measure_on(options, title, call, bodies, server).await;
}

/// Throughput and latency at 1, 16 and 64 connections, in turn with the baseline.
async fn measure_on(options: &Options, title: &str, call: Call, bodies: Vec<String>, server: Server) {
    let dir = tempfile::tempdir_in(".").unwrap();
    let mean = bodies.iter().map(String::len).sum::<usize>() / bodies.len();
    let requests = load::requests(call, bodies.into_iter(), &server.key);
    let answer = dir.path().join("answer.json");
    let sample = exchange(server.address, &requests[BODIES / 2]).await;
    println!("\n{title} over HTTP: requests of {mean} bytes, answers of {} bytes", sample.len());
    std::fs::write(&answer, sample).unwrap();
    let baseline = Server::baseline(&answer).await;
    // Every account once, so that the first measurement is not all new accounts.
    load::send_all(server.address, &requests, 64).await;

    println!(
        "| connections | empty handler /s | ours /s | ratio | empty p50 / p99 µs | ours p50 / p99 µs | p99 ratio |"
    );
    println!("|---|---|---|---|---|---|---|");
    let time = Duration::from_secs(options.seconds);
    for connections in [1, 16, 64] {
        let mut rounds = Vec::new();
        for _ in 0..options.rounds {
            let empty = load::send_for(baseline.address, &requests, connections, time).await;
            let ours = load::send_for(server.address, &requests, connections, time).await;
            rounds.push((empty, ours));
        }
        let ratio = median(rounds.iter().map(|(empty, ours)| ours.per_second / empty.per_second));
        let p99_ratio =
            median(rounds.iter().map(|(empty, ours)| f64::from(ours.p99_us) / f64::from(empty.p99_us)));
        let (empty, ours) = rounds[rounds.len() / 2];
        println!(
            "| {connections} | {:.0} | {:.0} | {ratio:.2} | {} / {} | {} / {} | {p99_ratio:.1} |",
            empty.per_second, ours.per_second, empty.p50_us, empty.p99_us, ours.p50_us, ours.p99_us
        );
    }
    println!("\nResident memory {:.0} MiB", server.resident_mib());
    server.stop().await;
}

/// The same call with few and with many stored events; size on disk, memory, and restart after a kill.
pub async fn growth(options: &Options) {
    let dir = tempfile::tempdir_in(".").unwrap();
    println!("\nGrowth, at 16 connections");
    println!(
        "| stored events | /s | p50 µs | p99 µs | bytes on disk per event | resident MiB | ready after kill -9, s |"
    );
    println!("|---|---|---|---|---|---|---|");
    let mut first: Option<Measured> = None;
    let mut p50_ratio = 0.0;
    let mut p99_ratio = 0.0;
    for events in [10_000, options.events] {
        let data = dir.path().join(events.to_string());
        let server = Server::portcullis(&options.server, &data).await;
        let mut traffic = Traffic::new(7, 0);
        fill(&server, &mut traffic, events).await;
        let requests = load::requests(INGEST, (0..BODIES).map(|_| traffic.body()), &server.key);
        let time = Duration::from_secs(options.seconds);
        let mut rounds = Vec::new();
        for _ in 0..options.rounds {
            rounds.push(load::send_for(server.address, &requests, 16, time).await);
        }
        rounds.sort_by_key(|round| round.p50_us);
        let measured = rounds[rounds.len() / 2];
        let resident = server.resident_mib();
        server.kill().await;
        let (ready, stored) = restart(options, &data).await;
        println!(
            "| {events} | {:.0} | {} | {} | {:.0} | {resident:.0} | {ready:.2} |",
            measured.per_second, measured.p50_us, measured.p99_us, stored
        );
        if let Some(first) = first {
            p50_ratio = f64::from(measured.p50_us) / f64::from(first.p50_us);
            p99_ratio = f64::from(measured.p99_us) / f64::from(first.p99_us);
        }
        first.get_or_insert(measured);
    }
    println!("\nGrowth of latency: p50 {p50_ratio:.2}, p99 {p99_ratio:.2}");
}

/// Seconds until the server is ready again, and the bytes per event once everything is written out.
async fn restart(options: &Options, data: &Path) -> (f64, f64) {
    let stopwatch = Stopwatch::start();
    let server = Server::portcullis(&options.server, data).await;
    let ready = stopwatch.elapsed().as_secs_f64();
    server.stop().await;
    let events = portcullis_store::count_events(data).unwrap();
    (ready, bytes_in(data) as f64 / events as f64)
}

async fn fill(server: &Server, traffic: &mut Traffic, events: usize) {
    let mut left = events;
    while left > 0 {
        let now = left.min(100_000);
        let requests = load::requests(INGEST, (0..now).map(|_| traffic.body()), &server.key);
        load::send_all(server.address, &requests, 64).await;
        left -= now;
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
