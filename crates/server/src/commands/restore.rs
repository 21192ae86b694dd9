//! `portcullis restore`: the data of a backup into a data directory that has none.

use crate::{config::cli::CopyArgs, failure::Failure};

pub(super) fn run(args: &CopyArgs) -> Result<(), Failure> {
    if !args.file.is_file() {
        return Err(Failure::Failed(format!("{} is not a file", args.file.display())));
    }
    // WIRING: the store's restore of `args.file` into `args.data_dir` goes here; it must refuse a directory with data.
    Err(Failure::Failed("this build has no store".into()))
}
