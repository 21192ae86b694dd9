//! Whole rounds with clients that share no code with this module: envelope in, encrypted answer out.

use portcullis_domain::Timestamp;
use portcullis_testkit::{KeyriClient, open_keyri_answer};
use serde_json::{Value, json};

use super::{
    ClaimedTime, EncryptedAnswer, Envelope, EnvelopeError, Freshness, Opened, PrivateKey, PublicKey,
    ServiceKeys, SignedTimestamp,
};

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

fn platform() -> PrivateKey {
    PrivateKey::from_seed(&[1; 32])
}

fn clients() -> [KeyriClient; 2] {
    let key = platform().public_key().to_base64();
    [KeyriClient::web(&key), KeyriClient::mobile(&key)]
}

fn open(payload: &str) -> Opened {
    Envelope::parse(payload).unwrap().open(&platform(), None).unwrap()
}

fn signed(claims: &Value) -> SignedTimestamp<'_> {
    SignedTimestamp {
        timestamp: claims["timestamp"].as_str(),
        signature: claims["timestampSignature"].as_str(),
        signing_key: claims["clientSigningKey"].as_str(),
        crypto_cookie: claims["cryptoCookie"].as_str(),
    }
}

#[test]
fn what_a_client_says_arrives_with_its_time_and_its_key() {
    for client in clients() {
        let opened = open(&client.envelope(NOW, json!({"deviceHash": "d1", "userId": "Zoë"})));
        let claims: Value = serde_json::from_str(&opened.text).unwrap();
        assert_eq!((&claims["deviceHash"], &claims["userId"]), (&json!("d1"), &json!("Zoë")));
        let time = ClaimedTime::parse(signed(&claims).timestamp.unwrap()).unwrap();
        assert_eq!((time.0, time.freshness(NOW)), (NOW, Freshness::Fresh));
        let key = signed(&claims).verify().unwrap().unwrap();
        let is_cookie = key.to_base64() == client.crypto_cookie();
        assert_eq!(is_cookie, claims["clientSigningKey"].is_null());
    }
}

#[test]
fn one_device_signs_for_no_other() {
    let [web, mobile] = clients();
    for (mut claims, other) in [(web.claims(NOW, json!({})), &mobile), (mobile.claims(NOW, json!({})), &web)]
    {
        claims["clientSigningKey"] = json!(other.crypto_cookie());
        assert_eq!(signed(&claims).verify(), Err(EnvelopeError::Refused));
    }
}

#[test]
fn the_same_envelope_is_known_again_and_the_same_claims_in_another_are_not() {
    for client in clients() {
        let [first, second] = [client.seal(b"{}"), client.seal(b"{}")];
        assert_eq!(open(&first).fingerprint, open(&first).fingerprint);
        assert_ne!(open(&first).fingerprint, open(&second).fingerprint);
    }
}

#[test]
fn an_envelope_to_another_platform_is_refused() {
    for client in clients() {
        let envelope = Envelope::parse(&client.seal(b"{}")).unwrap();
        let other = PrivateKey::from_seed(&[2; 32]);
        assert_eq!(envelope.open(&other, None).map(|_| ()), Err(EnvelopeError::Refused));
    }
}

#[test]
fn a_customer_opens_its_answer() {
    let keys = ServiceKeys::generate().unwrap();
    let service = PublicKey::parse(&keys.encryption, "Service_Encryption_Key").unwrap();
    let answer = json!({"riskSummary": "deny", "userId": "Zoë"});
    let sealed = EncryptedAnswer::seal(&platform(), service, answer.to_string().as_bytes()).unwrap();
    let sealed = serde_json::to_value(sealed).unwrap();
    let platform = platform().public_key().to_base64();
    assert_eq!(open_keyri_answer(keys.decryption.expose(), &platform, &sealed), answer);
}
