//! Peers that are slow: each has its deadline, and nobody is cut off before it.

use std::time::Duration;

use portcullis_domain::Stopwatch;
use portcullis_server::{listen::Limits, tls};
use tokio::time::sleep;

use crate::support::{patient, start, start_with};

const SHORT: Duration = Duration::from_millis(200);

#[tokio::test]
async fn a_silent_connection_is_closed() {
    let server = start(Limits { header_timeout: SHORT, ..patient() });
    let mut client = server.connect().await;
    let waited = Stopwatch::start();
    assert_eq!(client.read_to_end().await, "");
    assert!(waited.elapsed() * 4 >= SHORT * 3, "{:?}", waited.elapsed());
}

#[tokio::test]
async fn a_silent_connection_to_the_tls_port_is_closed() {
    let dir = tempfile::tempdir().unwrap();
    let files = tls::CertificateFiles::self_signed(dir.path(), [127, 0, 0, 1].into()).unwrap();
    let tls = tls::server_config(tls::Certificate::load(files).unwrap()).unwrap();
    let server = start_with(Limits { handshake_timeout: SHORT, ..patient() }, 1, Some(tls));
    assert_eq!(server.connect().await.read_to_end().await, "");
}

#[tokio::test]
async fn part_of_a_head_is_closed() {
    let server = start(Limits { header_timeout: SHORT, ..patient() });
    let mut client = server.connect().await;
    client.send("GET /healthz HTTP/1.1\r\nHo").await;
    assert_eq!(client.read_to_end().await, "");
}

#[tokio::test]
async fn part_of_an_http2_preface_is_closed() {
    let server = start(Limits { header_timeout: SHORT, ..patient() });
    let mut client = server.connect().await;
    client.send("PRI * HT").await;
    assert_eq!(client.read_to_end().await, "");
}

#[tokio::test]
async fn a_head_that_trickles_is_closed_also_on_a_used_connection() {
    let server = start(Limits { header_timeout: SHORT, ..patient() });
    let mut client = server.connect().await;
    assert!(client.get("/healthz").await.ends_with("well"));
    client.send("GET /healthz HTTP/1.1\r\nX: ").await;
    let waited = Stopwatch::start();
    while client.try_send("x").await {
        assert!(waited.elapsed() < Duration::from_secs(5), "still open");
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_connection_between_requests_outlives_the_header_deadline_but_not_the_idle_one() {
    let server = start(Limits { header_timeout: SHORT, idle_timeout: 4 * SHORT, ..patient() });
    let mut client = server.connect().await;
    client.get("/healthz").await;
    sleep(2 * SHORT).await;
    assert!(client.get("/healthz").await.ends_with("well"));
    assert_eq!(client.read_to_end().await, "");
}

#[tokio::test]
async fn a_body_that_does_not_come_is_answered_408() {
    let server = start(Limits { body_timeout: SHORT, ..patient() });
    let mut client = server.connect().await;
    client.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhe").await;
    let answer = client.read_to_end().await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("content-type: application/problem+json\r\n"), "{answer}");
    assert!(answer.contains("connection: close\r\n"), "{answer}");
    assert!(answer.contains(r#""status":408"#), "{answer}");
}

#[tokio::test]
async fn a_body_that_trickles_is_answered_408() {
    let server = start(Limits { body_timeout: SHORT, ..patient() });
    let mut client = server.connect().await;
    client.send("POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n").await;
    let waited = Stopwatch::start();
    while waited.elapsed() < 2 * SHORT && client.try_send("1\r\nx\r\n").await {
        sleep(Duration::from_millis(20)).await;
    }
    let answer = client.read_to_end().await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(waited.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_body_in_two_pieces_is_waited_for() {
    let server = start(patient());
    let mut client = server.connect().await;
    client.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhe").await;
    sleep(SHORT).await;
    client.send("llo").await;
    assert!(client.read_answer().await.ends_with("\r\n\r\nhello"));
}

#[tokio::test]
async fn a_peer_that_does_not_take_its_answer_is_closed() {
    let limits = Limits { stall_timeout: SHORT, idle_timeout: SHORT, header_timeout: SHORT, ..patient() };
    let server = start(limits);
    let mut client = server.connect().await;
    client.send("GET /big HTTP/1.1\r\nHost: test\r\n\r\n").await;
    sleep(4 * SHORT).await;
    let taken = client.read_to_end().await.len();
    assert!(taken < 32 * 1024 * 1024, "all of it came");
}
