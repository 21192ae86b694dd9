//! What is inside the envelope: the client's own words.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::{
    KeyriError,
    envelope::{ClaimedTime, Freshness, Opened, PublicKey, SignedTimestamp, TimestampText},
};
use crate::failure::Failure;
use portcullis_domain::Timestamp;

/// The members that are looked at; all may be missing, or null.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Claims {
    pub(super) device_hash: Option<String>,
    #[serde(deserialize_with = "null_is_nothing")]
    pub(super) device_params: Map<String, Value>,
    #[serde(deserialize_with = "null_is_nothing")]
    pub(super) device_info: DeviceInfo,
    pub(super) crypto_cookie: Option<String>,
    timestamp: Option<TimestampText>,
    timestamp_signature: Option<String>,
    client_signing_key: Option<String>,
    pub(super) service_encryption_key: Option<String>,
    pub(super) api_key: Option<String>,
    pub(super) event_type: Option<String>,
    pub(super) event_metadata: Option<Map<String, Value>>,
    pub(super) event_result: Option<String>,
    pub(super) success: Option<bool>,
    pub(super) user_id: Option<String>,
    #[serde(deserialize_with = "null_is_nothing")]
    pub(super) signals: Vec<String>,
}

fn null_is_nothing<'de, T: Deserialize<'de> + Default, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// What an app found out about the phone.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct DeviceInfo {
    pub(super) rooted: Option<bool>,
    pub(super) swizzle: Option<bool>,
    pub(super) is_debuggable: Option<bool>,
    pub(super) malicious_packages: Option<bool>,
    pub(super) dangerous_apps: Option<bool>,
    pub(super) tamper_detection: Option<bool>,
    pub(super) emulator: Option<bool>,
}

/// What the client signed.
#[derive(Debug, Default)]
pub(super) struct Signed {
    /// The key that it signed with.
    pub(super) key: Option<PublicKey>,
    /// Whether its time is more than five minutes from ours.
    pub(super) is_stale: bool,
}

impl Claims {
    /// Reads the members; what is no JSON object, or has members of other types, is as good as not opened.
    pub(super) fn parse(opened: &Opened) -> Result<Self, KeyriError> {
        crate::body::parse(opened.text.as_bytes()).map_err(|_| KeyriError::Payload)
    }

    /// Checks the signature and the time; a forged one is refused.
    pub(super) fn verify(&self, now: Timestamp) -> Result<Signed, KeyriError> {
        let text = |text: &Option<String>| text.as_deref().map(ToOwned::to_owned).filter(|t| !t.is_empty());
        let (signature, key, cookie) =
            (text(&self.timestamp_signature), text(&self.client_signing_key), text(&self.crypto_cookie));
        let signed = SignedTimestamp {
            timestamp: self.timestamp.as_ref().map(|timestamp| timestamp.0.as_str()),
            signature: signature.as_deref(),
            signing_key: key.as_deref(),
            crypto_cookie: cookie.as_deref(),
        };
        let key = signed.verify()?;
        let claimed =
            self.timestamp.as_ref().map(|timestamp| ClaimedTime::parse(&timestamp.0)).transpose()?;
        let is_stale = claimed.is_some_and(|claimed| claimed.freshness(now) == Freshness::Stale);
        Ok(Signed { key, is_stale })
    }

    /// A value of `deviceParams` as text.
    pub(super) fn param(&self, name: &str) -> Option<String> {
        let text = match self.device_params.get(name)? {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            Value::Bool(flag) => flag.to_string(),
            Value::Null => return None,
            value @ (Value::Array(_) | Value::Object(_)) => value.to_string(),
        };
        (!text.is_empty()).then_some(text)
    }

    /// What tells the device from all others: the key that stays on it, else its hash, else all it tells.
    pub(super) fn strongest_identifier(&self) -> Result<Vec<u8>, KeyriError> {
        let told = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        if let Some(cookie) = told(&self.crypto_cookie) {
            return Ok([b"cookie\0", cookie.as_bytes()].concat());
        }
        if let Some(hash) = told(&self.device_hash) {
            return Ok([b"hash\0", hash.as_bytes()].concat());
        }
        if self.device_params.is_empty() {
            return Err(KeyriError::Payload);
        }
        let params = serde_json::to_vec(&self.device_params).map_err(|_| Failure::Internal)?;
        Ok([b"params\0", params.as_slice()].concat())
    }
}
