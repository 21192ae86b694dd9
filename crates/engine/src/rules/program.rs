//! Compiled conditions: a flat list of operations over slots, evaluated without looking up a name or allocating.
//!
//! A group is followed by its members and knows where they end, so that it can leave as soon as its value is settled. The
//! evaluator calls itself for each member; the parser bounds how deep that goes.

use std::cmp::Ordering;

use super::{
    ast::{Arithmetic, Comparison, Constant, Search},
    truth::Truth,
    types::Type,
    value::Value,
    values::Values,
    variables::Slot,
};

/// An operation.
#[derive(Clone, Debug)]
pub(super) enum Op {
    /// True when all operations up to `end` are.
    All { end: usize },
    /// True when any operation up to `end` is.
    Any { end: usize },
    /// The opposite of what follows.
    Not,
    /// A question about values.
    Test(Test),
}

/// A question about values.
#[derive(Clone, Debug)]
pub(super) enum Test {
    /// Whether a boolean is true.
    Is(Source),
    /// Whether there is a value, or there is none.
    HasValue {
        source: Source,
        expected: bool,
    },
    Compare {
        left: Source,
        comparison: Comparison,
        right: Source,
    },
    In {
        item: Source,
        is_negated: bool,
        list: List,
    },
    Find {
        text: Source,
        is_negated: bool,
        search: Search,
        part: Source,
    },
}

/// Where an operation takes a value from.
#[derive(Clone, Debug)]
pub(super) enum Source {
    Slot(Slot),
    Constant(Constant),
    Detail(Box<Detail>),
    Chain(Box<Chain>),
}

/// A value that is looked up by its name.
#[derive(Clone, Debug)]
pub(super) struct Detail {
    pub(super) name: Box<str>,
    /// What it is read as, where it can be.
    pub(super) wanted: Option<Type>,
}

/// A number computed from left to right.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    pub(super) first: Source,
    pub(super) rest: Box<[(Arithmetic, Source)]>,
}

/// The values of a list, in their order and each once.
#[derive(Clone, Debug)]
pub(super) struct List(Box<[Constant]>);

/// The value of the whole program.
pub(super) fn evaluate(program: &[Op], values: &Values<'_>) -> Truth {
    let mut next = 0;
    step(program, &mut next, values)
}

/// The value of the operation at `next`, which is moved past it and its members.
fn step(program: &[Op], next: &mut usize, values: &Values<'_>) -> Truth {
    let Some(op) = program.get(*next) else { return Truth::Unknown };
    *next += 1;
    match op {
        Op::All { end } => group(program, next, *end, Truth::False, values),
        Op::Any { end } => group(program, next, *end, Truth::True, values),
        Op::Not => !step(program, next, values),
        Op::Test(test) => test.evaluate(values),
    }
}

/// A group is `settled` as soon as one member is; else it is unknown if one member is; else it is the opposite.
fn group(program: &[Op], next: &mut usize, end: usize, settled: Truth, values: &Values<'_>) -> Truth {
    let mut truth = !settled;
    while *next < end {
        let member = step(program, next, values);
        if member == settled {
            *next = end;
            return settled;
        }
        if member == Truth::Unknown {
            truth = Truth::Unknown;
        }
    }
    truth
}

impl Test {
    fn evaluate(&self, values: &Values<'_>) -> Truth {
        match self {
            Self::Is(source) => match source.read(values) {
                Some(Value::Bool(value)) => value.into(),
                _ => Truth::Unknown,
            },
            Self::HasValue { source, expected } => (source.read(values).is_some() == *expected).into(),
            Self::Compare { left, comparison, right } => {
                let both = left.read(values).zip(right.read(values));
                both.and_then(|(left, right)| comparison.holds(left, right)).into()
            }
            Self::In { item, is_negated, list } => item
                .read(values)
                .and_then(|item| list.contains(item))
                .map(|found| found != *is_negated)
                .into(),
            Self::Find { text, is_negated, search, part } => match (text.read(values), part.read(values)) {
                (Some(Value::Text(text)), Some(Value::Text(part))) => {
                    (search.finds(text, part) != *is_negated).into()
                }
                _ => Truth::Unknown,
            },
        }
    }
}

impl Source {
    fn read<'v>(&'v self, values: &'v Values<'_>) -> Option<Value<'v>> {
        match self {
            Self::Slot(slot) => values.get(*slot),
            Self::Constant(constant) => constant.value(),
            Self::Detail(detail) => values.detail(&detail.name)?.read_as(detail.wanted),
            Self::Chain(chain) => chain.compute(values),
        }
    }

    /// The same, to be read as a value of this type.
    pub(super) fn wanting(mut self, of: Option<Type>) -> Self {
        if let Self::Detail(detail) = &mut self {
            detail.wanted = of;
        }
        self
    }
}

impl Chain {
    fn compute<'v>(&'v self, values: &'v Values<'_>) -> Option<Value<'v>> {
        self.rest.iter().try_fold(self.first.read(values)?, |value, (arithmetic, source)| {
            value.compute(*arithmetic, source.read(values)?)
        })
    }
}

impl Constant {
    fn value(&self) -> Option<Value<'_>> {
        match self {
            Self::Null => None,
            Self::Bool(value) => Some(Value::Bool(*value)),
            Self::Int(value) => Some(Value::Int(*value)),
            Self::Float(value) => Some(Value::Float(*value)),
            Self::Text(value) => Some(Value::Text(value)),
        }
    }
}

impl Comparison {
    fn holds(self, left: Value<'_>, right: Value<'_>) -> Option<bool> {
        match self {
            Self::Equal => left.equals(right),
            Self::NotEqual => left.equals(right).map(|is_equal| !is_equal),
            Self::Less => left.order(right).map(Ordering::is_lt),
            Self::LessOrEqual => left.order(right).map(Ordering::is_le),
            Self::Greater => left.order(right).map(Ordering::is_gt),
            Self::GreaterOrEqual => left.order(right).map(Ordering::is_ge),
        }
    }
}

impl Search {
    fn finds(self, text: &str, part: &str) -> bool {
        match self {
            Self::Contains => text.contains(part),
            Self::StartsWith => text.starts_with(part),
            Self::EndsWith => text.ends_with(part),
        }
    }
}

impl List {
    /// A list of values of one type.
    pub(super) fn new(mut values: Vec<Constant>) -> Self {
        values.sort_by(|a, b| a.order(b.value()).unwrap_or(Ordering::Equal));
        values.dedup_by(|a, b| a.order(b.value()) == Some(Ordering::Equal));
        Self(values.into())
    }

    fn contains(&self, item: Value<'_>) -> Option<bool> {
        self.0.first()?.order(Some(item))?;
        let found = self.0.binary_search_by(|value| value.order(Some(item)).unwrap_or(Ordering::Equal));
        Some(found.is_ok())
    }
}

impl Constant {
    /// The order within a list: numbers by size, texts by their bytes.
    fn order(&self, other: Option<Value<'_>>) -> Option<Ordering> {
        match (self.value()?, other?) {
            (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
            (a, b) => a.order(b),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_computed_or_looked_up_makes_no_other_test_larger() {
        assert_eq!(size_of::<Source>(), size_of::<Constant>());
    }
}
