//! The variables that conditions may name, each with its type and where its value comes from.
//!
//! Every declared fact is one, under its own name. [`NAMED`] adds the names that rule writers know: some stand for a fact
//! that we call otherwise, the others have no fact and are given by whoever asks.

use std::{collections::BTreeMap, sync::LazyLock};

use portcullis_domain::facts::{self, Kind};

use super::types::Type;

/// A variable.
#[derive(Clone, Copy, Debug)]
pub struct Variable {
    /// `family.name`.
    pub name: &'static str,
    /// The type of its values.
    pub kind: Kind,
    /// What it says.
    pub doc: &'static str,
    /// Where its value comes from.
    pub source: Source,
}

/// Where a variable's value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// It is a fact.
    Fact,
    /// It is another name for the fact of this name.
    Alias(&'static str),
    /// Whoever asks supplies it; see [`Values::put`](super::Values::put).
    Given,
}

/// The names of our own that are no facts' names. A fact that is declared later under such a name takes its place.
pub const NAMED: [Variable; 2] = [
    alias("device.is_vpn", Kind::Bool, "ip.is_vpn", "Whether the address belongs to a VPN provider."),
    alias("device.linked_accounts", Kind::Int, "links.users_on_device", "Accounts ever seen on the device."),
];

#[cfg(test)]
const fn given(name: &'static str, kind: Kind, doc: &'static str) -> Variable {
    Variable { name, kind, doc, source: Source::Given }
}

const fn alias(name: &'static str, kind: Kind, fact: &'static str, doc: &'static str) -> Variable {
    Variable { name, kind, doc, source: Source::Alias(fact) }
}

/// A variable's place in its schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot(u16);

impl Slot {
    pub(super) const fn index(self) -> usize {
        self.0 as usize
    }
}

/// The variables that conditions are compiled against. Conditions and values go together only with the same schema.
#[derive(Debug)]
pub struct Schema {
    /// The facts, each at its own slot, and then the others.
    variables: Box<[Variable]>,
    by_name: BTreeMap<&'static str, Slot>,
    aliases: Box<[(Slot, Slot)]>,
}

static STANDARD: LazyLock<Schema> = LazyLock::new(|| Schema::with(&NAMED));

impl Schema {
    /// Every fact and [`NAMED`].
    pub fn standard() -> &'static Self {
        &STANDARD
    }

    /// Every fact and these; of several variables of one name the first counts. An alias of no fact is as good as a given
    /// variable.
    pub fn with(named: &[Variable]) -> Self {
        let facts = facts::ALL.iter().map(|fact| Variable {
            name: fact.name,
            kind: fact.kind,
            doc: fact.doc,
            source: Source::Fact,
        });
        let mut variables = Vec::new();
        let mut by_name = BTreeMap::new();
        for (variable, slot) in facts.chain(named.iter().copied()).zip(0_u16..) {
            by_name.entry(variable.name).or_insert(Slot(slot));
            variables.push(variable);
        }
        let alias = |(index, variable): (u16, &Variable)| match variable.source {
            Source::Alias(fact) => by_name.get(fact).map(|&of| (Slot(index), of)),
            Source::Fact | Source::Given => None,
        };
        let aliases = (0..).zip(&variables).filter_map(alias).collect();
        Self { variables: variables.into(), by_name, aliases }
    }

    /// Where the variable of this name is.
    pub fn slot(&self, name: &str) -> Option<Slot> {
        self.by_name.get(name).copied()
    }

    /// The variable at this place, unless the place is another schema's.
    pub fn variable(&self, slot: Slot) -> Option<&Variable> {
        self.variables.get(slot.index())
    }

    /// Every variable that can be named, by name.
    pub fn iter(&self) -> impl Iterator<Item = (Slot, &Variable)> + Clone {
        self.by_name.values().filter_map(|&slot| Some((slot, self.variable(slot)?)))
    }

    pub(super) fn type_of(&self, slot: Slot) -> Option<Type> {
        self.variable(slot).map(|variable| variable.kind.into())
    }

    pub(super) const fn len(&self) -> usize {
        self.variables.len()
    }

    /// The aliases, each with the fact it stands for.
    pub(super) const fn aliases(&self) -> &[(Slot, Slot)] {
        &self.aliases
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliases_have_the_type_of_the_fact_they_stand_for() {
        for variable in NAMED {
            if let Source::Alias(fact) = variable.source {
                let fact = facts::ALL.iter().find(|declared| declared.name == fact).expect(fact);
                assert_eq!(fact.kind, variable.kind, "{}", variable.name);
            }
        }
    }

    #[test]
    fn a_fact_takes_the_place_of_a_given_variable_of_its_name() {
        let schema = Schema::with(&[given("ip.is_tor", Kind::Text, "Not this one.")]);
        let slot = schema.slot("ip.is_tor").unwrap();
        assert_eq!(schema.variable(slot).unwrap().source, Source::Fact);
        assert_eq!(schema.iter().count(), facts::COUNT);
    }

    #[test]
    fn has_what_was_promised() {
        let promised = [
            "user.age_days",
            "user.verification_count",
            "device.is_vpn",
            "device.is_emulator",
            "device.linked_accounts",
            "transaction.amount",
            "velocity.daily_count",
            "ip.country_code",
            "ip.is_tor",
            "ip.is_datacenter",
            "email.is_disposable",
            "transaction.currency",
            "event.type",
        ];
        for name in promised {
            assert!(Schema::standard().slot(name).is_some(), "{name}");
        }
    }
}
