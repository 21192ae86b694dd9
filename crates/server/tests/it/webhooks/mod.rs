//! Messages to webhooks, from the outbox to a receiver on this machine.

mod delivery;
mod fairness;
mod guard;
mod process;
mod tls;

use std::{
    collections::VecDeque,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, StatusCode, header};
use portcullis_domain::{TenantId, Timestamp};
use portcullis_server::{
    drain::Drain,
    listen::{Listener, Server},
    overload::Overload,
    webhooks::{Client, Dispatcher},
};
use portcullis_store::{
    Actor, NewWebhook, Options, Store, WebhookDelivery, WebhookId, WebhookSecret, WebhookType,
};
use portcullis_testkit::FakeClock;
use rustls::{RootCertStore, ServerConfig};
use tempfile::TempDir;
use tokio::sync::Semaphore;

use crate::support::{patient, within};

/// A request as it came.
#[derive(Clone, Debug)]
struct Received {
    headers: HeaderMap,
    body: Bytes,
}

impl Received {
    fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }
}

/// What a receiver answers.
#[derive(Clone, Debug)]
enum Reply {
    Status(u16),
    Redirect(String),
    /// 200, with a body that is longer than anybody wants to read.
    Endless,
    /// 200, once [`Receiver::release`] was called.
    Held,
}

/// Takes messages on a port of its own.
#[derive(Clone)]
struct Receiver {
    addr: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    replies: Arc<Mutex<VecDeque<Reply>>>,
    arrived: Arc<Semaphore>,
    released: Arc<Semaphore>,
}

impl Receiver {
    /// One that gives these replies one by one, and 200 after them.
    fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self::start_with(replies, None)
    }

    fn start_with(replies: impl IntoIterator<Item = Reply>, tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = Listener::bind((Ipv4Addr::LOCALHOST, 0).into(), tls).unwrap();
        let receiver = Self {
            addr: listener.local_addr().unwrap(),
            received: Arc::default(),
            replies: Arc::new(Mutex::new(replies.into_iter().collect())),
            arrived: Arc::new(Semaphore::new(0)),
            released: Arc::new(Semaphore::new(0)),
        };
        let taker = receiver.clone();
        let take = move |headers: HeaderMap, body: Bytes| {
            let taker = taker.clone();
            async move { taker.take(Received { headers, body }).await }
        };
        let router = Router::new().fallback(take);
        let server = Server::new(router, patient(), Overload::new(1_024), Drain::new());
        tokio::spawn(server.run(vec![listener]));
        receiver
    }

    async fn take(&self, received: Received) -> Response {
        self.received.lock().unwrap().push(received);
        self.arrived.add_permits(1);
        let reply = self.replies.lock().unwrap().pop_front();
        match reply {
            None => StatusCode::OK.into_response(),
            Some(Reply::Status(status)) => StatusCode::from_u16(status).unwrap().into_response(),
            Some(Reply::Redirect(to)) => (StatusCode::FOUND, [(header::LOCATION, to)]).into_response(),
            Some(Reply::Endless) => vec![b'x'; 64 << 20].into_response(),
            Some(Reply::Held) => {
                self.released.acquire().await.unwrap().forget();
                StatusCode::OK.into_response()
            }
        }
    }

    fn url(&self) -> String {
        format!("http://{}/hook", self.addr)
    }

    fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// Until one more message arrived.
    async fn arrival(&self) {
        within(self.arrived.acquire()).await.unwrap().forget();
    }

    fn release(&self) {
        self.released.add_permits(1);
    }
}

/// A store with a tenant, and a clock that stands still.
struct Site {
    store: Store,
    clock: FakeClock,
    tenant: TenantId,
    dir: TempDir,
}

impl Site {
    async fn new() -> Self {
        let (dir, clock) = (tempfile::tempdir().unwrap(), FakeClock::default());
        let store = Store::open(Options::new(dir.path(), clock.shared())).unwrap();
        let tenant =
            store.create_tenant(&actor(), "Acme".to_owned(), "acme".parse().unwrap()).await.unwrap().id;
        Self { store, clock, tenant, dir }
    }

    async fn reopened(self) -> Self {
        self.store.close().await.unwrap();
        drop(self.store);
        let store = Store::open(Options::new(self.dir.path(), self.clock.shared())).unwrap();
        Self { store, ..self }
    }

    async fn webhook(&self, url: &str) -> (WebhookId, WebhookSecret) {
        let new = NewWebhook {
            url: url.to_owned(),
            description: String::new(),
            types: vec![WebhookType::DeviceBlocked],
            enabled: true,
        };
        let (webhook, secret) =
            self.store.configuration(self.tenant).create_webhook(&actor(), new).await.unwrap();
        (webhook.id, secret)
    }

    async fn post(&self, webhook: WebhookId) -> String {
        self.store.configuration(self.tenant).test_webhook(webhook).await.unwrap().to_string()
    }

    /// The newest delivery.
    async fn log(&self, webhook: WebhookId) -> WebhookDelivery {
        self.store.configuration(self.tenant).webhook_deliveries(webhook, None, 1).await.unwrap().remove(0)
    }

    fn dispatcher(&self) -> Dispatcher {
        Dispatcher::new(self.store.clone(), client(true))
    }

    fn now(&self) -> Timestamp {
        self.store.clock().now()
    }
}

fn actor() -> Actor {
    Actor::machine("test")
}

fn client(allow_private: bool) -> Client {
    Client::with_roots(allow_private, RootCertStore::empty()).unwrap().patient_for(Duration::from_mins(1))
}
