//! The keyri dialect: what a web page or an app says of its device, in an envelope that only the server can open.
//!
//! Contract: seed 002 (R2.*, G2.*, D18 to D22). Its quirks: the credential is key material in the body; the answer is
//! encrypted unless the caller sends the key that would open it; rules decide and not points, and the score is a
//! probability turned upside down; ages are in hours outside of `instance` and in days inside; names of fields are in
//! three cases. `docs/dialects/keyri.md` is the page for its users.

mod access;
mod assess;
mod calendar;
mod claims;
mod diary;
pub(crate) mod envelope;
mod error;
mod identity;
mod instance;
mod models;
mod normalize;
mod platform;
mod portrait;
pub(crate) mod profile;
mod request;
mod response;
pub(crate) mod risk;
mod shown;

pub(crate) use self::{
    assess::{__path_assess_client, assess_client},
    error::KeyriError,
    platform::{__path_show_public_key, Platform, show_public_key},
};

use crate::failure;

/// What the paths of this dialect begin with; all that is below is its own.
const PATH: &str = "/v1/client";

/// Whether errors of this path are told in this dialect's envelope.
pub(crate) fn owns(path: &str) -> bool {
    failure::is_below(PATH, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owns_whole_segments_only() {
        for path in ["/v1/client", "/v1/client/", "/v1/client/public-key"] {
            assert!(owns(path), "{path}");
        }
        for path in ["/v1/clients", "/api/v1/client/keyri-services", "/v1", "/"] {
            assert!(!owns(path), "{path}");
        }
    }
}
