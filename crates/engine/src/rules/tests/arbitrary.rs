//! Arbitrary conditions: any that can be written, and those that compile.

use proptest::{collection::vec, option, prelude::*, sample::select};

use super::super::{
    ast::{Arithmetic, Chain, Comparison, Constant, Expr, Item, Operand, Place, Search, Term},
    types::Type,
};

pub(super) const BOOLS: [&str; 3] = ["ip.is_tor", "ip.is_vpn", "device.is_vpn"];
pub(super) const NUMBERS: [&str; 3] = ["user.age_days", "transaction.amount", "velocity.daily_count"];
pub(super) const TEXTS: [&str; 3] = ["ip.country_code", "event.type", "transaction.currency"];
/// Names that are not declared, and that have a value of this type if any.
pub(super) const DETAILS: [(&str, Type); 3] =
    [("metadata.vip", Type::Bool), ("metadata.cart.total", Type::Number), ("metadata.order-id", Type::Text)];

/// Any condition that can be written, whatever it names and compares.
pub(super) fn any_expr() -> impl Strategy<Value = Expr> {
    nested(any_test().boxed())
}

/// A condition that compiles, over few variables and few values so that they often meet.
pub(super) fn typed_expr() -> impl Strategy<Value = Expr> {
    let test = prop_oneof![
        bools().prop_map(Expr::Is),
        comparison(bools(), EQUALITY.to_vec()),
        comparison(numbers(), Comparison::ALL.to_vec()),
        comparison(texts(), EQUALITY.to_vec()),
        null_test(),
        membership(numbers(), small_number().boxed()),
        membership(texts(), small_text().boxed()),
        (texts(), any::<bool>(), select(&Search::ALL[..]), texts())
            .prop_map(|(text, is_negated, search, part)| Expr::Find { text, is_negated, search, part }),
    ];
    nested(test.boxed())
}

pub(super) fn small_number() -> impl Strategy<Value = Constant> {
    prop_oneof![
        (-2..3_i64).prop_map(Constant::Int),
        (-4..5_i32).prop_map(|n| Constant::Float(f64::from(n) / 2.0))
    ]
}

pub(super) fn small_text() -> impl Strategy<Value = Constant> {
    "[ab]{0,3}".prop_map(|text| Constant::Text(text.into()))
}

/// A value for each of the variables above, or none.
pub(super) fn any_values() -> impl Strategy<Value = Vec<(&'static str, Option<Constant>)>> {
    let bool = any::<bool>().prop_map(Constant::Bool);
    let of = |names: [&'static str; 3], value: BoxedStrategy<Constant>| {
        vec(option::of(value), 3).prop_map(move |values| names.into_iter().zip(values).collect::<Vec<_>>())
    };
    let all = (of(BOOLS, bool.boxed()), of(NUMBERS, small_number().boxed()), of(TEXTS, small_text().boxed()));
    let details = (option::of(any::<bool>()), option::of(small_number()), option::of(small_text()));
    (all, details).prop_map(|((bools, numbers, texts), (vip, total, id))| {
        let details = DETAILS.map(|(name, _)| name).into_iter().zip([vip.map(Constant::Bool), total, id]);
        [bools, numbers, texts, details.collect()].concat()
    })
}

const EQUALITY: [Comparison; 2] = [Comparison::Equal, Comparison::NotEqual];

fn nested(test: BoxedStrategy<Expr>) -> impl Strategy<Value = Expr> {
    test.prop_recursive(5, 40, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 2..5).prop_map(Expr::All),
            vec(inner.clone(), 2..5).prop_map(Expr::Any),
            inner.prop_map(|inner| Expr::Not(Box::new(inner))),
        ]
    })
}

fn any_test() -> impl Strategy<Value = Expr> {
    prop_oneof![
        any_operand().prop_map(Expr::Is),
        (any_operand(), select(&Comparison::ALL[..]), any_operand())
            .prop_map(|(left, comparison, right)| Expr::Compare { left, comparison, right }),
        membership(any_operand().boxed(), any_constant().boxed()),
        (any_operand(), any::<bool>(), select(&Search::ALL[..]), any_operand())
            .prop_map(|(text, is_negated, search, part)| Expr::Find { text, is_negated, search, part }),
    ]
}

fn any_operand() -> impl Strategy<Value = Operand> {
    let leaf = prop_oneof![any_name().prop_map(|name| variable(&name)), any_constant().prop_map(constant)];
    computed(leaf.boxed())
}

/// Operands, and some that are made of them.
fn computed(leaf: BoxedStrategy<Operand>) -> BoxedStrategy<Operand> {
    let chain = |inner: BoxedStrategy<Operand>, of: [Arithmetic; 2]| {
        let rest = vec((select(of.to_vec()), inner.clone()), 1..4);
        (inner, rest).prop_map(|(first, rest)| {
            let chain = Chain { first: Box::new(first), rest };
            Operand { place: Place::default(), term: Term::Chain(chain) }
        })
    };
    let [add, subtract, multiply, divide] = Arithmetic::ALL;
    let computed = leaf.prop_recursive(3, 8, 3, move |inner| {
        prop_oneof![chain(inner.clone(), [add, subtract]), chain(inner, [multiply, divide])]
    });
    computed.boxed()
}

fn any_name() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[A-Za-z_][A-Za-z0-9_]{0,5}\\.[A-Za-z0-9_.]{0,8}",
        1 => "metadata\\.[a-z'. ü-]{0,8}",
    ]
}

fn any_constant() -> impl Strategy<Value = Constant> {
    prop_oneof![
        Just(Constant::Null),
        any::<bool>().prop_map(Constant::Bool),
        any::<i64>().prop_map(Constant::Int),
        proptest::num::f64::NORMAL.prop_map(Constant::Float),
        small_number(),
        "[^\r\n]{0,8}".prop_map(|text| Constant::Text(text.into())),
        "['\"]{0,4}".prop_map(|text| Constant::Text(text.into())),
    ]
}

fn bools() -> BoxedStrategy<Operand> {
    let constants = any::<bool>().prop_map(|value| constant(Constant::Bool(value)));
    let detail = Just(variable(DETAILS[0].0));
    prop_oneof![4 => select(&BOOLS[..]).prop_map(variable), 1 => constants, 1 => detail].boxed()
}

fn numbers() -> BoxedStrategy<Operand> {
    let leaf = prop_oneof![
        3 => select(&NUMBERS[..]).prop_map(variable),
        3 => small_number().prop_map(constant),
        1 => Just(variable(DETAILS[1].0)),
    ];
    computed(leaf.boxed())
}

fn texts() -> BoxedStrategy<Operand> {
    prop_oneof![
        3 => select(&TEXTS[..]).prop_map(variable),
        3 => small_text().prop_map(constant),
        1 => Just(variable(DETAILS[2].0)),
    ]
    .boxed()
}

fn comparison(operand: BoxedStrategy<Operand>, of: Vec<Comparison>) -> impl Strategy<Value = Expr> {
    (operand.clone(), select(of), operand).prop_map(|(left, comparison, right)| Expr::Compare {
        left,
        comparison,
        right,
    })
}

fn null_test() -> impl Strategy<Value = Expr> {
    let names = select([BOOLS, NUMBERS, TEXTS, DETAILS.map(|(name, _)| name)].concat());
    (names, select(&EQUALITY[..]), any::<bool>()).prop_map(|(name, comparison, is_left)| {
        let (left, right) = (variable(name), constant(Constant::Null));
        let (left, right) = if is_left { (right, left) } else { (left, right) };
        Expr::Compare { left, comparison, right }
    })
}

fn membership(item: BoxedStrategy<Operand>, value: BoxedStrategy<Constant>) -> impl Strategy<Value = Expr> {
    let value = value.prop_map(|constant| Item { place: Place::default(), constant });
    (item, any::<bool>(), vec(value, 1..5)).prop_map(|(item, is_negated, list)| Expr::In {
        item,
        is_negated,
        list,
    })
}

fn variable(name: &str) -> Operand {
    Operand { place: Place::default(), term: Term::Variable(name.into()) }
}

fn constant(constant: Constant) -> Operand {
    Operand { place: Place::default(), term: Term::Constant(constant) }
}
