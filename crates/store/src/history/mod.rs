//! What is remembered of each entity, and what a new event may read of it.
//!
//! A [`Touch`] is all that an event adds to history: it is stored beside the event, so history can always be computed
//! again from the events alone. A [`History`] is the state before the event; its methods named `…_with_this` add the
//! event itself, because an event counts in its own decision.

mod grid;
mod state;
#[cfg(test)]
mod tests;
mod touch;
mod view;

pub use self::{
    state::EntityRecord,
    touch::Touch,
    view::{EntityHistory, History},
};
pub(crate) use self::{state::State, touch::Happened};
