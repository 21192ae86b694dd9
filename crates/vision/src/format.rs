//! Which format a file is of, and which sizes are read.

use crate::ImageError;

pub(crate) const LEAST_SIDE: usize = 16;
pub(crate) const MOST_SIDE: usize = 10_000;
pub(crate) const MOST_PIXELS: usize = 40_000_000;

/// What is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Png,
    Jpeg,
    WebP,
}

impl Format {
    /// By the first bytes: a file's name and a client's word are often wrong.
    pub(crate) fn of(file: &[u8]) -> Option<Self> {
        match file {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::WebP),
            _ => None,
        }
    }
}

/// A picture's width and height in pixels, within what is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) width: usize,
    pub(crate) height: usize,
}

impl Size {
    /// To be asked with what the header says, before any pixel is decoded.
    pub(crate) fn checked(width: usize, height: usize) -> Result<Self, ImageError> {
        let sides = LEAST_SIDE..=MOST_SIDE;
        let is_fine = sides.contains(&width) && sides.contains(&height) && width * height <= MOST_PIXELS;
        is_fine.then_some(Self { width, height }).ok_or(ImageError::Dimensions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_limits() {
        for (width, height, is_fine) in [
            (16, 16, true),
            (15, 16, false),
            (16, 15, false),
            (10_000, 4_000, true),
            (4_000, 10_001, false),
            (10_000, 4_001, false),
            (0, 0, false),
            (usize::MAX, 16, false),
        ] {
            assert_eq!(Size::checked(width, height).is_ok(), is_fine, "{width}x{height}");
        }
    }
}
