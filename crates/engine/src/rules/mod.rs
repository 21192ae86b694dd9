//! The language of custom rules: conditions over facts and other variables, written by a tenant.
//!
//! ```text
//! user.age_days < 7 AND device.is_vpn = true AND transaction.amount > 10000
//! ```
//!
//! [`Condition::parse`] reads a text, [`Condition::compile`] looks its names up in a [`Schema`] and checks its types, and
//! [`CompiledCondition::evaluate`] answers for the [`Values`] of one event. The page for those who write conditions is
//! `docs/rule-language.md`; what it promises is tested against it. What was decided where nobody had asked for anything:
//!
//! - **Case.** Words of the language have any case, names only the declared one, and texts are compared byte by byte.
//! - **Missing values** make a test unknown, and what is unknown does not match: also not under NOT. Only `= null` and
//!   `!= null` look at whether there is a value, and are never unknown.
//! - **Booleans** may stand alone: `NOT ip.is_tor`. Numbers are one type; whole and other numbers compare exactly.
//! - **Both sides** of a comparison may be variables: `device.timezone != ip.timezone`.
//! - **Texts** stand in `'` or `"`, that quote is written twice inside, a backslash is a backslash, and there is no line
//!   break in them. `contains`, `starts_with` and `ends_with` search them. There are no regular expressions: nobody
//!   asked for them, and what they cost can not be told from how they look.
//! - **Arithmetic** is `+ - * /` on numbers. What is not known, divided by zero or too large makes the result unknown.
//! - **What was not declared**, such as `metadata.cart`, has no type of its own: it is read as what it is compared with.
//! - **No functions or comments.**
//!
//! A condition is never executed as code, and its length, nesting, lists and cost are bounded, so that no text can exhaust
//! the stack or take long.

use std::{fmt, str::FromStr};

mod ast;
mod compile;
pub mod details;
mod error;
mod hints;
pub mod json;
mod leaves;
mod lexer;
mod parser;
mod print;
mod program;
#[cfg(test)]
mod tests;
mod truth;
mod types;
mod value;
mod values;
mod variables;

use compile::Named;

pub use error::ConditionError;
pub use truth::Truth;
pub use types::Type;
pub use value::Value;
pub use values::{ValueError, Values};
pub use variables::{NAMED, Schema, Slot, Source, Variable};

/// The longest condition.
pub const MAX_LENGTH_BYTES: usize = 8_192;
/// How deep parentheses and NOTs may be nested.
pub const MAX_DEPTH: usize = 32;
/// How many values a list may have: enough for every country.
pub const MAX_LIST_LEN: usize = 256;
/// The highest cost of a condition; see [`CompiledCondition::cost`].
pub const MAX_COST: u32 = 500;

/// A condition that could be read. It prints in one form, which reads back as the same condition; conditions that differ
/// in layout alone are equal.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition(ast::Expr);

impl Condition {
    /// Reads a condition. Names and types are looked at by [`compile`](Self::compile) only.
    pub fn parse(text: &str) -> Result<Self, ConditionError> {
        parser::parse(text).map(Self)
    }

    /// Makes the condition ready to run. Fails when it names a variable that the schema does not have, compares what can
    /// not be compared, or costs more than [`MAX_COST`].
    pub fn compile(&self, schema: &Schema) -> Result<CompiledCondition, ConditionError> {
        let compile::Compiled { program, variables, cost } = compile::compile(&self.0, schema)?;
        let name = |variable| match variable {
            Named::Declared(slot) => Some((Some(slot), schema.variable(slot)?.name.into())),
            Named::Detail(name) => Some((None, name)),
        };
        Ok(CompiledCondition {
            program: program.into(),
            variables: variables.into_iter().filter_map(name).collect(),
            cost,
        })
    }
}

impl FromStr for Condition {
    type Err = ConditionError;

    fn from_str(text: &str) -> Result<Self, ConditionError> {
        Self::parse(text)
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A condition ready to run over [`Values`] of the schema it was compiled against.
#[derive(Clone, Debug)]
pub struct CompiledCondition {
    program: Box<[program::Op]>,
    /// Each with its slot, if it was declared.
    variables: Box<[(Option<Slot>, Box<str>)]>,
    cost: u32,
}

impl CompiledCondition {
    /// What the condition says about these values. Does not allocate, nor look up the name of anything declared.
    pub fn evaluate(&self, values: &Values<'_>) -> Truth {
        program::evaluate(&self.program, values)
    }

    /// What evaluating the condition costs at most, whatever the values: about one for each comparison and each group,
    /// more for texts, lists and searches.
    pub const fn cost(&self) -> u32 {
        self.cost
    }

    /// The names of the condition's variables, each once, in the order of the text.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.variables.iter().map(|(_, name)| &**name)
    }

    /// Those of its variables that were not declared.
    pub fn details(&self) -> impl Iterator<Item = &str> {
        self.variables.iter().filter(|(slot, _)| slot.is_none()).map(|(_, name)| &**name)
    }

    /// The names of those of its variables that have no value here, in the order of the text.
    pub fn missing(&self, values: &Values<'_>) -> impl Iterator<Item = &str> {
        let missing = self.variables.iter().filter(|(slot, name)| match slot {
            Some(slot) => values.get(*slot).is_none(),
            None => values.detail(name).is_none(),
        });
        missing.map(|(_, name)| &**name)
    }
}
