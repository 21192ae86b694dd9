//! `docs/rule-language.md`: its examples, its errors and its limits are tried out, and its table of variables is generated.

use std::{fmt::Write as _, path::PathBuf};

use serde_json::Value as Json;

use super::super::*;
use super::{compiled, error, truth};

const REFRESH: &str = "UPDATE_DOCS=1 cargo nextest run -p portcullis-engine rules";
const BEGIN: &str = "<!-- variables: generated -->\n";
const END: &str = "<!-- end of variables -->\n";

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/rule-language.md")
}

fn page() -> String {
    std::fs::read_to_string(file()).unwrap()
}

/// The cells of the rows of the table whose head is this, without the backticks around code.
fn rows<'p>(page: &'p str, head: &str) -> Vec<Vec<&'p str>> {
    let (_, table) = page.split_once(head).unwrap_or_else(|| panic!("no table {head}"));
    let lines = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let cell = |cell: &'p str| {
        let cell = cell.trim();
        cell.strip_prefix('`').and_then(|code| code.strip_suffix('`')).unwrap_or(cell)
    };
    lines.map(|line| line.trim_matches('|').split(" | ").map(cell).collect()).collect()
}

#[test]
fn examples_compile() {
    let page = page();
    let examples: Vec<_> =
        page.split("```rule\n").skip(1).filter_map(|rest| Some(rest.split_once("```")?.0)).collect();
    assert!(examples.len() > 5);
    for example in examples {
        compiled(example);
    }
}

#[test]
fn answers_are_as_told() {
    const HEAD: &str = "| condition | values | answer |";
    let page = page();
    for (at, _) in page.match_indices(HEAD) {
        let rows = rows(&page[at..], HEAD);
        assert!(rows.len() > 5);
        for row in rows {
            let [condition, values, answer] = row[..] else { panic!("{row:?}") };
            let data: Json = serde_json::from_str(values).unwrap();
            let found = format!("{:?}", truth(condition, &data)).to_lowercase();
            assert_eq!(found, answer, "{condition} {values}");
        }
    }
}

#[test]
fn errors_are_as_told() {
    let page = page();
    let rows = rows(&page, "| condition | error |");
    assert!(rows.len() > 5);
    for row in rows {
        let [condition, message] = row[..] else { panic!("{row:?}") };
        assert_eq!(error(condition), message);
    }
}

#[test]
fn limits_are_as_told() {
    let page = page();
    let rows = rows(&page, "| limit | value |");
    let values: Vec<_> = rows.iter().map(|row| row[1]).collect();
    let expected = [
        format!("{MAX_LENGTH_BYTES} bytes"),
        format!("{MAX_DEPTH}"),
        format!("{MAX_LIST_LEN} values"),
        format!("{MAX_COST}"),
    ];
    assert_eq!(values, expected);
}

#[test]
fn lists_the_variables_that_are_no_facts() {
    let mut table = "| name | type | meaning | where from |\n|---|---|---|---|\n".to_owned();
    for Variable { name, kind, doc, source } in NAMED {
        let source = match source {
            Source::Fact => "a fact".to_owned(),
            Source::Alias(fact) => format!("the fact `{fact}`"),
            Source::Given => "the caller".to_owned(),
        };
        writeln!(table, "| `{name}` | {kind} | {doc} | {source} |").unwrap();
    }
    let page = page();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let fresh = format!("{before}{BEGIN}{table}{END}{after}");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(file(), &fresh).unwrap();
        return;
    }
    assert!(page == fresh, "docs/rule-language.md is stale; refresh it with: {REFRESH}");
}
