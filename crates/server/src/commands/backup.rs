//! `portcullis backup`: a consistent copy of all data.

use crate::{config::cli::CopyArgs, failure::Failure};

pub(super) fn run(args: &CopyArgs) -> Result<(), Failure> {
    if args.file.exists() {
        return Err(Failure::Failed(format!("{} exists already", args.file.display())));
    }
    // WIRING: the store's online backup of `args.data_dir` into `args.file` goes here.
    Err(Failure::Failed("this build has no store".into()))
}
