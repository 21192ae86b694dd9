//! The store's contract, and what only the embedded backend promises.

mod conformance;
mod embedded;
mod support;
