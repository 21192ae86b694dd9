//! Conditions written as JSON, in the manner of MongoDB's queries, as the same trees that texts make.
//!
//! ```json
//! { "$and": [ { "threat.is_tor": true }, { "historicalData.device.uniqueUser": { "$gte": 3, "$lt": 10 } } ] }
//! ```
//!
//! A path names a variable: one of [`PATHS`], another name of `instance`, what the caller sent (`eventMetadata.cart`), or
//! the variable's own name; it may stand in `${…}`. Several members must all hold. A value may be computed:
//! `{ "$gt": { "$sum": ["eventMetadata.amount", 100] } }`. Lists that only an event has are not to be had, so `$reduce`
//! folds those that are written out.

use std::cell::Cell;

use serde_json::{Map, Number, Value};

use super::{
    Condition, MAX_COST, MAX_DEPTH,
    ast::{Comparison, Constant, Expr, Item, Operand, Place, Term},
    compile,
    types::Type,
    variables::Schema,
};

mod compute;
mod paths;

pub use paths::PATHS;

const COMPARISONS: [(&str, Comparison); 6] = [
    ("$eq", Comparison::Equal),
    ("$ne", Comparison::NotEqual),
    ("$gt", Comparison::Greater),
    ("$gte", Comparison::GreaterOrEqual),
    ("$lt", Comparison::Less),
    ("$lte", Comparison::LessOrEqual),
];

/// How many operands a condition may have. One that can be run has fewer: every two cost something.
const MOST_OPERANDS: u32 = 4 * MAX_COST;

/// What is wrong with a condition in JSON, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}: {message}")]
pub struct JsonError {
    /// The place, as a JSON pointer; empty for the whole.
    pub pointer: String,
    /// What is wrong and what to write instead, as the end of a sentence that begins with the place.
    pub message: String,
}

/// Reads a condition, looks its names up and checks its types. What it costs is for [`Condition::compile`] to see.
pub fn parse(json: &Value) -> Result<Condition, JsonError> {
    let left = Cell::new(MOST_OPERANDS);
    let condition = Condition(Reader::new(&left).condition(json, &At::default())?);
    // What can not be written as a text is not to be had here either: too long, too deep, lists that are too long.
    Condition::parse(&condition.to_string()).map_err(|error| At::default().error(error.message))
}

/// A place in the JSON, and how deep it is.
#[derive(Clone, Debug, Default)]
struct At {
    pointer: String,
    depth: usize,
}

impl At {
    fn member(&self, name: impl std::fmt::Display) -> Self {
        let name = name.to_string().replace('~', "~0").replace('/', "~1");
        Self { pointer: format!("{}/{name}", self.pointer), depth: self.depth + 1 }
    }

    fn error(&self, message: impl Into<String>) -> JsonError {
        JsonError { pointer: self.pointer.clone(), message: message.into() }
    }

    fn check_depth(&self) -> Result<(), JsonError> {
        if self.depth > 4 * MAX_DEPTH { Err(self.error("is nested too deep")) } else { Ok(()) }
    }
}

#[derive(Clone)]
struct Reader<'r> {
    schema: &'static Schema,
    /// What `$transform` named; of equal names the last counts.
    names: Vec<(String, Operand)>,
    /// How many operands there may still be.
    left: &'r Cell<u32>,
}

impl<'r> Reader<'r> {
    fn new(left: &'r Cell<u32>) -> Self {
        Self { schema: Schema::standard(), names: Vec::new(), left }
    }

    /// An object whose members must all hold.
    fn condition(&self, json: &Value, at: &At) -> Result<Expr, JsonError> {
        at.check_depth()?;
        let members = object(json, at)?;
        let Some(names) = members.get("$transform") else { return self.members(members, at) };
        self.with(names, &at.member("$transform"))?.members(members, at)
    }

    fn members(&self, members: &Map<String, Value>, at: &At) -> Result<Expr, JsonError> {
        let members = members.iter().filter(|(key, _)| *key != "$transform");
        let tests = members.map(|(key, value)| self.member(key, value, &at.member(key)));
        group(tests.collect::<Result<_, _>>()?, Expr::All).ok_or_else(|| at.error("must not be empty"))
    }

    fn member(&self, key: &str, value: &Value, at: &At) -> Result<Expr, JsonError> {
        match key {
            "$and" => self.group(value, at, Expr::All),
            "$or" => self.group(value, at, Expr::Any),
            "$not" => Ok(Expr::Not(Box::new(self.condition(value, at)?))),
            _ if key.starts_with('$') && !key.starts_with("${") => self.prefixed(key, value, at),
            _ => self.tests_of(&self.path(key, at)?, value, at),
        }
    }

    fn group(&self, json: &Value, at: &At, make: fn(Vec<Expr>) -> Expr) -> Result<Expr, JsonError> {
        let members = array(json, at)?.iter().enumerate();
        let members = members.map(|(index, member)| self.condition(member, &at.member(index)));
        group(members.collect::<Result<_, _>>()?, make).ok_or_else(|| at.error("must not be empty"))
    }

    /// `{"$gt": ["path", 5]}`.
    fn prefixed(&self, operator: &str, value: &Value, at: &At) -> Result<Expr, JsonError> {
        known(operator, at)?;
        let [left, value] = array(value, at)?.as_slice() else {
            return Err(at.error("must be a path and a value"));
        };
        let first = at.member(0);
        let left = match left {
            Value::String(text) => self.path(text, &first)?,
            Value::Object(_) => self.computed(left, &first)?,
            Value::Number(value) => operand(Term::Constant(number(value, &first)?)),
            _ => return Err(first.error("must be a path")),
        };
        self.test(&left, operator, value, &at.member(1))
    }

    /// What is asked of an operand: a value that it must have, or operators that must all hold.
    fn tests_of(&self, left: &Operand, json: &Value, at: &At) -> Result<Expr, JsonError> {
        let Value::Object(operators) = json else { return self.test(left, "$eq", json, at) };
        let tests = operators.iter().map(|(operator, value)| {
            let at = at.member(operator);
            match operator.as_str() {
                "$not" => {
                    at.check_depth()?;
                    Ok(Expr::Not(Box::new(self.tests_of(left, value, &at)?)))
                }
                operator => self.test(left, operator, value, &at),
            }
        });
        group(tests.collect::<Result<_, _>>()?, Expr::All).ok_or_else(|| at.error("must not be empty"))
    }

    fn test(&self, left: &Operand, operator: &str, value: &Value, at: &At) -> Result<Expr, JsonError> {
        known(operator, at)?;
        let item = self.copied(left.clone(), at)?;
        let test = if let Some(&(_, comparison)) = COMPARISONS.iter().find(|(name, _)| *name == operator) {
            Expr::Compare { left: item, comparison, right: self.value(left, comparison, value, at)? }
        } else {
            let list = array(value, at)?.iter().enumerate();
            let list: Vec<Item> = list
                .map(|(index, value)| {
                    if value.as_str().is_some_and(|text| paths::interpolated(text).is_some()) {
                        return Err(at.member(index).error("must be a value: a list holds no paths"));
                    }
                    let constant = self.constant(left, value, &at.member(index))?;
                    Ok(Item { place: Place::default(), constant })
                })
                .collect::<Result<_, _>>()?;
            if list.is_empty() {
                return Err(at.error("must not be empty"));
            }
            Expr::In { item, is_negated: operator == "$nin", list }
        };
        // So that what can not be compared is told where it stands.
        compile::compile(&test, self.schema)
            .map_err(|error| at.error(format!("is wrong: {}", error.message)))?;
        Ok(test)
    }

    /// What is compared with. A text may be a name or a path; where only numbers can be compared, it has to be one.
    fn value(
        &self,
        left: &Operand,
        comparison: Comparison,
        json: &Value,
        at: &At,
    ) -> Result<Operand, JsonError> {
        match json {
            Value::Object(_) => self.computed(json, at),
            Value::String(text) => match self.meant(text) {
                Some(found) => self.copied(found, at),
                None if paths::interpolated(text).is_some() => self.path(text, at),
                None if !comparison.is_of_equality() => self.path(text, at),
                None => Ok(operand(Term::Constant(self.constant(left, json, at)?))),
            },
            _ => Ok(operand(Term::Constant(self.constant(left, json, at)?))),
        }
    }

    /// What a path is of, or a number that is written like one.
    fn path(&self, text: &str, at: &At) -> Result<Operand, JsonError> {
        match (self.named(text), written_number(text)) {
            (Some(found), _) => self.copied(found, at),
            (None, Some(number)) => Ok(operand(Term::Constant(number))),
            (None, None) => paths::variable(self.schema, text, at).map(Term::Variable).map(operand),
        }
    }

    /// A value as it is written; `"true"` and `"false"` are booleans where what they are compared with may be one.
    fn constant(&self, left: &Operand, value: &Value, at: &At) -> Result<Constant, JsonError> {
        let may_be_bool = || self.type_of(left).is_none_or(|of| of == Type::Bool);
        Ok(match value {
            Value::Null => Constant::Null,
            Value::Bool(flag) => Constant::Bool(*flag),
            Value::Number(value) => number(value, at)?,
            Value::String(text) => match text.as_str() {
                "true" if may_be_bool() => Constant::Bool(true),
                "false" if may_be_bool() => Constant::Bool(false),
                text => Constant::Text(text.into()),
            },
            Value::Array(_) | Value::Object(_) => return Err(at.error("must be a value")),
        })
    }

    /// The type of an operand; `None` when it may have any.
    fn type_of(&self, operand: &Operand) -> Option<Type> {
        match &operand.term {
            Term::Variable(name) => self.schema.slot(name).and_then(|slot| self.schema.type_of(slot)),
            Term::Constant(constant) => constant.type_of(),
            Term::Chain(_) => Some(Type::Number),
        }
    }

    /// Counts operands.
    fn spend(&self, operands: usize, at: &At) -> Result<(), JsonError> {
        let left = u32::try_from(operands).ok().and_then(|operands| self.left.get().checked_sub(operands));
        self.left.set(left.ok_or_else(|| {
            at.error(format!("makes the condition cost more than the limit of {MAX_COST}; split it"))
        })?);
        Ok(())
    }
}

fn known(operator: &str, at: &At) -> Result<(), JsonError> {
    if operator == "$in" || operator == "$nin" || COMPARISONS.iter().any(|(name, _)| *name == operator) {
        return Ok(());
    }
    if compute::is_operator(operator) {
        let message = format!("makes a value; compare it, as in {{\"$gt\": {{\"{operator}\": …}}}}");
        return Err(at.error(message));
    }
    Err(at.error("is not an operator; use $eq, $ne, $gt, $gte, $lt, $lte, $in, $nin, $and, $or or $not"))
}

fn number(number: &Number, at: &At) -> Result<Constant, JsonError> {
    let whole = number.as_i64().map(Constant::Int);
    whole
        .or(number.as_f64().map(Constant::Float))
        .ok_or_else(|| at.error("is no number that can be compared"))
}

/// A number in a text, as the language writes it.
fn written_number(text: &str) -> Option<Constant> {
    if !text.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
        return None;
    }
    let float = || text.parse().ok().filter(|float: &f64| float.is_finite()).map(Constant::Float);
    text.parse().ok().map(Constant::Int).or_else(float)
}

fn object<'j>(json: &'j Value, at: &At) -> Result<&'j Map<String, Value>, JsonError> {
    json.as_object().ok_or_else(|| at.error("must be an object"))
}

fn array<'j>(json: &'j Value, at: &At) -> Result<&'j Vec<Value>, JsonError> {
    json.as_array().ok_or_else(|| at.error("must be an array"))
}

/// A single member is no group.
fn group(mut members: Vec<Expr>, make: fn(Vec<Expr>) -> Expr) -> Option<Expr> {
    if members.len() > 1 { Some(make(members)) } else { members.pop() }
}

const fn operand(term: Term) -> Operand {
    Operand { place: Place { line: 0, column: 0 }, term }
}

#[cfg(test)]
mod tests;
