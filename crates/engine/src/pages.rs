//! The generated pages `docs/signals.md` and `docs/facts.md`; these tests fail when a page is stale.

use std::fmt::Write as _;
use std::path::Path;

use portcullis_domain::facts;

use crate::signals::{self, Signal};

const REFRESH: &str = "UPDATE_DOCS=1 cargo nextest run -p portcullis-engine pages";

/// Compares a page with its file, or writes the file when asked to.
fn check(name: &str, page: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&file, page).unwrap();
    }
    let stored = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(stored == page, "docs/{name} is stale; refresh it with: {REFRESH}");
}

fn family(code: &str) -> &str {
    code.split('.').next().unwrap_or(code)
}

#[test]
fn signals_page() {
    let mut page = format!(
        "# Signals\n\n\
         Generated from `crates/engine/src/signals/`; refresh with `{REFRESH}`.\n\n\
         A signal is a check over [facts](facts.md). It is fired, quiet, or unknown when what it needs is missing; \
         what is unknown never counts. The codes are permanent. Each dialect gives signals its own codes, labels and \
         points: see its profile.\n\n\
         | code | finds |\n|---|---|\n"
    );
    for signal in signals::ALL {
        writeln!(page, "| [`{}`](#{}) | {} |", signal.code, signal.code.replace('.', ""), signal.title)
            .unwrap();
    }
    for signal in signals::ALL {
        let Signal { code, title, doc, .. } = signal;
        write!(
            page,
            "\n## {code}\n\n{title}. {}\n\n- {}\n- **Known to be wrong:** {}\n- **Thresholds:** {}\n",
            doc.why, doc.quiet, doc.wrong, doc.source
        )
        .unwrap();
    }
    check("signals.md", &page);
}

#[test]
fn facts_page() {
    let mut page = format!(
        "# Facts\n\n\
         Generated from `crates/domain/src/facts/catalog.rs`; refresh with `{REFRESH}`.\n\n\
         Everything that can be known about an event. A fact is known, or missing for a reason: not sent, not found \
         in the reference tables, its table not loaded, or not applicable.\n"
    );
    let mut families: Vec<&str> = Vec::new();
    for fact in &facts::ALL {
        if !families.contains(&family(fact.name)) {
            families.push(family(fact.name));
        }
    }
    for of in families {
        write!(page, "\n## {of}\n\n| name | type | unit | meaning |\n|---|---|---|---|\n").unwrap();
        for fact in facts::ALL.iter().filter(|fact| family(fact.name) == of) {
            writeln!(page, "| `{}` | {} | {} | {} |", fact.name, fact.kind, fact.unit, fact.doc).unwrap();
        }
    }
    check("facts.md", &page);
}
