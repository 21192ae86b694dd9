//! The other two parties of the keyri dialect: a web page or an app that writes envelopes, and the customer's backend
//! that opens answers.
//!
//! The primitives are those of the server. What other implementations wrote is in `vectors.json` beside the server's
//! envelope, and the guide's page of this dialect seals with `WebCrypto`.

use aes_gcm::{
    AesGcm,
    aead::{AeadInOut as _, KeyInit as _, Nonce, consts::U16},
    aes::Aes256,
};
use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce as ShortNonce, UnboundKey},
    agreement::{self, ECDH_P256, UnparsedPublicKey},
    encoding::{AsDer as _, PublicKeyX509Der},
    hkdf::{HKDF_SHA256, Salt},
    rand::{self, SystemRandom},
    signature::{
        self, ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING,
        EcdsaKeyPair, KeyPair as _,
    },
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use portcullis_domain::Timestamp;
use serde_json::{Value, json};

/// A nonce that is longer than usual, as WebCrypto allows.
type WebCipher = AesGcm<Aes256, U16>;

/// A device that is asked for envelopes, with the key that stays on it.
#[derive(Debug)]
pub struct KeyriClient {
    is_web: bool,
    platform_public_key: Vec<u8>,
    device_key: EcdsaKeyPair,
}

impl KeyriClient {
    /// A browser that knows the platform's `publicKey`.
    pub fn web(platform_public_key: &str) -> Self {
        Self::new(true, platform_public_key)
    }

    /// An app that knows the platform's `publicKey`.
    pub fn mobile(platform_public_key: &str) -> Self {
        Self::new(false, platform_public_key)
    }

    fn new(is_web: bool, platform_public_key: &str) -> Self {
        Self { is_web, platform_public_key: decode(platform_public_key), device_key: signing_key(is_web) }
    }

    /// `cryptoCookie`: the device's public key.
    pub fn crypto_cookie(&self) -> String {
        public_key(&self.device_key)
    }

    /// What the client encrypts at `now`: `claims` with its time, the signature over it, and the keys.
    pub fn claims(&self, now: Timestamp, mut claims: Value) -> Value {
        let millis = now.as_millis();
        claims["cryptoCookie"] = json!(self.crypto_cookie());
        if self.is_web {
            let (key, timestamp) = (signing_key(true), millis.to_string().repeat(2));
            claims["timestampSignature"] = json!(sign(&key, &timestamp));
            claims["clientSigningKey"] = json!(public_key(&key));
            claims["timestamp"] = json!(timestamp);
        } else {
            let timestamp = (millis / 1_000).to_string();
            claims["timestampSignature"] = json!(sign(&self.device_key, &timestamp));
            claims["timestamp"] = json!(timestamp);
        }
        claims
    }

    /// `encryptedB64Payload` with what [`claims`](Self::claims) makes of `claims` at `now`.
    pub fn envelope(&self, now: Timestamp, claims: Value) -> String {
        self.seal(self.claims(now, claims).to_string().as_bytes())
    }

    /// `encryptedB64Payload` with just this plaintext.
    pub fn seal(&self, plaintext: &[u8]) -> String {
        let ours = agreement::PrivateKey::generate(&ECDH_P256).expect("a key");
        let bytes = if self.is_web { 16 } else { 12 };
        let (salt, iv) = (random(bytes), random(bytes));
        let key = message_key(&ours, &self.platform_public_key, &salt);
        let ciphertext = if self.is_web {
            let mut text = plaintext.to_vec();
            let nonce = Nonce::<WebCipher>::try_from(iv.as_slice()).expect("16 bytes");
            WebCipher::new(&key.into()).encrypt_in_place(&nonce, &[], &mut text).expect("a short text");
            text
        } else {
            let mut text = plaintext.to_vec();
            let nonce = ShortNonce::try_assume_unique_for_key(&iv).expect("12 bytes");
            let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key).expect("32 bytes"));
            key.seal_in_place_append_tag(nonce, Aad::empty(), &mut text).expect("a short text");
            text
        };
        let name = if self.is_web { "ciphertext" } else { "encryptedPayload" };
        let public: PublicKeyX509Der<'_> = ours.compute_public_key().expect("a key").as_der().expect("a key");
        let envelope = json!({
            "clientEncryptionKey": encode(public.as_ref()),
            name: encode(&ciphertext),
            "salt": encode(&salt),
            "iv": encode(&iv),
        });
        encode(envelope.to_string().as_bytes())
    }
}

/// The JSON in an encrypted answer, for the holder of `service_decryption_key` (PKCS#8). Checks the signature, and that
/// it is by the platform whose `publicKey` this is.
pub fn open_keyri_answer(service_decryption_key: &str, platform_public_key: &str, answer: &Value) -> Value {
    assert_eq!(answer["publicEncryptionKey"], platform_public_key);
    let member =
        |name: &str| decode(answer[name].as_str().unwrap_or_else(|| panic!("no {name} in {answer}")));
    let (platform, mut text) = (decode(platform_public_key), member("ciphertext"));
    let verifier = signature::UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &platform);
    verifier.verify(&text, &member("apiCiphertextSignature")).expect("the platform's signature");
    let ours = decode(service_decryption_key);
    let ours = agreement::PrivateKey::from_private_key_der(&ECDH_P256, &ours).expect("PKCS#8");
    let key = message_key(&ours, &platform, &member("salt"));
    let nonce = Nonce::<WebCipher>::try_from(member("iv").as_slice()).expect("16 bytes");
    WebCipher::new(&key.into()).decrypt_in_place(&nonce, &[], &mut text).expect("the answer is for this key");
    serde_json::from_slice(&text).expect("JSON")
}

fn message_key(ours: &agreement::PrivateKey, theirs: &[u8], salt: &[u8]) -> [u8; 32] {
    let theirs = UnparsedPublicKey::new(&ECDH_P256, theirs);
    let shared = agreement::agree(ours, theirs, (), |shared| Ok(shared.to_vec())).expect("a point on P-256");
    let mut key = [0; 32];
    let extracted = Salt::new(HKDF_SHA256, salt).extract(&shared);
    extracted.expand(&[], HKDF_SHA256).and_then(|okm| okm.fill(&mut key)).expect("32 bytes");
    key
}

/// Browsers write r and s in 64 bytes, apps DER.
fn signing_key(is_web: bool) -> EcdsaKeyPair {
    let algorithm = if is_web { &ECDSA_P256_SHA256_FIXED_SIGNING } else { &ECDSA_P256_SHA256_ASN1_SIGNING };
    EcdsaKeyPair::generate(algorithm).expect("a key")
}

fn public_key(key: &EcdsaKeyPair) -> String {
    let public: PublicKeyX509Der<'_> = key.public_key().as_der().expect("a key");
    encode(public.as_ref())
}

fn sign(key: &EcdsaKeyPair, text: &str) -> String {
    encode(key.sign(&SystemRandom::new(), text.as_bytes()).expect("a signature").as_ref())
}

fn random(bytes: usize) -> Vec<u8> {
    let mut random = vec![0; bytes];
    rand::fill(&mut random).expect("randomness");
    random
}

fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

fn decode(text: &str) -> Vec<u8> {
    STANDARD.decode(text).expect("base64")
}
