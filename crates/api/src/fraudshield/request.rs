//! What handlers of this dialect take: a body with its idempotency key, or a query.

use std::str::FromStr;

use axum::{
    body::HttpBody as _,
    extract::{FromRequest, FromRequestParts, Path, Request},
};
use http::request::Parts;
use portcullis_store::Idempotency;
use serde::de::DeserializeOwned;

use super::{FraudshieldError, error::ParamError};
use crate::{
    AppState, body,
    failure::{self, Failure},
    idempotency::{self, WrongKey},
};

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
        let idempotency = idempotency::read("fraudshield", &parts.headers, parts.uri.path(), &bytes);
        let idempotency = idempotency.map_err(|WrongKey| {
            FraudshieldError::param(ParamError::invalid("Idempotency-Key", idempotency::EXPECTED))
        })?;
        Ok(Self { body: body::parse(&bytes)?, idempotency })
    }
}

/// A query. Parameters that its type does not have are ignored.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<AppState> for Query<T> {
    type Rejection = FraudshieldError;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, FraudshieldError> {
        Ok(Self(failure::query(parts)?))
    }
}

/// The id in a path. What can not be an id is one that nothing has.
pub(crate) struct Id<I>(pub(crate) I);

impl<I: FromStr> FromRequestParts<AppState> for Id<I> {
    type Rejection = FraudshieldError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, FraudshieldError> {
        let text = <Path<String>>::from_request_parts(parts, state).await;
        let id = text.ok().and_then(|Path(text)| text.parse().ok());
        Ok(id.map(Self).ok_or(Failure::NotFound)?)
    }
}
