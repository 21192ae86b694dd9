//! Signatures: ECDSA on P-256 with SHA-256.

use aws_lc_rs::{
    error::Unspecified,
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair,
        Signature, UnparsedPublicKey,
    },
};

use super::{error::EnvelopeError, private_key::PrivateKey, public_key::PublicKey};

/// Refused unless `signature` was made over exactly these bytes with the private half of `key`. It is r and s in 64
/// bytes (IEEE P1363, as browsers write it) or DER (as Java and Swift do).
pub(super) fn verify(key: PublicKey, message: &[u8], signature: &[u8]) -> Result<(), EnvelopeError> {
    let point = key.to_point();
    // DER of 64 bytes is possible, though nobody will ever see it.
    let readings = [&ECDSA_P256_SHA256_FIXED, &ECDSA_P256_SHA256_ASN1];
    let is_valid = readings
        .into_iter()
        .any(|reading| UnparsedPublicKey::new(reading, &point).verify(message, signature).is_ok());
    if is_valid { Ok(()) } else { Err(EnvelopeError::Refused) }
}

/// r and s of a signature over `message`, in 64 bytes.
pub(super) fn sign(key: &PrivateKey, message: &[u8]) -> Result<Signature, Unspecified> {
    let pair = EcdsaKeyPair::from_private_key_der(&ECDSA_P256_SHA256_FIXED_SIGNING, key.to_der()?.as_ref());
    pair.map_err(|_| Unspecified)?.sign(&SystemRandom::new(), message)
}

#[cfg(test)]
mod tests {
    use p256::ecdsa::Signature as Other;
    use proptest::prelude::*;

    use super::*;

    fn raw(message: &[u8]) -> [u8; 64] {
        sign(&key(), message).unwrap().as_ref().try_into().unwrap()
    }

    fn key() -> PrivateKey {
        PrivateKey::from_seed(&[1; 32])
    }

    fn der(raw: &[u8; 64]) -> Vec<u8> {
        Other::from_slice(raw).unwrap().to_der().as_bytes().to_vec()
    }

    #[test]
    fn both_encodings_are_read() {
        let raw = raw(b"1700000000000");
        assert_eq!(verify(key().public_key(), b"1700000000000", &raw), Ok(()));
        assert_eq!(verify(key().public_key(), b"1700000000000", &der(&raw)), Ok(()));
    }

    #[test]
    fn a_high_s_is_as_good_as_a_low_one() {
        // Browsers do not normalize: both are signatures.
        let low = Other::from_slice(&raw(b"x")).unwrap().normalize_s();
        let high = Other::from_scalars(low.r().to_bytes(), (-*low.s()).to_bytes()).unwrap();
        for signature in [low, high] {
            assert_eq!(verify(key().public_key(), b"x", &signature.to_bytes()), Ok(()));
        }
    }

    #[test]
    fn another_key_another_message_and_another_shape_are_refused() {
        let raw = raw(b"x");
        let other = PrivateKey::from_seed(&[2; 32]).public_key();
        assert_eq!(verify(other, b"x", &raw), Err(EnvelopeError::Refused));
        for message in [&b"y"[..], b"", b"x\n"] {
            assert_eq!(verify(key().public_key(), message, &raw), Err(EnvelopeError::Refused));
        }
        for signature in [&[][..], &[0; 64], &raw[..63], &[255; 64], &[&raw[..], &[0]].concat()] {
            assert_eq!(verify(key().public_key(), b"x", signature), Err(EnvelopeError::Refused));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_flipped_bit_is_refused(bit in 0..512_usize) {
            let mut raw = raw(b"x");
            let mut der = der(&raw);
            raw[bit / 8] ^= 1 << (bit % 8);
            let bit = bit % (der.len() * 8);
            der[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(verify(key().public_key(), b"x", &raw).is_err());
            prop_assert!(verify(key().public_key(), b"x", &der).is_err());
        }

        #[test]
        fn anything_else_is_refused(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            prop_assert!(verify(key().public_key(), b"x", &bytes).is_err());
        }
    }
}
