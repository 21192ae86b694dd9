//! Signatures: ECDSA on P-256 with SHA-256.

use p256::ecdsa::{
    Signature, SigningKey, VerifyingKey,
    signature::{Signer as _, Verifier as _},
};

use super::{error::EnvelopeError, private_key::PrivateKey, public_key::PublicKey};

/// Refused unless `signature` was made over exactly these bytes with the private half of `key`. It is r and s in 64
/// bytes (IEEE P1363, as browsers write it) or DER (as Java and Swift do).
pub(super) fn verify(key: PublicKey, message: &[u8], signature: &[u8]) -> Result<(), EnvelopeError> {
    let key = VerifyingKey::from(key.inner());
    // DER of 64 bytes is possible, though nobody will ever see it.
    let readings = [Signature::from_slice(signature), Signature::from_der(signature)];
    let valid = readings.into_iter().flatten().any(|signature| key.verify(message, &signature).is_ok());
    if valid { Ok(()) } else { Err(EnvelopeError::Refused) }
}

/// r and s of a signature over `message`, in 64 bytes; the same each time (RFC 6979).
pub(super) fn sign(key: &PrivateKey, message: &[u8]) -> [u8; 64] {
    let signature: Signature = SigningKey::from(key.inner()).sign(message);
    signature.to_bytes().into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key() -> PrivateKey {
        PrivateKey::from_seed(&[1; 32])
    }

    fn der(raw: &[u8; 64]) -> Vec<u8> {
        Signature::from_slice(raw).unwrap().to_der().as_bytes().to_vec()
    }

    #[test]
    fn both_encodings_are_read() {
        let raw = sign(&key(), b"1700000000000");
        assert_eq!(verify(key().public_key(), b"1700000000000", &raw), Ok(()));
        assert_eq!(verify(key().public_key(), b"1700000000000", &der(&raw)), Ok(()));
    }

    #[test]
    fn a_high_s_is_as_good_as_a_low_one() {
        // Browsers do not normalize: both are signatures.
        let low = Signature::from_slice(&sign(&key(), b"x")).unwrap().normalize_s();
        let high = Signature::from_scalars(low.r().to_bytes(), (-*low.s()).to_bytes()).unwrap();
        for signature in [low, high] {
            assert_eq!(verify(key().public_key(), b"x", &signature.to_bytes()), Ok(()));
        }
    }

    #[test]
    fn another_key_another_message_and_another_shape_are_refused() {
        let raw = sign(&key(), b"x");
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
            let mut raw = sign(&key(), b"x");
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
