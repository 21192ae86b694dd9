//! The pixels of an image file, as a small gray picture.

mod jpeg;
mod png;
mod webp;

use crate::{ImageError, format::Format, gray::Gray};

/// The most memory that a decoder may take for itself: what the largest picture needs with four bytes a pixel.
const MEMORY_BYTES: usize = 4 * crate::format::MOST_PIXELS + (1 << 20);

pub(crate) fn decode(file: &[u8]) -> Result<Gray, ImageError> {
    match Format::of(file).ok_or(ImageError::Unsupported)? {
        Format::Png => png::decode(file),
        Format::Jpeg => jpeg::decode(file),
        Format::WebP => webp::decode(file),
    }
}

/// The gray of each pixel of a row that has so many values a pixel: gray, gray and opacity, color, or color and opacity.
fn luma(row: &[u8], channels: usize) -> impl Iterator<Item = u8> + '_ {
    row.chunks_exact(channels.max(1)).map(|pixel| match *pixel {
        [gray, opacity] => over_white(gray, opacity),
        [red, green, blue] => luma_of(red, green, blue),
        [red, green, blue, opacity] => over_white(luma_of(red, green, blue), opacity),
        [gray, ..] => gray,
        [] => 0,
    })
}

/// As ITU-R BT.601 has it, which JPEG uses too.
fn luma_of(red: u8, green: u8, blue: u8) -> u8 {
    ((u32::from(red) * 299 + u32::from(green) * 587 + u32::from(blue) * 114 + 500) / 1_000) as u8
}

fn over_white(gray: u8, opacity: u8) -> u8 {
    let (gray, opacity) = (u32::from(gray), u32::from(opacity));
    ((gray * opacity + 255 * (255 - opacity) + 127) / 255) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colors_become_gray() {
        let gray = |row: &[u8], channels| luma(row, channels).collect::<Vec<_>>();
        assert_eq!(gray(&[7, 8, 9], 1), [7, 8, 9]);
        assert_eq!(gray(&[0, 255, 0, 0, 0, 128], 2), [0, 255, 127]);
        assert_eq!(gray(&[255, 255, 255, 255, 0, 0], 3), [255, 76]);
        assert_eq!(gray(&[0, 255, 0, 255, 1, 2, 3, 0], 4), [150, 255]);
    }
}
