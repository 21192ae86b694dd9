//! How conditions are read: precedence, what is refused and where, limits.

use super::super::{MAX_DEPTH, MAX_LIST_LEN, ast::Expr, parser::parse};

/// The condition with every group in parentheses and every word as it is printed.
fn grouped(text: &str) -> String {
    fn show(expr: &Expr) -> String {
        let join = |members: &[Expr], word: &str| {
            format!("({})", members.iter().map(show).collect::<Vec<_>>().join(word))
        };
        match expr {
            Expr::All(members) => join(members, " AND "),
            Expr::Any(members) => join(members, " OR "),
            Expr::Not(inner) => format!("NOT [{}]", show(inner)),
            test => test.to_string(),
        }
    }
    show(&parse(text).unwrap())
}

#[test]
fn not_binds_tighter_than_and_and_and_tighter_than_or() {
    let cases = [
        ("a or b and c", "(a OR (b AND c))"),
        ("a and b or c", "((a AND b) OR c)"),
        ("not a and b", "(NOT [a] AND b)"),
        ("not a = 1 or b", "(NOT [a = 1] OR b)"),
        ("not not a", "NOT [NOT [a]]"),
        ("not (a and b)", "NOT [(a AND b)]"),
        ("(a or b) and c", "((a OR b) AND c)"),
        ("(a and b) and c", "((a AND b) AND c)"),
        ("((a)) and b and c", "(a AND b AND c)"),
        ("a not in (1) and b NOT CONTAINS 'x'", "(a NOT IN (1) AND b NOT contains 'x')"),
    ];
    for (text, expected) in cases {
        assert_eq!(grouped(text), expected, "{text}");
    }
}

#[test]
fn tells_what_was_expected_and_where() {
    let cases = [
        ("", "line 1, column 1: the condition is empty"),
        (" \n ", "line 1, column 1: the condition is empty"),
        ("a <", "line 1, column 4: expected a variable or a value, found the end"),
        ("a AND\n  OR b", "line 2, column 3: expected a variable or a value, found `OR`"),
        ("a b", "line 1, column 3: expected an operator such as =, AND, OR or the end, found `b`"),
        (
            "(a OR b",
            "line 1, column 8: expected an operator such as =, AND, OR or the `)` for the `(` at line 1, \
             column 1, found the end",
        ),
        ("a)", "line 1, column 2: expected an operator such as =, AND, OR or the end, found `)`"),
        ("a = (1)", "line 1, column 5: expected a variable or a value, found `(`"),
        ("a IN 1", "line 1, column 6: expected a list such as (1, 2), found `1`"),
        ("a IN ()", "line 1, column 7: expected a value, found `)`"),
        ("a IN (1, )", "line 1, column 10: expected a value, found `)`"),
        ("a IN (1 2)", "line 1, column 9: expected `,` or `)`, found `2`"),
        ("a IN (DE)", "line 1, column 7: a list can not hold the variable DE; for the text, write 'DE'"),
        (
            "a NOT = 1",
            "line 1, column 7: expected IN, contains, starts_with or ends_with after NOT, found `=`",
        ),
        ("1 < a < 5", "line 1, column 7: comparisons can not be chained; write `1 < a AND a < 5`"),
        (
            "a LIKE 'x%'",
            "line 1, column 3: expected an operator such as =, AND, OR or the end, found `LIKE`; \
             write contains, starts_with or ends_with",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(parse(text).unwrap_err().to_string(), expected, "{text}");
    }
}

#[test]
fn nesting_has_a_limit() {
    let nested = |depth: usize| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
    assert!(parse(&nested(MAX_DEPTH)).is_ok());
    let too_deep = "line 1, column 33: parentheses and NOTs are nested more than 32 deep";
    assert_eq!(parse(&nested(MAX_DEPTH + 1)).unwrap_err().to_string(), too_deep);
    assert!(parse(&format!("{}a", "NOT ".repeat(MAX_DEPTH))).is_ok());
    assert!(parse(&format!("{}a", "NOT ".repeat(MAX_DEPTH + 1))).is_err());
    assert!(parse(&"(".repeat(8_000)).is_err());
}

#[test]
fn lists_have_a_limit() {
    let list = |len: usize| format!("a IN ({})", vec!["1"; len].join(","));
    assert!(parse(&list(MAX_LIST_LEN)).is_ok());
    let error = parse(&list(MAX_LIST_LEN + 1)).unwrap_err();
    assert_eq!(error.message, "the list has more than 256 values; split it into several rules");
}
