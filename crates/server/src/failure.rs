//! How a command ends when it does not end well: one line for a person, one exit code for a script.

use std::process::ExitCode;

/// Why a command did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// It was tried and did not work: exit code 1.
    #[error("{0}")]
    Failed(String),
    /// The command line makes no sense, or asked for help: exit code 2, or 0 for help.
    #[error(transparent)]
    Usage(#[from] clap::Error),
    /// The environment or the configuration file makes no sense: exit code 3.
    #[error("{0}")]
    Config(String),
}

impl Failure {
    /// A failure to do something, such as `cannot read x`, because of `why`.
    pub fn because(what: impl std::fmt::Display, why: impl std::fmt::Display) -> Self {
        Self::Failed(format!("{what}: {why}"))
    }

    /// Tells the person at the terminal; help goes to stdout, everything else to stderr.
    pub fn report(&self) -> ExitCode {
        let code = match self {
            Self::Failed(_) => 1,
            Self::Usage(error) => {
                // Nobody is left to tell if this fails.
                let _ = error.print();
                return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
            }
            Self::Config(_) => 3,
        };
        eprintln!("portcullis: {self}");
        ExitCode::from(code)
    }
}
