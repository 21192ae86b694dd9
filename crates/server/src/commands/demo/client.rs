//! A client of the server's public APIs, over one connection that is kept.

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Uri, header};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs, pki_types::ServerName};
use serde_json::Value;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

use crate::failure::Failure;

/// The server, connected to.
pub(super) struct Client {
    base: String,
    authority: String,
    sender: SendRequest<Full<Bytes>>,
}

/// What proves who is asking.
#[derive(Clone, Debug)]
pub(super) enum Credential {
    /// Nothing.
    None,
    /// A token, or a key of fraudshield.
    Bearer(String),
    /// A key in the header of this name.
    Key(&'static str, String),
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// The body; null when it is no JSON.
    pub(super) json: Value,
}

/// A call in the making.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) method: Method,
    pub(super) path: &'a str,
    pub(super) credential: &'a Credential,
    pub(super) event_time: Option<String>,
    pub(super) body: &'a Value,
}

impl Client {
    /// Connects to the server at `url`, such as `http://127.0.0.1:8080`.
    pub(super) async fn connect(url: &str) -> Result<Self, Failure> {
        let failed = |why: &dyn std::fmt::Display| Failure::because(format!("cannot connect to {url}"), why);
        let uri: Uri = url.parse().map_err(|error| failed(&error))?;
        let host = uri.host().ok_or_else(|| failed(&"it has no host"))?;
        let is_https = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(failed(&"it must begin with http:// or https://")),
        };
        let port = uri.port_u16().unwrap_or(if is_https { 443 } else { 80 });
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let stream = TcpStream::connect((bare, port)).await.map_err(|error| failed(&error))?;
        stream.set_nodelay(true).map_err(|error| failed(&error))?;
        let sender = if is_https {
            let name = ServerName::try_from(bare.to_owned()).map_err(|error| failed(&error))?;
            let stream = tls()?.connect(name, stream).await.map_err(|error| failed(&error))?;
            speak(stream).await
        } else {
            speak(stream).await
        };
        let authority = uri.authority().map(ToString::to_string).unwrap_or_default();
        let sender = sender.map_err(|error| failed(&error))?;
        Ok(Self { base: url.trim_end_matches('/').to_owned(), authority, sender })
    }

    /// The server's address as it was given.
    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// The answer, whatever its status.
    pub(super) async fn send(&mut self, call: Call<'_>) -> Result<Answer, Failure> {
        let Call { method, path, credential, event_time, body } = call;
        let failed = |error: &dyn std::fmt::Display| Failure::because(format!("no answer to {path}"), error);
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, &self.authority);
        request = match credential {
            Credential::None => request,
            Credential::Bearer(token) => request.header(header::AUTHORIZATION, format!("Bearer {token}")),
            Credential::Key(name, key) => request.header(*name, key),
        };
        if let Some(time) = event_time {
            request = request.header("portcullis-event-time", time);
        }
        let bytes = if body.is_null() {
            Bytes::new()
        } else {
            request = request.header(header::CONTENT_TYPE, "application/json");
            body.to_string().into()
        };
        let request = request.body(Full::new(bytes)).map_err(|error| failed(&error))?;
        self.sender.ready().await.map_err(|error| failed(&error))?;
        let answer = self.sender.send_request(request).await.map_err(|error| failed(&error))?;
        let status = answer.status().as_u16();
        let bytes = answer.into_body().collect().await.map_err(|error| failed(&error))?.to_bytes();
        Ok(Answer { status, json: serde_json::from_slice(&bytes).unwrap_or_default() })
    }

    /// The answer's body, when the call is served.
    pub(super) async fn expect(&mut self, call: Call<'_>) -> Result<Value, Failure> {
        let path = call.path.to_owned();
        let answer = self.send(call).await?;
        answer.served(&path)
    }
}

impl Answer {
    /// The body, unless the server refused.
    pub(super) fn served(self, path: &str) -> Result<Value, Failure> {
        if (200..300).contains(&self.status) {
            return Ok(self.json);
        }
        let json = &self.json;
        let told = [&json["detail"], &json["error"]["message"], &json["message"]];
        let why = told.iter().find_map(|text| text.as_str()).unwrap_or("no reason was given");
        Err(Failure::Failed(format!("{path} was answered with {}: {why}", self.status)))
    }
}

async fn speak<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: S,
) -> hyper::Result<SendRequest<Full<Bytes>>> {
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // How it ends is seen by the next request.
    tokio::spawn(async move { drop(connection.await) });
    Ok(sender)
}

/// Trusts whom the operating system trusts.
fn tls() -> Result<TlsConnector, Failure> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Failure::because("cannot use TLS", error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}
