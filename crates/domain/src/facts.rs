//! Facts: one flat, typed namespace of everything that can be known about an event.
//!
//! Each fact is declared once, in [`catalog`]. Signals read facts by their typed [`Key`]; rules, models, the field
//! reference and the stored decision read them through [`ALL`]. A value is either known or missing for a stated reason.

use std::{fmt, marker::PhantomData};

use compact_str::CompactString;

mod catalog;
mod codec;
mod details;

pub use catalog::*;
pub use details::Details;

/// A value that is known, or the reason why it is not.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fact<T> {
    /// The value.
    Known(T),
    /// Why there is none.
    Missing(Missing),
}

impl<T> Fact<T> {
    /// The value, if known.
    pub fn known(self) -> Option<T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Missing(_) => None,
        }
    }

    /// The value, or `reason` when there is none.
    pub fn from_option(value: Option<T>, reason: Missing) -> Self {
        value.map_or(Self::Missing(reason), Self::Known)
    }

    /// The known value changed by `f`.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Fact<U> {
        match self {
            Self::Known(value) => Fact::Known(f(value)),
            Self::Missing(reason) => Fact::Missing(reason),
        }
    }
}

/// Why a fact is not known. The numbers are stored: never reuse one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum Missing {
    /// The caller did not send what it is made of.
    #[default]
    NotSent = 0,
    /// The reference tables do not have it.
    NotFound = 1,
    /// The reference table is not loaded on this machine.
    NotLoaded = 2,
    /// It makes no sense here, such as the country of a private address.
    NotApplicable = 3,
}

/// A fact's value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Yes or no.
    Bool(bool),
    /// A count, a duration or another whole number.
    Int(i64),
    /// A measure.
    Float(f64),
    /// Text.
    Text(CompactString),
}

/// The type of a fact's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Yes or no.
    Bool,
    /// A whole number.
    Int,
    /// A measure.
    Float,
    /// Text.
    Text,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Float => "float",
            Self::Text => "text",
        })
    }
}

/// A fact's declaration.
#[derive(Debug)]
pub struct Definition {
    /// `family.name`; permanent.
    pub name: &'static str,
    /// The type of its value.
    pub kind: Kind,
    /// Its unit, or "" when it has none.
    pub unit: &'static str,
    /// What it says, and when it is missing.
    pub doc: &'static str,
}

/// Marker types for the values that facts can have.
pub trait FactType {
    /// What reading such a fact gives.
    type Read<'a>;
    /// What such a fact is set to.
    type Write;
    /// The declared kind.
    const KIND: Kind;
    /// Reads a stored value of this kind.
    fn read(value: &Value) -> Option<Self::Read<'_>>;
    /// Makes a stored value.
    fn write(value: Self::Write) -> Value;
}

macro_rules! fact_type {
    ($marker:ident, $variant:ident, $read:ty, $write:ty, $get:expr) => {
        #[doc = concat!("Marks facts of kind `", stringify!($variant), "`.")]
        #[derive(Clone, Copy, Debug)]
        pub enum $marker {}

        impl FactType for $marker {
            type Read<'a> = $read;
            type Write = $write;
            const KIND: Kind = Kind::$variant;
            fn read(value: &Value) -> Option<Self::Read<'_>> {
                match value {
                    Value::$variant(value) => Some(($get)(value)),
                    _ => None,
                }
            }
            fn write(value: $write) -> Value {
                Value::$variant(value)
            }
        }
    };
}

fact_type!(Bool, Bool, bool, bool, |value: &bool| *value);
fact_type!(Int, Int, i64, i64, |value: &i64| *value);
fact_type!(Float, Float, f64, f64, |value: &f64| *value);
fact_type!(Text, Text, &'a str, CompactString, CompactString::as_str);

/// Names one fact and the type of its value.
pub struct Key<T> {
    slot: u8,
    kind: PhantomData<fn() -> T>,
}

impl<T> Clone for Key<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Key<T> {}

impl<T> fmt::Debug for Key<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(ALL[self.slot()].name)
    }
}

impl<T> Key<T> {
    pub(crate) const fn new(slot: u8) -> Self {
        Self { slot, kind: PhantomData }
    }

    /// The fact's place in [`ALL`].
    pub const fn slot(self) -> usize {
        self.slot as usize
    }

    /// The fact's declaration.
    pub fn definition(self) -> &'static Definition {
        &ALL[self.slot()]
    }
}

/// What is known about one event: a slot for every declared fact, and details under other names.
#[derive(Clone, PartialEq)]
pub struct Facts {
    slots: [Fact<Value>; COUNT],
    details: Details,
}

impl Facts {
    /// Facts of which nothing is known, because nothing was sent.
    pub fn unknown() -> Self {
        Self { slots: [const { Fact::Missing(Missing::NotSent) }; COUNT], details: Details::none() }
    }

    /// Reads a fact.
    pub fn get<T: FactType>(&self, key: Key<T>) -> Fact<T::Read<'_>> {
        match &self.slots[key.slot()] {
            Fact::Known(value) => Fact::from_option(T::read(value), Missing::NotFound),
            Fact::Missing(reason) => Fact::Missing(*reason),
        }
    }

    /// The value of a fact, if known.
    pub fn known<T: FactType>(&self, key: Key<T>) -> Option<T::Read<'_>> {
        self.get(key).known()
    }

    /// Whether a yes-or-no fact is known to be true.
    pub fn is_true(&self, key: Key<Bool>) -> bool {
        self.known(key) == Some(true)
    }

    /// Sets a fact.
    pub fn set<T: FactType>(&mut self, key: Key<T>, value: impl Into<T::Write>) {
        self.slots[key.slot()] = Fact::Known(T::write(value.into()));
    }

    /// Sets a fact, or why it is missing.
    pub fn put<T: FactType>(&mut self, key: Key<T>, fact: Fact<impl Into<T::Write>>) {
        self.slots[key.slot()] = fact.map(|value| T::write(value.into()));
    }

    /// Notes why a fact is missing.
    pub fn set_missing<T>(&mut self, key: Key<T>, reason: Missing) {
        self.slots[key.slot()] = Fact::Missing(reason);
    }

    /// Every fact with its declaration, in the order of [`ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (&'static Definition, &Fact<Value>)> {
        ALL.iter().zip(&self.slots)
    }
}

impl fmt::Debug for Facts {
    /// Facts may be personal data: only the names of the known ones are shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.iter().filter(|(_, fact)| matches!(fact, Fact::Known(_)));
        f.debug_set().entries(known.map(|(definition, _)| definition.name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_well_formed() {
        for (index, definition) in ALL.iter().enumerate() {
            let (family, name) = definition.name.split_once('.').expect("family.name");
            let is_word = |word: &str| {
                !word.is_empty()
                    && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
            };
            assert!(is_word(family) && is_word(name), "{}", definition.name);
            assert!(ALL[..index].iter().all(|other| other.name != definition.name), "{}", definition.name);
            assert!(definition.doc.ends_with('.'), "{}", definition.name);
        }
    }

    #[test]
    fn reads_what_was_set() {
        let mut facts = Facts::unknown();
        assert_eq!(facts.get(ip::IS_TOR), Fact::Missing(Missing::NotSent));
        facts.set(ip::IS_TOR, true);
        facts.set(ip::COUNTRY_CODE, "DE");
        facts.set_missing(ip::CITY, Missing::NotFound);
        assert!(facts.is_true(ip::IS_TOR));
        assert_eq!(facts.known(ip::COUNTRY_CODE), Some("DE"));
        assert_eq!(facts.get(ip::CITY), Fact::Missing(Missing::NotFound));
    }
}
