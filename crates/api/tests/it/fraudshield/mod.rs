//! The fraudshield dialect.

mod analytics;
mod appeals;
mod blocklist;
mod checks;
mod doors;
mod duplicates;
mod frame;
mod idempotency;
mod keys;
mod limits;
mod paging;
mod requests;
mod reviews;
mod settings;
mod signals;
mod support;
mod synthetic;
mod velocity;
mod velocity_rules;
