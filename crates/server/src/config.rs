//! Configuration: flags over environment over file over defaults, each option declared once (see [`cli`]).
//!
//! This is the only module that reads the environment.

pub mod cli;
mod file;
mod layers;

use std::{collections::BTreeMap, env, ffi::OsString, path::PathBuf};

use clap::{ArgMatches, CommandFactory, FromArgMatches, parser::ValueSource};
use portcullis_domain::Secret;

pub use cli::{Cli, Command, LogFormat, Registration, Settings};
use layers::Layers;

use crate::failure::Failure;

/// Before the name of every environment variable of ours.
const PREFIX: &str = "PORTCULLIS_";

/// The `PORTCULLIS_*` variables that are set and not empty, by full name.
pub type Environment = BTreeMap<String, String>;

/// Our part of this process's environment.
pub fn environment() -> Environment {
    let ours = env::vars_os().filter_map(|(name, value)| {
        let name = name.into_string().ok().filter(|name| name.starts_with(PREFIX))?;
        Some((name, value.to_string_lossy().into_owned()))
    });
    ours.filter(|(_, value)| !value.is_empty()).collect()
}

/// What the process was asked to do, and with which settings.
#[derive(Debug)]
pub struct Config {
    /// The command with its settings, whichever way they were given.
    pub command: Command,
    /// Credentials of the first super admin, for an empty data directory.
    pub first_admin: FirstAdmin,
    /// Every setting and where it came from, for `config show`; empty for other commands.
    pub shown: Vec<Shown>,
}

/// `PORTCULLIS_ADMIN_EMAIL` and `PORTCULLIS_ADMIN_PASSWORD`; what is missing is to be made up and told once.
#[derive(Debug, Default)]
pub struct FirstAdmin {
    /// The address to sign in with.
    pub email: Option<String>,
    /// The password to sign in with.
    pub password: Option<Secret<String>>,
}

/// One line of `config show`.
#[derive(Debug, PartialEq, Eq)]
pub struct Shown {
    /// The key as the file spells it.
    pub key: String,
    /// Its value as it would be given; several are joined by commas. Empty when there is none.
    pub value: String,
    /// Where the value came from: `flag`, a variable, a place in the file, or `default`.
    pub origin: String,
}

impl Config {
    /// Reads `args` (the program's name first), `environment` and the file that `--config` names.
    pub fn load(
        args: impl IntoIterator<Item = OsString>,
        environment: &Environment,
    ) -> Result<Self, Failure> {
        let args: Vec<_> = args.into_iter().collect();
        // Once for the command line's own faults and the file's name, and again over what lies below the flags.
        let matches = Cli::command().try_get_matches_from(&args)?;
        let file = matches.get_one::<PathBuf>("config").cloned();
        let file = file.or_else(|| environment.get("PORTCULLIS_CONFIG").map(PathBuf::from));
        let layers = Layers::collect(environment, file.as_deref())?;

        let mut matches = layers.under(Cli::command()).try_get_matches_from(&args)?;
        let shown = shown(&matches, &layers);
        let Cli { command, .. } = Cli::from_arg_matches_mut(&mut matches)?;
        if let Command::Serve(settings) = &command {
            settings.check().map_err(Failure::Config)?;
        }
        let given = |name: &str| environment.get(&format!("{PREFIX}{name}")).cloned();
        let first_admin =
            FirstAdmin { email: given("ADMIN_EMAIL"), password: given("ADMIN_PASSWORD").map(Secret::new) };
        Ok(Self { command, first_admin, shown })
    }
}

fn shown(matches: &ArgMatches, layers: &Layers) -> Vec<Shown> {
    let Some(("config", config)) = matches.subcommand() else { return Vec::new() };
    let Some(("show", settings)) = config.subcommand() else { return Vec::new() };
    let options = layers::options();
    let lines = options.iter().map(|option| {
        let id = option.get_id().as_str();
        let values = settings.get_raw(id).into_iter().flatten();
        let values: Vec<_> = values.map(|value| value.to_string_lossy()).collect();
        let origin = match settings.value_source(id) {
            Some(ValueSource::CommandLine) => "flag",
            _ => layers.origin(id).unwrap_or("default"),
        };
        Shown { key: layers::key(option).to_owned(), value: values.join(","), origin: origin.to_owned() }
    });
    lines.collect()
}
