//! Private keys: the platform's own, and those that customers send to have the answer in clear.

use std::fmt;

use aws_lc_rs::{
    agreement::{self, ECDH_P256},
    encoding::{AsDer as _, Pkcs8V1Der},
    error::Unspecified,
};
use portcullis_domain::Secret;
use serde::{Deserialize, Deserializer};
use zeroize::Zeroizing;

use super::{
    encoding,
    error::{EnvelopeError, malformed},
    public_key::PublicKey,
};

const SCALAR_BYTES: usize = 32;

/// A private key on P-256: wiped when dropped, which the library does with all that it frees; shown as `***`, never
/// copied.
pub(crate) struct PrivateKey {
    inner: agreement::PrivateKey,
    public: PublicKey,
}

impl PrivateKey {
    /// The key that belongs to 32 secret random bytes. The same seed always gives the same key.
    pub(crate) fn from_seed(seed: &[u8; 32]) -> Self {
        let mut attempt = 0_u64;
        loop {
            let candidate = Zeroizing::new(*blake3::keyed_hash(seed, &attempt.to_le_bytes()).as_bytes());
            // One in 2^32 is no scalar of this curve.
            if let Some(key) = Self::from_scalar(candidate.as_slice()) {
                return key;
            }
            attempt += 1;
        }
    }

    /// A new key; fails when the operating system has no randomness to give.
    pub(crate) fn generate() -> Result<Self, Unspecified> {
        let inner = agreement::PrivateKey::generate(&ECDH_P256)?;
        Self::new(inner).ok_or(Unspecified)
    }

    /// Reads base64 of PKCS#8 or SEC 1 (DER) or of a scalar (32 bytes), or PEM. `field` is what the text is called in
    /// an error.
    pub(crate) fn parse(text: &str, field: &'static str) -> Result<Self, EnvelopeError> {
        let bytes = encoding::decode(encoding::unarmored(text)).map(Zeroizing::new);
        let bytes = bytes.ok_or(malformed(field, encoding::EXPECTED))?;
        let key =
            if bytes.len() == SCALAR_BYTES { Self::from_scalar(&bytes) } else { Self::from_der(&bytes) };
        key.ok_or(malformed(field, "must be a private key on P-256"))
    }

    fn from_scalar(bytes: &[u8]) -> Option<Self> {
        Self::new(agreement::PrivateKey::from_private_key(&ECDH_P256, bytes).ok()?)
    }

    fn from_der(bytes: &[u8]) -> Option<Self> {
        Self::new(agreement::PrivateKey::from_private_key_der(&ECDH_P256, bytes).ok()?)
    }

    fn new(inner: agreement::PrivateKey) -> Option<Self> {
        let public = PublicKey::from_bytes(inner.compute_public_key().ok()?.as_ref())?;
        Some(Self { inner, public })
    }

    /// The public half.
    pub(crate) const fn public_key(&self) -> PublicKey {
        self.public
    }

    /// Refused unless `public` is this key's other half.
    pub(crate) fn must_match(&self, public: PublicKey) -> Result<(), EnvelopeError> {
        if self.public_key() == public { Ok(()) } else { Err(EnvelopeError::Refused) }
    }

    /// PKCS#8 in base64, 184 characters.
    pub(crate) fn to_base64(&self) -> Result<Secret<String>, Unspecified> {
        Ok(Secret::new(encoding::encode(self.to_der()?.as_ref())))
    }

    /// PKCS#8 with the public half in it; wiped when dropped.
    pub(super) fn to_der(&self) -> Result<Pkcs8V1Der<'static>, Unspecified> {
        self.inner.as_der()
    }

    pub(super) const fn inner(&self) -> &agreement::PrivateKey {
        &self.inner
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// A private key as the request has it: text that is wiped when dropped and shown as `***`, not looked at yet.
#[derive(Debug)]
pub(crate) struct PrivateKeyText(Secret<String>);

impl PrivateKeyText {
    /// Reads it, as [`PrivateKey::parse`] does.
    pub(crate) fn parse(&self, field: &'static str) -> Result<PrivateKey, EnvelopeError> {
        PrivateKey::parse(self.0.expose(), field)
    }
}

impl<'de> Deserialize<'de> for PrivateKeyText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Secret::new(text)))
    }
}

#[cfg(test)]
mod tests {
    use p256::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _};
    use proptest::prelude::*;

    use super::*;

    const FIELD: &str = "Service_Decryption_Key";

    /// The same key in another implementation.
    fn other(key: &PrivateKey) -> p256::SecretKey {
        p256::SecretKey::from_pkcs8_der(key.to_der().unwrap().as_ref()).unwrap()
    }

    fn parse(bytes: &[u8]) -> Result<PrivateKey, EnvelopeError> {
        PrivateKey::parse(&encoding::encode(bytes), FIELD)
    }

    #[test]
    fn every_form_is_the_same_key() {
        let key = PrivateKey::from_seed(&[1; 32]);
        let text = key.to_base64().unwrap().expose().clone();
        let sec1 = other(&key).to_sec1_der().unwrap();
        let scalar = other(&key).to_bytes();
        let pem =
            |label: &str, body: &str| format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n");
        let forms = [
            text.clone(),
            pem("PRIVATE KEY", &format!("{}\n{}", &text[..64], &text[64..])),
            pem("EC PRIVATE KEY", &encoding::encode(&sec1)),
            encoding::encode(&scalar),
        ];
        for form in forms {
            let parsed = PrivateKey::parse(&form, FIELD).unwrap();
            assert_eq!(other(&parsed), other(&key), "{form}");
        }
        assert_eq!(text.len(), 184);
    }

    #[test]
    fn it_is_written_as_others_do() {
        let key = PrivateKey::from_seed(&[2; 32]);
        let der = other(&key).to_pkcs8_der().unwrap();
        assert_eq!(*key.to_base64().unwrap().expose(), encoding::encode(der.as_bytes()));
    }

    #[test]
    fn a_seed_always_gives_the_same_key_and_generated_ones_differ() {
        let of = |seed: u8| PrivateKey::from_seed(&[seed; 32]).public_key();
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
        let generated = [PrivateKey::generate().unwrap(), PrivateKey::generate().unwrap()];
        assert_ne!(generated[0].public_key(), generated[1].public_key());
    }

    #[test]
    fn only_its_own_public_half_matches() {
        let (mine, other) = (PrivateKey::from_seed(&[1; 32]), PrivateKey::from_seed(&[2; 32]));
        assert_eq!(mine.must_match(mine.public_key()), Ok(()));
        assert_eq!(mine.must_match(other.public_key()), Err(EnvelopeError::Refused));
    }

    #[test]
    fn what_is_no_key_names_the_field() {
        let no_key = malformed(FIELD, "must be a private key on P-256");
        let public = encoding::decode(&PrivateKey::from_seed(&[1; 32]).public_key().to_base64()).unwrap();
        for bytes in [&[0; 32][..], &[255; 32], &[1; 31], &[], &public] {
            assert_eq!(parse(bytes).unwrap_err(), no_key, "{} bytes", bytes.len());
        }
        assert_eq!(PrivateKey::parse("*", FIELD).unwrap_err(), malformed(FIELD, "must be base64"));
    }

    #[test]
    fn a_public_half_that_does_not_belong_is_refused() {
        let (mine, other) = (PrivateKey::from_seed(&[1; 32]), PrivateKey::from_seed(&[2; 32]));
        let mut der = mine.to_der().unwrap().as_ref().to_vec();
        let start = der.len() - 65;
        der[start..].copy_from_slice(&other.public_key().to_point());
        assert!(parse(&der).is_err());
    }

    #[test]
    fn it_is_never_shown() {
        let key = PrivateKey::from_seed(&[1; 32]);
        let json = serde_json::to_string(key.to_base64().unwrap().expose()).unwrap();
        let text: PrivateKeyText = serde_json::from_str(&json).unwrap();
        assert_eq!(format!("{key:?} {text:?}"), "*** PrivateKeyText(***)");
        assert_eq!(text.parse(FIELD).unwrap().public_key(), key.public_key());
    }

    proptest! {
        #[test]
        fn reading_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..140)) {
            let _ = parse(&bytes);
            let _ = PrivateKey::parse(&String::from_utf8_lossy(&bytes), FIELD);
        }
    }
}
