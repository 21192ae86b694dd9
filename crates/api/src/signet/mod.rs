//! The signet dialect: a registry of people, a blacklist, flagged devices and addresses, reports, and a risk score of an
//! account from 0 to 100.
//!
//! Contract: seed 003 (R3.*, G3.*, D5, D6, D23 to D26). Its quirks: every answer is `{success, data}` or
//! `{success, message, errors}`; all that succeeds is 200, but enrolling; `PATCH` of the blacklist only looks; calls that
//! name a person are for enrolled people only. Blacklist and flags are views of the lists that all dialects share, and
//! reports are signals of fraud. `docs/dialects/signet.md` is the page for its users.

mod answer;
mod auth;
mod blacklist;
mod devices;
mod did;
mod enroll;
mod error;
mod flag;
mod fraud_reports;
mod geo;
mod ips;
mod place_names;
mod profile;
mod request;
mod risk;
mod seed;
mod standing;
mod user_reports;

pub use self::seed::Enrollments;
pub(crate) use self::{
    blacklist::{
        __path_blacklist_user, __path_check_blacklist, __path_list_blacklist, __path_unblacklist_user,
        blacklist_user, check_blacklist, list_blacklist, unblacklist_user,
    },
    devices::{
        __path_check_device, __path_flag_device, __path_unflag_device, check_device, flag_device,
        unflag_device,
    },
    enroll::{__path_enroll_user, enroll_user},
    error::{ErrorBody, SignetError},
    fraud_reports::{__path_report_fraud, report_fraud},
    geo::{__path_verify_place, verify_place},
    ips::{__path_check_ip, __path_flag_ip, __path_unflag_ip, check_ip, flag_ip, unflag_ip},
    risk::{__path_check_risk_score, check_risk_score},
    standing::USER_FLAG_THRESHOLD,
    user_reports::{
        __path_check_user, __path_list_reports_of_user, __path_remove_report, __path_report_user,
        __path_unflag_user, check_user, list_reports_of_user, remove_report, report_user, unflag_user,
    },
};

use crate::failure;

/// What the paths of this dialect begin with; all that is below them is its own.
const PATHS: [&str; 2] = ["/fraud/v1", "/vc/v1"];

/// Whether errors of this path are told in this dialect's envelope.
pub(crate) fn owns(path: &str) -> bool {
    PATHS.iter().any(|ours| failure::is_below(ours, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owns_whole_segments_only() {
        for path in ["/fraud/v1", "/fraud/v1/", "/fraud/v1/blacklist/1", "/vc/v1/enroll"] {
            assert!(owns(path), "{path}");
        }
        for path in ["/fraud/v10", "/fraud", "/v1/fraud", "/vc/v2/enroll", "/", "/api/fraud/v1"] {
            assert!(!owns(path), "{path}");
        }
    }
}
