//! Bodies: bounded, JSON only, and errors that name the field.

use std::{fmt, marker::PhantomData};

use axum::{
    body::Body,
    extract::{FromRequest, FromRequestParts, Query, Request},
};
use bytes::Bytes;
use http::{HeaderMap, header, request::Parts};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, IgnoredAny, MapAccess, Visitor, value::MapAccessDeserializer},
};

use crate::{
    AppState,
    error::{Kind, Problem, REQUIRED},
};

/// The largest body of most requests.
pub(crate) const LIMIT_BYTES: usize = 256 * 1024;

/// The deepest nesting, unknown fields included, which the parser would skip however deep they are.
const DEEPEST: usize = 128;

/// Why a body can not be used; each API tells it in its own envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BodyError {
    /// It has more bytes than that.
    TooLarge(usize),
    /// `Content-Type` is not `application/json`.
    NotJson,
    /// The connection failed before its end.
    Incomplete,
    /// It is not well-formed JSON.
    Malformed(String),
    /// A field is missing, unknown, or of the wrong type.
    Field {
        /// Where, as `device.screen.width` or `rules[2].weight`; empty for the whole body.
        path: String,
        /// What is wrong.
        message: String,
    },
}

/// Reads a JSON body of at most `limit` bytes.
pub(crate) async fn read(headers: &HeaderMap, body: Body, limit: usize) -> Result<Bytes, BodyError> {
    if !is_json(headers) {
        return Err(BodyError::NotJson);
    }
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if announced.is_some_and(|announced: u64| announced > limit as u64) {
        return Err(BodyError::TooLarge(limit));
    }
    match Limited::new(body, limit).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(BodyError::TooLarge(limit)),
        // axum wraps the body's errors, the limit's among them, when it wraps the body.
        Err(error) => {
            tracing::debug!(%error, "the body ended early");
            Err(BodyError::Incomplete)
        }
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let Some(value) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let essence = value.split_once(';').map_or(value, |(essence, _)| essence);
    essence.trim().eq_ignore_ascii_case("application/json")
}

/// Parses a JSON body, which must be an object. Only when that fails is it parsed again, slower, to find out where.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, BodyError> {
    if is_too_deep(bytes) {
        return Err(BodyError::Malformed(format!("nested deeper than {DEEPEST} levels")));
    }
    // The parser looks only at the texts that are asked for.
    let text = std::str::from_utf8(bytes)
        .map_err(|error| BodyError::Malformed(format!("not UTF-8 after {} bytes", error.valid_up_to())))?;
    // Serde would take an array for a struct's fields in their order.
    if text.trim_ascii_start().starts_with('{') {
        return serde_json::from_str(text).map_err(|error| diagnose::<T>(text, &error));
    }
    Err(match serde_json::from_str::<IgnoredAny>(text) {
        Ok(_) => BodyError::Field { path: String::new(), message: "must be an object".to_owned() },
        Err(error) => BodyError::Malformed(error.to_string()),
    })
}

fn is_too_deep(bytes: &[u8]) -> bool {
    let openers = bytes.iter().filter(|&&byte| matches!(byte, b'[' | b'{')).count();
    if openers <= DEEPEST {
        return false;
    }
    let (mut depth, mut in_text, mut escaped) = (0usize, false, false);
    for &byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => depth += 1,
            b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return true;
        }
    }
    false
}

fn diagnose<T: DeserializeOwned>(text: &str, first: &serde_json::Error) -> BodyError {
    // What is neither a text nor an object in place of a word is no data error to the parser.
    let is_json = first.is_data() || serde_json::from_str::<serde_json::Value>(text).is_ok();
    if !is_json {
        return BodyError::Malformed(first.to_string());
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    match serde_path_to_error::deserialize::<_, T>(&mut deserializer) {
        Err(error) => {
            let path = error.path().to_string();
            let path = if path == "." { String::new() } else { path };
            let message = in_plain_words(&error.into_inner().to_string());
            match named(&message, "duplicate field `") {
                Some(name) => {
                    BodyError::Field { path: join(&path, name), message: "is given twice".to_owned() }
                }
                None => BodyError::Field { path, message },
            }
        }
        Ok(_) => BodyError::Malformed(first.to_string()),
    }
}

/// The field that the parser misses, of which it tells the path of the parent.
pub(crate) fn missing_field(message: &str) -> Option<&str> {
    named(message, "missing field `")
}

fn named<'a>(message: &'a str, beginning: &str) -> Option<&'a str> {
    message.strip_prefix(beginning)?.strip_suffix('`')
}

/// The path of a field below `parent`, which is empty for the whole body.
pub(crate) fn join(parent: &str, name: &str) -> String {
    if parent.is_empty() { name.to_owned() } else { format!("{parent}.{name}") }
}

/// What the parser says, without the position, without the program's own type names, and not longer than a line: it
/// repeats what was sent.
fn in_plain_words(message: &str) -> String {
    const LONGEST: usize = 200;
    const WORDS: [(&str, &str); 10] = [
        ("expected value", "expected a text"),
        ("expected f64", "expected a number"),
        ("expected i64", "expected an integer"),
        ("expected i32", "expected an integer"),
        ("expected u64", "expected an integer"),
        ("expected u32", "expected an integer"),
        ("expected a sequence", "expected an array"),
        ("expected a map", "expected an object"),
        ("floating point", "number"),
        ("sequence", "array"),
    ];
    let message = message.rsplit_once(" at line ").map_or(message, |(message, _)| message);
    let mut message = WORDS.iter().fold(message.to_owned(), |text, (ours, plain)| text.replace(ours, plain));
    if let Some(at) = message.find("expected struct ") {
        message.replace_range(at.., "expected an object");
    }
    if message.len() > LONGEST {
        message.truncate(message.floor_char_boundary(LONGEST));
        message.push('…');
    }
    message
}

/// `rules[2].weight` as `/rules/2/weight`.
fn pointer(path: &str) -> String {
    let mut pointer = String::with_capacity(path.len() + 1);
    for segment in path.split(['.', '[']).filter(|segment| !segment.is_empty()) {
        pointer.push('/');
        pointer.push_str(segment.trim_end_matches(']'));
    }
    pointer
}

impl From<BodyError> for Problem {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLarge(limit) => {
                Self::new(Kind::TooLarge, format!("The body may have at most {limit} bytes."))
            }
            BodyError::NotJson => {
                Self::new(Kind::UnsupportedMediaType, "Content-Type must be application/json.")
            }
            BodyError::Incomplete => Self::new(Kind::Invalid, "The body ended early."),
            BodyError::Malformed(reason) => {
                Self::new(Kind::Invalid, format!("The body is not well-formed JSON: {reason}"))
            }
            BodyError::Field { path, message } => match missing_field(&message) {
                Some(name) => Self::field(pointer(&join(&path, name)), REQUIRED),
                None => Self::field(pointer(&path), message),
            },
        }
    }
}

/// A part of a body that must be an object, for the same reason.
#[derive(Debug)]
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }

        deserializer.deserialize_map(Fields(PhantomData))
    }
}

/// An object that its type takes for an array too.
pub(crate) fn object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Object::deserialize(deserializer).map(|Object(value)| value)
}

/// A list of them.
pub(crate) fn objects<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    let list = Vec::<Object<T>>::deserialize(deserializer)?;
    Ok(list.into_iter().map(|Object(item)| item).collect())
}

/// The body of a management request. Its type says which fields there are: others are refused.
pub(crate) struct Json<T, const LIMIT: usize = LIMIT_BYTES>(pub(crate) T);

impl<T: DeserializeOwned, const LIMIT: usize> FromRequest<AppState> for Json<T, LIMIT> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &AppState) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let bytes = read(&parts.headers, body, LIMIT).await?;
        Ok(Self(parse(&bytes)?))
    }
}

/// The query of a management request; unknown parameters are refused where its type says so.
pub(crate) struct Params<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<AppState> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Problem> {
        let refused = |error: axum::extract::rejection::QueryRejection| {
            Problem::new(Kind::Invalid, format!("The query is wrong: {}", error.body_text()))
        };
        Query::try_from_uri(&parts.uri).map(|Query(value)| Self(value)).map_err(refused)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only errors matter here")]
    struct Sample {
        rules: Vec<Rule>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only errors matter here")]
    struct Rule {
        weight: i32,
        word: Option<Word>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Word {
        Yes,
    }

    fn complaint(json: &str) -> String {
        match parse::<Sample>(json.as_bytes()).unwrap_err() {
            BodyError::Field { path, message } => format!("{path}: {message}"),
            error => format!("{error:?}"),
        }
    }

    #[test]
    fn names_the_field() {
        let cases = [
            (r#"{"rules":[{"weight":1},{"weight":"x"}]}"#, "rules[1].weight: invalid type"),
            (r#"{"rules":[{"weight":1,"more":2}]}"#, "rules[0].more: unknown field `more`"),
            (r#"{"rules":[{"weight":1,"word":7}]}"#, "rules[0].word: expected a text"),
            (
                r#"{"rules":[{"weight":1,"word":"no"}]}"#,
                "rules[0].word: unknown variant `no`, expected `yes`",
            ),
            (r#"{"rules":[{}]}"#, "rules[0]: missing field `weight`"),
            (r#"{"rules":[],"rules":[]}"#, "rules: is given twice"),
            (r#"{"rules":[{"weight":1,"weight":2}]}"#, "rules[0].weight: is given twice"),
            ("{}", ": missing field `rules`"),
            ("[1", "Malformed"),
            ("[[]]", ": must be an object"),
            ("null", ": must be an object"),
            (r#"{"rules":[]} x"#, "Malformed"),
            (r#"{"rules":[{"weight":1e400}]}"#, "Malformed"),
            ("", "Malformed"),
        ];
        for (json, expected) in cases {
            assert!(complaint(json).contains(expected), "{json}: {}", complaint(json));
        }
    }

    #[test]
    fn a_body_is_utf_8_also_where_nobody_looks() {
        #[derive(Debug, Deserialize)]
        struct Known {}
        let broken = b"{\"unknown\": \"\xff\"}";
        assert!(
            matches!(parse::<Known>(broken), Err(BodyError::Malformed(why)) if why.ends_with("13 bytes"))
        );
        assert!(parse::<Known>("{\"unknown\": \"ü\"}".as_bytes()).is_ok());
    }

    #[test]
    fn problems_point_at_what_is_missing() {
        let problem = |json: &str| Problem::from(parse::<Sample>(json.as_bytes()).unwrap_err());
        for (json, pointer, detail) in [
            ("{}", "/rules", "/rules is required"),
            (r#"{"rules":[{}]}"#, "/rules/0/weight", "/rules/0/weight is required"),
            ("[]", "", "The body must be an object"),
        ] {
            let problem = problem(json);
            assert_eq!((problem.errors()[0].pointer.as_str(), problem.detail()), (pointer, detail));
        }
    }

    #[test]
    fn depth_is_bounded() {
        let bomb = "[".repeat(100_000);
        assert!(matches!(parse::<serde_json::Value>(bomb.as_bytes()), Err(BodyError::Malformed(_))));
    }

    #[test]
    fn depth_counts_outside_of_texts_only() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels)).into_bytes();
        assert!(!is_too_deep(&nested(DEEPEST)));
        assert!(is_too_deep(&nested(DEEPEST + 1)));
        assert!(!is_too_deep(format!("[\"\\\"{}\"]", "[".repeat(500)).as_bytes()));
        assert!(!is_too_deep("[1],".repeat(500).as_bytes()));
    }

    #[test]
    fn paths_become_pointers() {
        assert_eq!(pointer("rules[2].weight"), "/rules/2/weight");
        assert_eq!(pointer(""), "");
    }
}
