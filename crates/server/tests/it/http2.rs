//! HTTP/2: with and without TLS, with the self-signed certificate, and when leaving.

use std::{path::Path, sync::Arc};

use axum::body::{Body, Bytes};
use http::{Request, Version};
use http_body_util::BodyExt;
use hyper::{body::Incoming, client::conn::http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use portcullis_server::{
    listen::Limits,
    tls::{Certificate, CertificateFiles, server_config},
};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    task::JoinHandle,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::support::{Running, patient, start, start_with, within};

type Sender = http2::SendRequest<Body>;

async fn http2(
    io: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
) -> (Sender, JoinHandle<hyper::Result<()>>) {
    let handshake = http2::handshake(TokioExecutor::new(), TokioIo::new(io));
    let (sender, connection) = within(handshake).await.unwrap();
    (sender, tokio::spawn(connection))
}

async fn text(response: http::Response<Incoming>) -> String {
    assert_eq!(response.version(), Version::HTTP_2);
    let bytes = within(response.into_body().collect()).await.unwrap().to_bytes();
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn get(path: &str) -> Request<Body> {
    Request::get(format!("http://localhost{path}")).body(Body::empty()).unwrap()
}

fn start_tls(data_dir: &Path, limits: Limits) -> (Running, CertificateFiles) {
    let files = CertificateFiles::self_signed(data_dir, [127, 0, 0, 1].into()).unwrap();
    let tls = server_config(Certificate::load(files.clone()).unwrap()).unwrap();
    (start_with(limits, 1_024, Some(tls)), files)
}

/// A handshake by a client that trusts only `cert`.
async fn secure(server: &Running, cert: &Path, name: &'static str) -> TlsStream<TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(cert).unwrap()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let stream = TcpStream::connect(server.addr).await.unwrap();
    let handshake = TlsConnector::from(Arc::new(config)).connect(ServerName::try_from(name).unwrap(), stream);
    within(handshake).await.unwrap()
}

#[tokio::test]
async fn is_spoken_without_tls_by_those_who_begin_with_it() {
    let server = start(patient());
    let (mut sender, _) = http2(TcpStream::connect(server.addr).await.unwrap()).await;
    let echo = Request::post("http://localhost/echo").body(Body::from("hello")).unwrap();
    let (first, second) = within(async {
        let (echoed, peer) = (sender.clone().send_request(echo), sender.send_request(get("/peer")));
        tokio::join!(echoed, peer)
    })
    .await;
    assert_eq!(text(first.unwrap()).await, "hello");
    assert!(text(second.unwrap()).await.starts_with("127.0.0.1:"));
}

#[tokio::test]
async fn is_spoken_over_tls_with_the_certificate_kept_from_the_first_start() {
    let dir = tempfile::tempdir().unwrap();
    let (first, files) = start_tls(dir.path(), patient());
    let kept = dir.path().join("as-first-seen.crt");
    std::fs::copy(&files.cert, &kept).unwrap();
    first.drain.begin();
    within(first.done).await.unwrap();

    let (second, _) = start_tls(dir.path(), patient());
    for name in ["localhost", "127.0.0.1"] {
        let (mut sender, _) = http2(secure(&second, &kept, name).await).await;
        let response = within(sender.send_request(get("/healthz"))).await.unwrap();
        assert_eq!(text(response).await, "well");
    }
}

#[tokio::test]
async fn a_drain_answers_the_streams_in_hand_and_ends_the_connection() {
    let dir = tempfile::tempdir().unwrap();
    let (server, files) = start_tls(dir.path(), patient());
    let (mut sender, connection) = http2(secure(&server, &files.cert, "localhost").await).await;
    let waiting = tokio::spawn(sender.send_request(get("/wait")));
    server.entered().await;
    server.drain.begin();
    server.let_one_finish();
    assert_eq!(text(within(waiting).await.unwrap().unwrap()).await, "waited");
    within(connection).await.unwrap().unwrap();
    assert!(within(server.done).await.unwrap());
}

#[tokio::test]
async fn a_body_that_does_not_come_is_answered_408() {
    let server = start(Limits { body_timeout: std::time::Duration::from_millis(100), ..patient() });
    let (mut sender, _) = http2(TcpStream::connect(server.addr).await.unwrap()).await;
    let (_held, never) = http_body_util::channel::Channel::<Bytes>::new(1);
    let echo = Request::post("http://localhost/echo").body(Body::new(never)).unwrap();
    let response = within(sender.send_request(echo)).await.unwrap();
    assert_eq!(response.status(), 408);
}
