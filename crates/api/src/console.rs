//! The consoles: one page for two of them, its files, and the sessions of those who use it.
//!
//! A console is a client of the management API like any other. All that is special is how its users log in: with a
//! cookie that no script can read, and a token in a header that no other site can send.

mod assets;
pub(crate) mod figures;
pub(crate) mod session;
mod sessions;
pub(crate) mod variables;

pub(crate) use assets::router;
pub(crate) use sessions::{SessionKey, Sessions};
