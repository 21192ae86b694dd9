//! How conditions are read: precedence, what is refused and where, limits.

use super::super::{
    MAX_DEPTH, MAX_LIST_LEN,
    ast::{Expr, Operand, Term},
    parser::parse,
};

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

/// The sum with every chain in brackets.
fn chained(text: &str) -> String {
    fn show(operand: &Operand) -> String {
        match &operand.term {
            Term::Chain(chain) => {
                let rest = chain.rest.iter().map(|(by, of)| format!(" {} {}", by.symbol(), show(of)));
                format!("[{}{}]", show(&chain.first), rest.collect::<String>())
            }
            _ => operand.to_string(),
        }
    }
    let Expr::Compare { left, .. } = parse(&format!("{text} = 1")).unwrap() else { panic!("{text}") };
    show(&left)
}

#[test]
fn products_bind_tighter_than_sums_and_all_go_from_left_to_right() {
    let cases = [
        ("a + b * c", "[a + [b * c]]"),
        ("a * b + c / d - e", "[[a * b] + [c / d] - e]"),
        ("a - b - c", "[a - b - c]"),
        ("a - (b - c)", "[a - [b - c]]"),
        ("(a + b) * c", "[[a + b] * c]"),
        ("((a)) + (b)", "[a + b]"),
        ("(a * b) * c", "[[a * b] * c]"),
        ("(a * b) + c", "[[a * b] + c]"),
        ("-a * b", "[[0 - a] * b]"),
        ("- (a + 1)", "[0 - [a + 1]]"),
        ("2 - -3 + -1", "[2 - -3 + -1]"),
        ("(((a + 1) * 2) - 3) / 4", "[[[[a + 1] * 2] - 3] / 4]"),
    ];
    for (text, expected) in cases {
        assert_eq!(chained(text), expected, "{text}");
    }
    let printed = [
        ("(a+b)*c>-d AND ((e)-1) in (1,-2)", "(a + b) * c > 0 - d AND e - 1 IN (1, -2)"),
        ("not (a - 1) not contains (b)", "NOT a - 1 NOT contains b"),
        ("(a) and ((b + 1) > 2 or (c))", "a AND (b + 1 > 2 OR c)"),
    ];
    for (text, expected) in printed {
        assert_eq!(parse(text).unwrap().to_string(), expected);
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
        ("a = ()", "line 1, column 6: expected a variable or a value, found `)`"),
        ("a + = 1", "line 1, column 5: expected a variable or a value, found `=`"),
        ("a = 1 +", "line 1, column 8: expected a variable or a value, found the end"),
        (
            "(a OR b) + 1 = 2",
            "line 1, column 10: expected an operator such as =, AND, OR or the end, found `+`",
        ),
        (
            "a = (1 AND 2)",
            "line 1, column 8: expected an operator such as =, AND, OR or the `)` for the `(` at line 1, column 5, found `AND`",
        ),
        ("a IN (1 + 2)", "line 1, column 9: expected `,` or `)`, found `+`"),
        ("a = * 2", "line 1, column 5: expected a variable or a value, found `*`"),
        ("a % 2 = 1", "line 1, column 3: unexpected '%'; conditions compute with +, -, * and / only"),
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
    assert!(parse(&format!("a = {}", nested(MAX_DEPTH))).is_ok());
    assert!(parse(&format!("a = {}", nested(MAX_DEPTH + 1))).is_err());
    assert!(parse(&format!("a = {}b", "- ".repeat(MAX_DEPTH + 1))).is_err());
    let long = format!("a = 1{}", " + 1".repeat(2_000));
    assert!(parse(&long).is_ok(), "what is long is not deep");
}

#[test]
fn lists_have_a_limit() {
    let list = |len: usize| format!("a IN ({})", vec!["1"; len].join(","));
    assert!(parse(&list(MAX_LIST_LEN)).is_ok());
    let error = parse(&list(MAX_LIST_LEN + 1)).unwrap_err();
    assert_eq!(error.message, "the list has more than 256 values; split it into several rules");
}
