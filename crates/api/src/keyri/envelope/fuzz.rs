//! Everything of this module that reads what strangers write, behind one call for a fuzzer.

use super::{
    Envelope, EnvelopeError, PrivateKey, PublicKey, SignedTimestamp,
    cipher::{MOBILE_BYTES, Terms, WEB_BYTES},
    encoding, signature,
    timestamp::ClaimedTime,
};

/// Reads `data` as each thing that a request may hold. Nothing may panic, noise is no signature and no
/// ciphertext, and what was encrypted comes back.
///
/// # Panics
/// When one of that is not so.
pub fn read_anything(data: &[u8]) {
    let (platform, client) = (PrivateKey::from_seed(&[1; 32]), PrivateKey::from_seed(&[2; 32]));
    let (text, packed) = (String::from_utf8_lossy(data), encoding::encode(data));
    for text in [&*text, &packed] {
        let _ = Envelope::parse(text).and_then(|envelope| envelope.open(&platform, Some(&client)));
        let _ = (PublicKey::parse(text, "key"), PrivateKey::parse(text, "key"), ClaimedTime::parse(text));
        let _ = SignedTimestamp {
            timestamp: Some(text),
            signature: Some(text),
            signing_key: Some(text),
            ..SignedTimestamp::default()
        }
        .verify();
    }
    let forged = signature::verify(platform.public_key(), b"", data);
    assert_eq!(forged, Err(EnvelopeError::Refused));
    for bytes in [WEB_BYTES, MOBILE_BYTES] {
        let (salt, iv) = (vec![3; bytes], vec![4; bytes]);
        let sent = Terms { ours: &client, theirs: platform.public_key(), salt: &salt, iv: &iv };
        let received = Terms { ours: &platform, theirs: client.public_key(), ..sent };
        let back = sent.encrypt(data).and_then(|ciphertext| received.decrypt(&ciphertext));
        assert_eq!(back.as_deref(), Some(data));
        assert_eq!(received.decrypt(data), None);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn arbitrary_bytes_never_panic(data in proptest::collection::vec(any::<u8>(), 0..300)) {
            read_anything(&data);
        }

        #[test]
        fn nor_does_arbitrary_json(text in "\\{(\"(clientEncryptionKey|ciphertext|salt|iv)\":\"[A-Za-z0-9+/]{0,24}={0,2}\",?){0,5}\\}") {
            read_anything(text.as_bytes());
        }
    }
}
