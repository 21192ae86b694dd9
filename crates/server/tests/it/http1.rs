//! HTTP/1: connections that are used again, and requests that are not what they should be.

use crate::support::{patient, start, within};

#[tokio::test]
async fn a_connection_is_used_again_and_knows_its_peer() {
    let server = start(patient());
    let mut client = server.connect().await;
    let first = client.get("/peer").await;
    assert!(first.starts_with("HTTP/1.1 200 "), "{first}");
    assert!(first.contains("\r\n\r\n127.0.0.1:"), "{first}");
    assert_eq!(client.get("/peer").await.lines().last(), first.lines().last());
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let server = start(patient());
    let mut client = server.connect().await;
    let echo = |word| {
        let length = str::len(word);
        format!("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: {length}\r\n\r\n{word}")
    };
    client.send(&[echo("one"), echo("three"), echo("")].concat()).await;
    assert!(client.read_answer().await.ends_with("\r\n\r\none"));
    assert!(client.read_answer().await.ends_with("\r\n\r\nthree"));
    assert!(client.read_answer().await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn a_head_that_is_too_big_is_answered_431() {
    let server = start(patient());
    let big = format!("X-Bomb: {}\r\n", "x".repeat(32 * 1024));
    let many = "X-Bomb: x\r\n".repeat(200);
    for bomb in [big, many] {
        let mut client = server.connect().await;
        client.send(&format!("GET /healthz HTTP/1.1\r\nHost: test\r\n{bomb}\r\n")).await;
        let answer = client.read_to_end().await;
        assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    }
}

#[tokio::test]
async fn a_head_without_an_end_is_not_read_to_its_end() {
    let server = start(patient());
    let mut client = server.connect().await;
    client.send("GET /healthz HTTP/1.1\r\nX-Bomb: ").await;
    let line = "x".repeat(1024);
    let sent = within(async {
        let mut sent = 0;
        while client.try_send(&line).await {
            sent += line.len();
        }
        sent
    });
    assert!(sent.await < 16 * 1024 * 1024, "what the kernel's buffers hold, at most");
}

#[tokio::test]
async fn a_body_whose_length_is_in_doubt_is_refused() {
    let server = start(patient());
    let doubtful = [
        "Content-Length: +5\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Content-Length : 5\r\n",
    ];
    for header in doubtful {
        let mut client = server.connect().await;
        client.send(&format!("POST /echo HTTP/1.1\r\nHost: test\r\n{header}\r\nhello")).await;
        let answer = client.read_to_end().await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{header:?}: {answer}");
    }
}
