//! One attempt over the network: to an address that was looked at first, once, and without following anything.

use std::{io, net::SocketAddr, pin::Pin, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use portcullis_api::webhook_url::WebhookUrl;
use portcullis_domain::ip::is_public;
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs, pki_types::ServerName};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpStream, lookup_host},
    task::JoinHandle,
    time::timeout,
};
use tokio_rustls::TlsConnector;

use crate::failure::Failure;

/// How long an attempt may take, from looking up the name to the end of the answer.
const LONGEST: Duration = Duration::from_secs(15);

/// How much of an answer is read, so that its sender sees it taken. What it says is not looked at.
const ANSWER_BYTES: usize = 4_096;

const USER_AGENT: &str = concat!("Portcullis/", env!("CARGO_PKG_VERSION"));

/// Finds the addresses of a host and port.
pub type Resolve = Arc<dyn Fn(String, u16) -> Resolving + Send + Sync>;
/// The addresses, when they are there.
pub type Resolving = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

/// Why there was no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The URL is none that may be sent to any more.
    #[error("refused: the URL {0}")]
    Url(&'static str),
    /// The host's name stands for an address that must not be connected to. Nothing was.
    #[error("refused: the host is not on the public internet")]
    Private,
    /// The host's name could not be looked up.
    #[error("the host was not found")]
    NotFound,
    /// Nobody accepted a connection.
    #[error("no connection")]
    NoConnection,
    /// The host did not prove that it is who it should be.
    #[error("no TLS connection: {0}")]
    Tls(&'static str),
    /// What came was no answer.
    #[error("no HTTP answer")]
    NoAnswer,
    /// The answer did not come in time.
    #[error("no answer in time")]
    TooSlow,
}

impl SendError {
    /// Whether it is we who did not want to connect.
    pub const fn is_refusal(self) -> bool {
        matches!(self, Self::Url(_) | Self::Private)
    }
}

/// Sends messages to webhooks.
#[derive(Clone)]
pub struct Client {
    allow_private: bool,
    longest: Duration,
    resolve: Resolve,
    tls: TlsConnector,
}

impl Client {
    /// A client that trusts whom the operating system trusts. Reads files.
    pub fn new(allow_private: bool) -> Result<Self, Failure> {
        let found = rustls_native_certs::load_native_certs();
        let mut roots = RootCertStore::empty();
        let (trusted, _) = roots.add_parsable_certificates(found.certs);
        if trusted == 0 {
            tracing::warn!(
                "the system has no trusted root certificates: no webhook can be reached over HTTPS"
            );
        }
        Self::with_roots(allow_private, roots)
    }

    /// A client that trusts these.
    pub fn with_roots(allow_private: bool, roots: RootCertStore) -> Result<Self, Failure> {
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| Failure::because("cannot use TLS", error))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let resolve: Resolve = Arc::new(|host, port| Box::pin(look_up(host, port)));
        Ok(Self { allow_private, longest: LONGEST, resolve, tls: TlsConnector::from(Arc::new(config)) })
    }

    /// With another limit for the time that an attempt may take.
    #[must_use]
    pub fn patient_for(self, longest: Duration) -> Self {
        Self { longest, ..self }
    }

    /// With another way to look up names.
    #[must_use]
    pub fn resolving_with(self, resolve: Resolve) -> Self {
        Self { resolve, ..self }
    }

    /// Posts `body` to `url` with these headers; gives the status of the answer.
    pub async fn post(
        &self,
        url: &str,
        headers: &[(&'static str, String)],
        body: Vec<u8>,
    ) -> Result<u16, SendError> {
        let url = WebhookUrl::parse(url, self.allow_private).map_err(SendError::Url)?;
        let attempt = async {
            let stream = self.connect(&url).await?;
            let request = request(&url, headers, body)?;
            if url.is_https() {
                let name = ServerName::try_from(url.host()).map_err(|_| SendError::Tls("no name"))?;
                exchange(self.tls.connect(name, stream).await.map_err(|error| tls_error(&error))?, request)
                    .await
            } else {
                exchange(stream, request).await
            }
        };
        timeout(self.longest, attempt).await.map_err(|_| SendError::TooSlow)?
    }

    /// Connects to an address of the host, when all of them may be connected to: one that was not looked at is never
    /// connected to, whatever the name stands for a moment later.
    async fn connect(&self, url: &WebhookUrl) -> Result<TcpStream, SendError> {
        let addresses = (self.resolve)(url.host(), url.port()).await.map_err(|_| SendError::NotFound)?;
        if addresses.is_empty() {
            return Err(SendError::NotFound);
        }
        if !self.allow_private && !addresses.iter().all(|address| is_public(address.ip())) {
            return Err(SendError::Private);
        }
        TcpStream::connect(&addresses[..]).await.map_err(|_| SendError::NoConnection)
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("allow_private", &self.allow_private).finish_non_exhaustive()
    }
}

async fn look_up(host: String, port: u16) -> io::Result<Vec<SocketAddr>> {
    Ok(lookup_host((host, port)).await?.collect())
}

fn tls_error(error: &io::Error) -> SendError {
    let error = error.get_ref().and_then(|error| error.downcast_ref::<rustls::Error>());
    match error {
        Some(rustls::Error::InvalidCertificate(_)) => SendError::Tls("the certificate is not valid"),
        _ => SendError::Tls("the handshake failed"),
    }
}

fn request(
    url: &WebhookUrl,
    headers: &[(&'static str, String)],
    body: Vec<u8>,
) -> Result<Request<Full<Bytes>>, SendError> {
    let mut request = Request::post(url.path_and_query())
        .header(header::HOST, url.authority())
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::USER_AGENT, USER_AGENT)
        .header(header::CONNECTION, "close");
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    request.body(Full::from(body)).map_err(|_| SendError::Url("can not be asked for"))
}

async fn exchange<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: S,
    request: Request<Full<Bytes>>,
) -> Result<u16, SendError> {
    let handshake = http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = handshake.map_err(|_| SendError::NoAnswer)?;
    let _connection = Driven(tokio::spawn(async move { drop(connection.await) }));
    let mut answer = sender.send_request(request).await.map_err(|_| SendError::NoAnswer)?;
    let mut left = ANSWER_BYTES;
    while let Some(Ok(frame)) = answer.frame().await {
        left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
        if left == 0 {
            break;
        }
    }
    Ok(answer.status().as_u16())
}

/// A connection at work, which ends with the attempt.
struct Driven(JoinHandle<()>);

impl Drop for Driven {
    fn drop(&mut self) {
        self.0.abort();
    }
}
