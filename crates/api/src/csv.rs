//! Comma-separated values (RFC 4180) that are safe to open in a spreadsheet.

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, header};
use serde::Deserialize;

/// In what form a list is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    Json,
    Csv,
}

impl Format {
    /// What was asked for: by the parameter, else by the header `Accept`.
    pub(crate) fn of(parameter: Option<Self>, headers: &HeaderMap) -> Self {
        let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
        let ranges = accepted.flat_map(|value| value.split(','));
        let mut types = ranges.map(|range| range.split(';').next().unwrap_or(range).trim());
        let first = types.find_map(|name| match name.to_ascii_lowercase().as_str() {
            "text/csv" => Some(Self::Csv),
            "application/json" | "*/*" | "application/*" => Some(Self::Json),
            _ => None,
        });
        parameter.or(first).unwrap_or(Self::Json)
    }
}

/// A table as it is written.
#[derive(Debug)]
pub(crate) struct Csv(String);

impl Csv {
    /// A table with these names of columns.
    pub(crate) fn new(names: &[&str]) -> Self {
        let mut table = Self(String::new());
        table.row(names.iter().map(|name| Cell::from(*name)));
        table
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        for (place, cell) in cells.into_iter().enumerate() {
            if place > 0 {
                self.0.push(',');
            }
            match cell {
                Cell::Empty => {}
                Cell::Number(text) => self.0.push_str(&text),
                Cell::Text(text) => self.text(&text),
            }
        }
        self.0.push_str("\r\n");
    }

    /// Texts are always quoted. One that a spreadsheet would take for a formula is shown behind an apostrophe.
    fn text(&mut self, text: &str) {
        self.0.push('"');
        if is_formula(text) {
            self.0.push('\'');
        }
        self.0.push_str(&text.replace('"', "\"\""));
        self.0.push('"');
    }

    /// The table as a file of this name, and where the next page is, when there is one.
    pub(crate) fn into_response(self, name: &str, next: Option<&str>) -> Response {
        let disposition = format!("attachment; filename=\"{name}.csv\"");
        let mut response = self.0.into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
        if let Ok(value) = HeaderValue::from_str(&disposition) {
            headers.insert(header::CONTENT_DISPOSITION, value);
        }
        if let Some(value) =
            next.and_then(|next| HeaderValue::from_str(&format!("<{next}>; rel=\"next\"")).ok())
        {
            headers.insert(header::LINK, value);
        }
        response
    }
}

/// Whether a spreadsheet may compute with it: the signs that formulas begin with, also those of full width and behind
/// space.
fn is_formula(text: &str) -> bool {
    let first = text.trim_start_matches([' ', '\u{a0}', '\u{feff}']).chars().next();
    first.is_some_and(|first| "=+-@\t\r\n\u{ff1d}\u{ff0b}\u{ff0d}\u{ff20}".contains(first))
}

/// A value in a table.
#[derive(Debug)]
pub(crate) enum Cell {
    Text(String),
    /// As it is written: a number or a truth value, no text of anybody's.
    Number(String),
    Empty,
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&String> for Cell {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<&Option<String>> for Cell {
    fn from(text: &Option<String>) -> Self {
        text.as_ref().map_or(Self::Empty, Self::from)
    }
}

impl From<u64> for Cell {
    fn from(number: u64) -> Self {
        Self::Number(number.to_string())
    }
}

impl From<i32> for Cell {
    fn from(number: i32) -> Self {
        Self::Number(number.to_string())
    }
}

impl From<f64> for Cell {
    fn from(number: f64) -> Self {
        Self::Number(number.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_quoted_and_formulas_are_not_run() {
        let mut table = Csv::new(&["a", "b"]);
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\u{ff1d}1", "\u{feff}=1"] {
            table.row([Cell::from(text), Cell::from(-1)]);
        }
        table.row([Cell::from("say \"hi\", all\nof you"), Cell::Empty]);
        let mut lines = table.0.split("\r\n");
        assert_eq!(lines.next(), Some("\"a\",\"b\""));
        for line in lines.by_ref().take(8) {
            assert!(line.starts_with("\"'") && line.ends_with("\",-1"), "{line}");
        }
        assert_eq!(lines.next(), Some("\"say \"\"hi\"\", all\nof you\","));
    }

    #[test]
    fn the_parameter_goes_before_the_header() {
        let accept = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, text.parse().unwrap());
            headers
        };
        for (text, wanted) in [
            ("text/csv", Format::Csv),
            ("TEXT/CSV; charset=utf-8, */*", Format::Csv),
            ("text/html, application/json, text/csv", Format::Json),
            ("*/*", Format::Json),
            ("text/html", Format::Json),
        ] {
            assert_eq!(Format::of(None, &accept(text)), wanted, "{text}");
        }
        assert_eq!(Format::of(Some(Format::Json), &accept("text/csv")), Format::Json);
        assert_eq!(Format::of(None, &HeaderMap::new()), Format::Json);
    }
}
