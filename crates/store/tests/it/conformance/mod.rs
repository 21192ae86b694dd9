//! What every backend must do. A backend passes by running each of these against its own [`Bed`].

mod counting;
mod devices;
mod idempotency;
mod log;
mod sessions;
mod tally;
mod traces;
mod usage;
mod velocity;
