//! What of several requests is checked alike: who, from where, with which documents.

use compact_str::CompactString;
use domain::{Email, Timestamp};
use portcullis_domain as domain;
use portcullis_store::{ListKind, ListValue};

use super::error::ParamError;
use crate::velocity_rules::checked_line;

const LONGEST_ID: usize = 256;

/// The id of a user or device, without the spaces around it.
pub(super) fn checked_id(param: &'static str, text: &str) -> Result<String, ParamError> {
    Ok(checked_line(param, text, LONGEST_ID)?)
}

/// Checks parameters one by one and keeps every complaint.
#[derive(Debug, Default)]
pub(super) struct Checker {
    pub(super) errors: Vec<ParamError>,
}

impl Checker {
    /// The value, or nothing when it is wrong, which is noted.
    pub(super) fn keep<T>(&mut self, checked: Result<T, impl Into<ParamError>>) -> Option<T> {
        checked.map_err(|error| self.errors.push(error.into())).ok()
    }

    /// An id of 1 to 256 characters.
    pub(super) fn id(&mut self, param: &'static str, text: Option<&str>) -> Option<CompactString> {
        let id = text.map(|text| checked_id(param, text).map(CompactString::from));
        id.and_then(|id| self.keep(id))
    }

    /// An address of a visitor.
    pub(super) fn ip(&mut self, param: &str, text: Option<&str>) -> Option<std::net::IpAddr> {
        let ip = text.map(|text| {
            let wrong = || ParamError::invalid(param, "must be an IPv4 or IPv6 address");
            domain::ip::parse_client_ip(text).ok_or_else(wrong)
        });
        ip.and_then(|ip| self.keep(ip))
    }

    /// An e-mail address.
    pub(super) fn email(&mut self, param: &str, text: Option<&str>) -> Option<Email> {
        let wrong = |_| ParamError::invalid(param, "must be an e-mail address");
        let email = text.map(|text| Email::parse(text).map_err(wrong));
        email.and_then(|email| self.keep(email))
    }

    /// A phone number or a document's number, in the form in which equals are equal.
    pub(super) fn number(
        &mut self,
        param: &str,
        kind: ListKind,
        text: Option<&str>,
    ) -> Option<CompactString> {
        let wrong = |error: portcullis_store::ListValueError| ParamError::invalid(param, error.to_string());
        let number = text.map(|text| ListValue::parse(kind, text).map_err(wrong));
        number.and_then(|number| self.keep(number)).map(|value| value.to_string().into())
    }

    /// A time in the past.
    pub(super) fn past(&mut self, param: &str, text: Option<&str>, now: Timestamp) -> Option<Timestamp> {
        let past = text.map(|text| {
            let at = text.parse().ok().filter(|at| *at <= now);
            at.ok_or_else(|| {
                ParamError::invalid(param, "must be a time in the past such as 2026-01-31T09:30:00Z")
            })
        });
        past.and_then(|past| self.keep(past))
    }
}
