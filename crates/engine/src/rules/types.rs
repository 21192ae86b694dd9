//! The types of the language and what may be compared with what.

use std::fmt;

use portcullis_domain::facts::Kind;

use super::{
    ConditionError,
    ast::{Comparison, Constant, Item, Operand, Place, Term},
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

/// What is known of an operand's type before there are values.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// It is null.
    Null,
    /// It was not declared: it may have a value of any type.
    Any,
    /// It has a value of this type, if any.
    One(Type),
}

impl Of {
    /// The type, where it is known.
    pub(super) const fn known(self) -> Option<Type> {
        match self {
            Self::One(of) => Some(of),
            Self::Null | Self::Any => None,
        }
    }
}

/// An operand whose type was looked up.
#[derive(Clone, Copy)]
pub(super) struct Typed<'e> {
    pub(super) operand: &'e Operand,
    pub(super) of: Of,
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

    const fn is_constant(&self) -> bool {
        matches!(self.operand.term, Term::Constant(_))
    }
}

/// Checks a condition that is an operand alone.
pub(super) fn check_alone(operand: Typed<'_>) -> Result<(), ConditionError> {
    let name = operand.shown();
    match operand.of {
        Of::One(Type::Bool) | Of::Any => Ok(()),
        Of::One(of @ Type::Number) if !operand.is_constant() => {
            Err(operand.error(format!("{name} is {of}; compare it, as in `{name} > 0`")))
        }
        Of::One(of @ Type::Text) if !operand.is_constant() => {
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
    let (typed, of) = match (left.of, right.of) {
        (Of::Null, _) | (_, Of::Null) => return check_null(left, comparison, right),
        (Of::Any, Of::Any) => return Ok(()),
        (Of::One(left_type), Of::One(right_type)) if left_type != right_type => {
            return Err(right.error(mismatch(left, left_type, right, right_type)));
        }
        (Of::One(of), _) => (left, of),
        (Of::Any, Of::One(of)) => (right, of),
    };
    if of == Type::Number || comparison.is_of_equality() {
        return Ok(());
    }
    let (name, symbol) = (typed.shown(), comparison.symbol());
    Err(typed.error(format!("{name} is {of}; {symbol} compares numbers, use = or !=")))
}

/// Checks that `operand` can be computed with.
pub(super) fn check_number(operand: Typed<'_>, symbol: &str) -> Result<(), ConditionError> {
    match operand.of {
        Of::One(Type::Number) | Of::Any => Ok(()),
        Of::One(of) => {
            let hint = quotes_hint(operand, Type::Number).map(|hint| format!("; {hint}")).unwrap_or_default();
            Err(operand.error(format!("{} is {of}; {symbol} is for numbers{hint}", operand.shown())))
        }
        Of::Null => Err(operand.error(format!("null is no number; {symbol} is for numbers"))),
    }
}

/// Null is compared with variables, and only for equality.
fn check_null(left: Typed<'_>, comparison: Comparison, right: Typed<'_>) -> Result<(), ConditionError> {
    let null = if left.of == Of::Null { left } else { right };
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
        Of::One(Type::Text) | Of::Any => Ok(()),
        Of::One(of) => Err(operand.error(format!("{} is {of}; {word} compares texts", operand.shown()))),
        Of::Null => Err(operand.error(format!("null can not be compared by {word}; use = or !="))),
    }
}

/// Checks that a list can be asked about `item`; gives the type of both, which for what may have any is that of the list.
pub(super) fn check_listed(item: Typed<'_>, list: &[Item]) -> Result<Type, ConditionError> {
    let of_list = || list.iter().find_map(|value| value.constant.type_of()).unwrap_or(Type::Text);
    match item.of {
        Of::One(of @ (Type::Number | Type::Text)) => Ok(of),
        Of::One(of @ Type::Bool) => {
            let name = item.shown();
            Err(item.error(format!("{name} is {of}; IN compares numbers or texts, use = or !=")))
        }
        Of::Any if of_list() == Type::Bool => {
            Err(item.error("IN compares numbers or texts; use = or != for booleans".to_owned()))
        }
        Of::Any => Ok(of_list()),
        Of::Null => Err(item.error("null can not be compared by IN; use = or !=".to_owned())),
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
            let value = Typed { operand: &operand, of: Of::One(found) };
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
