//! Trees to text, in one form: what is printed reads back as the same tree.

use std::fmt::{self, Display, Formatter};

use super::{
    ast::{Chain, Constant, Expr, Operand, Term},
    lexer::is_of_word,
};

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(members) => join(f, members, " AND ", |f, member| match member {
                Self::All(_) | Self::Any(_) => write!(f, "({member})"),
                _ => member.fmt(f),
            }),
            Self::Any(members) => join(f, members, " OR ", |f, member| match member {
                Self::Any(_) => write!(f, "({member})"),
                _ => member.fmt(f),
            }),
            Self::Not(inner) => match **inner {
                Self::All(_) | Self::Any(_) => write!(f, "NOT ({inner})"),
                _ => write!(f, "NOT {inner}"),
            },
            Self::Is(operand) => operand.fmt(f),
            Self::Compare { left, comparison, right } => write!(f, "{left} {} {right}", comparison.symbol()),
            Self::In { item, is_negated, list } => {
                write!(f, "{item}{} IN (", not(*is_negated))?;
                join(f, list, ", ", |f, item| item.constant.fmt(f))?;
                f.write_str(")")
            }
            Self::Find { text, is_negated, search, part } => {
                write!(f, "{text}{} {} {part}", not(*is_negated), search.word())
            }
        }
    }
}

impl Display for Operand {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.term {
            Term::Variable(name) => print_name(f, name),
            Term::Constant(constant) => constant.fmt(f),
            Term::Chain(chain) => chain.fmt(f),
        }
    }
}

impl Display for Chain {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let member = |f: &mut Formatter<'_>, operand: &Operand| match &operand.term {
            Term::Chain(inner) if self.is_product() || !inner.is_product() => write!(f, "({inner})"),
            _ => operand.fmt(f),
        };
        member(f, &self.first)?;
        self.rest.iter().try_for_each(|(arithmetic, operand)| {
            write!(f, " {} ", arithmetic.symbol())?;
            member(f, operand)
        })
    }
}

impl Display for Constant {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => value.fmt(f),
            Self::Int(value) => value.fmt(f),
            // Debug, because it keeps the point or the exponent: what was no whole number stays none.
            Self::Float(value) => write!(f, "{value:?}"),
            Self::Text(value) => write!(f, "'{}'", value.replace('\'', "''")),
        }
    }
}

/// A name, with those of its parts in quotes that would not be read as such.
fn print_name(f: &mut Formatter<'_>, name: &str) -> fmt::Result {
    let mut is_quoted = false;
    for (index, part) in name.split('.').enumerate() {
        let is_odd = !part.chars().all(is_of_word);
        if is_quoted && !is_odd {
            f.write_str("'")?;
        }
        if index > 0 {
            f.write_str(".")?;
        }
        if is_odd && !is_quoted {
            f.write_str("'")?;
        }
        f.write_str(&part.replace('\'', "''"))?;
        is_quoted = is_odd;
    }
    if is_quoted { f.write_str("'") } else { Ok(()) }
}

const fn not(is_negated: bool) -> &'static str {
    if is_negated { " NOT" } else { "" }
}

fn join<T>(
    f: &mut Formatter<'_>,
    items: &[T],
    between: &str,
    mut write: impl FnMut(&mut Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            f.write_str(between)?;
        }
        write(f, item)?;
    }
    Ok(())
}
