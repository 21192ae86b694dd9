//! `portcullis backup`: a consistent copy of all data, and the key that it is read with.

use crate::{config::cli::CopyArgs, failure::Failure};

pub(super) fn run(args: &CopyArgs) -> Result<(), Failure> {
    portcullis_store::backup(&args.data_dir, &args.file)
        .map_err(|error| Failure::because("cannot back up", error))?;
    let file = args.file.display();
    eprintln!(
        "Wrote {file} and {file}.key. Without the key the data can not be read: keep it apart from the copy."
    );
    Ok(())
}
