//! The `portcullis` binary.

use std::{env, process::ExitCode};

use portcullis_server::{commands, config, config::Config};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let outcome = Config::load(env::args_os(), &config::environment()).and_then(commands::run);
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
