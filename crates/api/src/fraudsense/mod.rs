//! The fraudsense dialect: LOW / MEDIUM / HIGH / CRITICAL for what a phone's SDK saw, and accounts that people make
//! for themselves.
//!
//! Contract: seed 004 (R4.*, G4.*). Its quirks: an answer that is no error is 200, also of what makes something; what
//! fails is 400 where others say 409; an account's id is its slug; `/v1/auth/login` and `/v1/auth/me` are the
//! management API's own, which answers with the members of both.

mod account;
mod auth;
mod catalog;
mod checks;
mod client_events;
mod dashboard;
mod device_history;
mod devices;
mod error;
mod flags;
mod history;
mod ip_intelligence;
mod keys;
mod labels;
mod level;
mod normalize;
pub(crate) mod profile;
mod register;
mod request;
mod response;
mod score;

pub(crate) use self::{
    account::{Account, AccountProfile},
    client_events::{__path_report_events, report_events},
    dashboard::{__path_stats, stats},
    devices::{__path_devices, devices},
    error::{AlsoHere, FraudsenseError},
    history::{__path_history, history},
    keys::{__path_create_key, __path_list_keys, __path_revoke_key, create_key, list_keys, revoke_key},
    register::{__path_register, register},
    score::{__path_score, score},
};

use crate::failure;

/// What the paths of this dialect begin with; all that is below them is its own.
const PATHS: [&str; 5] = ["/v1/risk", "/v1/events", "/v1/keys", "/v1/dashboard", "/v1/auth/register"];

/// Whether errors of this path are told in this dialect's envelope.
pub(crate) fn owns(path: &str) -> bool {
    PATHS.iter().any(|ours| failure::is_below(ours, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owns_whole_segments_only() {
        for path in ["/v1/keys", "/v1/keys/", "/v1/keys/1/2", "/v1/risk/score", "/v1/auth/register"] {
            assert!(owns(path), "{path}");
        }
        for path in ["/v1/keysmith", "/v1/auth/login", "/v1/auth/me", "/v1", "/", "/api/v1/events"] {
            assert!(!owns(path), "{path}");
        }
    }
}
