//! The commands, one file each.

mod admin;
mod backup;
mod demo;
mod restore;
mod serve;
mod show_config;

use crate::{
    config::{Command, Config, cli::AdminCommand, cli::ConfigCommand},
    failure::Failure,
};

/// Does what `config` asks for.
pub fn run(config: Config) -> Result<(), Failure> {
    match config.command {
        Command::Serve(settings) => serve::run(&settings, &config.first_admin),
        Command::Admin(AdminCommand::Create(args)) => admin::create(&args),
        Command::Backup(args) => backup::run(&args),
        Command::Restore(args) => restore::run(&args),
        Command::Demo(args) => demo::run(&args, &config.first_admin),
        Command::Config(ConfigCommand::Show(_)) => show_config::run(&config.shown),
    }
}
