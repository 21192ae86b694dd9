use std::io::Cursor;

use png::{ColorType, Decoder, DecodingError, Limits, Transformations};

use super::{MEMORY_BYTES, luma};
use crate::{
    ImageError,
    format::Size,
    gray::{Gray, Reducer},
};

/// Row by row, so that no more than a few rows are in memory, but for interlaced images.
pub(super) fn decode(file: &[u8]) -> Result<Gray, ImageError> {
    let mut decoder = Decoder::new_with_limits(Cursor::new(file), Limits { bytes: MEMORY_BYTES });
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);
    let header = decoder.read_header_info().map_err(damaged)?;
    let size = Size::checked(header.width as usize, header.height as usize)?;
    let is_interlaced = header.interlaced;
    let mut reader = decoder.read_info().map_err(damaged)?;
    let channels = channels(reader.output_color_type().0);
    let mut reducer = Reducer::new(size);
    if is_interlaced {
        let mut pixels = vec![0; reader.output_buffer_size().ok_or(ImageError::Dimensions)?];
        reader.next_frame(&mut pixels).map_err(damaged)?;
        let rows = pixels.chunks_exact(size.width * channels).take(size.height);
        rows.for_each(|row| reducer.push(luma(row, channels)));
    } else {
        for _ in 0..size.height {
            let row = reader.next_row().map_err(damaged)?.ok_or(ImageError::Damaged)?;
            reducer.push(luma(row.data(), channels));
        }
    }
    Ok(reducer.finish())
}

/// After the transformations above: a palette is color.
const fn channels(color: ColorType) -> usize {
    match color {
        ColorType::Grayscale => 1,
        ColorType::GrayscaleAlpha => 2,
        ColorType::Rgb | ColorType::Indexed => 3,
        ColorType::Rgba => 4,
    }
}

#[allow(clippy::needless_pass_by_value, reason = "map_err gives it so")]
fn damaged(_: DecodingError) -> ImageError {
    ImageError::Damaged
}
