use std::io::Cursor;

use image_webp::WebPDecoder;

use super::{MEMORY_BYTES, luma};
use crate::{
    ImageError,
    format::Size,
    gray::{Gray, Reducer},
    orientation::upright,
};

/// Of an animation it is the first picture.
pub(super) fn decode(file: &[u8]) -> Result<Gray, ImageError> {
    let mut decoder = WebPDecoder::new(Cursor::new(file)).map_err(|_| ImageError::Damaged)?;
    let (width, height) = decoder.dimensions();
    let size = Size::checked(width as usize, height as usize)?;
    decoder.set_memory_limit(MEMORY_BYTES);
    let channels = if decoder.has_alpha() { 4 } else { 3 };
    let mut pixels = vec![0; size.width * size.height * channels];
    decoder.read_image(&mut pixels).map_err(|_| ImageError::Damaged)?;
    let mut reducer = Reducer::new(size);
    pixels.chunks_exact(size.width * channels).for_each(|row| reducer.push(luma(row, channels)));
    let exif = decoder.exif_metadata().unwrap_or_default();
    Ok(upright(reducer.finish(), exif.as_deref()))
}
