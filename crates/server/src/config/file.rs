//! The configuration file: a flat TOML table whose keys are the options of `serve`.

use std::{fs, path::Path};

use toml::de::{DeTable, DeValue};

use crate::failure::Failure;

/// One key of the file, as it stands there.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) values: Vec<String>,
    /// `portcullis.toml:3`
    pub(super) place: String,
}

/// Every key of the file at `path`. A fault is told with its line.
pub(super) fn read(path: &Path) -> Result<Vec<Entry>, Failure> {
    let name = path.display();
    let text = fs::read_to_string(path).map_err(|error| Failure::Config(format!("{name}: {error}")))?;
    let place = |offset: usize| format!("{name}:{}", text[..offset].matches('\n').count() + 1);
    let table = DeTable::parse(&text).map_err(|error| {
        let place = place(error.span().map_or(0, |span| span.start).min(text.len()));
        Failure::Config(format!("{place}: {}", error.message()))
    })?;
    let entries = table.get_ref().iter().map(|(key, value)| {
        let place = place(key.span().start);
        let key = key.get_ref().to_string();
        let values = texts(value.get_ref()).ok_or_else(|| {
            Failure::Config(format!("{place}: `{key}` must be a plain value or a list of them"))
        })?;
        Ok(Entry { key, values, place })
    });
    entries.collect()
}

fn texts(value: &DeValue<'_>) -> Option<Vec<String>> {
    match value {
        DeValue::Array(items) => items
            .iter()
            .map(|item| texts(item.get_ref()).filter(|texts| texts.len() == 1))
            .try_fold(Vec::new(), |mut all, texts| {
                all.extend(texts?);
                Some(all)
            }),
        DeValue::Table(_) => None,
        DeValue::String(text) => Some(vec![text.to_string()]),
        DeValue::Integer(number) => Some(vec![number.to_string()]),
        DeValue::Float(number) => Some(vec![number.to_string()]),
        DeValue::Boolean(truth) => Some(vec![truth.to_string()]),
        DeValue::Datetime(time) => Some(vec![time.to_string()]),
    }
}
