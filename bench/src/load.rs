//! A load generator that costs as little as it can: prepared requests, keep-alive, one in hand per connection.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use portcullis_domain::Stopwatch;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// What a measurement gave.
#[derive(Clone, Copy, Debug)]
pub struct Measured {
    /// Answers per second.
    pub per_second: f64,
    /// Median latency, µs.
    pub p50_us: u32,
    /// 99th percentile, µs.
    pub p99_us: u32,
}

/// A scoring call.
#[derive(Clone, Copy)]
pub struct Call {
    /// Its path.
    pub path: &'static str,
    /// The header of the key; the keyri dialect has its keys in the body.
    pub key_header: Option<&'static str>,
}

/// The ingest dialect's.
pub const INGEST: Call = Call { path: "/api/v1/events/ingest", key_header: Some("x-api-key") };
/// The fraudsense dialect's.
pub const FRAUDSENSE: Call = Call { path: "/v1/risk/score", key_header: Some("x-fraudsense-key") };
/// The keyri dialect's.
pub const KEYRI: Call = Call { path: "/v1/client", key_header: None };

/// Complete requests, ready to send.
pub fn requests(call: Call, bodies: impl Iterator<Item = String>, key: &str) -> Arc<[Vec<u8>]> {
    let path = call.path;
    let credential = call.key_header.map(|header| format!("{header}: {key}\r\n")).unwrap_or_default();
    let request = |body: String| {
        let length = body.len();
        format!("POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n{credential}Content-Length: {length}\r\n\r\n{body}")
            .into_bytes()
    };
    bodies.map(request).collect()
}

/// Sends each request once, over this many connections.
pub async fn send_all(address: SocketAddr, requests: &Arc<[Vec<u8>]>, connections: usize) -> Measured {
    run(address, requests, connections, None).await
}

/// Sends requests in turn for this long.
pub async fn send_for(
    address: SocketAddr,
    requests: &Arc<[Vec<u8>]>,
    connections: usize,
    time: Duration,
) -> Measured {
    run(address, requests, connections, Some(time)).await
}

async fn run(
    address: SocketAddr,
    requests: &Arc<[Vec<u8>]>,
    connections: usize,
    time: Option<Duration>,
) -> Measured {
    let stopwatch = Stopwatch::start();
    let clients: Vec<_> = (0..connections)
        .map(|first| tokio::spawn(client(address, Arc::clone(requests), first, connections, time)))
        .collect();
    let mut latencies = Vec::new();
    for client in clients {
        latencies.extend(client.await.unwrap());
    }
    let elapsed = stopwatch.elapsed().as_secs_f64();
    latencies.sort_unstable();
    let at = |quantile: f64| latencies[((latencies.len() - 1) as f64 * quantile) as usize];
    Measured { per_second: latencies.len() as f64 / elapsed, p50_us: at(0.5), p99_us: at(0.99) }
}

async fn client(
    address: SocketAddr,
    requests: Arc<[Vec<u8>]>,
    first: usize,
    step: usize,
    time: Option<Duration>,
) -> Vec<u32> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut buffer = vec![0; 64 * 1024];
    let mut latencies = Vec::new();
    let run = Stopwatch::start();
    let mut next = first;
    loop {
        if time.is_some_and(|time| run.elapsed() >= time) || (time.is_none() && next >= requests.len()) {
            return latencies;
        }
        let stopwatch = Stopwatch::start();
        stream.write_all(&requests[next % requests.len()]).await.unwrap();
        read_answer(&mut stream, &mut buffer).await;
        latencies.push(stopwatch.elapsed_us());
        next += step;
    }
}

async fn read_answer(stream: &mut TcpStream, buffer: &mut [u8]) {
    let mut filled = 0;
    loop {
        let read = stream.read(&mut buffer[filled..]).await.unwrap();
        assert!(read > 0, "the server closed the connection");
        filled += read;
        let Some(head) = buffer[..filled].windows(4).position(|window| window == b"\r\n\r\n") else {
            continue;
        };
        let text = std::str::from_utf8(&buffer[..head]).unwrap();
        assert!(text.starts_with("HTTP/1.1 200"), "{}", String::from_utf8_lossy(&buffer[..filled]));
        let length = text.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
        });
        let total = head + 4 + length.unwrap();
        while filled < total {
            filled += stream.read(&mut buffer[filled..]).await.unwrap();
        }
        return;
    }
}
