//! What is wrong with a condition, and where.

use super::ast::Place;

/// How much of a word is repeated in a message, in characters.
const MAX_SHOWN_CHARS: usize = 40;

/// Why a condition can not be used, for the person who wrote it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct ConditionError {
    /// The line, from 1.
    pub line: u32,
    /// The character in the line, from 1.
    pub column: u32,
    /// What is wrong and what to write instead, in one sentence without its place.
    pub message: String,
}

impl ConditionError {
    pub(super) fn new(place: Place, message: impl Into<String>) -> Self {
        Self { line: place.line, column: place.column, message: message.into() }
    }
}

/// A word of the condition as messages show it: cut when it is long, and without line breaks.
pub(super) fn shown(source: &str) -> String {
    let line = source.lines().next().unwrap_or_default();
    match line.char_indices().nth(MAX_SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_words_are_cut_between_characters() {
        assert_eq!(shown("ip.is_tor"), "ip.is_tor");
        assert_eq!(shown(&"ü".repeat(41)), format!("{}…", "ü".repeat(40)));
        assert_eq!(shown("one\ntwo"), "one");
    }
}
