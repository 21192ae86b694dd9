//! The keyri dialect.

mod access;
mod answers;
mod devices;
mod replays;
mod risk;
mod rules;
mod services;
mod support;
