//! What lies below the flags: the environment over the file, laid under the command line as its defaults.

use std::{collections::BTreeMap, path::Path};

use clap::{Arg, Command, CommandFactory};

use super::{Cli, Environment, PREFIX, file};
use crate::failure::Failure;

/// Values given by environment or file, by the id of their option.
#[derive(Debug, Default)]
pub(super) struct Layers(BTreeMap<String, Given>);

#[derive(Debug)]
struct Given {
    values: Vec<String>,
    origin: String,
}

impl Layers {
    /// Everything that `environment` and `file` say, checked value by value.
    pub(super) fn collect(environment: &Environment, file: Option<&Path>) -> Result<Self, Failure> {
        let options = options();
        let mut given = BTreeMap::new();
        for file::Entry { key: name, values, place } in file.map(file::read).transpose()?.unwrap_or_default()
        {
            let spelled = name.replace('_', "-");
            let option = options
                .iter()
                .find(|option| key(option) == spelled)
                .ok_or_else(|| Failure::Config(format!("{place}: unknown key `{name}`")))?;
            check(option, &values, &place)?;
            given.insert(option.get_id().to_string(), Given { values, origin: place });
        }
        for option in &options {
            let origin = format!("{PREFIX}{}", key(option).replace('-', "_").to_uppercase());
            let Some(text) = environment.get(&origin) else { continue };
            let values = match option.get_value_delimiter() {
                Some(delimiter) => text.split(delimiter).map(|value| value.trim().to_owned()).collect(),
                None => vec![text.clone()],
            };
            check(option, &values, &origin)?;
            given.insert(option.get_id().to_string(), Given { values, origin });
        }
        Ok(Self(given))
    }

    /// `command` and its subcommands with these values as defaults.
    pub(super) fn under(&self, command: Command) -> Command {
        let subcommands: Vec<_> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
        let command = command.mut_args(|arg| match self.0.get(arg.get_id().as_str()) {
            Some(given) => arg.default_values(given.values.clone()),
            None => arg,
        });
        subcommands
            .into_iter()
            .fold(command, |command, name| command.mut_subcommand(name, |sub| self.under(sub)))
    }

    /// Where the value of the option `id` came from, unless a flag gave it.
    pub(super) fn origin(&self, id: &str) -> Option<&str> {
        Some(&self.0.get(id)?.origin)
    }
}

/// The options of `serve`: all that can be set.
pub(super) fn options() -> Vec<Arg> {
    let command = Cli::command();
    let serve = command.find_subcommand("serve");
    serve
        .into_iter()
        .flat_map(Command::get_arguments)
        .filter(|arg| arg.get_long().is_some())
        .cloned()
        .collect()
}

/// The option's name in the file, and its flag without the dashes.
pub(super) fn key(option: &Arg) -> &str {
    option.get_long().unwrap_or_default()
}

/// Parses the values as if they had been given as flags, to name their own place when they are wrong.
fn check(option: &Arg, values: &[String], place: &str) -> Result<(), Failure> {
    let flags = values.iter().map(|value| format!("--{}={value}", key(option)));
    let alone = Command::new("").no_binary_name(true).arg(option.clone());
    alone.try_get_matches_from(flags).map(drop).map_err(|error| {
        let text = error.render().to_string();
        let what = text.split("\n\n").next().unwrap_or_default().trim_start_matches("error: ");
        let what: Vec<_> = what.split_whitespace().collect();
        Failure::Config(format!("{place}: {}", what.join(" ")))
    })
}
