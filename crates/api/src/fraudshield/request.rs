//! What handlers of this dialect take: a body with its idempotency key, or a query.

use axum::{
    body::HttpBody as _,
    extract::{FromRequest, FromRequestParts, Query as AxumQuery, Request},
};
use http::{HeaderMap, HeaderName, HeaderValue, header, request::Parts};
use portcullis_store::Idempotency;
use serde::de::DeserializeOwned;

use super::{FraudshieldError, error::ParamError};
use crate::{AppState, body};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const KEY_LENGTHS: std::ops::RangeInclusive<usize> = 10..=255;

/// The body of a POST. Fields that its type does not have are ignored.
pub(crate) struct Post<T> {
    /// What was sent.
    pub(crate) body: T,
    /// The promise that a repetition is the same request, if there was one. It holds for the API key and the path.
    pub(crate) idempotency: Option<Idempotency>,
}

impl<T: DeserializeOwned> FromRequest<AppState> for Post<T> {
    type Rejection = FraudshieldError;

    async fn from_request(request: Request, _: &AppState) -> Result<Self, FraudshieldError> {
        Self::read(request, body::LIMIT_BYTES).await
    }
}

/// The body of a POST that may be left out, with whatever content type.
pub(crate) struct MaybePost<T>(pub(crate) T);

impl<T: DeserializeOwned + Default> FromRequest<AppState> for MaybePost<T> {
    type Rejection = FraudshieldError;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, FraudshieldError> {
        if request.body().is_end_stream() {
            return Ok(Self(T::default()));
        }
        <Post<T>>::from_request(request, state).await.map(|post| Self(post.body))
    }
}

impl<T: DeserializeOwned> Post<T> {
    /// Reads a body of at most `limit` bytes.
    pub(super) async fn read(request: Request, limit: usize) -> Result<Self, FraudshieldError> {
        let (parts, body) = request.into_parts();
        let bytes = body::read(&parts.headers, body, limit).await?;
        let idempotency = idempotency(&parts.headers, parts.uri.path(), &bytes)?;
        Ok(Self { body: body::parse(&bytes)?, idempotency })
    }
}

/// Hashes of the key and the body: neither is kept.
fn idempotency(
    headers: &HeaderMap,
    path: &str,
    body: &[u8],
) -> Result<Option<Idempotency>, FraudshieldError> {
    let Some(key) = headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    if !KEY_LENGTHS.contains(&key.len()) {
        let error = ParamError::invalid("Idempotency-Key", "must have 10 to 255 characters");
        return Err(FraudshieldError::param(error));
    }
    let api_key = headers.get(header::AUTHORIZATION).map_or(&[][..], HeaderValue::as_bytes);
    let mut hasher = blake3::Hasher::new();
    // No part of these can have a zero byte.
    for part in [b"fraudshield", api_key, path.as_bytes(), key.as_bytes()] {
        hasher.update(part).update(&[0]);
    }
    Ok(Some(Idempotency { key: first_half(&hasher.finalize()), body: first_half(&blake3::hash(body)) }))
}

fn first_half(hash: &blake3::Hash) -> [u8; 16] {
    let mut half = [0; 16];
    half.copy_from_slice(&hash.as_bytes()[..16]);
    half
}

/// A query. Parameters that its type does not have are ignored.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<AppState> for Query<T> {
    type Rejection = FraudshieldError;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, FraudshieldError> {
        AxumQuery::try_from_uri(&parts.uri).map(|AxumQuery(value)| Self(value)).map_err(|error| {
            FraudshieldError::Malformed(format!("The query is wrong: {}", error.body_text()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key_of(api_key: &'static str, path: &str, key: &'static str) -> [u8; 16] {
        let mut headers = HeaderMap::new();
        headers.insert(IDEMPOTENCY_KEY, HeaderValue::from_static(key));
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static(api_key));
        idempotency(&headers, path, b"{}").unwrap().unwrap().key
    }

    #[test]
    fn keys_are_of_an_api_key_and_a_path() {
        let key = key_of("Bearer a", "/v1/x", "0123456789");
        assert_eq!(key, key_of("Bearer a", "/v1/x", "0123456789"));
        assert_ne!(key, key_of("Bearer b", "/v1/x", "0123456789"));
        assert_ne!(key, key_of("Bearer a", "/v1/y", "0123456789"));
        assert_ne!(key, key_of("Bearer a", "/v1/x", "0123456780"));
    }
}
