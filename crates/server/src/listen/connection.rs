//! One connection: which protocol it speaks, its requests, its watchdog, its end.

use std::{
    convert::Infallible,
    future::poll_fn,
    io,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use axum::{body::Body, extract::ConnectInfo};
use http::{HeaderValue, Request, Response, Uri, Version, header};
use hyper::{
    body::{Body as _, Incoming},
    service::service_fn,
};
use hyper_util::{rt::TokioIo, server::graceful::GracefulConnection};
use portcullis_domain::Stopwatch;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::{self, Instant, Sleep},
};
use tokio_rustls::TlsAcceptor;
use tower::Service;

use super::{
    Shared,
    body::{RequestBody, ResponseBody},
    pulse::{Pulse, Turn, Watchdog, Watched},
};

/// How an HTTP/2 connection begins when no TLS handshake has said so.
const PREFACE: &[u8] = b"PRI * HTTP/2.0";

/// Serves `stream` to its end. A peer's faults end its connection and nothing else.
pub(super) async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<TlsAcceptor>,
    shared: Arc<Shared>,
) {
    let pulse = Pulse::new();
    let limits = &shared.limits;
    if stream.set_nodelay(true).is_err() {
        return;
    }
    if let Some(acceptor) = tls {
        let handshake = acceptor.accept(Watched::new(stream, Arc::clone(&pulse)));
        let Ok(Ok(stream)) = time::timeout(limits.handshake_timeout, handshake).await else { return };
        let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        Connection { pulse, peer, shared, began: Stopwatch::start() }.speak(stream, is_http2).await;
    } else {
        let began = Stopwatch::start();
        let Ok(Ok(is_http2)) = time::timeout(limits.header_timeout, is_http2(&stream)).await else { return };
        let stream = Watched::new(stream, Arc::clone(&pulse));
        Connection { pulse, peer, shared, began }.speak(stream, is_http2).await;
    }
}

/// Whether the first bytes are an HTTP/2 preface. Waits for them, and leaves them where they are.
async fn is_http2(stream: &TcpStream) -> io::Result<bool> {
    let mut start = [0; PREFACE.len()];
    loop {
        let length = stream.peek(&mut start).await?;
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if start[..length] != PREFACE[..length] {
            return Ok(false);
        }
        if length == PREFACE.len() {
            return Ok(true);
        }
        // A preface in pieces: nothing tells when the next one is there, as the first one is still unread.
        time::sleep(time::Duration::from_millis(5)).await;
    }
}

struct Connection {
    pulse: Arc<Pulse>,
    peer: SocketAddr,
    shared: Arc<Shared>,
    /// Runs since the peer could have sent its first request.
    began: Stopwatch,
}

impl Connection {
    async fn speak<S>(self, stream: S, is_http2: bool)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (shared, pulse, peer) = (Arc::clone(&self.shared), Arc::clone(&self.pulse), self.peer);
        let service = service_fn(move |request| {
            let turn = Arc::clone(&pulse).begin();
            answer(Arc::clone(&shared), turn, peer, request)
        });
        let stream = TokioIo::new(stream);
        if is_http2 {
            self.pulse.set_multiplexed();
            let connection = self.shared.http2.serve_connection(stream, service);
            self.watch(connection, 0).await;
        } else {
            let connection = self.shared.http1.serve_connection(stream, service);
            // One whole tick, in which a busy client sends its next request and is told to close.
            self.watch(connection, 2).await;
        }
    }

    /// Drives `connection` until it ends, is overdue, or has left: `patience` ticks into the drain it is closed as
    /// soon as it owes no answer.
    async fn watch<C: GracefulConnection>(&self, connection: C, patience: u32) {
        let period = Watchdog::period(&self.shared.limits);
        let mut connection = pin!(connection);
        let mut tick = pin!(time::sleep(period));
        let mut watchdog = Watchdog::new(&self.pulse, self.began.elapsed());
        let mut leaving = Some(patience);
        poll_fn(|cx| {
            if connection.as_mut().poll(cx).is_ready() {
                return Poll::Ready(());
            }
            let ticked = has_ticked(tick.as_mut(), period, cx);
            if ticked && watchdog.is_overdue(&self.pulse, &self.shared.limits) {
                return Poll::Ready(());
            }
            if let Some(left) = leaving
                && self.shared.drain.begun()
            {
                let left = left.saturating_sub(u32::from(ticked));
                leaving = (left > 0).then_some(left);
                if leaving.is_none() {
                    connection.as_mut().graceful_shutdown();
                    return connection.as_mut().poll(cx).map(|_| ());
                }
            }
            Poll::Pending
        })
        .await;
    }
}

fn has_ticked(mut tick: Pin<&mut Sleep>, period: time::Duration, cx: &mut Context<'_>) -> bool {
    if tick.as_mut().poll(cx).is_pending() {
        return false;
    }
    tick.as_mut().reset(Instant::now() + period);
    // Register for the next one; should it be due already, come back for it.
    if tick.poll(cx).is_ready() {
        cx.waker().wake_by_ref();
    }
    true
}

/// One request: let in or shed, given to the router with its peer and its body's deadline, and counted until sent.
async fn answer(
    shared: Arc<Shared>,
    mut turn: Turn,
    peer: SocketAddr,
    request: Request<Incoming>,
) -> Result<Response<ResponseBody>, Infallible> {
    let version = request.version();
    let mut response = if let Some(_ticket) = shared.overload.enter(request.uri().path()) {
        route(&shared, peer, request).await
    } else {
        metrics::counter!("portcullis_requests_shed_total").increment(1);
        portcullis_api::overloaded(&request)
    };
    if version < Version::HTTP_2 && shared.drain.begun() {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    turn.answered();
    Ok(response.map(|body| ResponseBody::new(body, turn)))
}

async fn route(shared: &Shared, peer: SocketAddr, request: Request<Incoming>) -> Response<Body> {
    let mut router = shared.router.clone();
    let (mut head, incoming) = request.into_parts();
    head.extensions.insert(ConnectInfo(peer));
    if incoming.is_end_stream() {
        let Ok(response) = router.call(Request::from_parts(head, Body::empty())).await;
        return response;
    }
    let late = Arc::new(AtomicBool::new(false));
    let body = RequestBody::new(incoming, shared.limits.body_timeout, Arc::clone(&late));
    let (version, uri) = (head.version, head.uri.clone());
    let Ok(response) = router.call(Request::from_parts(head, body)).await;
    if late.load(Ordering::Relaxed) { too_slow(version, uri) } else { response }
}

/// The answer to a body that did not arrive in time, whatever the handler made of it.
fn too_slow(version: Version, uri: Uri) -> Response<Body> {
    let mut request = Request::new(());
    *request.uri_mut() = uri;
    let mut response = portcullis_api::too_slow(&request);
    if version < Version::HTTP_2 {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
