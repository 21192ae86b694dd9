//! Leaving: requests in hand are answered, idle connections closed, new ones refused.

use std::{sync::atomic::Ordering, time::Duration};

use portcullis_server::listen::Limits;
use tokio::net::TcpStream;

use crate::support::{patient, start, within};

/// The watchdog looks often, so that idle connections are closed soon.
fn quick() -> Limits {
    Limits { header_timeout: Duration::from_millis(400), ..patient() }
}

#[tokio::test]
async fn the_request_in_hand_is_answered_and_new_connections_are_refused() {
    let server = start(quick());
    let ready = server.drain.readiness();
    let mut busy = server.connect().await;
    busy.send("GET /wait HTTP/1.1\r\nHost: test\r\n\r\n").await;
    server.entered().await;
    assert!(ready.load(Ordering::Acquire));

    server.drain.begin();
    assert!(!ready.load(Ordering::Acquire), "readiness drops at once");
    within(async { while TcpStream::connect(server.addr).await.is_ok() {} }).await;
    assert!(!server.done.is_finished(), "it waits for the request");

    server.let_one_finish();
    let answer = busy.read_to_end().await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("waited"), "{answer}");
    assert!(answer.contains("connection: close\r\n"), "{answer}");
    assert!(within(server.done).await.unwrap(), "nothing was cut off");
}

#[tokio::test]
async fn an_idle_connection_is_closed_and_a_busy_one_told_to_close() {
    let server = start(quick());
    let mut idle = server.connect().await;
    idle.get("/healthz").await;
    let mut next = server.connect().await;
    next.get("/healthz").await;
    server.drain.begin();
    assert!(next.get("/healthz").await.contains("connection: close\r\n"));
    assert_eq!(idle.read_to_end().await, "");
    assert!(within(server.done).await.unwrap());
}

#[tokio::test]
async fn a_request_that_never_ends_does_not_hold_the_drain() {
    let server = start(Limits { drain_timeout: Duration::from_millis(100), ..quick() });
    let mut stuck = server.connect().await;
    stuck.send("GET /wait HTTP/1.1\r\nHost: test\r\n\r\n").await;
    server.entered().await;
    server.drain.begin();
    assert!(!within(server.done).await.unwrap(), "it says that something was cut off");
}
