//! Conditions as trees: what was written, before any name is looked up.

/// A condition. Groups have two members or more; what was in parentheses of its own is a group of its own.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expr {
    /// `a AND b AND …`
    All(Vec<Expr>),
    /// `a OR b OR …`
    Any(Vec<Expr>),
    /// `NOT a`
    Not(Box<Expr>),
    /// A yes-or-no operand alone, as in `ip.is_tor`.
    Is(Operand),
    /// `a < b`
    Compare { left: Operand, comparison: Comparison, right: Operand },
    /// `a IN (1, 2)`, or `a NOT IN (1, 2)`.
    In { item: Operand, is_negated: bool, list: Vec<Item> },
    /// `a contains b`, or `a NOT contains b`.
    Find { text: Operand, is_negated: bool, search: Search, part: Operand },
}

/// One side of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Operand {
    pub(super) place: Place,
    pub(super) term: Term,
}

/// What stands on one side of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Term {
    Variable(Box<str>),
    Constant(Constant),
    /// `a + b - c`, or `a * b / c`.
    Chain(Chain),
}

/// Numbers that are computed with, from left to right: all operators are of sums, or all of products, and there is one at
/// least. What was in parentheses of its own is a chain of its own.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Chain {
    pub(super) first: Box<Operand>,
    pub(super) rest: Vec<(Arithmetic, Operand)>,
}

impl Chain {
    /// Whether it multiplies and divides.
    pub(super) fn is_product(&self) -> bool {
        self.rest.iter().any(|(arithmetic, _)| arithmetic.is_of_product())
    }
}

/// How two numbers make one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
}

impl Arithmetic {
    /// Every operator.
    #[cfg(test)]
    pub(super) const ALL: [Self; 4] = [Self::Add, Self::Subtract, Self::Multiply, Self::Divide];

    /// Whether it binds tighter than the others.
    pub(super) const fn is_of_product(self) -> bool {
        matches!(self, Self::Multiply | Self::Divide)
    }

    /// How it is printed.
    pub(super) const fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
        }
    }
}

/// One value of a list.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Item {
    pub(super) place: Place,
    pub(super) constant: Constant,
}

/// A value that was written out. Numbers are finite; a text has no line break.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Constant {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Box<str>),
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    /// Every comparison.
    #[cfg(test)]
    pub(super) const ALL: [Self; 6] =
        [Self::Equal, Self::NotEqual, Self::Less, Self::LessOrEqual, Self::Greater, Self::GreaterOrEqual];

    /// Whether it asks for equality alone, and so can be asked of texts and booleans too.
    pub(super) const fn is_of_equality(self) -> bool {
        matches!(self, Self::Equal | Self::NotEqual)
    }

    /// How it is printed.
    pub(super) const fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

/// How a text is searched for a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Search {
    Contains,
    StartsWith,
    EndsWith,
}

impl Search {
    /// Every search.
    #[cfg(test)]
    pub(super) const ALL: [Self; 3] = [Self::Contains, Self::StartsWith, Self::EndsWith];

    /// How it is printed.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Contains => "contains",
            Self::StartsWith => "starts_with",
            Self::EndsWith => "ends_with",
        }
    }
}

/// Where in the text something begins: for messages only, so all places are equal to each other and conditions that
/// differ in layout alone are the same.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Place {
    /// The line, from 1.
    pub(super) line: u32,
    /// The character in the line, from 1.
    pub(super) column: u32,
}

impl PartialEq for Place {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
