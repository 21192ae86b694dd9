//! `POST /v1/fraud/blocklist/check`: whether something is blocked, or each of several things.

use axum::{Json as Answer, extract::State};
use portcullis_store::{BlockId, List, ListEntry, ListKind, ListValue};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    FraudshieldError,
    auth::FraudReader,
    block::{BlockType, checked_value},
    error::{ErrorBody, ParamError},
    request::Post,
};
use crate::{AppState, body::Object};

const MOST_CHECKS: usize = 100;

/// What to look for: `type` and `value`, or `checks`. Other fields are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = FraudshieldBlockCheck)]
pub(crate) struct CheckRequest {
    /// What is looked for: device, ip, email, phone, document or user.
    #[schema(value_type = Option<String>, example = "ip")]
    r#type: Option<BlockType>,
    /// It. An address is blocked in a blocked network, and a network when all of it is.
    #[schema(example = "192.0.2.7")]
    value: Option<String>,
    /// Several things instead, 1 to 100.
    #[schema(value_type = Option<Vec<Check>>)]
    checks: Option<Vec<Object<Check>>>,
}

/// One of several things to look for.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = FraudshieldCheck)]
pub(crate) struct Check {
    /// What is looked for: device, ip, email, phone, document or user.
    #[schema(value_type = String, example = "email")]
    r#type: BlockType,
    /// It.
    #[schema(example = "jane@example.com")]
    value: String,
}

impl CheckRequest {
    /// What to look for, and the parameter that has its value.
    fn checks(self) -> Result<Vec<(String, Check)>, Vec<ParamError>> {
        let Some(checks) = self.checks else {
            let kind = self.r#type.ok_or_else(|| ParamError::missing("type"));
            let value = self.value.ok_or_else(|| ParamError::missing("value"));
            return match (kind, value) {
                (Ok(r#type), Ok(value)) => Ok(vec![("value".to_owned(), Check { r#type, value })]),
                (kind, value) => Err(kind.err().into_iter().chain(value.err()).collect()),
            };
        };
        if self.r#type.is_some() || self.value.is_some() {
            return Err(vec![ParamError::invalid("checks", "may not be given together with type and value")]);
        }
        if !(1..=MOST_CHECKS).contains(&checks.len()) {
            return Err(vec![ParamError::invalid("checks", format!("must be 1 to {MOST_CHECKS} objects"))]);
        }
        let name = |(index, Object(check))| (format!("checks[{index}].value"), check);
        Ok(checks.into_iter().enumerate().map(name).collect())
    }
}

/// What was found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldBlockChecked)]
pub(crate) struct CheckView {
    /// Whether it is blocked; of several things, whether any is.
    blocked: bool,
    /// Why; of several things, why the first is that is blocked.
    #[schema(example = "confirmed_fraud")]
    reason: Option<String>,
    /// Each of them, in the order that they were asked for.
    results: Vec<CheckResult>,
}

/// Whether one thing is blocked.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldCheckResult)]
pub(crate) struct CheckResult {
    /// What was looked for.
    #[schema(value_type = String, example = "ip")]
    r#type: ListKind,
    /// It, as it was sent.
    #[schema(example = "192.0.2.7")]
    value: String,
    /// Whether it is blocked.
    blocked: bool,
    /// Why, as the entry says.
    #[schema(example = "confirmed_fraud")]
    reason: Option<String>,
    /// The entry's id.
    #[schema(example = "blk_0vqkz1q3c7ab")]
    id: Option<String>,
    /// From when on the entry does not block any more; null when it stays.
    expires_at: Option<String>,
}

impl CheckResult {
    fn new(check: Check, entry: Option<ListEntry>) -> Self {
        let Check { r#type, value } = check;
        Self {
            r#type: r#type.0,
            value,
            blocked: entry.is_some(),
            id: entry.as_ref().map(|entry| BlockId::of(entry.id).to_string()),
            expires_at: entry.as_ref().and_then(|entry| entry.expires_at).map(|at| at.to_string()),
            reason: entry.and_then(|entry| entry.reason),
        }
    }
}

/// Check what is blocked
///
/// In the data set of the key; changes nothing. Expired entries do not block. Needs the scope `fraud:read`.
#[utoipa::path(post, path = "/v1/fraud/blocklist/check", tag = "fraudshield", security(("fraudshield_key" = [])),
    request_body = CheckRequest, responses(
        (status = 200, description = "Whether it is blocked", body = CheckView),
        (status = 400, description = "Not well-formed JSON, or parameters are missing or wrong", body = ErrorBody),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The key may not do this, or the account is suspended", body = ErrorBody),
        (status = 413, description = "More than 256 KiB", body = ErrorBody),
        (status = 415, description = "Not JSON", body = ErrorBody),
        (status = 429, description = "Too many calls with this key", body = ErrorBody),
))]
pub(crate) async fn check_blocks(
    State(state): State<AppState>,
    FraudReader(caller): FraudReader,
    request: Post<CheckRequest>,
) -> Result<Answer<CheckView>, FraudshieldError> {
    let checks = request.body.checks().map_err(FraudshieldError::Invalid)?;
    let values = checked_values(&checks).map_err(FraudshieldError::Invalid)?;
    let configuration = state.store.configuration(caller.tenant);
    let found = configuration.find_listed(caller.mode, List::Block, values).await?;
    let results: Vec<_> =
        checks.into_iter().zip(found).map(|((_, check), entry)| CheckResult::new(check, entry)).collect();
    let first = results.iter().find(|result| result.blocked);
    let (blocked, reason) = (first.is_some(), first.and_then(|result| result.reason.clone()));
    Ok(Answer(CheckView { blocked, reason, results }))
}

/// All complaints are told at once.
fn checked_values(checks: &[(String, Check)]) -> Result<Vec<ListValue>, Vec<ParamError>> {
    let (mut values, mut errors) = (Vec::with_capacity(checks.len()), Vec::new());
    for (param, Check { r#type, value }) in checks {
        match checked_value(param, r#type.0, value) {
            Ok(value) => values.push(value),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(values) } else { Err(errors) }
}
