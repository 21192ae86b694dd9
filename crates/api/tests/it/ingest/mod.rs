//! The ingest dialect against its contract, seed 000. Every test has a second tenant, and checks that neither feels
//! the other.

mod addresses;
mod concurrency;
mod golden;
mod idempotency;
mod keys;
mod outcomes;
mod privacy;
mod properties;
mod recompute;
mod requests;
mod scenarios;
pub(crate) mod support;
mod tuning;
