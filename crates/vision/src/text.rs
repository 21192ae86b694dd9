//! The bytes of a text in Base64, however it is written.

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use crate::{ImageError, MOST_BYTES};

/// Enough for `data:image/svg+xml;charset=utf-8;base64`.
const LONGEST_MEDIA_TYPE: usize = 100;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// At most [`MOST_BYTES`]; a longer text is refused before it is decoded.
pub(crate) fn decode(text: &str) -> Result<Vec<u8>, ImageError> {
    let digits = without_media_type(text.trim_ascii())?.bytes().filter(|byte| !byte.is_ascii_whitespace());
    let digits = digits.map(|byte| match byte {
        b'-' => b'+',
        b'_' => b'/',
        byte => byte,
    });
    // Four digits are three bytes; with room for padding.
    let most_digits = MOST_BYTES.div_ceil(3) * 4;
    let digits: Vec<u8> = digits.take(most_digits + 1).collect();
    if digits.len() > most_digits {
        return Err(ImageError::TooLarge);
    }
    let bytes = BASE64.decode(&digits).map_err(|_| ImageError::Base64)?;
    match bytes.len() {
        0 => Err(ImageError::Base64),
        1..=MOST_BYTES => Ok(bytes),
        _ => Err(ImageError::TooLarge),
    }
}

/// What follows `data:image/png;base64,`. The file itself tells its format, whatever the URL says.
fn without_media_type(text: &str) -> Result<&str, ImageError> {
    let is_data = text.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("data:"));
    if !is_data {
        return Ok(text);
    }
    let (media_type, data) = text.split_once(',').ok_or(ImageError::Base64)?;
    let is_base64 = media_type.len() <= LONGEST_MEDIA_TYPE
        && media_type.rsplit_once(';').is_some_and(|(_, encoding)| encoding.eq_ignore_ascii_case("base64"));
    is_base64.then_some(data).ok_or(ImageError::Base64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_way_of_writing_it() {
        let bytes = [0xfb, 0xff, 0xfe, 0x01];
        for text in [
            "+//+AQ==",
            "+//+AQ",
            "-__-AQ==",
            "-__-AQ",
            " +//+\r\n\tAQ== ",
            "data:image/png;base64,+//+AQ==",
            "DATA:image/jpeg;charset=x;BASE64,-__-AQ",
        ] {
            assert_eq!(decode(text).unwrap(), bytes, "{text}");
        }
    }

    #[test]
    fn refuses_what_is_none() {
        for text in
            ["", " ", "=", "A", "AQ=A", "AQ===", "A*", "ü", "http://x", "data:image/png,AQ", "data:;base64,"]
        {
            assert_eq!(decode(text), Err(ImageError::Base64), "{text}");
        }
        let long = format!("data:{};base64,AQ==", "x".repeat(LONGEST_MEDIA_TYPE));
        assert_eq!(decode(&long), Err(ImageError::Base64));
    }

    #[test]
    fn eight_mebibytes_are_the_most() {
        use base64::engine::general_purpose::STANDARD;
        let mut bytes = vec![7; MOST_BYTES];
        assert_eq!(decode(&STANDARD.encode(&bytes)).unwrap().len(), MOST_BYTES);
        bytes.push(7);
        assert_eq!(decode(&STANDARD.encode(&bytes)), Err(ImageError::TooLarge));
        assert_eq!(decode(&"A".repeat(2 * MOST_BYTES)), Err(ImageError::TooLarge));
    }
}
