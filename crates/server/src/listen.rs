//! The accept loop: sockets in, requests to the router, and a deadline on everything a peer can be slow at.
//!
//! `axum::serve` waits for a request head forever; this loop does not. It also caps connections, survives running
//! out of file descriptors, and leaves in good order.

mod body;
mod connection;
mod pulse;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::{http1, http2};
use hyper_util::rt::TokioExecutor;
use rustls::ServerConfig;
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
    time,
};
use tokio_rustls::TlsAcceptor;

use crate::{drain::Drain, overload::Overload};

/// Connections the kernel may hold for us until we accept them; it caps this at `net.core.somaxconn`.
const BACKLOG: u32 = 4_096;

/// How long the kernel's queue must stay empty before a leaving listener is closed, and how long that may go on.
const BACKLOG_QUIET: Duration = Duration::from_millis(10);
const BACKLOG_CUTOFF: Duration = Duration::from_millis(250);

/// Bytes of a request or an answer that an HTTP/1 connection holds.
const MAX_BUFFER: usize = 64 * 1024;

/// What a peer may take: time, bytes, connections.
#[derive(Clone, Debug)]
pub struct Limits {
    /// From the connection, or the first byte of a later request, to the end of the head.
    pub header_timeout: Duration,
    /// For a whole request body; then 408.
    pub body_timeout: Duration,
    /// Between two requests on one connection.
    pub idle_timeout: Duration,
    /// Without a byte of an answer being taken by the peer.
    pub stall_timeout: Duration,
    /// For the TLS handshake.
    pub handshake_timeout: Duration,
    /// For requests in hand when the drain begins.
    pub drain_timeout: Duration,
    /// Connections at a time, over all listeners; more are closed as soon as they are accepted.
    pub max_connections: usize,
    /// Bytes of a request head; then 431.
    pub max_head_bytes: u32,
    /// Requests at a time on one HTTP/2 connection.
    pub max_streams: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_timeout: Duration::from_secs(5),
            body_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_mins(1),
            stall_timeout: Duration::from_secs(30),
            handshake_timeout: Duration::from_secs(5),
            drain_timeout: Duration::from_secs(30),
            max_connections: 10_000,
            max_head_bytes: 32 * 1024,
            max_streams: 128,
        }
    }
}

/// A bound socket, not yet accepting.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    tls: Option<Arc<ServerConfig>>,
}

impl Listener {
    /// Binds `addr`; connections speak TLS when `tls` is given. Must be called within a Tokio runtime.
    pub fn bind(addr: SocketAddr, tls: Option<Arc<ServerConfig>>) -> io::Result<Self> {
        let socket = if addr.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        socket.set_reuseaddr(true)?;
        socket.bind(addr)?;
        Ok(Self { socket: socket.listen(BACKLOG)?, tls })
    }

    /// The address it is bound to, with the port the system chose when 0 was asked for.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }
}

/// A router behind its deadlines.
#[derive(Debug)]
pub struct Server {
    shared: Arc<Shared>,
    slots: Arc<Semaphore>,
}

/// What every connection needs.
#[derive(Debug)]
struct Shared {
    router: Router,
    limits: Limits,
    overload: Overload,
    drain: Drain,
    http1: http1::Builder,
    http2: http2::Builder<TokioExecutor>,
}

impl Server {
    /// Handlers see the peer's address as `axum::extract::ConnectInfo<SocketAddr>`.
    pub fn new(router: Router, limits: Limits, overload: Overload, drain: Drain) -> Self {
        let slots = Arc::new(Semaphore::new(limits.max_connections));
        let (http1, http2) = (http1_builder(&limits), http2_builder(&limits));
        Self { shared: Arc::new(Shared { router, limits, overload, drain, http1, http2 }), slots }
    }

    /// Serves until the drain has begun and every connection is gone, or the drain's deadline has passed.
    /// True when no request was cut off.
    pub async fn run(self, listeners: Vec<Listener>) -> bool {
        // Before the loops begin, so that nobody is told otherwise.
        self.shared.drain.set_ready();
        let mut loops = JoinSet::new();
        for listener in listeners {
            loops.spawn(accept(listener, Arc::clone(&self.shared), Arc::clone(&self.slots)));
        }
        while loops.join_next().await.is_some() {}

        let limits = &self.shared.limits;
        let all = u32::try_from(limits.max_connections).unwrap_or(u32::MAX);
        time::timeout(limits.drain_timeout, self.slots.acquire_many(all)).await.is_ok()
    }
}

fn http1_builder(limits: &Limits) -> http1::Builder {
    let mut builder = http1::Builder::new();
    // The deadlines are the watchdog's (see `pulse`): hyper has one timer for the head and for idling.
    let max_head = limits.max_head_bytes as usize;
    builder.max_header_size(max_head).max_buf_size(max_head.max(MAX_BUFFER));
    builder
}

fn http2_builder(limits: &Limits) -> http2::Builder<TokioExecutor> {
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .max_concurrent_streams(limits.max_streams)
        .max_header_list_size(limits.max_head_bytes)
        // Rapid reset (CVE-2023-44487): past this many streams reset before we took them, GOAWAY.
        .max_pending_accept_reset_streams(20)
        .max_local_error_reset_streams(64)
        .initial_stream_window_size(256 * 1024)
        .initial_connection_window_size(512 * 1024)
        .max_send_buf_size(256 * 1024);
    builder
}

/// Accepts until the drain begins, then takes what the kernel has already accepted in our name.
async fn accept(listener: Listener, shared: Arc<Shared>, slots: Arc<Semaphore>) {
    let Listener { socket, tls } = listener;
    let tls = tls.map(TlsAcceptor::from);
    let mut trouble = Backoff::default();
    let welcome = |(stream, peer)| {
        if let Ok(slot) = Arc::clone(&slots).try_acquire_owned() {
            tokio::spawn(welcome(stream, peer, tls.clone(), Arc::clone(&shared), slot));
        } else {
            metrics::counter!("portcullis_connections_refused_total").increment(1);
        }
    };
    loop {
        let accepted = tokio::select! {
            biased;
            () = shared.drain.started() => break,
            accepted = socket.accept() => accepted,
        };
        match accepted {
            Ok(connection) => {
                trouble = Backoff::default();
                welcome(connection);
            }
            Err(error) if concerns_the_peer(&error) => {}
            Err(error) => trouble.wait(&error).await,
        }
    }
    let _ = time::timeout(BACKLOG_CUTOFF, async {
        while let Ok(Ok(connection)) = time::timeout(BACKLOG_QUIET, socket.accept()).await {
            welcome(connection);
        }
    })
    .await;
}

async fn welcome(
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<TlsAcceptor>,
    shared: Arc<Shared>,
    slot: OwnedSemaphorePermit,
) {
    connection::serve(stream, peer, tls, shared).await;
    drop(slot);
}

/// The connection was gone before we got to it; the next one is not affected.
fn concerns_the_peer(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

/// Waits longer each time accepting fails in a row (out of file descriptors, most likely); never gives up.
#[derive(Default)]
struct Backoff {
    failures: u32,
}

impl Backoff {
    async fn wait(&mut self, error: &io::Error) {
        if self.failures == 0 {
            tracing::error!(%error, "cannot accept connections; trying again until it works");
        }
        time::sleep(self.next_delay()).await;
    }

    fn next_delay(&mut self) -> Duration {
        self.failures = self.failures.saturating_add(1);
        Duration::from_millis(5 << self.failures.min(7))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backs_off_only_when_the_fault_is_ours() {
        assert!(concerns_the_peer(&io::Error::from_raw_os_error(103)), "ECONNABORTED");
        assert!(!concerns_the_peer(&io::Error::from_raw_os_error(24)), "EMFILE");
    }

    #[test]
    fn backing_off_begins_short_and_is_bounded() {
        let mut backoff = Backoff::default();
        assert_eq!(backoff.next_delay(), Duration::from_millis(10));
        let last = (0..50).map(|_| backoff.next_delay()).last();
        assert_eq!(last, Some(Duration::from_millis(640)));
    }
}
