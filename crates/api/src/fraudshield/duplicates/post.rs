//! Bodies with images in them: larger than others, and so not many at a time.

use axum::extract::{FromRequest, Request};
use portcullis_store::Idempotency;
use serde::de::DeserializeOwned;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::super::{FraudshieldError, request::Post};
use crate::{AppState, failure::Failure};

/// The largest body with images in it: 12 MiB.
pub(super) const LIMIT_BYTES: usize = 12 << 20;
/// How many such requests are in hand at a time, from before their body is read until they are answered. Each takes up
/// to three times its body.
const IN_HAND: usize = 16;

/// They share the machine's memory, whatever router they came to.
static PLACES: Semaphore = Semaphore::const_new(IN_HAND);

/// The body of a POST with images; more requests than there are places for are shed before their body is read.
pub(crate) struct ImagePost<T> {
    /// What was sent.
    pub(crate) body: T,
    /// The promise that a repetition is the same request, if there was one.
    pub(crate) idempotency: Option<Idempotency>,
    /// To be held until the answer is made.
    pub(crate) place: SemaphorePermit<'static>,
}

impl<T: DeserializeOwned> FromRequest<AppState> for ImagePost<T> {
    type Rejection = FraudshieldError;

    async fn from_request(request: Request, _: &AppState) -> Result<Self, FraudshieldError> {
        let place = PLACES.try_acquire().map_err(|_| Failure::Overloaded)?;
        let Post { body, idempotency } = Post::read(request, LIMIT_BYTES).await?;
        Ok(Self { body, idempotency, place })
    }
}
