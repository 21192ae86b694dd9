//! `POST /v1/fraud/velocity/check`: counting an attempt, unless the client's rules refuse it.

use axum::{
    Json as Answer,
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::{HeaderValue, header};
use portcullis_store::{
    Enforcement, OnExceed, Once, Repeatable, TriggeredRule, VelocityCheck, VelocityOutcome, VelocityScope,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    FraudshieldError,
    answer::{json, replayed},
    auth::FraudWriter,
    error::{ErrorBody, ParamError},
    request::Post,
    velocity_rule::kept,
    velocity_terms::{checked_action, checked_id, checked_span, shown_span},
};
use crate::AppState;

/// An attempt that is about to be made. Other fields are ignored.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = FraudshieldVelocityCheck)]
pub(crate) struct CheckRequest {
    /// At what, 1 to 100 characters.
    #[schema(example = "verification_attempt")]
    action: String,
    /// By which user, 1 to 256 characters.
    #[schema(example = "usr_123")]
    user_id: Option<String>,
    /// From which address. IPv6 addresses count as their /64 network.
    #[schema(example = "192.0.2.7")]
    ip_address: Option<String>,
    /// From which device, 1 to 256 characters.
    #[schema(example = "dev_a1b2c3d4e5f6")]
    device_id: Option<String>,
    /// Over which window to tell `counts`, at most 366d; 24h when left out. Rules have windows of their own.
    #[schema(example = "1h")]
    window: Option<String>,
}

impl CheckRequest {
    /// What it asks; all complaints are told at once.
    fn check(self) -> Result<VelocityCheck, FraudshieldError> {
        let mut errors = Vec::new();
        let action = kept(checked_action(&self.action), &mut errors);
        let given = [
            (VelocityScope::UserId, self.user_id.map(|text| checked_id("user_id", &text))),
            (VelocityScope::IpAddress, self.ip_address.map(|text| checked_address(&text))),
            (VelocityScope::DeviceId, self.device_id.map(|text| checked_id("device_id", &text))),
        ];
        let given = given.into_iter().filter_map(|(scope, checked)| Some((scope, checked?)));
        let subjects = given.map(|(scope, checked)| (scope, kept(checked, &mut errors))).collect();
        let window_ms = self.window.map(|text| kept(checked_span("window", &text), &mut errors));
        if errors.is_empty() {
            Ok(VelocityCheck { action, subjects, window_ms })
        } else {
            Err(FraudshieldError::Invalid(errors))
        }
    }
}

/// What counts as one visitor, as for every other rule.
fn checked_address(text: &str) -> Result<String, ParamError> {
    let address = portcullis_domain::ip::parse_client_ip(text);
    let wrong = || ParamError::invalid("ip_address", "must be an IPv4 or IPv6 address");
    address.map(|address| portcullis_domain::ip::visitor_network(address).to_string()).ok_or_else(wrong)
}

/// Whether the attempt may be made.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldVelocityResult)]
pub(crate) struct CheckView {
    /// Always `velocity_check`.
    #[schema(example = "velocity_check")]
    object: &'static str,
    /// A name for this answer.
    #[schema(example = "vel_0vqkz1q3c7ab")]
    id: String,
    /// Whether it may be made; it was counted if so.
    #[schema(example = false)]
    allowed: bool,
    /// Why not: `velocity_exceeded`, or `cooldown` for one that goes on although the window has room.
    #[schema(example = "velocity_exceeded")]
    reason: Option<&'static str>,
    /// When it may be tried again, whole seconds from now; null when it is allowed.
    #[schema(example = 3600)]
    retry_after: Option<i64>,
    /// Whether rules that are only monitored would have refused it.
    would_block: bool,
    /// How many attempts there are now in the window.
    counts: Counts,
    /// The rules that it is beyond, the oldest first.
    triggered_rules: Vec<TriggeredView>,
}

/// Attempts at the same action, this one included if it is allowed; null for what was not given.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(as = FraudshieldVelocityCounts)]
struct Counts {
    /// By the user.
    #[schema(example = 3)]
    user_id: Option<u64>,
    /// From the address.
    #[schema(example = 3)]
    ip_address: Option<u64>,
    /// From the device.
    #[schema(example = 3)]
    device_id: Option<u64>,
}

/// A rule that the attempt is beyond.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldTriggeredVelocityRule)]
struct TriggeredView {
    /// Its id.
    #[schema(example = "vrule_0vqkz1q3c7ab")]
    id: String,
    /// Its name.
    #[schema(example = "Verification Limit")]
    name: String,
    /// Whose attempts it counts.
    #[schema(value_type = String, example = "user_id")]
    scope: VelocityScope,
    /// How many attempts its window may have.
    #[schema(example = 3)]
    limit: u32,
    /// Its window.
    #[schema(example = "1h")]
    window: String,
    /// How many attempts the window would have with this one.
    #[schema(example = 4)]
    count: u64,
    /// What that leads to: block, challenge, review or flag.
    #[schema(value_type = String, example = "block")]
    on_exceed: OnExceed,
    /// `enforce`, or `monitor` for a rule that only tells what it would have done.
    #[schema(value_type = String, example = "enforce")]
    enforcement: Enforcement,
    /// Whether it would have refused the attempt if it were enforced.
    would_block: bool,
    /// How long it goes on to hold, whole seconds from now.
    #[schema(example = 3600)]
    retry_after: i64,
}

impl From<&VelocityOutcome> for CheckView {
    fn from(outcome: &VelocityOutcome) -> Self {
        let count = |scope| outcome.counts.iter().find(|(of, _)| *of == scope).map(|(_, count)| *count);
        Self {
            object: "velocity_check",
            id: outcome.id.to_string(),
            allowed: outcome.allowed,
            reason: reason(outcome),
            retry_after: outcome.retry_after_s,
            would_block: outcome.would_block,
            counts: Counts {
                user_id: count(VelocityScope::UserId),
                ip_address: count(VelocityScope::IpAddress),
                device_id: count(VelocityScope::DeviceId),
            },
            triggered_rules: outcome.triggered.iter().map(TriggeredView::from).collect(),
        }
    }
}

fn reason(outcome: &VelocityOutcome) -> Option<&'static str> {
    let mut refusing = outcome.triggered.iter().filter(|triggered| triggered.blocks()).peekable();
    refusing.peek()?;
    let is_full = |triggered: &TriggeredRule| triggered.attempts > u64::from(triggered.rule.terms.limit);
    Some(if refusing.any(is_full) { "velocity_exceeded" } else { "cooldown" })
}

impl From<&TriggeredRule> for TriggeredView {
    fn from(triggered: &TriggeredRule) -> Self {
        let terms = &triggered.rule.terms;
        Self {
            id: triggered.rule.id.to_string(),
            name: terms.name.clone(),
            scope: terms.scope,
            limit: terms.limit,
            window: shown_span(terms.window_ms),
            count: triggered.attempts,
            on_exceed: terms.on_exceed,
            enforcement: terms.enforcement,
            would_block: triggered.would_block(),
            retry_after: (triggered.holds_for_ms + 999) / 1_000,
        }
    }
}

/// Check how often something was attempted
///
/// To be called before the action. Counts the attempt, unless a rule that blocks is exceeded or its cooldown runs; then
/// `allowed` is false, which is no error. Rules that challenge, review or flag allow the attempt and are listed. Exact:
/// of simultaneous attempts no more are allowed than the rule says. Needs the scope `fraud:write`. With the header
/// `Idempotency-Key` a retry within 24 hours gets the first answer again, with the header `Idempotent-Replayed: true`,
/// and is not counted.
#[utoipa::path(post, path = "/v1/fraud/velocity/check", tag = "fraudshield", security(("fraudshield_key" = [])),
    request_body = CheckRequest,
    params(("Idempotency-Key" = Option<String>, Header, description = "10 to 255 characters, valid for 24 hours")),
    responses(
        (status = 200, description = "Whether it may be made", body = CheckView),
        (status = 400, description = "Not well-formed JSON, or parameters are missing or wrong", body = ErrorBody),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The key may not do this, or the account is suspended", body = ErrorBody),
        (status = 409, description = "The idempotency key was used with another body", body = ErrorBody),
        (status = 413, description = "More than 256 KiB", body = ErrorBody),
        (status = 415, description = "Not JSON", body = ErrorBody),
        (status = 429, description = "Too many calls with this key", body = ErrorBody),
))]
pub(crate) async fn check_velocity(
    State(state): State<AppState>,
    FraudWriter { caller, .. }: FraudWriter,
    request: Post<CheckRequest>,
) -> Result<Response, FraudshieldError> {
    let check = request.body.check()?;
    let realm = state.store.of(caller.realm());
    let outcome = match request.idempotency {
        None => Once::Now(realm.check_velocity(check).await?),
        Some(idempotency) => {
            let render = Box::new(|outcome: &VelocityOutcome| json(&CheckView::from(outcome)));
            realm.check_velocity_once(check, Repeatable { idempotency, render }).await?
        }
    };
    Ok(match outcome {
        Once::Now(outcome) => Answer(CheckView::from(&outcome)).into_response(),
        Once::Before(answer) => {
            let json = HeaderValue::from_static("application/json");
            replayed(([(header::CONTENT_TYPE, json)], answer).into_response())
        }
    })
}
