//! Requests and answers, short to write.

use std::net::{IpAddr, SocketAddr};

use axum::{Router, body::Body, extract::ConnectInfo};
use futures_util::{StreamExt as _, stream::BoxStream};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

/// A request in the making.
#[must_use = "does nothing until sent"]
#[derive(Debug)]
pub struct Call {
    router: Router,
    request: http::request::Builder,
    body: Body,
    peer: IpAddr,
}

impl Call {
    /// A request to `router`, from 127.0.0.1.
    pub fn new(router: Router, method: Method, path: &str) -> Self {
        let request = Request::builder().method(method).uri(path);
        Self { router, request, body: Body::empty(), peer: [127, 0, 0, 1].into() }
    }

    /// With this header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// With this token or key as the bearer.
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    /// With this API key in the ingest dialect's header.
    pub fn key(self, key: &str) -> Self {
        self.header("x-api-key", key)
    }

    /// With this JSON body.
    pub fn json(self, body: &Value) -> Self {
        self.text("application/json", body.to_string())
    }

    /// With this body.
    pub fn text(mut self, content_type: &str, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self.header("content-type", content_type)
    }

    /// From this address.
    pub fn from(mut self, peer: &str) -> Self {
        self.peer = peer.parse().expect("an address");
        self
    }

    async fn respond(self) -> (http::response::Parts, Body) {
        let mut request = self.request.body(self.body).expect("a request");
        request.extensions_mut().insert(ConnectInfo(SocketAddr::new(self.peer, 50_000)));
        let Ok(response) = self.router.oneshot(request).await;
        response.into_parts()
    }

    /// Sends it, and gives the answer although it goes on.
    pub async fn open(self) -> Open {
        let (parts, body) = self.respond().await;
        let chunks = body
            .into_data_stream()
            .map(|chunk| String::from_utf8(chunk.expect("a chunk").to_vec()).expect("a text"));
        Open { status: parts.status, headers: parts.headers, chunks: chunks.boxed() }
    }

    /// Sends it.
    pub async fn send(self) -> Answer {
        let (parts, body) = self.respond().await;
        let bytes = body.collect().await.expect("a body").to_bytes();
        Answer { status: parts.status, headers: parts.headers, bytes: bytes.to_vec() }
    }
}

/// An answer that goes on.
pub struct Open {
    /// The status code.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// What comes, as it comes.
    pub chunks: BoxStream<'static, String>,
}

impl Open {
    /// A header's value; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a text header"))
    }
}

impl std::fmt::Debug for Open {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Open").field("status", &self.status).finish_non_exhaustive()
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status code.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The body as JSON; null when it is empty.
    pub fn json(&self) -> Value {
        if self.bytes.is_empty() {
            return Value::Null;
        }
        serde_json::from_slice(&self.bytes).expect("a JSON body")
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// A header's value; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a text header"))
    }

    /// The same answer, when its status is this one.
    #[allow(
        clippy::must_use_candidate,
        clippy::return_self_not_must_use,
        reason = "mostly only the check is wanted"
    )]
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        self
    }

    /// The body as JSON, when the status is this one.
    #[track_caller]
    pub fn expect_json(self, status: u16) -> Value {
        self.expect(status).json()
    }
}
