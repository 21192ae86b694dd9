//! A signal as it is reported.

use std::net::IpAddr;

use domain::{Entity, EntityKind, Realm};
use portcullis_domain as domain;
use portcullis_store::{NewSignal, Severity, SignalContent, SignalKeys};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{
    super::{FraudshieldError, error::ParamError, normalize::checked_id},
    kind::usual_severity,
};
use crate::{
    AppState,
    manage::{checked_text, keep_error},
};

const LONGEST_TYPE: usize = 64;
const MOST_DETAILS_BYTES: usize = 16 * 1_024;
/// What a severity must be, as the end of a sentence that begins with the parameter.
const SEVERITIES: &str = "must be low, medium, high or critical";

/// What looks like fraud. Only `type` is required; without a user, device or verification there is nothing to learn
/// from when it is decided. Other fields are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = FraudshieldNewSignal)]
pub(crate) struct Report {
    /// What kind of fraud, 1 to 64 letters, digits, `_`, `-`, `.` and `:`.
    #[schema(example = "chargeback")]
    r#type: String,
    /// How bad it is: low, medium, high or critical; what is usual for the type when left out.
    #[schema(example = "high")]
    severity: Option<String>,
    /// The account, 1 to 256 characters.
    #[schema(example = "usr_123")]
    user_id: Option<String>,
    /// The device: its id, or the client's fingerprint of it.
    device_id: Option<String>,
    /// The verification or assessment.
    verification_id: Option<String>,
    /// An address.
    #[schema(example = "81.2.69.160")]
    ip_address: Option<String>,
    /// What happened, in at most 1,000 characters.
    description: Option<String>,
    /// Anything else, an object of at most 16 KiB.
    #[schema(value_type = Option<Object>)]
    details: Option<Map<String, Value>>,
}

impl Report {
    /// The signal that it asks for; all complaints are told at once.
    pub(super) fn check(self, state: &AppState, realm: Realm) -> Result<NewSignal, FraudshieldError> {
        let mut errors = Vec::new();
        let kind = keep_error(checked_type(&self.r#type), &mut errors);
        let severity = self.severity.as_deref().map(|text| checked_severity("severity", text)).transpose();
        let severity = keep_error(severity, &mut errors).flatten();
        let mut id = |param, text: Option<&str>| {
            let id = text.filter(|text| !text.is_empty()).map(|text| checked_id(param, text)).transpose();
            keep_error(id, &mut errors).flatten()
        };
        let user = id("user_id", self.user_id.as_deref());
        let device = id("device_id", self.device_id.as_deref());
        let verification = id("verification_id", self.verification_id.as_deref());
        let ip = keep_error(checked_ip(self.ip_address.as_deref()), &mut errors).flatten();
        let description = checked_text(self.description.as_deref());
        let description = description.map_err(|why| ParamError::invalid("description", why));
        let description = keep_error(description, &mut errors).flatten();
        let details = keep_error(checked_details(self.details), &mut errors).flatten();
        let (Some(kind), []) = (kind, errors.as_slice()) else {
            return Err(FraudshieldError::Invalid(errors));
        };
        Ok(NewSignal {
            severity: severity.unwrap_or_else(|| usual_severity(&kind)),
            kind,
            keys: keys(state, realm, user.as_deref(), device.as_deref()),
            about: SignalContent { user, device, verification, ip, description, details },
        })
    }
}

/// A device may be named by its id as well as by what the client itself calls it.
fn keys(state: &AppState, realm: Realm, user: Option<&str>, device: Option<&str>) -> SignalKeys {
    let key = |kind, value| state.assessor.entity_key(realm, &Entity::new(kind, value));
    SignalKeys {
        user: user.map(|user| key(EntityKind::User, user)),
        device: device.map(|device| key(EntityKind::Device, device)),
        fingerprint: device.map(|device| state.assessor.device_key_of_fingerprint(realm, device)),
    }
}

/// A type of signal, known or not.
pub(super) fn checked_type(text: &str) -> Result<String, ParamError> {
    let is_fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ':');
    let text = text.trim();
    if text.is_empty() || text.len() > LONGEST_TYPE || !text.chars().all(is_fine) {
        let message = format!("must have 1 to {LONGEST_TYPE} letters, digits, and _ - . : only");
        return Err(ParamError::invalid("type", message));
    }
    Ok(text.to_owned())
}

/// A severity by its name.
pub(super) fn checked_severity(param: &str, text: &str) -> Result<Severity, ParamError> {
    let severity = Severity::ALL.iter().copied().find(|severity| severity.as_str() == text);
    severity.ok_or_else(|| ParamError::invalid(param, SEVERITIES))
}

fn checked_ip(text: Option<&str>) -> Result<Option<String>, ParamError> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
    let ip: IpAddr = text.parse().map_err(|_| ParamError::invalid("ip_address", "must be an address"))?;
    Ok(Some(domain::ip::canonical(ip).to_string()))
}

fn checked_details(details: Option<Map<String, Value>>) -> Result<Option<Map<String, Value>>, ParamError> {
    let Some(details) = details.filter(|details| !details.is_empty()) else { return Ok(None) };
    let bytes = serde_json::to_vec(&details).map_or(usize::MAX, |json| json.len());
    if bytes > MOST_DETAILS_BYTES {
        let message = format!("must have at most {MOST_DETAILS_BYTES} bytes as JSON");
        return Err(ParamError::invalid("details", message));
    }
    Ok(Some(details))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_words() {
        for text in ["chargeback", "a", "card.testing:v2", &"x".repeat(64)] {
            assert_eq!(checked_type(text).unwrap(), text);
        }
        for text in ["", " ", "two words", "na\u{ef}ve", "a\nb", &"x".repeat(65)] {
            assert!(checked_type(text).is_err(), "{text:?}");
        }
    }
}
