//! Texts that a client sends and that are only looked at.

use compact_str::CompactString;

/// They are looked at, and kept, up to this length.
pub(crate) const MOST_BYTES: usize = 512;

/// The first bytes of a text, whole characters.
pub(crate) fn cut(text: &str) -> CompactString {
    CompactString::from(&text[..text.floor_char_boundary(MOST_BYTES)])
}
