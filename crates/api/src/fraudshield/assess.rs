//! `POST /v1/fraud/assess`: everything that is known of an action, judged at once (R1.37, D12).

use axum::{extract::State, response::Response};
use domain::{Decision, Dialect, Event, EventId, EventType, More, Timestamp};
use portcullis_domain as domain;
use portcullis_engine::{Plan, rules::details};
use portcullis_pipeline::Request;
use portcullis_store::{AssessmentId, DeviceId, Found, ListKind, ReviewId, VelocityCheck};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{
    FraudshieldError,
    auth::FraudWriter,
    devices::{Fingerprint, FingerprintOrText, would_block},
    error::{ErrorBody, ParamError},
    judge::judge,
    level::Level,
    normalize::Checker,
    profile::PROFILE,
    request::Post,
    rule_hit::{RuleHit, rule_hits},
    velocity::{attempt, named_device},
    vocabulary::words,
};
use crate::{
    AppState,
    body::Object,
    event_time::{self, EventTime, When},
    forced::forced_outcome,
    text::cut,
    velocity_rules::checked_action,
};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// Something that a user is about to do. All of it may be left out; what is told is looked at. Other fields are ignored.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = FraudshieldAssessment)]
pub(crate) struct AssessRequest {
    /// Who, 1 to 256 characters.
    #[schema(example = "usr_123")]
    user_id: Option<String>,
    /// What happens: signup, login, payment, withdrawal, profile_update or visit, or one of their usual names; anything
    /// else is a visit, and the `action` when that is left out.
    #[schema(example = "payment")]
    event_type: Option<String>,
    /// The device that it is done with.
    #[schema(value_type = Option<DeviceRequest>)]
    device: Option<Object<DeviceRequest>>,
    /// The device's id instead: one of ours, or the caller's own.
    device_id: Option<String>,
    /// What the device tells of itself, instead of `device.fingerprint`.
    #[schema(value_type = Option<Fingerprint>)]
    fingerprint: Option<FingerprintOrText>,
    /// The address, instead of `device.ip_address`.
    #[schema(example = "102.45.67.89")]
    ip_address: Option<String>,
    /// The user's e-mail address.
    email: Option<String>,
    /// The user's phone number, with its country's code.
    phone: Option<String>,
    /// The number of the user's identity document.
    document_number: Option<String>,
    /// What is attempted: counted by velocity rules for this action, like a velocity check.
    #[schema(example = "withdraw")]
    action: Option<String>,
    /// The money that is moved.
    #[schema(value_type = Option<TransactionRequest>)]
    transaction: Option<Object<TransactionRequest>>,
    /// What the caller knows of the user.
    #[schema(value_type = Option<UserRequest>)]
    user: Option<Object<UserRequest>>,
    /// What else is to be said of it: rules read it as `metadata.…`.
    #[schema(value_type = Option<std::collections::BTreeMap<String, Value>>)]
    metadata: Option<Map<String, Value>>,
}

/// A device.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = FraudshieldAssessedDevice)]
pub(crate) struct DeviceRequest {
    /// What it tells of itself, or an id that a library computed.
    #[schema(value_type = Option<Fingerprint>)]
    fingerprint: Option<FingerprintOrText>,
    /// The address that it calls from.
    ip_address: Option<String>,
    /// Its id.
    id: Option<String>,
}

/// Money that is moved.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = FraudshieldTransaction)]
pub(crate) struct TransactionRequest {
    /// How much, in its currency.
    #[schema(example = 12000)]
    amount: Option<f64>,
    /// Its currency.
    #[schema(example = "MAD")]
    currency: Option<String>,
}

/// What the caller knows of a user; what is left out is taken from what was seen of the user here.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = FraudshieldAssessedUser)]
pub(crate) struct UserRequest {
    /// Days since registration.
    #[schema(example = 3)]
    age_days: Option<f64>,
    /// When it registered, instead.
    created_at: Option<String>,
    /// How many verifications it went through.
    verification_count: Option<f64>,
}

/// What is asked, in our vocabulary.
struct Asked {
    event: Event,
    device_id: Option<DeviceId>,
    attempt: Option<VelocityCheck>,
}

impl AssessRequest {
    /// What it asks; all complaints are told at once.
    fn check(self, now: Timestamp) -> Result<Asked, FraudshieldError> {
        let mut checker = Checker::default();
        let sent = self.device.map(|Object(device)| device).unwrap_or_default();
        let ip_address = sent.ip_address.as_deref().or(self.ip_address.as_deref());
        let param = if sent.ip_address.is_some() { "device.ip_address" } else { "ip_address" };
        let ip = checker.ip(param, ip_address);
        let user = checker.id("user_id", self.user_id.as_deref());
        let email = checker.email("email", self.email.as_deref());
        let told = match (sent.fingerprint, self.fingerprint) {
            (Some(sent), _) => Some(sent.check("device.fingerprint", &mut checker.errors)),
            (None, Some(sent)) => Some(sent.check("fingerprint", &mut checker.errors)),
            (None, None) => None,
        };
        let given_id = checker.id("device_id", sent.id.as_deref().or(self.device_id.as_deref()));
        let (event_type, other) = event_type(self.event_type.as_deref());
        let action = self.action.as_deref().map(checked_action).and_then(|action| checker.keep(action));
        let more = more(&mut checker, self.transaction, self.user, now);
        let more = More {
            phone: checker.number("phone", ListKind::Phone, self.phone.as_deref()),
            document: checker.number("document_number", ListKind::Document, self.document_number.as_deref()),
            action: action.as_deref().map(cut).or(other.map(cut)),
            metadata: self.metadata.as_ref().map(details::of_metadata).unwrap_or_default(),
            ..more
        };
        if !checker.errors.is_empty() {
            return Err(FraudshieldError::Invalid(checker.errors));
        }
        let attempt = action.map(|action| attempt(action, user.as_deref(), ip, given_id.as_deref(), None));
        let (device, device_id, sensors) = if let Some(told) = told {
            (Some(told.device), None, told.sensors)
        } else {
            let (device, id) = named_device(given_id);
            (device, id, None)
        };
        let event = Event {
            dialect: Dialect::Fraudshield,
            event_type,
            at: now,
            user,
            email,
            ip,
            device,
            behavior: None,
            session: None,
            sensors,
            claims: None,
            more: Some(Box::new(more)),
        };
        Ok(Asked { event, device_id, attempt })
    }
}

/// Our type of an event, and its name when it is one of the caller's own.
fn event_type(name: Option<&str>) -> (EventType, Option<&str>) {
    let Some(name) = name.map(str::trim).filter(|name| !name.is_empty()) else {
        return (EventType::Visit, None);
    };
    let known = match name.to_ascii_lowercase().as_str() {
        "signup" | "sign_up" | "register" | "registration" | "account_creation" => EventType::Signup,
        "login" | "signin" | "sign_in" => EventType::Login,
        "payment" | "transaction" | "purchase" | "checkout" | "transfer" | "deposit" => EventType::Payment,
        "withdrawal" | "withdraw" | "payout" => EventType::Withdrawal,
        "profile_update" | "profile_change" | "account_update" => EventType::ProfileUpdate,
        "verification" | "identity_verification" => EventType::Verification,
        "visit" | "session" => EventType::Visit,
        _ => return (EventType::Visit, Some(name)),
    };
    (known, None)
}

fn more(
    checker: &mut Checker,
    transaction: Option<Object<TransactionRequest>>,
    user: Option<Object<UserRequest>>,
    now: Timestamp,
) -> More {
    let transaction = transaction.map(|Object(sent)| sent).unwrap_or_default();
    let user = user.map(|Object(sent)| sent).unwrap_or_default();
    let whole = |number: f64| number.floor() as i64;
    let wrong = |param: &str| ParamError::invalid(param, "must not be negative");
    for (param, number) in
        [("user.age_days", user.age_days), ("user.verification_count", user.verification_count)]
    {
        if number.is_some_and(|number| number < 0.0) {
            checker.errors.push(wrong(param));
        }
    }
    let created_at = checker.past("user.created_at", user.created_at.as_deref(), now);
    let age = created_at.map(|at| now.millis_since(at) / DAY_MS);
    More {
        amount: transaction.amount,
        currency: transaction.currency.as_deref().map(|text| cut(&text.trim().to_uppercase())),
        user_age_days: user.age_days.map(whole).or(age),
        user_verifications: user.verification_count.map(whole),
        ..More::default()
    }
}

/// What to do, and why.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldAssessmentResult)]
pub(crate) struct AssessView {
    /// Its id.
    #[schema(example = "ass_0k8z3v1q9a2b4")]
    id: String,
    /// Always `assessment`.
    #[schema(example = "assessment")]
    object: &'static str,
    /// 0 to 1000.
    #[schema(example = 250)]
    risk_score: i32,
    /// 0-200 low, 201-500 medium, 501-800 high, 801-1000 critical.
    risk_level: Level,
    /// What to do: allow, challenge, review or block.
    #[schema(example = "challenge")]
    decision: &'static str,
    /// Whether it would have been blocked if nothing were only monitored, and was not.
    would_block: bool,
    /// The rules of the account that held: custom rules, and velocity rules that the action is beyond.
    triggered_rules: Vec<TriggeredRule>,
    /// What was seen.
    #[schema(example = json!(["vpn_detected", "known_device"]))]
    signals: Vec<String>,
    /// The device, if one was told and is known.
    #[schema(example = "dev_a1b2c3d4e5f6")]
    device_id: Option<String>,
    /// When the action may be tried again, whole seconds; null unless velocity rules refuse it.
    retry_after: Option<i64>,
    /// The review that was opened, if one was.
    #[schema(example = "rev_0k8z3v1q9a2b4")]
    review_id: Option<String>,
    /// When it was assessed.
    created_at: String,
}

/// A rule that held.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldTriggeredRule)]
struct TriggeredRule {
    /// Its id.
    #[schema(example = "rule_0vqkz1q3c7ab")]
    id: String,
    /// Its name.
    #[schema(example = "High Risk New User")]
    name: String,
    /// What it asks for: flag, review, block, challenge or allow.
    #[schema(example = "flag")]
    action: &'static str,
    /// Whether it only watches.
    monitored: bool,
}

impl AssessView {
    fn new(id: EventId, decision: &Decision, plan: &Plan, found: &Found) -> Self {
        let score = decision.assessment.score;
        Self {
            id: AssessmentId::of(id).to_string(),
            object: "assessment",
            risk_score: score,
            risk_level: Level::of(score),
            decision: decision.outcome().name(),
            would_block: would_block(decision),
            triggered_rules: triggered_rules(decision, plan, found),
            signals: words(decision, plan, found.attempt.as_ref()),
            device_id: found.device.as_ref().map(|device| device.id.to_string()),
            retry_after: found.attempt.as_ref().and_then(|attempt| attempt.retry_after_s),
            review_id: found.review.as_ref().map(ReviewId::to_string),
            created_at: decision.at.to_string(),
        }
    }
}

fn triggered_rules(decision: &Decision, plan: &Plan, found: &Found) -> Vec<TriggeredRule> {
    let custom = rule_hits(decision, plan)
        .into_iter()
        .map(|RuleHit { id, name, action, monitored, .. }| TriggeredRule { id, name, action, monitored });
    let velocity = found.attempt.iter().flat_map(|attempt| &attempt.triggered).map(|beyond| TriggeredRule {
        id: beyond.rule.id.to_string(),
        name: beyond.rule.terms.name.clone(),
        action: beyond.rule.terms.on_exceed.action().name(),
        monitored: !beyond.counts(),
    });
    custom.chain(velocity).collect()
}

/// Assess an action
///
/// Everything at once: the device, the address, lists, velocity rules for the `action`, custom rules, and what was
/// learned from confirmed and dismissed signals. Needs the scope `fraud:write`. With the header `Idempotency-Key` a retry
/// within 24 hours gets the first answer again, with the header `Idempotent-Replayed: true`, and is not counted.
#[utoipa::path(post, path = "/v1/fraud/assess", tag = "fraudshield", security(("fraudshield_key" = [])),
    request_body = AssessRequest,
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "10 to 255 characters, valid for 24 hours"),
        ("Portcullis-Event-Time" = Option<String>, Header, description = event_time::ABOUT),
    ),
    responses(
        (status = 200, description = "What to do, and why", body = AssessView),
        (status = 400, description = "Not well-formed JSON, or parameters are wrong", body = ErrorBody),
        (status = 401, description = "No valid key", body = ErrorBody),
        (status = 403, description = "The key may not do this, or the account is suspended", body = ErrorBody),
        (status = 409, description = "The idempotency key was used with another body", body = ErrorBody),
        (status = 413, description = "More than 256 KiB", body = ErrorBody),
        (status = 415, description = "Not JSON", body = ErrorBody),
        (status = 429, description = "Too many calls with this key", body = ErrorBody),
))]
pub(crate) async fn assess_action(
    State(state): State<AppState>,
    FraudWriter { caller, .. }: FraudWriter,
    event_time: EventTime,
    request: Post<AssessRequest>,
) -> Result<Response, FraudshieldError> {
    let When { at, stated } = event_time.check(caller.mode, state.clock.now())?;
    let Asked { event, device_id, attempt } = request.body.check(at)?;
    let idempotency = request.idempotency;
    let forced = forced_outcome(caller.mode, event.email.as_ref());
    let asked = Request::new(caller.realm(), &PROFILE, event);
    let request = Request { stated_at: stated, forced, idempotency, device_id, attempt, ..asked };
    judge(&state, request, |id, decision, plan, found| Some(AssessView::new(id, decision, plan, found))).await
}
