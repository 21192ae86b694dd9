//! Which way up a photo is, as its EXIF data say (Exif 2.32, section 4.6.4: tag 0x0112 of the first directory).

use crate::gray::Gray;

const TAG: u16 = 0x0112;
/// Directories have a few dozen entries.
const MOST_ENTRIES: usize = 256;

/// Turns a picture as its EXIF data say; 1, the usual, leaves it as it is.
pub(crate) fn upright(gray: Gray, exif: Option<&[u8]>) -> Gray {
    match exif.and_then(read) {
        Some(2) => gray.mirrored(),
        Some(3) => gray.mirrored().upside_down(),
        Some(4) => gray.upside_down(),
        Some(5) => gray.transposed(),
        Some(6) => gray.transposed().mirrored(),
        Some(7) => gray.transposed().mirrored().upside_down(),
        Some(8) => gray.transposed().upside_down(),
        _ => gray,
    }
}

/// The orientation, 1 to 8, of EXIF data, with or without `Exif` in front.
fn read(exif: &[u8]) -> Option<u16> {
    let tiff = exif.strip_prefix(b"Exif\0\0").unwrap_or(exif);
    let is_little = match tiff.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return None,
    };
    let short = |at: usize| {
        let bytes = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if is_little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    };
    let long = |at: usize| {
        let (first, second) = (short(at)?, short(at + 2)?);
        let (low, high) = if is_little { (first, second) } else { (second, first) };
        Some(u32::from(low) | u32::from(high) << 16)
    };
    let directory = long(4)? as usize;
    let entries = usize::from(short(directory)?).min(MOST_ENTRIES);
    let mut entries = (0..entries).map(|index| directory + 2 + 12 * index);
    short(entries.find(|&entry| short(entry) == Some(TAG))? + 8)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::gray::SIDE;

    fn exif(orientation: u16, is_little: bool) -> Vec<u8> {
        let short = |value: u16| if is_little { value.to_le_bytes() } else { value.to_be_bytes() };
        let long = |value: u32| if is_little { value.to_le_bytes() } else { value.to_be_bytes() };
        let mut bytes = if is_little { b"II*\0".to_vec() } else { b"MM\0*".to_vec() };
        bytes.extend(long(8));
        bytes.extend(short(2));
        for (tag, value) in [(0x0100, 9), (TAG, orientation)] {
            bytes.extend([short(tag), short(3)].concat());
            bytes.extend(long(1));
            bytes.extend([short(value), short(0)].concat());
        }
        bytes
    }

    #[test]
    fn is_read_in_either_byte_order() {
        for is_little in [true, false] {
            for orientation in 1..=8 {
                let exif = exif(orientation, is_little);
                assert_eq!(read(&exif), Some(orientation));
                assert_eq!(read(&[b"Exif\0\0", &*exif].concat()), Some(orientation));
                assert_eq!(read(&exif[..exif.len() - 10]), None);
            }
        }
    }

    /// Where the picture's top left pixel is, once it is upright.
    #[test]
    fn the_top_left_goes_where_the_standard_says() {
        let corners =
            [(1, 0, 0), (2, 0, 1), (3, 1, 1), (4, 1, 0), (5, 0, 0), (6, 0, 1), (7, 1, 1), (8, 1, 0)];
        for (orientation, row, column) in corners {
            let mut gray = Gray(Box::new([[0.0; SIDE]; SIDE]));
            gray.0[0][0] = 9.0;
            gray.0[0][1] = 5.0;
            let gray = upright(gray, Some(&exif(orientation, true)));
            let (y, x) = (row * (SIDE - 1), column * (SIDE - 1));
            assert!((gray.0[y][x] - 9.0).abs() < 0.01, "{orientation}");
            let beside = if orientation > 4 { gray.0[y.abs_diff(1)][x] } else { gray.0[y][x.abs_diff(1)] };
            assert!((beside - 5.0).abs() < 0.01, "{orientation}");
        }
    }

    proptest! {
        #[test]
        fn reading_never_panics(mut bytes in proptest::collection::vec(any::<u8>(), 0..60), little in any::<bool>()) {
            let _ = read(&bytes);
            bytes.splice(..0, *if little { b"II*\0" } else { b"MM\0*" });
            let _ = read(&bytes);
        }
    }
}
