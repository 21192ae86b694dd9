//! One message: the key that two parties agree on, and AES-256-GCM under it.

use aes_gcm::{
    Aes256Gcm, AesGcm,
    aead::{AeadInOut, KeyInit, Nonce, consts::U16},
    aes::Aes256,
};
use aws_lc_rs::{
    agreement::{ECDH_P256, UnparsedPublicKey, agree},
    hkdf::{HKDF_SHA256, Salt},
};
use zeroize::Zeroizing;

use super::{private_key::PrivateKey, public_key::PublicKey};

/// Bytes of salt and nonce in web envelopes and in answers.
pub(super) const WEB_BYTES: usize = 16;
/// Bytes of salt and nonce in mobile envelopes.
pub(super) const MOBILE_BYTES: usize = 12;
/// Bytes of the tag at the end of the ciphertext.
pub(super) const TAG_BYTES: usize = 16;

/// GCM with a nonce of 16 bytes instead of the usual 12, as WebCrypto allows.
type WebCipher = AesGcm<Aes256, U16>;

/// The two parties of a message and what it was mixed with.
#[derive(Clone, Copy)]
pub(super) struct Terms<'a> {
    pub(super) ours: &'a PrivateKey,
    pub(super) theirs: PublicKey,
    pub(super) salt: &'a [u8],
    /// 16 or 12 bytes.
    pub(super) iv: &'a [u8],
}

impl Terms<'_> {
    /// The plaintext with the tag behind it in its place; `None` when it is too long, or `iv` has another length.
    pub(super) fn encrypt(self, plaintext: &[u8]) -> Option<Vec<u8>> {
        let mut text = Vec::with_capacity(plaintext.len() + TAG_BYTES);
        text.extend_from_slice(plaintext);
        let key = self.key()?;
        match self.iv.len() {
            WEB_BYTES => encrypt_in_place::<WebCipher>(&key, self.iv, &mut text),
            MOBILE_BYTES => encrypt_in_place::<Aes256Gcm>(&key, self.iv, &mut text),
            _ => None,
        }?;
        Some(text)
    }

    /// The plaintext; `None` when anything was tampered with, the key is another, or `iv` has another length.
    pub(super) fn decrypt(self, ciphertext: &[u8]) -> Option<Vec<u8>> {
        let mut text = ciphertext.to_vec();
        let key = self.key()?;
        match self.iv.len() {
            WEB_BYTES => decrypt_in_place::<WebCipher>(&key, self.iv, &mut text),
            MOBILE_BYTES => decrypt_in_place::<Aes256Gcm>(&key, self.iv, &mut text),
            _ => None,
        }?;
        Some(text)
    }

    /// HKDF-SHA256 of the shared x coordinate, without info.
    fn key(self) -> Option<Zeroizing<[u8; 32]>> {
        let theirs = UnparsedPublicKey::new(&ECDH_P256, self.theirs.to_point());
        let mut key = Zeroizing::new([0; 32]);
        agree(self.ours.inner(), theirs, (), |shared| {
            let extracted = Salt::new(HKDF_SHA256, self.salt).extract(shared);
            extracted.expand(&[], HKDF_SHA256).and_then(|okm| okm.fill(key.as_mut_slice())).map_err(drop)
        })
        .ok()?;
        Some(key)
    }
}

fn encrypt_in_place<C: KeyInit + AeadInOut>(key: &[u8; 32], iv: &[u8], text: &mut Vec<u8>) -> Option<()> {
    let nonce = Nonce::<C>::try_from(iv).ok()?;
    C::new_from_slice(key).ok()?.encrypt_in_place(&nonce, &[], text).ok()
}

fn decrypt_in_place<C: KeyInit + AeadInOut>(key: &[u8; 32], iv: &[u8], text: &mut Vec<u8>) -> Option<()> {
    let nonce = Nonce::<C>::try_from(iv).ok()?;
    C::new_from_slice(key).ok()?.decrypt_in_place(&nonce, &[], text).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn keys() -> (PrivateKey, PrivateKey) {
        (PrivateKey::from_seed(&[1; 32]), PrivateKey::from_seed(&[2; 32]))
    }

    #[test]
    fn only_two_lengths_of_nonce_are_known() {
        let (a, b) = keys();
        for bytes in [0, 8, 11, 13, 15, 17, 32] {
            let terms = Terms { ours: &a, theirs: b.public_key(), salt: &[1; 16], iv: &vec![0; bytes] };
            assert_eq!((terms.encrypt(b"x"), terms.decrypt(&[0; 17])), (None, None), "{bytes} bytes");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_one_party_encrypts_the_other_decrypts(
            text in proptest::collection::vec(any::<u8>(), 0..300),
            salt in proptest::collection::vec(any::<u8>(), 0..80),
            iv in prop_oneof![
                proptest::collection::vec(any::<u8>(), WEB_BYTES),
                proptest::collection::vec(any::<u8>(), MOBILE_BYTES),
            ],
        ) {
            let (a, b) = keys();
            let sent = Terms { ours: &a, theirs: b.public_key(), salt: &salt, iv: &iv };
            let received = Terms { ours: &b, theirs: a.public_key(), ..sent };
            let ciphertext = sent.encrypt(&text).unwrap();
            prop_assert_eq!(ciphertext.len(), text.len() + TAG_BYTES);
            prop_assert_eq!(received.decrypt(&ciphertext), Some(text));
        }
    }
}
