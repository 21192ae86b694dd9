//! The commands, one file each.

mod admin;
mod backup;
mod demo;
mod restore;
mod serve;
mod show_config;
mod verify;

use crate::{
    config::{
        Command, Config,
        cli::{AdminCommand, AuditCommand, ConfigCommand},
    },
    failure::Failure,
};

/// Does what `config` asks for.
pub fn run(config: Config) -> Result<(), Failure> {
    match config.command {
        Command::Serve(settings) => serve::run(&settings, &config.first_admin),
        Command::Admin(AdminCommand::Create(args)) => admin::create(&args),
        Command::Backup(args) => backup::run(&args),
        Command::Restore(args) => restore::run(&args),
        Command::Verify(args) => verify::data(&args.data_dir),
        Command::Audit(AuditCommand::Verify(args)) => verify::audit(&args.data_dir),
        Command::Demo(args) => demo::run(&args, &config.first_admin),
        Command::Config(ConfigCommand::Show(_)) => show_config::run(&config.shown),
    }
}
