//! An entry of the blocklist as the dialect shows and takes it.

use std::borrow::Cow;

use domain::Timestamp;
use portcullis_domain as domain;
use portcullis_store::{BlockId, List, ListEntry, ListKind, ListValue, NewListEntry};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use serde_json::Value;
use utoipa::ToSchema;

use super::{FraudshieldError, error::ParamError};
use crate::{
    caller::ApiCaller,
    duration,
    manage::{checked_note, keep_error},
};

/// Who or what is blocked.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldBlock)]
pub(crate) struct BlockView {
    /// Always `blocklist_entry`.
    #[schema(example = "blocklist_entry")]
    object: &'static str,
    /// Its id.
    #[schema(example = "blk_0vqkz1q3c7ab")]
    pub(super) id: String,
    /// What is blocked: device, ip, email, phone, document or user.
    #[schema(value_type = String, example = "ip")]
    r#type: ListKind,
    /// It, in the form that requests are compared with.
    #[schema(example = "192.0.2.0/24")]
    value: String,
    /// Why.
    #[schema(example = "confirmed_fraud")]
    reason: Option<String>,
    /// Whether it blocks: it has not expired.
    active: bool,
    /// What whoever is blocked says against it.
    appeal_note: Option<String>,
    /// The id of the API key or user that made it.
    created_by: String,
    /// When it was made.
    created_at: String,
    /// From when on it does not block any more; null when it stays.
    expires_at: Option<String>,
}

impl BlockView {
    pub(super) fn new(entry: &ListEntry, now: Timestamp) -> Self {
        Self {
            object: "blocklist_entry",
            id: BlockId::of(entry.id).to_string(),
            r#type: entry.value.kind(),
            value: entry.value.to_string(),
            reason: entry.reason.clone(),
            active: entry.holds(now),
            appeal_note: entry.appeal.clone(),
            created_by: entry.author.clone(),
            created_at: entry.created_at.to_string(),
            expires_at: entry.expires_at.map(|at| at.to_string()),
        }
    }
}

/// What can be blocked, as it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BlockType(pub(super) ListKind);

impl BlockType {
    /// What a type must be, as the end of a sentence that begins with the parameter.
    const EXPECTED: &str = "must be device, ip, email, phone, document or user";

    /// The type of this name.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let kind = ListKind::ALL.iter().copied().find(|kind| kind.as_str() == text);
        kind.map(Self).ok_or(Self::EXPECTED)
    }
}

impl<'de> Deserialize<'de> for BlockType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // An enum that is no text would be told as a body that is not JSON.
        let text = Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(D::Error::custom)
    }
}

/// Whom or what to block. Other fields are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = FraudshieldNewBlock)]
pub(crate) struct NewBlock {
    /// What to block: device, ip, email, phone, document or user.
    #[schema(value_type = String, example = "ip")]
    r#type: BlockType,
    /// It: an id of 1 to 256 characters, an address or network, an e-mail address, a phone number with its country's
    /// code, or a document's number.
    #[schema(example = "192.0.2.0/24")]
    value: String,
    /// Why, in at most 500 characters. It is in the audit log, so it should name nobody.
    #[schema(example = "confirmed_fraud")]
    reason: Option<String>,
    /// For how long: seconds, or a text such as 30s, 15m, 1h or 30d; for ever when null or left out.
    #[schema(value_type = Option<String>, example = "30d")]
    expires_in: Option<Value>,
    /// Until when instead, RFC 3339.
    #[schema(example = "2027-01-31T09:30:00Z")]
    expires_at: Option<String>,
}

impl NewBlock {
    /// The entry that it asks for; all complaints are told at once.
    pub(super) fn check(self, caller: &ApiCaller, now: Timestamp) -> Result<NewListEntry, FraudshieldError> {
        let mut errors = Vec::new();
        let value = keep_error(checked_value("value", self.r#type.0, &self.value), &mut errors);
        let reason = checked_note(self.reason.as_deref()).map_err(|why| ParamError::invalid("reason", why));
        let reason = keep_error(reason, &mut errors).flatten();
        let expires_at = checked_expiry(self.expires_in.as_ref(), self.expires_at.as_deref(), now);
        let expires_at = keep_error(expires_at, &mut errors).flatten();
        match (value, errors.is_empty()) {
            (Some(value), true) => {
                Ok(NewListEntry { mode: caller.mode, list: List::Block, value, reason, expires_at })
            }
            _ => Err(FraudshieldError::Invalid(errors)),
        }
    }
}

/// Something that can be blocked, in the form that requests are compared with.
pub(super) fn checked_value(param: &str, kind: ListKind, text: &str) -> Result<ListValue, ParamError> {
    ListValue::parse(kind, text).map_err(|error| ParamError::invalid(param, error.to_string()))
}

pub(super) fn checked_expiry(
    within: Option<&Value>,
    at: Option<&str>,
    now: Timestamp,
) -> Result<Option<Timestamp>, ParamError> {
    match (within, at) {
        (None, None) => Ok(None),
        (Some(within), None) => {
            let millis = within.as_i64().and_then(duration::of_seconds);
            let millis = millis.or_else(|| within.as_str().and_then(duration::parse));
            let wrong =
                || ParamError::invalid("expires_in", format!("{}, or whole seconds", duration::EXPECTED));
            millis.map(|millis| Some(now.plus_millis(millis))).ok_or_else(wrong)
        }
        (None, Some(at)) => {
            let at = at.parse().ok().filter(|at| *at > now);
            let wrong = || {
                ParamError::invalid("expires_at", "must be a time in the future such as 2027-01-31T09:30:00Z")
            };
            at.map(Some).ok_or_else(wrong)
        }
        (Some(_), Some(_)) => {
            Err(ParamError::invalid("expires_at", "may not be given together with expires_in"))
        }
    }
}
