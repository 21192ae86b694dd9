use zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions};
use zune_jpeg::JpegDecoder;

use super::luma;
use crate::{
    ImageError,
    format::Size,
    gray::{Gray, Reducer},
    orientation::upright,
};

/// Progressive images are decoded once for each scan, which are short to write: cameras and editors make about ten.
const MOST_SCANS: usize = 32;

pub(super) fn decode(file: &[u8]) -> Result<Gray, ImageError> {
    // The size is checked below, before anything of that size is made.
    let options = DecoderOptions::default()
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX))
        .jpeg_set_max_scans(MOST_SCANS);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(file), options);
    decoder.decode_headers().map_err(|_| ImageError::Damaged)?;
    let (width, height) = decoder.dimensions().ok_or(ImageError::Damaged)?;
    let size = Size::checked(width, height)?;
    // Its gray is stored apart from its colors.
    let (output, channels) = match decoder.input_colorspace() {
        Some(ColorSpace::YCbCr | ColorSpace::Luma) => (ColorSpace::Luma, 1),
        _ => (ColorSpace::RGB, 3),
    };
    decoder.set_options(options.jpeg_set_out_colorspace(output));
    let pixels = decoder.decode().map_err(|_| ImageError::Damaged)?;
    let mut reducer = Reducer::new(size);
    let rows = pixels.chunks_exact(size.width * channels).take(size.height);
    rows.for_each(|row| reducer.push(luma(row, channels)));
    Ok(upright(reducer.finish(), decoder.exif().map(Vec::as_slice)))
}
