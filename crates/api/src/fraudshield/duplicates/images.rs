//! The images of a request, as features.

use portcullis_store::{ImageKind, Sample};
use portcullis_vision as vision;
use tokio::{sync::Semaphore, task::spawn_blocking};

use super::super::{FraudshieldError, error::ImageProblem};
use crate::failure::Failure;

/// How many images are decoded at a time; those of other requests wait for their turn. The largest take 300 MB.
const AT_ONCE: usize = 2;

/// They share the machine's cores and memory, whatever router they came to.
static TURNS: Semaphore = Semaphore::const_new(AT_ONCE);

/// An image of a request.
pub(crate) struct Image {
    /// The parameter that it is.
    pub(crate) param: &'static str,
    /// What it shows.
    pub(crate) kind: ImageKind,
    /// The image in Base64.
    pub(crate) base64: String,
}

/// What images can be found again by, in their order; decodes them off the async threads. An image that can not be used
/// is told by its parameter.
pub(crate) async fn extract(images: Vec<Image>) -> Result<Vec<Sample>, FraudshieldError> {
    let mut samples = Vec::with_capacity(images.len());
    for Image { param, kind, base64 } in images {
        let turn = TURNS.acquire().await.map_err(|_| Failure::Unavailable)?;
        let extracting = spawn_blocking(move || {
            // Held until the work is done, also when the caller went away.
            let _turn = turn;
            vision::extract(&base64)
        });
        let features = extracting.await.map_err(|error| {
            tracing::error!(%error, "an image could not be decoded");
            Failure::Internal
        })?;
        let features = features.map_err(|why| FraudshieldError::Image(ImageProblem { param, why }))?;
        samples.push(Sample::Image {
            kind,
            digest: features.digest,
            bits: features.print.map(|print| print.0),
        });
    }
    Ok(samples)
}
