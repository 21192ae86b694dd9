//! The `portcullis` binary.

use std::{env, process::ExitCode};

use portcullis_server::{commands, config, config::Config};
use rustix::fs::Mode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // What is written holds other people's data: for the owner only.
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
    let outcome = Config::load(env::args_os(), &config::environment()).and_then(commands::run);
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
