//! HTTPS: only to who proves to be who it should be.

use std::net::IpAddr;

use portcullis_server::{
    tls::{Certificate, CertificateFiles, server_config},
    webhooks::SendError,
};
use rustls::pki_types::{CertificateDer, pem::PemObject as _};

use super::*;

#[tokio::test]
async fn only_a_trusted_certificate_for_that_name_will_do() {
    let dir = tempfile::tempdir().unwrap();
    let files = CertificateFiles::self_signed(dir.path(), IpAddr::V4(Ipv4Addr::LOCALHOST)).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(&files.cert).unwrap()).unwrap();
    let config = server_config(Certificate::load(files).unwrap()).unwrap();
    let receiver = Receiver::start_with([], Some(config));
    let port = receiver.addr.port();

    let trusting = Client::with_roots(true, roots).unwrap();
    let url = format!("https://localhost:{port}/hook");
    assert_eq!(trusting.post(&url, &[], b"{}".to_vec()).await, Ok(200));
    assert_eq!(receiver.received()[0].body, "{}");

    let not_valid = Err(SendError::Tls("the certificate is not valid"));
    assert_eq!(client(true).post(&url, &[], Vec::new()).await, not_valid);
    let here = Arc::new(move |_: String, port: u16| {
        let found = vec![SocketAddr::from((Ipv4Addr::LOCALHOST, port))];
        Box::pin(async move { Ok(found) }) as portcullis_server::webhooks::Resolving
    });
    let lured = trusting.resolving_with(here);
    let url = format!("https://hook.example:{port}/");
    assert_eq!(lured.post(&url, &[], Vec::new()).await, not_valid, "another name");
    assert_eq!(receiver.received().len(), 1);
}
