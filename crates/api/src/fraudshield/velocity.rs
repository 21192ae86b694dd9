//! `POST /v1/fraud/velocity/check`: counting an attempt, unless the client's rules refuse it.

use std::net::IpAddr;

use axum::{extract::State, response::Response};
use compact_str::CompactString;
use domain::{
    Decision, Device, Dialect, Event, EventId, EventType, More, Outcome, Timestamp, ip::visitor_network,
};
use portcullis_domain as domain;
use portcullis_engine::Plan;
use portcullis_pipeline::Request;
use portcullis_store::{
    DeviceId, Enforcement, OnExceed, TriggeredRule, VelocityCheck, VelocityOutcome, VelocityScope,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    FraudshieldError,
    auth::FraudWriter,
    devices::would_block,
    error::ErrorBody,
    judge::judge,
    normalize::Checker,
    profile::PROFILE,
    request::Post,
    rule_hit::{RuleHit, rule_hits},
};
use crate::{
    AppState,
    event_time::{self, EventTime, When},
    text::cut,
    velocity_rules::{checked_action, checked_span, shown_span},
};

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

/// What is asked, as an event and as an attempt.
struct Asked {
    event: Event,
    attempt: VelocityCheck,
    device_id: Option<DeviceId>,
}

impl CheckRequest {
    /// What it asks; all complaints are told at once.
    fn check(self, now: Timestamp) -> Result<Asked, FraudshieldError> {
        let mut checker = Checker::default();
        let action = checker.keep(checked_action(&self.action)).unwrap_or_default();
        let user = checker.id("user_id", self.user_id.as_deref());
        let ip = checker.ip("ip_address", self.ip_address.as_deref());
        let device = checker.id("device_id", self.device_id.as_deref());
        let span = self.window.map(|text| checked_span("window", &text));
        let window_ms = span.and_then(|span| checker.keep(span));
        if !checker.errors.is_empty() {
            return Err(FraudshieldError::Invalid(checker.errors));
        }
        let attempt = attempt(action.clone(), user.as_deref(), ip, device.as_deref(), window_ms);
        let (device, device_id) = named_device(device);
        let more = More { action: Some(cut(&action)), ..More::default() };
        let event = Event {
            dialect: Dialect::Fraudshield,
            event_type: EventType::Attempt,
            at: now,
            user,
            email: None,
            ip,
            device,
            behavior: None,
            session: None,
            sensors: None,
            claims: None,
            more: Some(Box::new(more)),
        };
        Ok(Asked { event, attempt, device_id })
    }
}

/// An attempt by what is known of who makes it. Addresses count as one visitor's, as for every other rule.
pub(super) fn attempt(
    action: String,
    user: Option<&str>,
    ip: Option<IpAddr>,
    device: Option<&str>,
    window_ms: Option<i64>,
) -> VelocityCheck {
    let ip = ip.map(|ip| visitor_network(ip).to_string());
    let subjects = [
        (VelocityScope::UserId, user.map(str::to_owned)),
        (VelocityScope::IpAddress, ip),
        (VelocityScope::DeviceId, device.map(str::to_owned)),
    ];
    let subjects = subjects.into_iter().filter_map(|(scope, value)| Some((scope, value?))).collect();
    VelocityCheck { action, subjects, window_ms }
}

/// A device that the caller names: one of ours, or by an id of its own.
pub(super) fn named_device(id: Option<CompactString>) -> (Option<Device>, Option<DeviceId>) {
    match id.as_deref().map(str::parse) {
        Some(Ok(ours)) => (None, Some(ours)),
        _ => (id.map(|id| Device { client_fingerprint: Some(id), ..Device::default() }), None),
    }
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
    /// Why not: `velocity_exceeded`; `cooldown` for one that goes on although the window has room; `rule` for a custom
    /// rule that blocks; `blocklisted`.
    #[schema(example = "velocity_exceeded")]
    reason: Option<&'static str>,
    /// When it may be tried again, whole seconds from now; null when it is allowed, and when no time changes that.
    #[schema(example = 3600)]
    retry_after: Option<i64>,
    /// Whether rules that are only monitored would have refused it.
    would_block: bool,
    /// How many attempts there are now in the window.
    counts: Counts,
    /// The velocity rules that it is beyond, the oldest first.
    triggered_rules: Vec<TriggeredView>,
    /// The custom rules whose condition holds.
    matched_rules: Vec<RuleHit>,
    /// The event that this check is recorded as.
    #[schema(example = "cm0k8z3v1q9a2b4")]
    event_id: String,
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

impl CheckView {
    fn new(id: EventId, decision: &Decision, plan: &Plan, outcome: &VelocityOutcome) -> Self {
        let count = |scope| outcome.counts.iter().find(|(of, _)| *of == scope).map(|(_, count)| *count);
        let reason = reason(decision, plan, outcome);
        Self {
            object: "velocity_check",
            id: outcome.id.to_string(),
            allowed: reason.is_none(),
            reason,
            retry_after: outcome.retry_after_s,
            would_block: would_block(decision),
            counts: Counts {
                user_id: count(VelocityScope::UserId),
                ip_address: count(VelocityScope::IpAddress),
                device_id: count(VelocityScope::DeviceId),
            },
            triggered_rules: outcome.triggered.iter().map(TriggeredView::from).collect(),
            matched_rules: rule_hits(decision, plan),
            event_id: id.to_string(),
        }
    }
}

/// Why an attempt may not be made, the first reason that holds; none when it may.
fn reason(decision: &Decision, plan: &Plan, outcome: &VelocityOutcome) -> Option<&'static str> {
    if decision.outcome() != Outcome::Block {
        return None;
    }
    let mut refusing = outcome.triggered.iter().filter(|triggered| triggered.blocks()).peekable();
    let is_full = |triggered: &TriggeredRule| triggered.attempts > u64::from(triggered.rule.terms.limit);
    Some(if refusing.peek().is_some() {
        if refusing.any(is_full) { "velocity_exceeded" } else { "cooldown" }
    } else if rule_hits(decision, plan).iter().any(RuleHit::blocks) {
        "rule"
    } else {
        "blocklisted"
    })
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
            enforcement: if triggered.counts() { Enforcement::Enforce } else { Enforcement::Monitor },
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
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "10 to 255 characters, valid for 24 hours"),
        ("Portcullis-Event-Time" = Option<String>, Header, description = event_time::ABOUT),
    ),
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
    event_time: EventTime,
    request: Post<CheckRequest>,
) -> Result<Response, FraudshieldError> {
    let When { at, stated } = event_time.check(caller.mode, state.clock.now())?;
    let Asked { event, attempt, device_id } = request.body.check(at)?;
    let idempotency = request.idempotency;
    let asked = Request::new(caller.realm(), &PROFILE, event);
    let request = Request { stated_at: stated, idempotency, device_id, attempt: Some(attempt), ..asked };
    judge(&state, request, |id, decision, plan, found| {
        found.attempt.as_ref().map(|outcome| CheckView::new(id, decision, plan, outcome))
    })
    .await
}
