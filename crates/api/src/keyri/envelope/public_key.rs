//! Public keys: points on P-256, in every form that clients write.

use p256::{elliptic_curve::sec1::ToSec1Point as _, pkcs8::DecodePublicKey as _};

use super::{
    encoding,
    error::{EnvelopeError, malformed},
};

/// What SubjectPublicKeyInfo of a P-256 point begins with; the uncompressed point follows (RFC 5480).
const SPKI_HEAD: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
/// Bytes of an uncompressed point: 4, x, y.
pub(super) const POINT_BYTES: usize = 65;

/// A point on P-256 other than infinity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PublicKey(p256::PublicKey);

impl PublicKey {
    /// Reads base64 of SubjectPublicKeyInfo (DER), of a point (65, or 33 bytes compressed), or of x and y (64 bytes);
    /// or PEM. `field` is what the text is called in an error.
    pub(crate) fn parse(text: &str, field: &'static str) -> Result<Self, EnvelopeError> {
        let bytes = encoding::decode(encoding::unarmored(text));
        let bytes = bytes.ok_or(malformed(field, encoding::EXPECTED))?;
        Self::from_bytes(&bytes).ok_or(malformed(field, "must be a public key on P-256"))
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let key = match (bytes.len(), bytes.first()) {
            (64, _) => p256::PublicKey::from_sec1_bytes(&[&[4], bytes].concat()).ok(),
            (POINT_BYTES, Some(4)) | (33, Some(2 | 3)) => p256::PublicKey::from_sec1_bytes(bytes).ok(),
            _ => p256::PublicKey::from_public_key_der(bytes).ok(),
        };
        key.map(Self)
    }

    /// SubjectPublicKeyInfo in base64, 124 characters: the one form that keys are stored, compared and answered in.
    pub(crate) fn to_base64(self) -> String {
        encoding::encode(&[&SPKI_HEAD[..], &self.to_point()].concat())
    }

    /// The uncompressed point.
    pub(super) fn to_point(self) -> [u8; POINT_BYTES] {
        let mut point = [0; POINT_BYTES];
        point.copy_from_slice(self.0.to_sec1_point(false).as_bytes());
        point
    }

    #[cfg(test)]
    pub(super) const fn inner(&self) -> &p256::PublicKey {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use p256::pkcs8::EncodePublicKey as _;
    use proptest::prelude::*;

    use super::*;
    use crate::keyri::envelope::PrivateKey;

    const FIELD: &str = "Service_Encryption_Key";

    fn parse(bytes: &[u8]) -> Result<PublicKey, EnvelopeError> {
        PublicKey::parse(&encoding::encode(bytes), FIELD)
    }

    #[test]
    fn every_form_is_the_same_key() {
        let key = PrivateKey::from_seed(&[1; 32]).public_key();
        let point = key.to_point();
        let compressed = key.inner().to_sec1_point(true);
        let spki = key.to_base64();
        for bytes in [&point[..], &point[1..], compressed.as_bytes()] {
            assert_eq!(parse(bytes), Ok(key), "{} bytes", bytes.len());
        }
        let pem = format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n{}\n-----END PUBLIC KEY-----\n",
            &spki[..64],
            &spki[64..]
        );
        for text in [spki.clone(), pem, format!("{spki}\n")] {
            assert_eq!(PublicKey::parse(&text, FIELD), Ok(key), "{text}");
        }
        assert_eq!(spki.len(), 124);
        assert!(spki.starts_with("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE"));
    }

    #[test]
    fn it_is_written_as_the_library_would() {
        let key = PrivateKey::from_seed(&[2; 32]).public_key();
        assert_eq!(key.to_base64(), encoding::encode(key.inner().to_public_key_der().unwrap().as_bytes()));
    }

    #[test]
    fn what_is_no_point_names_the_field() {
        let point = PrivateKey::from_seed(&[1; 32]).public_key().to_point();
        let mut off_curve = point;
        off_curve[64] ^= 1;
        let no_key = malformed(FIELD, "must be a public key on P-256");
        for bytes in [&off_curve[..], &off_curve[1..], &point[..64], &[4; 33], &[0], &[0; 65], &[]] {
            assert_eq!(parse(bytes), Err(no_key), "{} bytes", bytes.len());
        }
        assert_eq!(PublicKey::parse("*", FIELD), Err(malformed(FIELD, "must be base64")));
    }

    proptest! {
        #[test]
        fn reading_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..140)) {
            let _ = parse(&bytes);
            let _ = PublicKey::parse(&String::from_utf8_lossy(&bytes), FIELD);
        }
    }
}
