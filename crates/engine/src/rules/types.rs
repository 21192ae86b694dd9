//! The types of the language and what may be compared with what.

use std::fmt;

use portcullis_domain::facts::Kind;

use super::{
    ConditionError,
    ast::{Comparison, Constant, Operand, Place, Term},
    error::shown,
};

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Yes or no.
    Bool,
    /// A number, whole or not.
    Number,
    /// Text.
    Text,
}

impl From<Kind> for Type {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Bool => Self::Bool,
            Kind::Int | Kind::Float => Self::Number,
            Kind::Text => Self::Text,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bool => "a boolean",
            Self::Number => "a number",
            Self::Text => "a text",
        })
    }
}

impl Constant {
    /// The type of all constants but null.
    pub(super) const fn type_of(&self) -> Option<Type> {
        match self {
            Self::Null => None,
            Self::Bool(_) => Some(Type::Bool),
            Self::Int(_) | Self::Float(_) => Some(Type::Number),
            Self::Text(_) => Some(Type::Text),
        }
    }
}

/// An operand whose type was looked up; null has none.
#[derive(Clone, Copy)]
pub(super) struct Typed<'e> {
    pub(super) operand: &'e Operand,
    pub(super) of: Option<Type>,
}

impl Typed<'_> {
    fn error(&self, message: String) -> ConditionError {
        ConditionError::new(self.operand.place, message)
    }

    fn shown(&self) -> String {
        shown(&self.operand.to_string())
    }

    const fn is_variable(&self) -> bool {
        matches!(self.operand.term, Term::Variable(_))
    }
}

/// Checks a condition that is an operand alone.
pub(super) fn check_alone(operand: Typed<'_>) -> Result<(), ConditionError> {
    let name = operand.shown();
    match operand.of {
        Some(Type::Bool) => Ok(()),
        Some(of @ Type::Number) if operand.is_variable() => {
            Err(operand.error(format!("{name} is {of}; compare it, as in `{name} > 0`")))
        }
        Some(of @ Type::Text) if operand.is_variable() => {
            Err(operand.error(format!("{name} is {of}; compare it, as in `{name} = '…'`")))
        }
        _ => Err(operand.error(format!("{name} is no condition; compare a variable with it"))),
    }
}

/// Checks `left comparison right`. Whether one of them is null is for the caller to see.
pub(super) fn check_comparison(
    left: Typed<'_>,
    comparison: Comparison,
    right: Typed<'_>,
) -> Result<(), ConditionError> {
    let (Some(left_type), Some(right_type)) = (left.of, right.of) else {
        return check_null(left, comparison, right);
    };
    if left_type != right_type {
        return Err(right.error(mismatch(left, left_type, right, right_type)));
    }
    if left_type == Type::Number || comparison.is_of_equality() {
        return Ok(());
    }
    let (name, symbol) = (left.shown(), comparison.symbol());
    Err(left.error(format!("{name} is {left_type}; {symbol} compares numbers, use = or !=")))
}

/// Null is compared with variables, and only for equality.
fn check_null(left: Typed<'_>, comparison: Comparison, right: Typed<'_>) -> Result<(), ConditionError> {
    let null = if left.of.is_none() { left } else { right };
    if !comparison.is_of_equality() {
        let message = format!("null can not be compared by {}; use = or !=", comparison.symbol());
        return Err(null.error(message));
    }
    if left.is_variable() || right.is_variable() {
        return Ok(());
    }
    Err(null.error("null is compared with variables only".to_owned()))
}

/// Checks that `operand` can be searched, or searched for, as a text.
pub(super) fn check_text(operand: Typed<'_>, word: &str) -> Result<(), ConditionError> {
    match operand.of {
        Some(Type::Text) => Ok(()),
        Some(of) => Err(operand.error(format!("{} is {of}; {word} compares texts", operand.shown()))),
        None => Err(operand.error(format!("null can not be compared by {word}; use = or !="))),
    }
}

/// Checks that a list can be asked about `item`; gives the type of both.
pub(super) fn check_listed(item: Typed<'_>) -> Result<Type, ConditionError> {
    match item.of {
        Some(of @ (Type::Number | Type::Text)) => Ok(of),
        Some(of @ Type::Bool) => {
            let name = item.shown();
            Err(item.error(format!("{name} is {of}; IN compares numbers or texts, use = or !=")))
        }
        None => Err(item.error("null can not be compared by IN; use = or !=".to_owned())),
    }
}

/// Checks one value of a list that is asked about `item`.
pub(super) fn check_item(
    item: Typed<'_>,
    of: Type,
    place: Place,
    constant: &Constant,
) -> Result<(), ConditionError> {
    let operand = Operand { place, term: Term::Constant(constant.clone()) };
    match constant.type_of() {
        Some(found) if found == of => Ok(()),
        Some(found) => {
            let value = Typed { operand: &operand, of: Some(found) };
            Err(value.error(mismatch(item, of, value, found)))
        }
        None => {
            let name = item.shown();
            let message = format!("a list can not hold null; write `{name} = null OR {name} IN (…)`");
            Err(ConditionError::new(place, message))
        }
    }
}

/// `ip.asn is a number and 'DE' is a text: they can not be compared`, with what may have been meant.
fn mismatch(left: Typed<'_>, left_type: Type, right: Typed<'_>, right_type: Type) -> String {
    let (left_shown, right_shown) = (left.shown(), right.shown());
    let hint = quotes_hint(left, right_type)
        .or_else(|| quotes_hint(right, left_type))
        .map(|hint| format!("; {hint}"))
        .unwrap_or_default();
    format!("{left_shown} is {left_type} and {right_shown} is {right_type}: they can not be compared{hint}")
}

/// Advice about a constant that would have the type `wanted` with its quotes off, or on.
fn quotes_hint(constant: Typed<'_>, wanted: Type) -> Option<String> {
    let Term::Constant(value) = &constant.operand.term else { return None };
    let shown = constant.shown();
    match (value, wanted) {
        (Constant::Text(text), Type::Number) if text.parse::<f64>().is_ok_and(f64::is_finite) => {
            Some(format!("write {text} without quotes"))
        }
        (Constant::Text(text), Type::Bool) if matches!(&**text, "true" | "false") => {
            Some(format!("write {text} without quotes"))
        }
        (Constant::Int(0 | 1), Type::Bool) => Some("write true or false".to_owned()),
        (Constant::Int(_) | Constant::Float(_) | Constant::Bool(_), Type::Text) => {
            Some(format!("write '{shown}' in quotes"))
        }
        _ => None,
    }
}
