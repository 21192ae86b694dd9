//! `portcullis config show`: each setting, its value, and where it comes from. There are no secrets among them.

use std::io::{self, Write};

use crate::{config::Shown, failure::Failure};

pub(super) fn run(shown: &[Shown]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let printed = shown.iter().try_for_each(|Shown { key, value, origin }| {
        let setting = format!("{key} = {value}");
        writeln!(out, "{setting:<44}  # {origin}")
    });
    // Whoever closed the pipe has seen enough.
    printed.or_else(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Ok(()),
        _ => Err(Failure::because("cannot print the settings", error)),
    })
}
