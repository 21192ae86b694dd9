//! The keyri dialect.

mod access;
mod answers;
mod devices;
mod metadata;
mod replays;
mod risk;
mod rules;
mod services;
mod shown;
mod support;
