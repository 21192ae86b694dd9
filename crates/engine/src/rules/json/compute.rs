//! Arithmetic in JSON: `$sum` and the like, names for what was computed (`$transform`), and folding lists (`$reduce`).

use serde_json::Value;

use super::{
    super::ast::{Arithmetic, Chain, Constant, Operand, Term},
    At, JsonError, Reader, array, number, object, operand, paths,
};

/// The longest name that `$transform` gives, bytes.
const LONGEST_NAME_BYTES: usize = 64;
/// What `$reduce` has computed so far.
const SO_FAR: &str = "$$value";
/// The element that it looks at.
const ELEMENT: [&str; 2] = ["$$this", "value"];

const OPERATORS: [(&str, Arithmetic); 5] = [
    ("$sum", Arithmetic::Add),
    ("$add", Arithmetic::Add),
    ("$subtract", Arithmetic::Subtract),
    ("$multiply", Arithmetic::Multiply),
    ("$divide", Arithmetic::Divide),
];

/// Whether this makes a value, and does not compare.
pub(super) fn is_operator(operator: &str) -> bool {
    operator == "$reduce" || OPERATORS.iter().any(|(name, _)| *name == operator)
}

impl Reader<'_> {
    /// An object with one operator.
    pub(super) fn computed(&self, json: &Value, at: &At) -> Result<Operand, JsonError> {
        at.check_depth()?;
        let members = object(json, at)?;
        let mut entries = members.iter();
        let (Some((operator, value)), None) = (entries.next(), entries.next()) else {
            return Err(at.error("must have one operator, such as $sum"));
        };
        let at = at.member(operator);
        if operator == "$reduce" {
            return self.reduced(value, &at);
        }
        let Some(&(_, arithmetic)) = OPERATORS.iter().find(|(name, _)| name == operator) else {
            let names: Vec<_> = OPERATORS.iter().map(|(name, _)| *name).collect();
            return Err(at.error(format!("computes nothing; use {} or $reduce", names.join(", "))));
        };
        let operands = array(value, &at)?;
        let needed = match operator.as_str() {
            "$sum" => operands.len().max(1),
            "$add" | "$multiply" => operands.len().max(2),
            _ => 2,
        };
        if operands.len() != needed {
            let many = if needed == 1 { "one value or more" } else { "two values" };
            return Err(at.error(format!("must be an array of {many}")));
        }
        let mut operands =
            operands.iter().enumerate().map(|(index, json)| self.number(json, &at.member(index)));
        let first = operands.next().ok_or_else(|| at.error("must not be empty"))??;
        let rest = operands.map(|operand| Ok((arithmetic, operand?)));
        Ok(chain(first, rest.collect::<Result<_, _>>()?))
    }

    /// A number, the path of one, or an operator that makes one.
    fn number(&self, json: &Value, at: &At) -> Result<Operand, JsonError> {
        let found = match json {
            Value::Number(value) => operand(Term::Constant(number(value, at)?)),
            Value::String(text) => self.path(text, at)?,
            Value::Object(_) => self.computed(json, at)?,
            Value::Null | Value::Bool(_) | Value::Array(_) => {
                return Err(at.error("must be a number, a path or an operator such as $sum"));
            }
        };
        self.spend(1, at)?;
        if self.type_of(&found).is_some_and(|of| of != super::Type::Number) {
            return Err(at.error(format!("must be a number, which {found} is not")));
        }
        Ok(found)
    }

    /// The reader of what stands beside a `$transform`: it knows the names given there.
    pub(super) fn with(&self, json: &Value, at: &At) -> Result<Self, JsonError> {
        let mut reader = self.clone();
        for (index, names) in array(json, at)?.iter().enumerate() {
            let at = at.member(index);
            for (name, value) in object(names, &at)? {
                let at = at.member(name);
                if name.is_empty()
                    || name.len() > LONGEST_NAME_BYTES
                    || name.contains('$')
                    || name.chars().any(char::is_control)
                {
                    let message = format!("must be a name of at most {LONGEST_NAME_BYTES} bytes, without $");
                    return Err(at.error(message));
                }
                let value = match value {
                    Value::Object(_) => reader.computed(value, &at)?,
                    Value::String(text) => reader.meant(text).map_or_else(
                        || Ok(operand(Term::Constant(Constant::Text(text.as_str().into())))),
                        |found| reader.copied(found, &at),
                    )?,
                    Value::Bool(flag) => operand(Term::Constant(Constant::Bool(*flag))),
                    Value::Number(value) => operand(Term::Constant(number(value, &at)?)),
                    Value::Null | Value::Array(_) => {
                        return Err(at.error("must be a value, a path or an operator such as $sum"));
                    }
                };
                reader.names.retain(|(known, _)| known != name);
                reader.names.push((name.clone(), value));
            }
        }
        Ok(reader)
    }

    /// `{"input": […], "initialValue": 0, "math": {"$sum": ["$$value", "$$this"]}}`.
    fn reduced(&self, json: &Value, at: &At) -> Result<Operand, JsonError> {
        let members = object(json, at)?;
        if let Some(name) = members.keys().find(|name| !["input", "initialValue", "math"].contains(&&***name))
        {
            let message = match name.as_str() {
                "conditions" => "is not supported: every element counts",
                _ => "is no part of $reduce: that has input, initialValue and math",
            };
            return Err(at.member(name).error(message));
        }
        let part = |name: &str| members.get(name).ok_or_else(|| at.member(name).error("is missing"));
        let (input, math) = (part("input")?, part("math")?);
        let so_far = self.number(part("initialValue")?, &at.member("initialValue"))?;
        let elements = array(input, &at.member("input"))?.iter().enumerate();
        elements.map(|(index, json)| self.number(json, &at.member("input").member(index))).try_fold(
            so_far,
            |so_far, element| {
                let element = element?;
                let mut step = self.clone();
                step.names.push((SO_FAR.to_owned(), so_far));
                step.names.extend(ELEMENT.map(|name| (name.to_owned(), element.clone())));
                step.computed(math, &at.member("math"))
            },
        )
    }

    /// What a text in the place of a value names, if anything.
    pub(super) fn named(&self, text: &str) -> Option<Operand> {
        let inner = paths::interpolated(text).unwrap_or(text);
        let given = self.names.iter().rev().find(|(name, _)| name == inner);
        given.map(|(_, found)| found.clone()).or_else(|| {
            let name = paths::find(self.schema, text)?;
            Some(operand(Term::Variable(name)))
        })
    }

    /// The same for a text that may just as well be a value: of one word only what was given is a name.
    pub(super) fn meant(&self, text: &str) -> Option<Operand> {
        let is_given = self.names.iter().any(|(name, _)| name == text);
        self.named(text).filter(|_| is_given || text.contains('.') || text.starts_with("${"))
    }

    /// An operand that stands for a name, which may be large.
    pub(super) fn copied(&self, found: Operand, at: &At) -> Result<Operand, JsonError> {
        self.spend(size(&found), at)?;
        Ok(found)
    }
}

fn size(operand: &Operand) -> usize {
    match &operand.term {
        Term::Variable(_) | Term::Constant(_) => 1,
        Term::Chain(Chain { first, rest }) => {
            size(first) + rest.iter().map(|(_, operand)| size(operand)).sum::<usize>()
        }
    }
}

/// From left to right, as it would be without parentheses around the first.
fn chain(first: Operand, rest: Vec<(Arithmetic, Operand)>) -> Operand {
    let Some((arithmetic, _)) = rest.first() else { return first };
    let is_product = arithmetic.is_of_product();
    match first.term {
        Term::Chain(mut inner) if inner.is_product() == is_product => {
            inner.rest.extend(rest);
            operand(Term::Chain(inner))
        }
        term => operand(Term::Chain(Chain { first: Box::new(operand(term)), rest })),
    }
}
