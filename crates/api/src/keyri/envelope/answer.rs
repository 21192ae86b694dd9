//! The answer to a customer that keeps its decryption key to itself.

use serde::Serialize;
use utoipa::ToSchema;

use super::{
    cipher::{Terms, WEB_BYTES},
    encoding,
    private_key::PrivateKey,
    public_key::PublicKey,
    signature,
};

/// An answer that only the service's decryption key reads; every member is base64.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EncryptedAnswer {
    /// The JSON answer, encrypted, with the 16 bytes of the tag behind it.
    ciphertext: String,
    /// 16 bytes.
    salt: String,
    /// 16 bytes: the nonce is longer than GCM's usual 12.
    iv: String,
    /// The platform's public key (SubjectPublicKeyInfo), for the agreement and for the signature.
    public_encryption_key: String,
    /// ECDSA on P-256 with SHA-256 over the decoded `ciphertext`: r and s, 64 bytes.
    api_ciphertext_signature: String,
}

/// Why an answer can not be encrypted. Neither is the caller's fault.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AnswerError {
    /// The operating system has no randomness to give.
    #[error("no randomness: {0}")]
    Randomness(#[from] getrandom::Error),
    /// The answer is longer than the 64 GiB that one key may encrypt, or there is no memory.
    #[error("the answer can not be encrypted")]
    Sealing,
}

impl EncryptedAnswer {
    /// Encrypts `json` to the holder of the private half of `service`, and signs it.
    pub(crate) fn seal(platform: &PrivateKey, service: PublicKey, json: &[u8]) -> Result<Self, AnswerError> {
        let (mut salt, mut iv) = ([0; WEB_BYTES], [0; WEB_BYTES]);
        getrandom::fill(&mut salt)?;
        getrandom::fill(&mut iv)?;
        Self::seal_with(platform, service, json, salt, iv).ok_or(AnswerError::Sealing)
    }

    fn seal_with(
        platform: &PrivateKey,
        service: PublicKey,
        json: &[u8],
        salt: [u8; WEB_BYTES],
        iv: [u8; WEB_BYTES],
    ) -> Option<Self> {
        let ciphertext = Terms { ours: platform, theirs: service, salt: &salt, iv: &iv }.encrypt(json)?;
        Some(Self {
            api_ciphertext_signature: encoding::encode(signature::sign(platform, &ciphertext).ok()?.as_ref()),
            public_encryption_key: platform.public_key().to_base64(),
            ciphertext: encoding::encode(&ciphertext),
            salt: encoding::encode(&salt),
            iv: encoding::encode(&iv),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keyri::envelope::vectors::{Answer, Vectors, bytes};

    fn keys() -> (PrivateKey, PrivateKey) {
        (PrivateKey::from_seed(&[1; 32]), PrivateKey::from_seed(&[2; 32]))
    }

    #[test]
    fn it_is_what_another_implementation_makes() {
        let Vectors { platform_private_key, answer: Answer { json, service_private_key, sealed }, .. } =
            Vectors::load();
        let platform = PrivateKey::parse(&platform_private_key, "platform").unwrap();
        let service = PrivateKey::parse(&service_private_key, "service").unwrap().public_key();
        let (salt, iv) = (bytes(&sealed["salt"]), bytes(&sealed["iv"]));
        let (salt, iv) = (salt.try_into().unwrap(), iv.try_into().unwrap());
        let answer = EncryptedAnswer::seal_with(&platform, service, json.as_bytes(), salt, iv).unwrap();
        let mut ours = serde_json::to_value(answer).unwrap();
        let signature = ours["apiCiphertextSignature"].take();
        assert_eq!(ours["ciphertext"], sealed["ciphertext"]);
        assert_eq!(ours["publicEncryptionKey"], sealed["publicEncryptionKey"]);
        // The other implementation's signature is as good as ours over the same bytes.
        let ciphertext = bytes(&ours["ciphertext"]);
        for signature in [bytes(&signature), bytes(&sealed["apiCiphertextSignature"])] {
            assert_eq!(signature::verify(platform.public_key(), &ciphertext, &signature), Ok(()));
            assert_eq!(signature.len(), 64);
        }
    }

    #[test]
    fn the_service_opens_it_and_nobody_else_does() {
        let (platform, service) = keys();
        let answer = EncryptedAnswer::seal(&platform, service.public_key(), b"{}").unwrap();
        let (salt, iv) = (encoding::decode(&answer.salt).unwrap(), encoding::decode(&answer.iv).unwrap());
        let ciphertext = encoding::decode(&answer.ciphertext).unwrap();
        let theirs = PublicKey::parse(&answer.public_encryption_key, "publicEncryptionKey").unwrap();
        let terms = Terms { ours: &service, theirs, salt: &salt, iv: &iv };
        assert_eq!(terms.decrypt(&ciphertext).as_deref(), Some(&b"{}"[..]));
        let stranger = PrivateKey::from_seed(&[3; 32]);
        assert_eq!(Terms { ours: &stranger, ..terms }.decrypt(&ciphertext), None);
    }

    #[test]
    fn salt_and_nonce_are_new_each_time() {
        let (platform, service) = keys();
        let seal = || EncryptedAnswer::seal(&platform, service.public_key(), b"{}").unwrap();
        let (first, second) = (seal(), seal());
        assert!(first.salt != second.salt && first.iv != second.iv && first.ciphertext != second.ciphertext);
    }
}
