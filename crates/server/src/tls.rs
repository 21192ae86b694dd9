//! TLS: the certificate in use, where it comes from, and how it is exchanged while serving.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    net::IpAddr,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair};
use rustls::{
    ServerConfig,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, PrivateKeyDer, pem, pem::PemObject},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

/// Why there is no certificate to serve with.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file is missing or not what it should be.
    #[error("{}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: pem::Error,
    },
    /// The files are readable but do not make a usable pair.
    #[error("{} and {} can not be used together: {source}", cert.display(), key.display())]
    Pair {
        /// The certificate chain.
        cert: PathBuf,
        /// The private key.
        key: PathBuf,
        /// What is wrong with them.
        source: rustls::Error,
    },
    /// The self-signed pair could not be kept.
    #[error("{}: {source}", path.display())]
    Write {
        /// The file or directory.
        path: PathBuf,
        /// Why it could not be written.
        source: io::Error,
    },
    /// The self-signed pair could not be made.
    #[error("cannot make a self-signed certificate: {0}")]
    SelfSigned(#[from] rcgen::Error),
    /// The cryptography library refused its own defaults.
    #[error(transparent)]
    Crypto(#[from] rustls::Error),
}

/// Where a certificate chain and its key are, both PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The chain, leaf first.
    pub cert: PathBuf,
    /// The private key of the leaf.
    pub key: PathBuf,
}

impl CertificateFiles {
    /// The self-signed pair kept in `data_dir`, made when it is not there or not whole. It names `localhost`, the loopback
    /// addresses, the host's own name, and `listen` when that is one address.
    pub fn self_signed(data_dir: &Path, listen: IpAddr) -> Result<Self, TlsError> {
        let dir = data_dir.join("tls");
        let files = Self { cert: dir.join("self-signed.crt"), key: dir.join("self-signed.key") };
        if files.read().is_err() {
            files.create_self_signed(&dir, listen)?;
            tracing::info!(cert = %files.cert.display(), "made a self-signed certificate");
        }
        Ok(files)
    }

    fn create_self_signed(&self, dir: &Path, listen: IpAddr) -> Result<(), TlsError> {
        let mut params = CertificateParams::new(names(listen))?;
        params.distinguished_name.push(DnType::CommonName, "Portcullis (self-signed)");
        params.extended_key_usages.push(ExtendedKeyUsagePurpose::ServerAuth);
        let key = KeyPair::generate()?;
        let cert = params.self_signed(&key)?;

        let kept = |path: &Path, outcome: io::Result<()>| {
            outcome.map_err(|source| TlsError::Write { path: path.to_owned(), source })
        };
        kept(dir, fs::DirBuilder::new().recursive(true).mode(0o700).create(dir))?;
        kept(&self.key, write(&self.key, 0o600, &key.serialize_pem()))?;
        kept(&self.cert, write(&self.cert, 0o644, &cert.pem()))
    }

    fn read(&self) -> Result<CertifiedKey, TlsError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| TlsError::Read { path, source }
        };
        let chain: Vec<_> = CertificateDer::pem_file_iter(&self.cert)
            .and_then(Iterator::collect)
            .map_err(failed(&self.cert))?;
        if chain.is_empty() {
            return Err(failed(&self.cert)(pem::Error::NoItemsFound));
        }
        let key = PrivateKeyDer::from_pem_file(&self.key).map_err(failed(&self.key))?;
        CertifiedKey::from_der(chain, key, &provider()).map_err(|source| TlsError::Pair {
            cert: self.cert.clone(),
            key: self.key.clone(),
            source,
        })
    }
}

/// Writes a new file beside `path` and puts it in its place, so that a crash leaves the old one or the new one.
fn write(path: &Path, mode: u32, text: &str) -> io::Result<()> {
    let new = path.with_extension("new");
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(new, path)
}

fn names(listen: IpAddr) -> Vec<String> {
    let mut names: Vec<_> = ["localhost", "127.0.0.1", "::1"].map(String::from).into();
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = host.trim().to_ascii_lowercase();
    if !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte)) {
        names.push(host);
    }
    if !listen.is_unspecified() {
        names.push(listen.to_string());
    }
    names.sort();
    names.dedup();
    names
}

/// The certificate in use. New handshakes take what is there; [`Certificate::reload`] exchanges it.
#[derive(Debug)]
pub struct Certificate {
    files: CertificateFiles,
    current: RwLock<Arc<CertifiedKey>>,
}

impl Certificate {
    /// Reads `files`.
    pub fn load(files: CertificateFiles) -> Result<Arc<Self>, TlsError> {
        let current = RwLock::new(Arc::new(files.read()?));
        Ok(Arc::new(Self { files, current }))
    }

    /// Reads the files again; on a fault the certificate in use stays.
    pub fn reload(&self) -> Result<(), TlsError> {
        let new = Arc::new(self.files.read()?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = new;
        Ok(())
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

/// TLS 1.2 and 1.3 with `certificate`, offering HTTP/2 and HTTP/1.1.
pub fn server_config(certificate: Arc<Certificate>) -> Result<Arc<ServerConfig>, TlsError> {
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(certificate);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config.ticketer = aws_lc_rs::Ticketer::new()?;
    Ok(Arc::new(config))
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

#[cfg(test)]
mod tests {
    use std::{net::Ipv4Addr, os::unix::fs::PermissionsExt};

    use super::*;

    const LISTEN: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    #[test]
    fn the_self_signed_pair_is_made_once_and_its_key_is_private() {
        let dir = tempfile::tempdir().unwrap();
        let files = CertificateFiles::self_signed(dir.path(), LISTEN).unwrap();
        let first = fs::read(&files.cert).unwrap();
        assert_eq!(fs::metadata(&files.key).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(CertificateFiles::self_signed(dir.path(), LISTEN).unwrap(), files);
        assert_eq!(fs::read(&files.cert).unwrap(), first);
    }

    #[test]
    fn half_a_self_signed_pair_is_made_anew() {
        let dir = tempfile::tempdir().unwrap();
        let files = CertificateFiles::self_signed(dir.path(), LISTEN).unwrap();
        let other = tempfile::tempdir().unwrap();
        let foreign = CertificateFiles::self_signed(other.path(), LISTEN).unwrap();
        fs::copy(&foreign.key, &files.key).unwrap();
        assert!(files.read().is_err(), "a key of another certificate");
        CertificateFiles::self_signed(dir.path(), LISTEN).unwrap();
        assert!(files.read().is_ok());
    }

    #[test]
    fn a_bad_reload_keeps_the_certificate_in_use() {
        let dir = tempfile::tempdir().unwrap();
        let files = CertificateFiles::self_signed(dir.path(), LISTEN).unwrap();
        let certificate = Certificate::load(files.clone()).unwrap();
        fs::write(&files.cert, "not a certificate").unwrap();
        let error = certificate.reload().unwrap_err().to_string();
        assert!(error.contains("self-signed.crt"), "{error}");
        assert!(!certificate.current.read().unwrap().cert.is_empty());
    }
}
