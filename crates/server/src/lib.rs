//! The `portcullis` server: configuration, sockets, telemetry and the commands of its command line.

mod app;
pub mod commands;
pub mod config;
pub mod drain;
pub mod failure;
pub mod listen;
pub mod overload;
mod quickstart;
pub mod signals;
pub mod telemetry;
pub mod tls;
pub mod webhooks;
