//! Too much at once: connections over the cap, requests over the limit.

use portcullis_server::listen::Limits;

use crate::support::{patient, start, start_with};

#[tokio::test]
async fn connections_over_the_cap_are_closed_and_places_come_free() {
    let server = start(Limits { max_connections: 1, ..patient() });
    let mut first = server.connect().await;
    assert!(first.get("/healthz").await.ends_with("well"));
    assert_eq!(server.connect().await.read_to_end().await, "");
    assert!(first.get("/healthz").await.ends_with("well"), "the first is not disturbed");
    drop(first);
    loop {
        let mut next = server.connect().await;
        let asked = next.try_send("GET /healthz HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").await;
        if asked && next.read_to_end().await.ends_with("well") {
            break;
        }
    }
}

#[tokio::test]
async fn requests_over_the_limit_are_shed_while_health_checks_answer() {
    let server = start_with(patient(), 1, None);
    let mut held = server.connect().await;
    held.send("GET /wait HTTP/1.1\r\nHost: test\r\n\r\n").await;
    server.entered().await;

    let mut other = server.connect().await;
    other.send("GET /peer HTTP/1.1\r\nHost: test\r\nX-Request-Id: r-1\r\n\r\n").await;
    let shed = other.read_answer().await;
    assert!(shed.starts_with("HTTP/1.1 503 "), "{shed}");
    assert!(shed.contains("retry-after: 1\r\n"), "{shed}");
    assert!(shed.contains("content-type: application/problem+json\r\n"), "{shed}");
    assert!(shed.contains(r#""request_id":"r-1""#), "{shed}");
    assert!(other.get("/healthz").await.ends_with("well"));

    server.let_one_finish();
    assert!(held.read_answer().await.ends_with("waited"));
    assert!(other.get("/peer").await.starts_with("HTTP/1.1 200 "));
}
