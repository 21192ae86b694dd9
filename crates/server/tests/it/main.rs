//! The server from outside: real sockets, short deadlines, and the binary itself.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "these are tests")]

mod command_line;
mod commands;
mod config;
mod deadlines;
mod demo;
mod disk;
mod drain;
mod enrollments;
mod http1;
mod http2;
mod http2_abuse;
mod kill9;
mod leaving;
mod limits;
mod overload;
mod process;
mod revocation;
mod support;
mod verify;
mod webhooks;
