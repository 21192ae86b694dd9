//! `portcullis restore`: the data of a backup into a data directory that has none.

use crate::{config::cli::CopyArgs, failure::Failure};

pub(super) fn run(args: &CopyArgs) -> Result<(), Failure> {
    portcullis_store::restore(&args.file, &args.data_dir)
        .map_err(|error| Failure::because("cannot restore", error))?;
    eprintln!("Restored {} into {}.", args.file.display(), args.data_dir.display());
    Ok(())
}
