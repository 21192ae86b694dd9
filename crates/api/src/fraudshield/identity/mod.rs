//! Identity verifications: what fraudshield says of them; reading documents and comparing faces is not done here.

mod request;
mod verify;
mod view;

pub(crate) use self::verify::{__path_verify_identity, verify_identity};
