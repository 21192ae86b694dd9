//! The keyri dialect: what a web page or an app says of its device, in an envelope that only the server can open.
//!
//! Contract: seed 002 (R2.*, G2.*, D18 to D22).

pub(crate) mod envelope;
