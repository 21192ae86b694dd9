//! Properties of the language, over arbitrary conditions and arbitrary texts.

use std::cmp::Ordering;

use portcullis_domain::{Facts, facts::Value as FactValue};
use proptest::{collection::vec, prelude::*, sample::select};

use super::super::ast::{Arithmetic, Chain, Comparison, Constant, Expr, Operand, Search, Term};
use super::super::*;
use super::arbitrary::{any_expr, any_values, typed_expr};

type Known = [(&'static str, Option<Constant>)];

/// What a condition says, worked out the slow way: every member is looked at, by name, and whole numbers are floats.
fn naive(expr: &Expr, known: &Known) -> Option<bool> {
    match expr {
        Expr::All(members) => {
            let members: Vec<_> = members.iter().map(|member| naive(member, known)).collect();
            if members.contains(&Some(false)) {
                Some(false)
            } else {
                (!members.contains(&None)).then_some(true)
            }
        }
        Expr::Any(members) => {
            let members: Vec<_> = members.iter().map(|member| naive(member, known)).collect();
            if members.contains(&Some(true)) {
                Some(true)
            } else {
                (!members.contains(&None)).then_some(false)
            }
        }
        Expr::Not(inner) => Some(!naive(inner, known)?),
        Expr::Is(operand) => Some(read(operand, known)? == Constant::Bool(true)),
        Expr::Compare { left, comparison, right } if is_null(left) || is_null(right) => {
            let is_missing = read(left, known).is_none() && read(right, known).is_none();
            Some(is_missing == (*comparison == Comparison::Equal))
        }
        Expr::Compare { left, comparison, right } => {
            Some(compare(&read(left, known)?, *comparison, &read(right, known)?))
        }
        Expr::In { item, is_negated, list } => {
            let item = read(item, known)?;
            Some(list.iter().any(|value| compare(&item, Comparison::Equal, &value.constant)) != *is_negated)
        }
        Expr::Find { text, is_negated, search, part } => {
            let (Constant::Text(text), Constant::Text(part)) = (read(text, known)?, read(part, known)?)
            else {
                panic!("typed")
            };
            let ends = |at: usize| text[at..].starts_with(&*part);
            let found = match search {
                Search::Contains => (0..=text.len()).any(ends),
                Search::StartsWith => ends(0),
                Search::EndsWith => part.len() <= text.len() && ends(text.len() - part.len()),
            };
            Some(found != *is_negated)
        }
    }
}

fn is_null(operand: &Operand) -> bool {
    operand.term == Term::Constant(Constant::Null)
}

fn read(operand: &Operand, known: &Known) -> Option<Constant> {
    match &operand.term {
        Term::Constant(Constant::Null) => None,
        Term::Constant(constant) => Some(constant.clone()),
        Term::Variable(name) => known.iter().find(|(known, _)| **known == **name)?.1.clone(),
        Term::Chain(Chain { first, rest }) => {
            let number = |operand| match read(operand, known)? {
                Constant::Int(value) => Some(value as f64),
                Constant::Float(value) => Some(value),
                _ => panic!("typed"),
            };
            let computed = rest.iter().try_fold(number(first)?, |left, (arithmetic, right)| {
                let right = number(right)?;
                match arithmetic {
                    Arithmetic::Add => Some(left + right),
                    Arithmetic::Subtract => Some(left - right),
                    Arithmetic::Multiply => Some(left * right),
                    Arithmetic::Divide => (right != 0.0).then(|| left / right),
                }
            });
            computed.filter(|value| value.is_finite()).map(Constant::Float)
        }
    }
}

fn compare(left: &Constant, comparison: Comparison, right: &Constant) -> bool {
    let number = |constant: &Constant| match constant {
        Constant::Int(value) => Some(*value as f64),
        Constant::Float(value) => Some(*value),
        _ => None,
    };
    match number(left).zip(number(right)) {
        None => (left == right) == (comparison == Comparison::Equal),
        Some((left, right)) => match comparison {
            Comparison::Equal => left.partial_cmp(&right) == Some(Ordering::Equal),
            Comparison::NotEqual => left.partial_cmp(&right) != Some(Ordering::Equal),
            Comparison::Less => left < right,
            Comparison::LessOrEqual => left <= right,
            Comparison::Greater => left > right,
            Comparison::GreaterOrEqual => left >= right,
        },
    }
}

/// These values and no others.
fn values_of<'a>(known: &'a Known, facts: &'a mut Facts) -> Values<'a> {
    let schema = Schema::standard();
    facts.set_details(
        known.iter().filter_map(|(name, value)| Some((*name, detail(value.as_ref()?)))).collect(),
    );
    let mut values = Values::of_facts(schema, facts);
    for (name, value) in known.iter().filter(|(name, _)| schema.slot(name).is_some()) {
        let value = match value {
            None | Some(Constant::Null) => continue,
            Some(Constant::Bool(value)) => Value::Bool(*value),
            Some(Constant::Int(value)) => Value::Int(*value),
            Some(Constant::Float(value)) => Value::Float(*value),
            Some(Constant::Text(value)) => Value::Text(value),
        };
        values.put(schema.slot(name).unwrap(), value).unwrap();
    }
    values
}

fn detail(value: &Constant) -> FactValue {
    match value {
        Constant::Bool(value) => FactValue::Bool(*value),
        Constant::Int(value) => FactValue::Int(*value),
        Constant::Float(value) => FactValue::Float(*value),
        Constant::Text(value) => FactValue::Text((&**value).into()),
        Constant::Null => panic!("known"),
    }
}

/// Words, marks and pieces of them, in no order.
fn token_soup() -> impl Strategy<Value = String> {
    const PIECES: [&str; 51] = [
        "AND",
        "or",
        "NOT",
        "in",
        "IN (",
        "(",
        ")",
        ",",
        "=",
        "==",
        "!=",
        "<>",
        "<",
        "<=",
        ">",
        ">=",
        "true",
        "FALSE",
        "null",
        "contains",
        "starts_with",
        "ends_with",
        "ip.is_tor",
        "user.age_days",
        "ip.city",
        "ip.is_tro",
        "7",
        "-7",
        "7.5",
        "2e6",
        "1e",
        "1.",
        "-",
        "'MA'",
        "'",
        "\"x\"",
        "''",
        "!",
        "ü",
        "\n",
        "'ü\n",
        "9223372036854775808",
        "+",
        "*",
        "/",
        "-1",
        "- (",
        "metadata.cart",
        "metadata.'a-b'",
        "metadata.'",
        "instance.timeData.localHour",
    ];
    let piece = (select(&PIECES[..]), select(&["", " ", " ", "\n"][..]));
    vec(piece, 0..40)
        .prop_map(|pieces| pieces.into_iter().flat_map(|(piece, space)| [piece, space]).collect())
}

/// Reads a text; what can be read compiles or not, and prints as what reads back as the same.
fn try_out(text: &str) {
    let parsed = match Condition::parse(text) {
        Ok(parsed) => parsed,
        Err(error) => {
            assert!(error.line >= 1 && error.column >= 1 && !error.message.is_empty());
            return;
        }
    };
    assert_eq!(Condition::parse(&parsed.to_string()).as_ref(), Ok(&parsed));
    if let Ok(compiled) = parsed.compile(Schema::standard()) {
        compiled.evaluate(&Values::unknown(Schema::standard()));
    }
}

proptest! {
    #[test]
    fn what_is_printed_reads_back_as_the_same(expr in any_expr()) {
        let text = expr.to_string();
        prop_assume!(text.len() <= MAX_LENGTH_BYTES);
        prop_assert_eq!(Condition::parse(&text), Ok(Condition(expr)), "{}", text);
    }

    #[test]
    fn the_program_says_what_a_naive_interpreter_says(expr in typed_expr(), known in any_values()) {
        let condition = Condition(expr.clone());
        prop_assume!(condition.to_string().len() <= MAX_LENGTH_BYTES);
        let compiled = condition.compile(Schema::standard()).unwrap();
        let expected = Truth::from(naive(&expr, &known));
        let mut facts = Facts::unknown();
        let values = values_of(&known, &mut facts);
        prop_assert_eq!(compiled.evaluate(&values), expected, "{} {:?}", condition, known);
        prop_assert!(compiled.program.len() <= compiled.cost() as usize);
    }

    #[test]
    fn what_is_known_stays_so_when_more_becomes_known(
        expr in typed_expr(),
        known in any_values(),
        gone in 0..12_usize,
    ) {
        if Condition(expr.clone()).to_string().contains("null") {
            return Ok(());
        }
        let compiled = Condition(expr).compile(Schema::standard()).unwrap();
        let mut less = known.clone();
        less[gone].1 = None;
        let (mut facts, mut fewer) = (Facts::unknown(), Facts::unknown());
        let before = compiled.evaluate(&values_of(&less, &mut fewer));
        let after = compiled.evaluate(&values_of(&known, &mut facts));
        prop_assert!(before == Truth::Unknown || before == after);
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>()) {
        try_out(&text);
    }

    #[test]
    fn no_bytes_make_the_parser_panic(bytes in vec(any::<u8>(), 0..200)) {
        try_out(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn no_tokens_make_the_parser_panic(text in token_soup()) {
        try_out(&text);
    }

    #[test]
    fn a_condition_with_a_character_changed_is_read_or_refused(
        expr in any_expr(),
        at in any::<prop::sample::Index>(),
        new in any::<char>(),
    ) {
        let mut text: Vec<char> = expr.to_string().chars().collect();
        *at.get_mut(&mut text) = new;
        try_out(&text.into_iter().collect::<String>());
    }
}
