//! `portcullis admin create`: a super admin, or a new password for one.

use std::{
    io::{self, BufRead, IsTerminal, Write},
    path::Path,
};

use portcullis_domain::Secret;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use crate::{config::cli::AdminArgs, failure::Failure};

pub(super) fn create(args: &AdminArgs) -> Result<(), Failure> {
    let password = read_password().map_err(|error| Failure::because("cannot read the password", error))?;
    if password.expose().is_empty() {
        return Err(Failure::Failed("the password is empty".into()));
    }
    create_or_reset(&args.data_dir, &args.email, &password)
}

/// WIRING: hash the password, then create the super admin in the store or set the password of the one with this e-mail.
fn create_or_reset(_data_dir: &Path, _email: &str, _password: &Secret<String>) -> Result<(), Failure> {
    Err(Failure::Failed("this build has no store".into()))
}

/// The first line of standard input; asked for, and not shown, when a person types it.
fn read_password() -> io::Result<Secret<String>> {
    let stdin = io::stdin();
    if !stdin.is_terminal() {
        return read_line();
    }
    eprint!("Password: ");
    io::stderr().flush()?;
    let unseen = Unseen::begin()?;
    let password = read_line();
    drop(unseen);
    eprintln!();
    password
}

fn read_line() -> io::Result<Secret<String>> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    line.truncate(line.trim_end_matches(['\r', '\n']).len());
    Ok(Secret::new(line))
}

/// While this lives the terminal does not show what is typed.
struct Unseen(Termios);

impl Unseen {
    fn begin() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        tcsetattr(io::stdin(), OptionalActions::Flush, &silent)?;
        Ok(Self(before))
    }
}

impl Drop for Unseen {
    fn drop(&mut self) {
        // A terminal that is gone needs no restoring.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.0);
    }
}
