//! The keyri dialect.

mod access;
mod answers;
mod devices;
mod frame;
mod golden;
mod instance;
mod metadata;
mod replays;
mod risk;
mod rules;
mod scenarios;
mod services;
mod shown;
pub mod support;
