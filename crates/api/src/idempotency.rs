//! The header `Idempotency-Key` of dialects whose credential is in `Authorization`: a promise that a repetition is the
//! same request.

use http::{HeaderMap, HeaderName, HeaderValue, header};
use portcullis_store::Idempotency;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const KEY_LENGTHS: std::ops::RangeInclusive<usize> = 10..=255;

/// What a key must be, as the end of a sentence that begins with the header's name.
pub(crate) const EXPECTED: &str = "must have 10 to 255 characters";

/// The key is too short or too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WrongKey;

/// Hashes of the key, which holds for the dialect, the API key and the path, and of the body: neither is kept.
pub(crate) fn read(
    dialect: &str,
    headers: &HeaderMap,
    path: &str,
    body: &[u8],
) -> Result<Option<Idempotency>, WrongKey> {
    let Some(key) = headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    if !KEY_LENGTHS.contains(&key.len()) {
        return Err(WrongKey);
    }
    let api_key = headers.get(header::AUTHORIZATION).map_or(&[][..], HeaderValue::as_bytes);
    let mut hasher = blake3::Hasher::new();
    // No part of these can have a zero byte.
    for part in [dialect.as_bytes(), api_key, path.as_bytes(), key.as_bytes()] {
        hasher.update(part).update(&[0]);
    }
    Ok(Some(Idempotency { key: first_half(&hasher.finalize()), body: first_half(&blake3::hash(body)) }))
}

/// What is kept of a hash.
pub(crate) fn first_half(hash: &blake3::Hash) -> [u8; 16] {
    let mut half = [0; 16];
    half.copy_from_slice(&hash.as_bytes()[..16]);
    half
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key_of(dialect: &str, api_key: &'static str, path: &str, key: &'static str) -> [u8; 16] {
        let mut headers = HeaderMap::new();
        headers.insert(IDEMPOTENCY_KEY, HeaderValue::from_static(key));
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static(api_key));
        read(dialect, &headers, path, b"{}").unwrap().unwrap().key
    }

    #[test]
    fn keys_are_of_a_dialect_an_api_key_and_a_path() {
        let key = key_of("signet", "Bearer a", "/v1/x", "0123456789");
        assert_eq!(key, key_of("signet", "Bearer a", "/v1/x", "0123456789"));
        assert_ne!(key, key_of("fraudshield", "Bearer a", "/v1/x", "0123456789"));
        assert_ne!(key, key_of("signet", "Bearer b", "/v1/x", "0123456789"));
        assert_ne!(key, key_of("signet", "Bearer a", "/v1/y", "0123456789"));
        assert_ne!(key, key_of("signet", "Bearer a", "/v1/x", "0123456780"));
    }

    #[test]
    fn lengths_are_bounded() {
        let read = |length: usize| {
            let mut headers = HeaderMap::new();
            headers.insert(IDEMPOTENCY_KEY, HeaderValue::try_from("a".repeat(length)).unwrap());
            super::read("signet", &headers, "/", b"{}").is_ok()
        };
        assert_eq!([9, 10, 255, 256].map(read), [false, true, true, false]);
    }
}
