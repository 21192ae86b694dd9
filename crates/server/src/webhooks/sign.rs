//! What tells a receiver that a message is from here: the headers of Standard Webhooks 1.0.0, and those that the vendor's
//! own receivers know.

use std::fmt::Write as _;

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use portcullis_domain::Timestamp;
use portcullis_store::WebhookSecret;

/// The headers of an attempt that is made at `at`. The Standard Webhooks signature covers id, time and body, once per
/// secret; the other one covers the body alone, with the newest secret.
pub fn headers(
    message: &str,
    at: Timestamp,
    body: &[u8],
    secrets: &[WebhookSecret],
) -> [(&'static str, String); 5] {
    let timestamp = at.as_millis().div_euclid(1_000).to_string();
    let signatures: Vec<_> = secrets
        .iter()
        .map(|secret| {
            let signed = sign(secret, &[message.as_bytes(), b".", timestamp.as_bytes(), b".", body]);
            format!("v1,{}", STANDARD.encode(signed))
        })
        .collect();
    let of_body = secrets.first().map(|newest| hex(sign(newest, &[body]).as_ref()));
    [
        ("webhook-id", message.to_owned()),
        ("webhook-timestamp", timestamp.clone()),
        ("webhook-signature", signatures.join(" ")),
        ("x-txcloud-timestamp", timestamp),
        ("x-txcloud-signature", of_body.unwrap_or_default()),
    ]
}

fn sign(secret: &WebhookSecret, parts: &[&[u8]]) -> hmac::Tag {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, secret.expose()));
    for part in parts {
        context.update(part);
    }
    context.sign()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use portcullis_domain::Secret;
    use sha2::{Digest as _, Sha256};

    use super::*;

    /// HMAC-SHA256 as RFC 2104 describes it.
    fn hmac_by_hand(key: &[u8], message: &[u8]) -> Vec<u8> {
        let mut block = [0; 64];
        block[..key.len()].copy_from_slice(key);
        let inner =
            Sha256::new().chain_update(block.map(|byte| byte ^ 0x36)).chain_update(message).finalize();
        Sha256::new().chain_update(block.map(|byte| byte ^ 0x5c)).chain_update(inner).finalize().to_vec()
    }

    #[test]
    fn the_vector_of_the_standard_comes_out_of_both_computations() {
        let key = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signed = "msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{\"test\": 2432232314}";
        let expected = "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(STANDARD.encode(hmac_by_hand(&key, signed.as_bytes())), expected);
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
        assert_eq!(STANDARD.encode(hmac::sign(&key, signed.as_bytes())), expected);
    }

    #[test]
    fn every_secret_signs_and_the_newest_signs_the_body_alone() {
        let (new, old) = (Secret::new([7; 32]), Secret::new([9; 32]));
        let body = br#"{"type":"webhook.test"}"#;
        let headers = headers("msg_1", Timestamp::from_millis(1_614_265_330_999), body, &[new, old]);
        let signed = [b"msg_1.1614265330.", &body[..]].concat();
        let of = |key: [u8; 32]| format!("v1,{}", STANDARD.encode(hmac_by_hand(&key, &signed)));
        let expected = [
            ("webhook-id", "msg_1".to_owned()),
            ("webhook-timestamp", "1614265330".to_owned()),
            ("webhook-signature", format!("{} {}", of([7; 32]), of([9; 32]))),
            ("x-txcloud-timestamp", "1614265330".to_owned()),
            ("x-txcloud-signature", hex(&hmac_by_hand(&[7; 32], body))),
        ];
        assert_eq!(headers, expected);
    }
}
