//! Stub.
/// Stub.
#[derive(Debug)]
pub struct Control;
pub(crate) fn load(_: &rusqlite::Connection) -> Result<Control, crate::Error> {
    Ok(Control)
}
