//! Messages that other implementations made, with throw-away keys: `vectors.json`.
//!
//! The first envelope was written by the browser library that web clients use, and is that of the public record. The
//! others were written with the Python package `cryptography`: `ec.generate_private_key(SECP256R1())`,
//! `private.exchange(ECDH(), platform)`, `HKDF(SHA256(), 32, salt, b"").derive(x)`, `AESGCM(key).encrypt(iv, text,
//! None)` with salt and nonce of 16 bytes (web, answer) or 12 (mobile); the timestamp by `private.sign(text,
//! ECDSA(SHA256()))`, which is DER, and for the web and the answer r and s of it in 32 bytes each.

use serde::Deserialize;
use serde_json::Value;

use super::{Envelope, PrivateKey, PublicKey, SignedTimestamp, cipher::Terms, encoding};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Vectors {
    pub(super) platform_private_key: String,
    envelopes: Vec<Sealed>,
    pub(super) answer: Answer,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sealed {
    name: String,
    #[serde(rename = "encryptedB64Payload")]
    payload: String,
    text: String,
    is_signed: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Answer {
    pub(super) json: String,
    pub(super) service_private_key: String,
    pub(super) sealed: Value,
}

impl Vectors {
    pub(super) fn load() -> Self {
        serde_json::from_str(include_str!("vectors.json")).unwrap()
    }

    fn platform(&self) -> PrivateKey {
        PrivateKey::parse(&self.platform_private_key, "platform").unwrap()
    }
}

/// The bytes of a member in base64.
pub(super) fn bytes(member: &Value) -> Vec<u8> {
    encoding::decode(member.as_str().unwrap()).unwrap()
}

#[test]
fn envelopes_of_other_implementations_are_opened() {
    let vectors = Vectors::load();
    for sealed in &vectors.envelopes {
        let envelope = Envelope::parse(&sealed.payload).unwrap();
        assert_eq!(envelope.open(&vectors.platform(), None).unwrap().text, sealed.text, "{}", sealed.name);
    }
}

#[test]
fn their_timestamps_are_verified_in_both_encodings() {
    for sealed in Vectors::load().envelopes {
        let claims: Value = serde_json::from_str(&sealed.text).unwrap();
        let signed = SignedTimestamp {
            timestamp: claims["timestamp"].as_str(),
            signature: claims["timestampSignature"].as_str(),
            signing_key: claims["clientSigningKey"].as_str(),
            crypto_cookie: claims["cryptoCookie"].as_str(),
        };
        assert_eq!(signed.verify().unwrap().is_some(), sealed.is_signed, "{}", sealed.name);
        let later = SignedTimestamp { timestamp: Some("1700000001"), ..signed };
        assert_eq!(later.verify().is_err(), sealed.is_signed, "{}", sealed.name);
    }
}

#[test]
fn an_answer_of_another_implementation_is_what_the_service_key_opens() {
    let Answer { json, service_private_key, sealed } = Vectors::load().answer;
    let service = PrivateKey::parse(&service_private_key, "service").unwrap();
    let theirs = PublicKey::parse(sealed["publicEncryptionKey"].as_str().unwrap(), "key").unwrap();
    let terms = Terms { ours: &service, theirs, salt: &bytes(&sealed["salt"]), iv: &bytes(&sealed["iv"]) };
    assert_eq!(terms.decrypt(&bytes(&sealed["ciphertext"])), Some(json.into_bytes()));
}

#[test]
fn keys_of_other_implementations_are_written_as_they_were() {
    let vectors = Vectors::load();
    assert_eq!(*vectors.platform().to_base64().unwrap().expose(), vectors.platform_private_key);
    let public = vectors.answer.sealed["publicEncryptionKey"].as_str().unwrap();
    assert_eq!(vectors.platform().public_key().to_base64(), public);
}
