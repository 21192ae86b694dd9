//! Base64 and PEM as clients write them.

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};
use zeroize::Zeroizing;

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What a field that is no base64 must be.
pub(super) const EXPECTED: &str = "must be base64";

/// The bytes, from the standard alphabet with or without padding. White space counts for nothing: Java wraps lines.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    if !text.bytes().any(|byte| byte.is_ascii_whitespace()) {
        return LENIENT.decode(text).ok();
    }
    let mut packed = Zeroizing::new(Vec::with_capacity(text.len()));
    packed.extend(text.bytes().filter(|byte| !byte.is_ascii_whitespace()));
    LENIENT.decode(packed.as_slice()).ok()
}

/// Base64 with padding, on one line.
pub(super) fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// What is between the lines of a PEM file, whatever its label; other text as it is.
pub(super) fn unarmored(text: &str) -> &str {
    let body = text.trim_ascii().strip_prefix("-----BEGIN ").and_then(|rest| rest.split_once("-----"));
    body.and_then(|(_, rest)| rest.split_once("-----END ")).map_or(text, |(body, _)| body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_and_line_breaks_do_not_matter() {
        for text in ["AAEC/w==", "AAEC/w", "AAEC\n/w==\n", " AAEC\r\n/w"] {
            assert_eq!(decode(text).as_deref(), Some(&[0, 1, 2, 255][..]), "{text:?}");
        }
        assert_eq!(encode(&[0, 1, 2, 255]), "AAEC/w==");
        assert_eq!(decode(""), Some(Vec::new()));
    }

    #[test]
    fn what_is_no_base64_is_refused() {
        for text in ["AAEC_w==", "A", "AAEC/x==", "AAEC/w===", "AA=EC", "é", "{}"] {
            assert_eq!(decode(text), None, "{text:?}");
        }
    }

    #[test]
    fn pem_is_its_body() {
        let pem = "-----BEGIN PUBLIC KEY-----\nAAEC\n/w==\n-----END PUBLIC KEY-----\n";
        assert_eq!(decode(unarmored(pem)), decode("AAEC/w=="));
        for text in ["AAEC/w==", "-----BEGIN ", "-----BEGIN X-----AA", "-----BEGIN X----- -----END"] {
            assert_eq!(unarmored(text), text);
        }
    }
}
