//! What handlers of this dialect take, and how fields are checked: all complaints are told at once.

use std::net::IpAddr;

use axum::extract::{FromRequest, FromRequestParts, Request};
use http::request::Parts;
use portcullis_domain as domain;
use portcullis_store::Idempotency;
use serde::de::DeserializeOwned;

use super::{SignetError, error::FieldError};
use crate::{
    AppState, body, failure,
    idempotency::{self, WrongKey},
};

/// The longest reason.
pub(super) const LONGEST_REASON: usize = 500;
/// The longest description.
pub(super) const LONGEST_DESCRIPTION: usize = 2_000;

/// The body of a POST. Fields that its type does not have are ignored.
pub(crate) struct Post<T> {
    /// What was sent.
    pub(crate) body: T,
    /// The promise that a repetition is the same request, if there was one. It holds for the API key and the path.
    pub(crate) idempotency: Option<Idempotency>,
}

impl<T: DeserializeOwned> FromRequest<AppState> for Post<T> {
    type Rejection = SignetError;

    async fn from_request(request: Request, _: &AppState) -> Result<Self, SignetError> {
        let (parts, body) = request.into_parts();
        let bytes = body::read(&parts.headers, body, body::LIMIT_BYTES).await?;
        let idempotency = idempotency::read("signet", &parts.headers, parts.uri.path(), &bytes);
        let idempotency = idempotency.map_err(|WrongKey| {
            SignetError::field(FieldError::invalid("Idempotency-Key", idempotency::EXPECTED))
        })?;
        Ok(Self { body: body::parse(&bytes)?, idempotency })
    }
}

/// A query. Parameters that its type does not have are ignored.
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequestParts<AppState> for Query<T> {
    type Rejection = SignetError;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, SignetError> {
        Ok(Self(failure::query(parts)?))
    }
}

/// Gathers what is wrong with a request.
#[derive(Default)]
pub(super) struct Checker {
    errors: Vec<FieldError>,
}

impl Checker {
    /// The value of a result; a complaint is kept.
    pub(super) fn keep<T>(&mut self, result: Result<T, FieldError>) -> Option<T> {
        result.map_err(|error| self.errors.push(error)).ok()
    }

    /// A text that must be there and not be blank.
    pub(super) fn required<'a>(&mut self, field: &str, text: Option<&'a str>) -> Option<&'a str> {
        self.keep(required(field, text))
    }

    /// A text of at most so many characters, in which lines may be broken.
    pub(super) fn text(&mut self, field: &str, text: Option<&str>, longest: usize) -> Option<String> {
        let text = self.required(field, text)?;
        let is_odd = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
        if text.chars().count() > longest || text.chars().any(is_odd) {
            let message =
                format!("must have at most {longest} characters, and no control characters but line breaks");
            self.errors.push(FieldError::invalid(field, message));
            return None;
        }
        Some(text.to_owned())
    }

    /// The id of a user.
    pub(super) fn user_id(&mut self, text: Option<&str>) -> Option<String> {
        let text = self.required("userId", text)?;
        self.keep(user_id("userId", text))
    }

    /// An address.
    pub(super) fn ip(&mut self, field: &str, text: Option<&str>) -> Option<IpAddr> {
        let text = self.required(field, text)?;
        self.keep(ip(field, text))
    }

    /// Fails when there is a complaint.
    pub(super) fn done(self) -> Result<(), SignetError> {
        if self.errors.is_empty() { Ok(()) } else { Err(SignetError::Invalid(self.errors)) }
    }
}

/// A text that must be there and not be blank.
pub(super) fn required<'a>(field: &str, text: Option<&'a str>) -> Result<&'a str, FieldError> {
    text.map(str::trim).filter(|text| !text.is_empty()).ok_or_else(|| FieldError::missing(field))
}

/// An address, IPv4 also when it is written as IPv6.
pub(super) fn ip(field: &str, text: &str) -> Result<IpAddr, FieldError> {
    let ip: Result<IpAddr, _> = text.trim().parse();
    ip.map(domain::ip::canonical).map_err(|_| FieldError::invalid(field, "must be an IPv4 or IPv6 address"))
}

/// The id of a user, in any case.
pub(super) fn user_id(field: &str, text: &str) -> Result<String, FieldError> {
    const LENGTHS: [usize; 5] = [8, 4, 4, 4, 12];
    let is_part = |(part, length): (&str, usize)| {
        part.len() == length && part.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    let text = text.trim();
    let is_uuid = text.split('-').count() == LENGTHS.len() && text.split('-').zip(LENGTHS).all(is_part);
    is_uuid.then(|| text.to_owned()).ok_or_else(|| FieldError::invalid(field, "must be a UUID"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_ids_are_uuids_in_any_case() {
        for text in ["550e8400-e29b-41d4-a716-446655440000", " 550E8400-E29B-41D4-A716-446655440000 "] {
            assert_eq!(user_id("userId", text).unwrap(), text.trim());
        }
        for text in [
            "",
            "550e8400e29b41d4a716446655440000",
            "{550e8400-e29b-41d4-a716-446655440000}",
            "550e8400-e29b-41d4-a716-44665544000g",
            "550e8400-e29b-41d4-a716-446655440000-",
            "550e8400-e29b-41d4-a716",
        ] {
            assert_eq!(
                user_id("userId", text),
                Err(FieldError::invalid("userId", "must be a UUID")),
                "{text}"
            );
        }
    }

    #[test]
    fn all_complaints_are_told_at_once() {
        let mut checker = Checker::default();
        assert_eq!(checker.user_id(Some("x")), None);
        assert_eq!(checker.text("reason", Some(" \n"), 5), None);
        assert_eq!(checker.text("reason", Some("ünïcö"), 5).as_deref(), Some("ünïcö"));
        assert_eq!(checker.text("note", Some("123456"), 5), None);
        assert_eq!(checker.ip("ip", Some("1.2.3")), None);
        let Err(SignetError::Invalid(errors)) = checker.done() else { panic!("there are complaints") };
        assert_eq!(errors.len(), 4);
        assert_eq!(errors[1], FieldError::missing("reason"));
    }

    #[test]
    fn addresses_are_brought_into_one_form() {
        assert_eq!(ip("ip", "::ffff:192.168.1.100").unwrap().to_string(), "192.168.1.100");
        assert_eq!(ip("ip", " 2001:DB8::1 ").unwrap().to_string(), "2001:db8::1");
        assert!(ip("ip", "192.0.2.0/24").is_err());
    }
}
