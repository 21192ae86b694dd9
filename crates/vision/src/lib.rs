//! The bytes of an image in, features that tell whether two images are the same out.
//!
//! The only crate that decodes images: pure, no files, no network. What it compares are pictures, not what they show:
//! another photo of the same face or document is another picture. A model that knows faces would go behind
//! [`extract`] and [`similarity`], under another [`METHOD`].

mod decode;
mod format;
mod gray;
mod orientation;
mod print;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod text;

use sha2::{Digest as _, Sha256};

pub use self::print::{Print, distance_within, similarity_at};

/// How images are compared, for whoever reads a result.
pub const METHOD: &str = "perceptual_hash";
/// The most bytes of one image, before its pixels are decoded: 8 MiB.
pub const MOST_BYTES: usize = 8 << 20;

/// What is kept of an image: nothing that it could be drawn from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Features {
    /// SHA-256 of the file.
    pub digest: [u8; 32],
    /// What the picture looks like; `None` when it is so plain that it looks like any other plain one.
    pub print: Option<Print>,
}

/// Why an image can not be used, as the end of a sentence that begins with its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// The text is no Base64.
    #[error("must be an image in Base64")]
    Base64,
    /// The file is larger than [`MOST_BYTES`].
    #[error("may have at most {} MiB when it is decoded from Base64", MOST_BYTES >> 20)]
    TooLarge,
    /// The file's first bytes are of no format that is read.
    #[error("must be a PNG, JPEG or WebP image")]
    Unsupported,
    /// The picture is too small to see anything, or so large that decoding it costs too much.
    #[error("must have sides of {} to {} pixels, and at most {} megapixels", format::LEAST_SIDE, format::MOST_SIDE,
        format::MOST_PIXELS / 1_000_000)]
    Dimensions,
    /// It says that it is such an image, and can not be decoded.
    #[error("is damaged: its pixels can not be decoded")]
    Damaged,
}

/// The features of an image in Base64: standard or URL-safe, with or without padding, white space and a `data:` URL's
/// beginning. Takes up to some 300 MB of memory and a few seconds for the largest images, so run it where it may block.
pub fn extract(image: &str) -> Result<Features, ImageError> {
    extract_bytes(&text::decode(image)?)
}

/// The features of an image file.
pub fn extract_bytes(file: &[u8]) -> Result<Features, ImageError> {
    if file.len() > MOST_BYTES {
        return Err(ImageError::TooLarge);
    }
    let gray = decode::decode(file)?;
    Ok(Features { digest: Sha256::digest(file).into(), print: Print::of(&gray) })
}

/// How alike two images are: 1 for the same file or the same print, and less with every bit in which the prints differ.
/// Images that have nothing to do with each other come to 0.2 on average, and practically never above 0.5. `None` when
/// they are different files and one of them is too plain to compare.
pub fn similarity(a: &Features, b: &Features) -> Option<f64> {
    if a.digest == b.digest {
        return Some(1.0);
    }
    Some(similarity_at(a.print?.distance(b.print?)))
}
