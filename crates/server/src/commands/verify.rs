//! `portcullis verify` and `portcullis audit verify`: whether what is stored is what was written.

use std::path::Path;

use portcullis_store::AuditVerdict;

use crate::failure::Failure;

/// The pages of the database, the key, and the audit log.
pub(super) fn data(data_dir: &Path) -> Result<(), Failure> {
    portcullis_store::check(data_dir).map_err(|error| Failure::because("the data can not be used", error))?;
    eprintln!("The data in {} is whole, and its key is the right one.", data_dir.display());
    audit(data_dir)
}

/// The audit log alone.
pub(super) fn audit(data_dir: &Path) -> Result<(), Failure> {
    match portcullis_store::verify_audit_beside(data_dir) {
        Ok(AuditVerdict::Whole(lines)) => {
            eprintln!("The audit log is whole: {lines} lines.");
            Ok(())
        }
        Ok(AuditVerdict::Broken(line)) => {
            let found = format!("line {line}, or one just before it, was altered or taken out");
            Err(Failure::because("the audit log is broken", found))
        }
        Err(error) => Err(Failure::because("cannot read the audit log", error)),
    }
}
