//! A server with a toy router on a port of its own, and a client that speaks raw HTTP/1.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::ConnectInfo,
    routing::{get, post},
};
use portcullis_server::{
    drain::Drain,
    listen::{Limits, Listener, Server},
    overload::Overload,
};
use rustls::ServerConfig;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::Semaphore,
    task::JoinHandle,
    time::timeout,
};

/// Long enough for a busy machine, short enough to see a hang.
const PATIENCE: Duration = Duration::from_secs(10);

/// A server that runs until the test ends.
pub(crate) struct Running {
    pub(crate) addr: SocketAddr,
    pub(crate) drain: Drain,
    pub(crate) done: JoinHandle<bool>,
    /// Requests to `/wait` that are being handled add a permit here...
    entered: Arc<Semaphore>,
    /// ...and take one from here to finish.
    leave: Arc<Semaphore>,
}

impl Running {
    /// Until a request to `/wait` is being handled.
    pub(crate) async fn entered(&self) {
        within(self.entered.acquire()).await.unwrap().forget();
    }

    /// Lets one request to `/wait` finish.
    pub(crate) fn let_one_finish(&self) {
        self.leave.add_permits(1);
    }

    pub(crate) async fn connect(&self) -> Client {
        Client(within(TcpStream::connect(self.addr)).await.unwrap())
    }
}

/// Settings under which nothing is too slow, so that a test shortens what it is about.
pub(crate) fn patient() -> Limits {
    let long = Duration::from_hours(1);
    Limits {
        // The watchdog looks at a fixed fraction of this.
        header_timeout: Duration::from_secs(2),
        body_timeout: long,
        idle_timeout: long,
        stall_timeout: long,
        handshake_timeout: long,
        ..Limits::default()
    }
}

pub(crate) fn start(limits: Limits) -> Running {
    start_with(limits, 1_024, None)
}

pub(crate) fn start_with(limits: Limits, max_in_flight: usize, tls: Option<Arc<ServerConfig>>) -> Running {
    let (entered, leave) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let wait = {
        let (entered, leave) = (Arc::clone(&entered), Arc::clone(&leave));
        move || async move {
            entered.add_permits(1);
            leave.acquire().await.unwrap().forget();
            "waited"
        }
    };
    let router = Router::new()
        .route("/healthz", get(|| async { "well" }))
        .route("/peer", get(|ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.to_string() }))
        .route("/echo", post(|body: Bytes| async move { body }))
        .route("/big", get(|| async { vec![b'x'; 32 * 1024 * 1024] }))
        .route("/wait", get(wait));
    let drain = Drain::new();
    let listener = Listener::bind((Ipv4Addr::LOCALHOST, 0).into(), tls).unwrap();
    let addr = listener.local_addr().unwrap();
    let server = Server::new(router, limits, Overload::new(max_in_flight), drain.clone());
    Running { addr, drain, done: tokio::spawn(server.run(vec![listener])), entered, leave }
}

/// Fails the test when `future` takes too long.
pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future).await.expect("it hangs")
}

/// A connection that sends what it is told to, byte for byte.
pub(crate) struct Client(TcpStream);

impl Client {
    pub(crate) async fn send(&mut self, text: &str) {
        within(self.0.write_all(text.as_bytes())).await.unwrap();
    }

    /// Like `send`, but the peer may have hung up.
    pub(crate) async fn try_send(&mut self, text: &str) -> bool {
        within(self.0.write_all(text.as_bytes())).await.is_ok()
    }

    /// Everything up to the end of the connection, whether it ends well or with a reset.
    pub(crate) async fn read_to_end(&mut self) -> String {
        let mut bytes = Vec::new();
        let _ = within(self.0.read_to_end(&mut bytes)).await;
        String::from_utf8(bytes).unwrap()
    }

    /// One answer with a `Content-Length`, head and body.
    pub(crate) async fn read_answer(&mut self) -> String {
        let mut answer = String::new();
        loop {
            if let Some((head, body)) = answer.split_once("\r\n\r\n") {
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
                if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                    return answer;
                }
            }
            let byte = within(self.0.read_u8()).await.expect("the connection ended within an answer");
            answer.push(char::from(byte));
        }
    }

    pub(crate) async fn get(&mut self, path: &str) -> String {
        self.send(&format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n")).await;
        self.read_answer().await
    }
}
