//! API keys as texts: what they look like, and how they are made and recognized.
//!
//! A key is a prefix that names the dialect and the mode, and random hexadecimal digits: 16 bytes for fraudsense, as
//! its contract shows, and 32 for all others. `pi` is for Portcullis ingest.

use domain::{Dialect, Mode};
use portcullis_domain::{self as domain, Secret};
use sha2::{Digest as _, Sha256};

/// The longest text that is looked up as a key.
const LONGEST: usize = 128;
/// How many random digits are kept to tell keys apart by; the rest is known to the owner only.
const SHOWN_DIGITS: usize = 4;

/// A key that was just made.
pub struct NewCredential {
    /// The key itself, to be shown once.
    pub key: Secret<String>,
    /// Its beginning.
    pub prefix: String,
    /// What is kept of it.
    pub sha256: [u8; 32],
}

/// What keys of a dialect and mode begin with.
const fn prefix(dialect: Dialect, mode: Mode) -> &'static str {
    match (dialect, mode) {
        (Dialect::Ingest, Mode::Test) => "pi_test_",
        (Dialect::Ingest, Mode::Live) => "pi_live_",
        (Dialect::Fraudshield, Mode::Test) => "txc_test_",
        (Dialect::Fraudshield, Mode::Live) => "txc_live_",
        (Dialect::Keyri, Mode::Test) => "ky_test_",
        (Dialect::Keyri, Mode::Live) => "ky_live_",
        (Dialect::Signet, Mode::Test) => "sg_test_",
        (Dialect::Signet, Mode::Live) => "sg_live_",
        (Dialect::Fraudsense, Mode::Test) => "fs_test_",
        (Dialect::Fraudsense, Mode::Live) => "fs_live_",
    }
}

const fn random_bytes(dialect: Dialect) -> usize {
    match dialect {
        Dialect::Fraudsense => 16,
        Dialect::Ingest | Dialect::Fraudshield | Dialect::Keyri | Dialect::Signet => 32,
    }
}

/// Makes a key; fails when the operating system has no randomness to give.
pub fn generate(dialect: Dialect, mode: Mode) -> Result<NewCredential, getrandom::Error> {
    let mut random = zeroize::Zeroizing::new([0; 32]);
    getrandom::fill(random.as_mut_slice())?;
    let mut key = String::from(prefix(dialect, mode));
    for byte in &random[..random_bytes(dialect)] {
        for nibble in [byte >> 4, byte & 15] {
            key.push(char::from(b"0123456789abcdef"[usize::from(nibble)]));
        }
    }
    let shown = prefix(dialect, mode).len() + SHOWN_DIGITS;
    Ok(NewCredential { prefix: key[..shown].to_owned(), sha256: digest(&key), key: Secret::new(key) })
}

/// What a key is kept and found as.
fn digest(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}

/// What a text that may be a key is found as; `None` when no key is like that.
pub(crate) fn recognize(text: &str) -> Option<[u8; 32]> {
    (!text.is_empty() && text.len() <= LONGEST).then(|| digest(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_the_documented_form() {
        for dialect in Dialect::ALL {
            for mode in [Mode::Live, Mode::Test] {
                let made = generate(dialect, mode).unwrap();
                let digits = made.key.expose().strip_prefix(prefix(dialect, mode)).unwrap();
                assert_eq!(digits.len(), if dialect == Dialect::Fraudsense { 32 } else { 64 });
                assert!(digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')));
                assert!(made.key.expose().starts_with(&made.prefix));
                assert_eq!(recognize(made.key.expose()), Some(made.sha256));
            }
        }
    }

    #[test]
    fn no_two_keys_are_the_same() {
        let make = || generate(Dialect::Ingest, Mode::Live).unwrap().sha256;
        assert_ne!(make(), make());
    }

    #[test]
    fn a_known_digest_is_plain_sha256() {
        // The first of the vectors in FIPS 180-2.
        assert_eq!(digest("abc")[..8], [0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea]);
    }
}
