//! The store's contract, and what only the embedded backend promises.

#![allow(clippy::unwrap_used, reason = "a test that can not go on has failed")]

mod conformance;
mod embedded;
mod support;
