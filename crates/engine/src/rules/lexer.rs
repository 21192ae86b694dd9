//! Text to tokens, each with its place.

use std::borrow::Cow;

use super::{
    ConditionError, MAX_LENGTH_BYTES,
    ast::{Arithmetic, Comparison, Place, Search},
    error::shown,
    hints,
};

/// A token, the text it was made of, and where that began.
#[derive(Clone, Debug)]
pub(super) struct Token<'t> {
    pub(super) kind: Kind<'t>,
    pub(super) source: &'t str,
    pub(super) place: Place,
}

/// What a token means.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind<'t> {
    /// A word that is none of the language's own.
    Name,
    Int(i64),
    Float(f64),
    Text(Cow<'t, str>),
    Comparison(Comparison),
    Search(Search),
    Arithmetic(Arithmetic),
    Open,
    Close,
    Comma,
    And,
    Or,
    Not,
    In,
    Bool(bool),
    Null,
    End,
}

impl Kind<'_> {
    /// Whether it may be the last of an operand.
    const fn ends_operand(&self) -> bool {
        matches!(
            self,
            Self::Name
                | Self::Int(_)
                | Self::Float(_)
                | Self::Text(_)
                | Self::Bool(_)
                | Self::Null
                | Self::Close
        )
    }
}

/// The tokens of a condition; the last is always, and only it, the end.
pub(super) fn tokens(text: &str) -> Result<Vec<Token<'_>>, ConditionError> {
    let start = Place { line: 1, column: 1 };
    if text.len() > MAX_LENGTH_BYTES {
        let message = format!(
            "the condition is {} bytes long, more than the limit of {MAX_LENGTH_BYTES}; split it into several rules",
            text.len()
        );
        return Err(ConditionError::new(start, message));
    }
    let mut lexer = Lexer { rest: text, place: start, is_after_operand: false };
    let mut tokens = Vec::new();
    loop {
        let token = lexer.token()?;
        let is_end = token.kind == Kind::End;
        tokens.push(token);
        if is_end {
            return Ok(tokens);
        }
    }
}

struct Lexer<'t> {
    rest: &'t str,
    place: Place,
    /// Whether a minus here takes something from what is before it; else it may be a number's sign.
    is_after_operand: bool,
}

impl<'t> Lexer<'t> {
    fn token(&mut self) -> Result<Token<'t>, ConditionError> {
        self.take(self.rest.len() - self.rest.trim_start().len());
        let place = self.place;
        let (kind, length) = self.next_kind()?;
        self.is_after_operand = kind.ends_operand();
        Ok(Token { kind, source: self.take(length), place })
    }

    /// What comes next, and how many bytes of the text it is.
    fn next_kind(&self) -> Result<(Kind<'t>, usize), ConditionError> {
        match self.rest.as_bytes() {
            [] => Ok((Kind::End, 0)),
            [b'(', ..] => Ok((Kind::Open, 1)),
            [b')', ..] => Ok((Kind::Close, 1)),
            [b',', ..] => Ok((Kind::Comma, 1)),
            [b'<', b'=', ..] => Ok((Kind::Comparison(Comparison::LessOrEqual), 2)),
            [b'>', b'=', ..] => Ok((Kind::Comparison(Comparison::GreaterOrEqual), 2)),
            [b'<', b'>', ..] | [b'!', b'=', ..] => Ok((Kind::Comparison(Comparison::NotEqual), 2)),
            [b'=', b'=', ..] => Ok((Kind::Comparison(Comparison::Equal), 2)),
            [b'=', ..] => Ok((Kind::Comparison(Comparison::Equal), 1)),
            [b'<', ..] => Ok((Kind::Comparison(Comparison::Less), 1)),
            [b'>', ..] => Ok((Kind::Comparison(Comparison::Greater), 1)),
            [quote @ (b'\'' | b'"'), ..] => self.text(char::from(*quote)),
            [b'-', digit, ..] if digit.is_ascii_digit() && !self.is_after_operand => self.number(),
            [b'+', ..] => Ok((Kind::Arithmetic(Arithmetic::Add), 1)),
            [b'-', ..] => Ok((Kind::Arithmetic(Arithmetic::Subtract), 1)),
            [b'*', ..] => Ok((Kind::Arithmetic(Arithmetic::Multiply), 1)),
            [b'/', ..] => Ok((Kind::Arithmetic(Arithmetic::Divide), 1)),
            [first, ..] if first.is_ascii_digit() => self.number(),
            [first, ..] if first.is_ascii_alphabetic() || *first == b'_' => self.word(),
            _ => Err(self.stray()),
        }
    }

    /// A text in quotes, in which the quote itself is written twice.
    fn text(&self, quote: char) -> Result<(Kind<'t>, usize), ConditionError> {
        let body = &self.rest[1..];
        let mut from = 0;
        while let Some(at) = body[from..].find([quote, '\n', '\r']).map(|at| from + at) {
            if !body[at..].starts_with(quote) {
                break;
            }
            let after = at + 1;
            if !body[after..].starts_with(quote) {
                let text = if from == 0 {
                    Cow::Borrowed(&body[..at])
                } else {
                    Cow::Owned(body[..at].replace(&String::from_iter([quote, quote]), &quote.to_string()))
                };
                return Ok((Kind::Text(text), after + 1));
            }
            from = after + 1;
        }
        let message = format!("the text that begins here has no closing {quote} on its line");
        Err(ConditionError::new(self.place, message))
    }

    fn number(&self) -> Result<(Kind<'t>, usize), ConditionError> {
        let source = self.leading_number();
        let error = |problem: &str| {
            let message = format!("{} {problem}", shown(source));
            ConditionError::new(self.place, message)
        };
        let digits = source.strip_prefix('-').unwrap_or(source);
        if digits.bytes().all(|byte| byte.is_ascii_digit()) {
            let number = source.parse().map_err(|_| error("is too large for a whole number"))?;
            return Ok((Kind::Int(number), source.len()));
        }
        let is_fraction =
            digits.split('.').skip(1).all(|part| part.starts_with(|c: char| c.is_ascii_digit()));
        match source.parse::<f64>() {
            Ok(number) if is_fraction && number.is_finite() => Ok((Kind::Float(number), source.len())),
            Ok(_) if is_fraction => Err(error("is too large for a number")),
            _ => Err(error("is not a number; numbers look like 42, -1.5 or 2e6")),
        }
    }

    /// All that is written like a number, with the letters that stick to it, to be told about as a whole.
    fn leading_number(&self) -> &'t str {
        let unsigned = self.rest.strip_prefix('-').unwrap_or(self.rest);
        let sign = self.rest.len() - unsigned.len();
        let mut is_after_e = false;
        let end = unsigned.find(|c: char| {
            let belongs = is_of_word(c) || is_after_e && matches!(c, '+' | '-');
            is_after_e = matches!(c, 'e' | 'E');
            !belongs
        });
        &self.rest[..sign + end.unwrap_or(unsigned.len())]
    }

    /// A word of the language or a name. Parts of a name that are not made like words stand in quotes after their point.
    fn word(&self) -> Result<(Kind<'t>, usize), ConditionError> {
        let word = |from: usize| {
            let rest = &self.rest[from..];
            from + rest.find(|c| !is_of_word(c)).unwrap_or(rest.len())
        };
        let mut end = word(0);
        while self.rest[..end].ends_with('.') && self.rest[end..].starts_with('\'') {
            let quoted = Lexer { rest: &self.rest[end..], ..*self };
            end = word(end + quoted.text('\'')?.1);
        }
        let source = &self.rest[..end];
        let keyword = KEYWORDS.iter().find(|(word, _)| source.eq_ignore_ascii_case(word));
        Ok((keyword.map_or(Kind::Name, |(_, kind)| kind.clone()), source.len()))
    }

    /// The error about a character that begins nothing.
    fn stray(&self) -> ConditionError {
        let stray = self.rest.chars().next().unwrap_or_default();
        let hint = hints::for_character(stray).map(|hint| format!("; {hint}")).unwrap_or_default();
        ConditionError::new(self.place, format!("unexpected {stray:?}{hint}"))
    }

    /// Takes that many bytes, and moves the place past them.
    fn take(&mut self, bytes: usize) -> &'t str {
        let (taken, rest) = self.rest.split_at(bytes);
        for c in taken.chars() {
            if c == '\n' {
                self.place = Place { line: self.place.line + 1, column: 1 };
            } else {
                self.place.column += 1;
            }
        }
        self.rest = rest;
        taken
    }
}

const KEYWORDS: &[(&str, Kind<'static>)] = &[
    ("and", Kind::And),
    ("or", Kind::Or),
    ("not", Kind::Not),
    ("in", Kind::In),
    ("true", Kind::Bool(true)),
    ("false", Kind::Bool(false)),
    ("null", Kind::Null),
    ("contains", Kind::Search(Search::Contains)),
    ("starts_with", Kind::Search(Search::StartsWith)),
    ("ends_with", Kind::Search(Search::EndsWith)),
];

/// A name without its quotes.
pub(super) fn name(source: &str) -> Cow<'_, str> {
    if !source.contains('\'') {
        return Cow::Borrowed(source);
    }
    let (mut name, mut is_quoted, mut rest) = (String::new(), false, source.chars().peekable());
    while let Some(c) = rest.next() {
        match c {
            '\'' if is_quoted && rest.next_if_eq(&'\'').is_some() => name.push('\''),
            '\'' => is_quoted = !is_quoted,
            c => name.push(c),
        }
    }
    Cow::Owned(name)
}

/// Whether a name may have this without quotes.
pub(super) const fn is_of_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Kind<'_>> {
        tokens(text).unwrap().into_iter().map(|token| token.kind).collect()
    }

    fn error(text: &str) -> String {
        tokens(text).unwrap_err().to_string()
    }

    #[test]
    fn numbers_are_whole_or_not() {
        assert_eq!(kinds("7 , -7 007")[2..4], [Kind::Int(-7), Kind::Int(7)]);
        assert_eq!(kinds("7.5 2e6 2E-3 1e+2")[..4], [7.5, 2e6, 2e-3, 1e2].map(Kind::Float));
        assert_eq!(kinds("= -0.25")[1], Kind::Float(-0.25));
        assert_eq!(kinds("-9223372036854775808")[0], Kind::Int(i64::MIN));
    }

    #[test]
    fn a_minus_after_an_operand_takes_from_it() {
        let minus = Kind::Arithmetic(Arithmetic::Subtract);
        for text in ["a-1", "a -1", "a - 1", "a\n-1"] {
            assert_eq!(kinds(text)[..3], [Kind::Name, minus.clone(), Kind::Int(1)], "{text}");
        }
        assert_eq!(kinds("a--1")[1..3], [minus.clone(), Kind::Int(-1)]);
        assert_eq!(kinds(")-1")[1..3], [minus.clone(), Kind::Int(1)]);
        assert_eq!(kinds("-a")[..2], [minus, Kind::Name]);
        assert_eq!(kinds("(-1")[1], Kind::Int(-1));
    }

    #[test]
    fn tells_what_is_no_number() {
        for text in ["7days", "1_000", "1.", "1.2.3", "1e", "0x10", "1.e5"] {
            let expected =
                format!("line 1, column 1: {text} is not a number; numbers look like 42, -1.5 or 2e6");
            assert_eq!(error(text), expected);
        }
        assert_eq!(
            error("\n  9223372036854775808"),
            "line 2, column 3: 9223372036854775808 is too large for a whole number"
        );
        assert_eq!(error("1e999"), "line 1, column 1: 1e999 is too large for a number");
    }

    #[test]
    fn a_quote_in_a_text_is_written_twice() {
        let texts = ["it's", "say \"hi\"", "", "'", r"C:\"].map(|text| Kind::Text(text.into()));
        assert_eq!(kinds(r#"'it''s' "say ""hi""" '' '''' 'C:\'"#)[..5], texts);
    }

    #[test]
    fn a_text_ends_on_its_line() {
        for text in ["'abc", "'abc\n'", "'abc''", "'"] {
            assert_eq!(
                error(text),
                "line 1, column 1: the text that begins here has no closing ' on its line"
            );
        }
    }

    #[test]
    fn words_of_the_language_have_any_case_and_names_may_have_them_as_parts() {
        assert_eq!(kinds("AND and aNd")[..3], [Kind::And, Kind::And, Kind::And]);
        assert_eq!(kinds("user.not android")[..2], [Kind::Name, Kind::Name]);
    }

    #[test]
    fn parts_of_names_may_stand_in_quotes() {
        for (source, expected) in [
            ("metadata.cart.total", "metadata.cart.total"),
            ("metadata.'order-id'", "metadata.order-id"),
            ("metadata.'it''s'.'a b'.c", "metadata.it's.a b.c"),
            ("metadata.''''", "metadata.'"),
            ("metadata.''", "metadata."),
            ("metadata.'''a'", "metadata.'a"),
            ("metadata.'a'''", "metadata.a'"),
            ("metadata.'a'.''''", "metadata.a.'"),
        ] {
            let tokens = tokens(source).unwrap();
            assert_eq!((tokens.len(), &tokens[0].kind), (2, &Kind::Name), "{source}");
            assert_eq!(name(tokens[0].source), expected, "{source}");
        }
        assert_eq!(kinds("metadata.'a'-1")[1], Kind::Arithmetic(Arithmetic::Subtract));
        assert_eq!(kinds("metadata.a'b'")[1], Kind::Text("b".into()));
        assert!(error("metadata.'a").contains("no closing"));
    }

    #[test]
    fn every_kind_of_space_separates() {
        assert_eq!(kinds("1\t2\r\n3\u{a0}4").len(), 5);
    }

    #[test]
    fn places_count_lines_and_characters() {
        let tokens = tokens("'äöü' 1\n  x").unwrap();
        let places: Vec<_> = tokens.iter().map(|token| (token.place.line, token.place.column)).collect();
        assert_eq!(places, [(1, 1), (1, 7), (2, 3), (2, 4)]);
    }

    #[test]
    fn refuses_long_conditions_at_once() {
        assert!(tokens(&" ".repeat(MAX_LENGTH_BYTES)).is_ok());
        assert_eq!(
            error(&"(".repeat(MAX_LENGTH_BYTES + 1)),
            "line 1, column 1: the condition is 8193 bytes long, more than the limit of 8192; \
             split it into several rules"
        );
    }

    #[test]
    fn foreign_characters_are_told_with_what_to_write() {
        assert_eq!(error("a && b"), "line 1, column 3: unexpected '&'; write AND");
        assert_eq!(error("’DE’"), "line 1, column 1: unexpected '’'; write straight quotes: '…'");
        assert_eq!(error("a § b"), "line 1, column 3: unexpected '§'");
    }
}
