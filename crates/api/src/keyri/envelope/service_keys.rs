//! The pair of keys that a keyri service is made with.

use aws_lc_rs::error::Unspecified;
use portcullis_domain::Secret;

use super::private_key::PrivateKey;

/// A new service's keys, as its owner is shown them.
#[derive(Debug)]
pub(crate) struct ServiceKeys {
    /// `serviceEncryptionKey`: the public half, SubjectPublicKeyInfo in base64. Kept, and looked up by.
    pub(crate) encryption: String,
    /// `serviceDecryptionKey`: the private half, PKCS#8 in base64. Shown once and never stored.
    pub(crate) decryption: Secret<String>,
}

impl ServiceKeys {
    /// Makes a pair; fails when the operating system has no randomness to give.
    pub(crate) fn generate() -> Result<Self, Unspecified> {
        let key = PrivateKey::generate()?;
        Ok(Self { encryption: key.public_key().to_base64(), decryption: key.to_base64()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keyri::envelope::PublicKey;

    #[test]
    fn the_halves_belong_together_and_only_one_is_shown() {
        let keys = ServiceKeys::generate().unwrap();
        let public = PublicKey::parse(&keys.encryption, "serviceEncryptionKey").unwrap();
        let private = PrivateKey::parse(keys.decryption.expose(), "serviceDecryptionKey").unwrap();
        assert_eq!(private.must_match(public), Ok(()));
        assert!(!format!("{keys:?}").contains(keys.decryption.expose().as_str()));
    }
}
