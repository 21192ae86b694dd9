//! The installation's secret, and the keys derived from it.

use std::{fs, io::Write as _, path::Path};

use aes_gcm::{Aes256Gcm, Key, KeyInit as _, Nonce, aead::AeadInOut as _};
use domain::{EntityHasher, EventId, Secret};
use portcullis_domain as domain;

use crate::{Error, OpenError};

/// The name of the file, in the data directory, that holds the secret as 64 hex digits.
pub const KEY_FILE: &str = "master.key";

/// The secret that personal data is sealed with and every other key is derived from.
#[derive(Clone, Debug)]
pub(crate) struct MasterKey(Secret<[u8; 32]>);

impl MasterKey {
    /// Reads the key file of `data_dir`, or makes one when there is none and `may_create`.
    pub(crate) fn load(data_dir: &Path, may_create: bool) -> Result<Self, OpenError> {
        let path = data_dir.join(KEY_FILE);
        match Self::read(&path) {
            Err(OpenError::Io { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
                if may_create {
                    Self::create(&path)
                } else {
                    Err(OpenError::KeyMissing(path))
                }
            }
            read => read,
        }
    }

    /// Reads a key file, wherever it is.
    pub(crate) fn read(path: &Path) -> Result<Self, OpenError> {
        let text = fs::read(path).and_then(|text| {
            let text = std::str::from_utf8(text.trim_ascii()).ok();
            text.and_then(parse_hex)
                .ok_or_else(|| std::io::Error::other("not a key: 64 hex digits are expected"))
        });
        let bytes = text.map_err(|source| OpenError::Io { path: path.to_owned(), source })?;
        Ok(Self(Secret::new(bytes)))
    }

    fn create(path: &Path) -> Result<Self, OpenError> {
        let mut bytes = [0; 32];
        let made = getrandom::fill(&mut bytes).map_err(std::io::Error::from);
        made.and_then(|()| write_private(path, to_hex(&bytes).as_bytes()))
            .map_err(|source| OpenError::Io { path: path.to_owned(), source })?;
        Ok(Self(Secret::new(bytes)))
    }

    /// What the key can be recognized by, and not computed from.
    pub(crate) fn fingerprint(&self) -> String {
        to_hex(self.subkey("fingerprint").expose())
    }

    /// A key for one purpose; different purposes give unrelated keys.
    pub(crate) fn subkey(&self, purpose: &str) -> Secret<[u8; 32]> {
        Secret::new(blake3::derive_key(&format!("portcullis 2026-11 {purpose}"), self.0.expose()))
    }

    pub(crate) fn entity_hasher(&self) -> EntityHasher {
        EntityHasher::new(*self.subkey("entity").expose())
    }

    /// What seals data of one purpose; under each, an id may be used once.
    pub(crate) fn sealer(&self, purpose: &str) -> Result<Sealer, Error> {
        let mut salt = [0; SALT_BYTES];
        getrandom::fill(&mut salt).map_err(|error| Error::Failed(error.to_string()))?;
        let key = self.subkey(purpose);
        Ok(Sealer { cipher: Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key.expose())), salt })
    }
}

/// Creates a file that only its owner may read, durably.
pub(crate) fn write_private(path: &Path, content: &[u8]) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(content)?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    // The directory of a bare file name is the one we are in.
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::File::open(parent)?.sync_all()
}

fn parse_hex(text: &str) -> Option<[u8; 32]> {
    blake3::Hash::from_hex(text).ok().map(Into::into)
}

fn to_hex(bytes: &[u8; 32]) -> String {
    blake3::Hash::from_bytes(*bytes).to_hex().to_string()
}

/// Seals the personal part of an event's record (AES-256-GCM).
///
/// The nonce is the event's id and four random bytes that are drawn when the store is opened: an id is given once, and
/// two copies of one installation, or one whose clock was set back, have different bytes.
#[derive(Clone)]
pub(crate) struct Sealer {
    cipher: Aes256Gcm,
    salt: [u8; SALT_BYTES],
}

const SALT_BYTES: usize = 4;

impl Sealer {
    /// Seals `plain` in place, and puts the salt in front.
    pub(crate) fn seal(&self, id: EventId, plain: &mut Vec<u8>) -> Result<(), Error> {
        let sealed = self.cipher.encrypt_in_place(&nonce(id, self.salt), &[], plain);
        sealed.map_err(|_| Error::Failed("sealing failed".to_owned()))?;
        plain.splice(..0, self.salt);
        Ok(())
    }

    pub(crate) fn open(&self, id: EventId, sealed: &[u8]) -> Result<Vec<u8>, Error> {
        const DAMAGED: Error = Error::Damaged("sealed data");
        let (&salt, sealed) = sealed.split_first_chunk().ok_or(DAMAGED)?;
        let mut plain = sealed.to_vec();
        self.cipher.decrypt_in_place(&nonce(id, salt), &[], &mut plain).map_err(|_| DAMAGED)?;
        Ok(plain)
    }
}

fn nonce(id: EventId, salt: [u8; SALT_BYTES]) -> Nonce<aes_gcm::aead::consts::U12> {
    let mut bytes = [0; 12];
    bytes[..8].copy_from_slice(&id.as_u64().to_le_bytes());
    bytes[8..].copy_from_slice(&salt);
    bytes.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_made_once_and_private() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        assert!(matches!(MasterKey::load(dir.path(), false), Err(OpenError::KeyMissing(_))));
        let first = MasterKey::load(dir.path(), true).unwrap();
        let again = MasterKey::load(dir.path(), false).unwrap();
        assert_eq!(first.subkey("a").expose(), again.subkey("a").expose());
        assert_ne!(first.subkey("a").expose(), first.subkey("b").expose());
        assert_eq!(fs::metadata(dir.path().join(KEY_FILE)).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn what_is_sealed_opens_only_under_its_own_id() {
        let dir = tempfile::tempdir().unwrap();
        let sealer = MasterKey::load(dir.path(), true).unwrap().sealer("test").unwrap();
        let (id, other) = (EventId::from_u64(1), EventId::from_u64(2));
        let mut data = b"jane@example.com".to_vec();
        sealer.seal(id, &mut data).unwrap();
        assert!(!data.windows(4).any(|window| window == b"jane"));
        assert!(sealer.open(other, &data).is_err());
        assert!(sealer.open(id, &data[..3]).is_err());
        assert_eq!(sealer.open(id, &data).unwrap(), b"jane@example.com");
    }
}
