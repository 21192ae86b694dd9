//! `portcullis admin create`: a super admin, or a new password for one.

use std::{
    io::{self, BufRead, IsTerminal, Write},
    path::Path,
};

use portcullis_api::password::Password;
use portcullis_domain::{Clock as _, Email, Secret, SystemClock};
use portcullis_store::{Actor, AdminPut};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use crate::{config::cli::AdminArgs, failure::Failure};

pub(super) fn create(args: &AdminArgs) -> Result<(), Failure> {
    let password = read_password().map_err(|error| Failure::because("cannot read the password", error))?;
    create_or_reset(&args.data_dir, &args.email, &password)
}

fn create_or_reset(data_dir: &Path, email: &str, password: &Secret<String>) -> Result<(), Failure> {
    let email = Email::parse(email).map_err(|error| Failure::Failed(format!("the e-mail {error}")))?;
    let password = Password::new(password.expose().clone());
    password.check().map_err(|message| Failure::Failed(format!("the password {message}")))?;
    let hash = password.hash().map_err(|error| Failure::because("cannot hash the password", error))?;
    let (actor, now) = (Actor::machine("admin create"), SystemClock.now());
    let address = email.to_lowercase().to_string();
    match portcullis_store::put_admin_beside(data_dir, now, &actor, address, &hash) {
        Ok(AdminPut::Created) => eprintln!("Created the super admin {email}."),
        Ok(AdminPut::Reset) => {
            eprintln!("The super admin {email} has a new password; all its sessions are over.");
        }
        Err(error) => return Err(Failure::because("cannot store the super admin", error)),
    }
    Ok(())
}

/// The first line of standard input; asked for, and not shown, when a person types it.
pub(super) fn read_password() -> io::Result<Secret<String>> {
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
