//! Trees to programs: names are looked up, types checked and the cost is summed up.

use super::{
    ConditionError, MAX_COST,
    ast::{Chain, Comparison, Expr, Item, Operand, Place, Search, Term},
    details,
    error::shown,
    hints,
    program::{self, List, Op, Source, Test},
    types::{self, Of, Type, Typed},
    variables::{Schema, Slot},
};

/// What a number or boolean costs to compare, and a group or a NOT by itself.
const COST: u32 = 1;
/// What a text costs to compare, or to look up in a list.
const TEXT_COST: u32 = 2;
/// What a value costs beside that when it is found by its name.
const DETAIL_COST: u32 = 2;
/// What a text costs to search: it may be as long as a user agent.
const SEARCH_COST: u32 = 8;
/// How many values of a list cost as much as one comparison.
const LIST_VALUES_PER_COST: usize = 8;

/// A condition's program.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) program: Vec<Op>,
    /// The variables, each once, in the order of the text.
    pub(super) variables: Vec<Named>,
    pub(super) cost: u32,
}

/// A variable that a condition names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Named {
    Declared(Slot),
    /// By its whole name.
    Detail(Box<str>),
}

/// Compiles a condition against a schema.
pub(super) fn compile(expr: &Expr, schema: &Schema) -> Result<Compiled, ConditionError> {
    let compiled = Compiled { program: Vec::new(), variables: Vec::new(), cost: 0 };
    let mut compiler = Compiler { schema, compiled };
    compiler.emit(expr)?;
    let compiled = compiler.compiled;
    if compiled.cost > MAX_COST {
        let message = format!(
            "the condition costs {}, more than the limit of {MAX_COST}; shorten it or split it into several rules",
            compiled.cost
        );
        return Err(ConditionError::new(Place { line: 1, column: 1 }, message));
    }
    Ok(compiled)
}

struct Compiler<'s> {
    schema: &'s Schema,
    compiled: Compiled,
}

impl Compiler<'_> {
    fn emit(&mut self, expr: &Expr) -> Result<(), ConditionError> {
        let (test, cost) = match expr {
            Expr::All(members) => return self.group(members, |end| Op::All { end }),
            Expr::Any(members) => return self.group(members, |end| Op::Any { end }),
            Expr::Not(inner) => {
                self.push(Op::Not, COST);
                return self.emit(inner);
            }
            Expr::Is(operand) => {
                let (typed, source) = self.resolve(operand)?;
                types::check_alone(typed)?;
                (Test::Is(source.wanting(Some(Type::Bool))), COST)
            }
            Expr::Compare { left, comparison, right } => self.comparison(left, *comparison, right)?,
            Expr::In { item, is_negated, list } => self.membership(item, *is_negated, list)?,
            Expr::Find { text, is_negated, search, part } => self.search(text, *is_negated, *search, part)?,
        };
        self.push(Op::Test(test), cost);
        Ok(())
    }

    fn group(&mut self, members: &[Expr], op: fn(usize) -> Op) -> Result<(), ConditionError> {
        let at = self.compiled.program.len();
        self.push(op(at), COST);
        for member in members {
            self.emit(member)?;
        }
        self.compiled.program[at] = op(self.compiled.program.len());
        Ok(())
    }

    fn comparison(
        &mut self,
        left: &Operand,
        comparison: Comparison,
        right: &Operand,
    ) -> Result<(Test, u32), ConditionError> {
        let ((left, left_source), (right, right_source)) = (self.resolve(left)?, self.resolve(right)?);
        types::check_comparison(left, comparison, right)?;
        let expected = comparison == Comparison::NotEqual;
        match (left.of, right.of) {
            (Of::Null, _) => return Ok((Test::HasValue { source: right_source, expected }, COST)),
            (_, Of::Null) => return Ok((Test::HasValue { source: left_source, expected }, COST)),
            _ => {}
        }
        let of = left.of.known().or(right.of.known());
        let of = of.or((!comparison.is_of_equality()).then_some(Type::Number));
        let cost = if matches!(of, Some(Type::Text) | None) { TEXT_COST } else { COST };
        let (left, right) = (left_source.wanting(of), right_source.wanting(of));
        Ok((Test::Compare { left, comparison, right }, cost))
    }

    fn membership(
        &mut self,
        item: &Operand,
        is_negated: bool,
        list: &[Item],
    ) -> Result<(Test, u32), ConditionError> {
        let (typed, item) = self.resolve(item)?;
        let of = types::check_listed(typed, list)?;
        for value in list {
            types::check_item(typed, of, value.place, &value.constant)?;
        }
        let cost = TEXT_COST + list.len().div_ceil(LIST_VALUES_PER_COST) as u32;
        let list = List::new(list.iter().map(|value| value.constant.clone()).collect());
        Ok((Test::In { item: item.wanting(Some(of)), is_negated, list }, cost))
    }

    fn search(
        &mut self,
        text: &Operand,
        is_negated: bool,
        search: Search,
        part: &Operand,
    ) -> Result<(Test, u32), ConditionError> {
        let ((text, text_source), (part, part_source)) = (self.resolve(text)?, self.resolve(part)?);
        types::check_text(text, search.word())?;
        types::check_text(part, search.word())?;
        let (text, part) = (text_source.wanting(Some(Type::Text)), part_source.wanting(Some(Type::Text)));
        Ok((Test::Find { text, is_negated, search, part }, SEARCH_COST))
    }

    /// Every operator costs as much as a comparison.
    fn chain(&mut self, chain: &Chain) -> Result<Source, ConditionError> {
        let symbol = chain.rest.first().map_or("", |(arithmetic, _)| arithmetic.symbol());
        let first = self.number(&chain.first, symbol)?;
        let rest = chain.rest.iter().map(|(arithmetic, operand)| {
            self.add_cost(COST);
            Ok((*arithmetic, self.number(operand, arithmetic.symbol())?))
        });
        let rest = rest.collect::<Result<_, ConditionError>>()?;
        Ok(Source::Chain(Box::new(program::Chain { first, rest })))
    }

    fn number(&mut self, operand: &Operand, symbol: &str) -> Result<Source, ConditionError> {
        let (typed, source) = self.resolve(operand)?;
        types::check_number(typed, symbol)?;
        Ok(source.wanting(Some(Type::Number)))
    }

    /// Looks up an operand's type, and where its value will be.
    fn resolve<'e>(&mut self, operand: &'e Operand) -> Result<(Typed<'e>, Source), ConditionError> {
        let (of, source) = match &operand.term {
            Term::Constant(constant) => {
                (constant.type_of().map_or(Of::Null, Of::One), Source::Constant(constant.clone()))
            }
            Term::Variable(name) if details::is_name(name) => {
                self.name(Named::Detail(name.clone()));
                self.add_cost(DETAIL_COST);
                (Of::Any, Source::Detail(Box::new(program::Detail { name: name.clone(), wanted: None })))
            }
            Term::Variable(name) => {
                let slot = self.schema.slot(name).ok_or_else(|| self.unknown(name, operand.place))?;
                self.name(Named::Declared(slot));
                (self.schema.type_of(slot).map_or(Of::Any, Of::One), Source::Slot(slot))
            }
            Term::Chain(chain) => (Of::One(Type::Number), self.chain(chain)?),
        };
        Ok((Typed { operand, of }, source))
    }

    fn name(&mut self, variable: Named) {
        if !self.compiled.variables.contains(&variable) {
            self.compiled.variables.push(variable);
        }
    }

    /// The error about a name that is no variable's, with the one that may have been meant.
    fn unknown(&self, name: &str, place: Place) -> ConditionError {
        let names: Vec<_> = self.schema.iter().map(|(_, variable)| variable.name).collect();
        let hint = match hints::similar(name, &names) {
            Some(similar) => format!(", did you mean {similar}?"),
            None if name.contains('.') => String::new(),
            None => format!("; if it is a text, write '{}'", shown(name)),
        };
        ConditionError::new(place, format!("unknown variable {}{hint}", shown(name)))
    }

    fn push(&mut self, op: Op, cost: u32) {
        self.compiled.program.push(op);
        self.add_cost(cost);
    }

    fn add_cost(&mut self, cost: u32) {
        self.compiled.cost = self.compiled.cost.saturating_add(cost);
    }
}
