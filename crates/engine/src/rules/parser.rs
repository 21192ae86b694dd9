//! Tokens to trees, by recursive descent. How deep it descends is bounded, so no text can exhaust the stack.
//!
//! ```text
//! any     = all { OR all }
//! all     = not { AND not }
//! not     = NOT not | "(" any ")" | test
//! test    = sum [ comparison sum | [NOT] IN list | [NOT] search sum ]
//! sum     = product { ( "+" | "-" ) product }
//! product = operand { ( "*" | "/" ) operand }
//! operand = name | constant | "-" operand | "(" sum ")"
//! list    = "(" constant { "," constant } ")"
//! ```
//!
//! What an opening parenthesis begins is known when it is closed: an operand alone in parentheses goes on as a sum where
//! the text does.

use super::{
    ConditionError, MAX_DEPTH, MAX_LIST_LEN,
    ast::{Arithmetic, Chain, Constant, Expr, Item, Operand, Place, Term},
    error::shown,
    hints,
    lexer::{self, Kind, Token},
};

/// Reads a whole condition.
pub(super) fn parse(text: &str) -> Result<Expr, ConditionError> {
    let tokens = lexer::tokens(text)?;
    let mut parser = Parser { tokens: &tokens, depth: 0 };
    if parser.is_at(&Kind::End) {
        return Err(ConditionError::new(Place { line: 1, column: 1 }, "the condition is empty"));
    }
    let expr = parser.any()?;
    if parser.is_at(&Kind::End) { Ok(expr) } else { Err(parser.unexpected(parser.after_test())) }
}

struct Parser<'p, 't> {
    /// What is left to read; never less than the end.
    tokens: &'p [Token<'t>],
    /// How many parentheses, NOTs and signs are open.
    depth: usize,
}

impl<'t> Parser<'_, 't> {
    fn any(&mut self) -> Result<Expr, ConditionError> {
        self.group(&Kind::Or, Self::all, Expr::Any)
    }

    fn all(&mut self) -> Result<Expr, ConditionError> {
        self.group(&Kind::And, Self::not, Expr::All)
    }

    /// Members joined by `word`; a single one is no group.
    fn group(
        &mut self,
        word: &Kind<'_>,
        member: fn(&mut Self) -> Result<Expr, ConditionError>,
        group: fn(Vec<Expr>) -> Expr,
    ) -> Result<Expr, ConditionError> {
        let first = member(self)?;
        if !self.is_at(word) {
            return Ok(first);
        }
        let mut members = vec![first];
        while self.eat(word) {
            members.push(member(self)?);
        }
        Ok(group(members))
    }

    fn not(&mut self) -> Result<Expr, ConditionError> {
        let place = self.place();
        if self.eat(&Kind::Not) {
            return self.deeper(place, |parser| Ok(Expr::Not(Box::new(parser.not()?))));
        }
        if self.eat(&Kind::Open) {
            let inner = self.deeper(place, |parser| parser.parenthesized(place, Self::any))?;
            return match inner {
                Expr::Is(operand) if self.goes_on() => self.test(Some(operand)),
                inner => Ok(inner),
            };
        }
        self.test(None)
    }

    /// Whether what was in parentheses is an operand of what follows.
    fn goes_on(&self) -> bool {
        let next = self.peek_after(usize::from(self.is_at(&Kind::Not)));
        matches!(next, Some(Kind::In | Kind::Search(_)))
            || matches!(self.peek(), Some(Kind::Arithmetic(_) | Kind::Comparison(_)))
    }

    fn parenthesized<T>(
        &mut self,
        open: Place,
        inner: fn(&mut Self) -> Result<T, ConditionError>,
    ) -> Result<T, ConditionError> {
        let inner = inner(self)?;
        if self.eat(&Kind::Close) {
            return Ok(inner);
        }
        let Place { line, column } = open;
        let expected =
            format!("{} or the `)` for the `(` at line {line}, column {column}", self.after_test());
        Err(self.unexpected(&expected))
    }

    /// Runs `inner` one level deeper, unless that is too deep.
    fn deeper<T>(
        &mut self,
        place: Place,
        inner: impl FnOnce(&mut Self) -> Result<T, ConditionError>,
    ) -> Result<T, ConditionError> {
        if self.depth == MAX_DEPTH {
            let message = format!("parentheses and NOTs are nested more than {MAX_DEPTH} deep");
            return Err(ConditionError::new(place, message));
        }
        self.depth += 1;
        let inner = inner(self);
        self.depth -= 1;
        inner
    }

    /// A test, of which `first` was read already.
    fn test(&mut self, first: Option<Operand>) -> Result<Expr, ConditionError> {
        let left = self.sum(first)?;
        let is_negated = self.eat(&Kind::Not);
        match self.peek() {
            Some(Kind::In) => {
                self.advance();
                Ok(Expr::In { item: left, is_negated, list: self.list()? })
            }
            Some(&Kind::Search(search)) => {
                self.advance();
                Ok(Expr::Find { text: left, is_negated, search, part: self.sum(None)? })
            }
            _ if is_negated => Err(self.unexpected("IN, contains, starts_with or ends_with after NOT")),
            Some(&Kind::Comparison(comparison)) => {
                self.advance();
                let right = self.sum(None)?;
                self.refuse_chain()?;
                Ok(Expr::Compare { left, comparison, right })
            }
            _ => Ok(Expr::Is(left)),
        }
    }

    fn refuse_chain(&self) -> Result<(), ConditionError> {
        match self.peek() {
            Some(Kind::Comparison(_)) => {
                let message = "comparisons can not be chained; write `1 < a AND a < 5`";
                Err(ConditionError::new(self.place(), message))
            }
            _ => Ok(()),
        }
    }

    fn sum(&mut self, first: Option<Operand>) -> Result<Operand, ConditionError> {
        self.chain(first, |arithmetic| !arithmetic.is_of_product(), Self::product)
    }

    fn product(&mut self, first: Option<Operand>) -> Result<Operand, ConditionError> {
        let operand = |parser: &mut Self, first: Option<Operand>| first.map_or_else(|| parser.operand(), Ok);
        self.chain(first, Arithmetic::is_of_product, operand)
    }

    /// Members joined by these operators; a single one is no chain.
    fn chain(
        &mut self,
        first: Option<Operand>,
        joins: fn(Arithmetic) -> bool,
        member: fn(&mut Self, Option<Operand>) -> Result<Operand, ConditionError>,
    ) -> Result<Operand, ConditionError> {
        let first = member(self, first)?;
        let mut rest = Vec::new();
        while let Some(&Kind::Arithmetic(arithmetic)) = self.peek()
            && joins(arithmetic)
        {
            self.advance();
            rest.push((arithmetic, member(self, None)?));
        }
        Ok(if rest.is_empty() { first } else { chain(first, rest) })
    }

    fn operand(&mut self) -> Result<Operand, ConditionError> {
        let place = self.place();
        if self.eat(&Kind::Arithmetic(Arithmetic::Subtract)) {
            let operand = self.deeper(place, Self::operand)?;
            let zero = Operand { place, term: Term::Constant(Constant::Int(0)) };
            return Ok(chain(zero, vec![(Arithmetic::Subtract, operand)]));
        }
        if self.eat(&Kind::Open) {
            return self.deeper(place, |parser| parser.parenthesized(place, |parser| parser.sum(None)));
        }
        let term = match self.tokens {
            [Token { kind: Kind::Name, source, .. }, ..] => Term::Variable(lexer::name(source).into()),
            [token, ..] => match constant(&token.kind) {
                Some(constant) => Term::Constant(constant),
                None => return Err(self.unexpected("a variable or a value")),
            },
            [] => return Err(self.unexpected("a variable or a value")),
        };
        self.advance();
        Ok(Operand { place, term })
    }

    fn list(&mut self) -> Result<Vec<Item>, ConditionError> {
        if !self.eat(&Kind::Open) {
            return Err(self.unexpected("a list such as (1, 2)"));
        }
        let mut list = vec![self.item()?];
        while self.eat(&Kind::Comma) {
            if list.len() == MAX_LIST_LEN {
                let message =
                    format!("the list has more than {MAX_LIST_LEN} values; split it into several rules");
                return Err(ConditionError::new(self.place(), message));
            }
            list.push(self.item()?);
        }
        if self.eat(&Kind::Close) { Ok(list) } else { Err(self.unexpected("`,` or `)`")) }
    }

    fn item(&mut self) -> Result<Item, ConditionError> {
        let place = self.place();
        match self.tokens {
            [Token { kind: Kind::Name, source, .. }, ..] => {
                let name = shown(source);
                let message =
                    format!("a list can not hold the variable {name}; for the text, write '{name}'");
                Err(ConditionError::new(place, message))
            }
            [Token { kind, .. }, ..] if let Some(constant) = constant(kind) => {
                self.advance();
                Ok(Item { place, constant })
            }
            _ => Err(self.unexpected("a value")),
        }
    }

    fn peek(&self) -> Option<&Kind<'t>> {
        self.tokens.first().map(|token| &token.kind)
    }

    fn peek_after(&self, tokens: usize) -> Option<&Kind<'t>> {
        self.tokens.get(tokens).map(|token| &token.kind)
    }

    fn place(&self) -> Place {
        self.tokens.first().map(|token| token.place).unwrap_or_default()
    }

    fn is_at(&self, kind: &Kind<'_>) -> bool {
        self.peek() == Some(kind)
    }

    fn eat(&mut self, kind: &Kind<'_>) -> bool {
        let is_at = self.is_at(kind);
        if is_at {
            self.advance();
        }
        is_at
    }

    /// Goes on to the next token; stays at the end.
    fn advance(&mut self) {
        if let [_, rest @ ..] = self.tokens
            && !rest.is_empty()
        {
            self.tokens = rest;
        }
    }

    /// What may come after a test that is complete.
    fn after_test(&self) -> &'static str {
        if self.depth == 0 {
            "an operator such as =, AND, OR or the end"
        } else {
            "an operator such as =, AND, OR"
        }
    }

    fn unexpected(&self, expected: &str) -> ConditionError {
        let (found, hint) = match self.tokens {
            [Token { kind: Kind::End, .. }, ..] | [] => ("the end".to_owned(), None),
            [Token { kind: Kind::Name, source, .. }, ..] => {
                (format!("`{}`", shown(source)), hints::for_word(source))
            }
            [Token { source, .. }, ..] => (format!("`{}`", shown(source)), None),
        };
        let hint = hint.map(|hint| format!("; {hint}")).unwrap_or_default();
        ConditionError::new(self.place(), format!("expected {expected}, found {found}{hint}"))
    }
}

/// Begins where its first member does.
fn chain(first: Operand, rest: Vec<(Arithmetic, Operand)>) -> Operand {
    Operand { place: first.place, term: Term::Chain(Chain { first: Box::new(first), rest }) }
}

fn constant(kind: &Kind<'_>) -> Option<Constant> {
    match kind {
        Kind::Null => Some(Constant::Null),
        Kind::Bool(value) => Some(Constant::Bool(*value)),
        Kind::Int(value) => Some(Constant::Int(*value)),
        Kind::Float(value) => Some(Constant::Float(*value)),
        Kind::Text(value) => Some(Constant::Text(value.as_ref().into())),
        _ => None,
    }
}
