//! A signal as the dialect shows it.

use portcullis_store::{Severity, Signal, SignalStatus};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A signal of fraud.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldSignal)]
pub(crate) struct SignalView {
    /// Its id.
    #[schema(example = "sig_0vqkz1q3c7ab")]
    pub(super) id: String,
    /// Always `fraud_signal`.
    #[schema(example = "fraud_signal")]
    object: &'static str,
    /// What kind of fraud.
    #[schema(example = "chargeback")]
    r#type: String,
    /// How bad it is: low, medium, high or critical.
    #[schema(value_type = String, example = "high")]
    severity: Severity,
    /// What it turned out to be: pending, confirmed or dismissed.
    #[schema(value_type = String, example = "pending")]
    status: SignalStatus,
    /// What happened.
    description: Option<String>,
    /// The account.
    #[schema(example = "usr_123")]
    user_id: Option<String>,
    /// The device.
    device_id: Option<String>,
    /// The address.
    ip_address: Option<String>,
    /// The verification.
    verification_id: Option<String>,
    /// What the reporter added; empty when nothing was.
    #[schema(value_type = Object)]
    details: Map<String, Value>,
    /// The words of whoever decided.
    notes: Option<String>,
    /// The event that was labeled when it was decided.
    event_id: Option<String>,
    /// When it was reported.
    created_at: String,
    /// When it was reported or decided last.
    updated_at: String,
    /// When it was confirmed.
    confirmed_at: Option<String>,
    /// When it was dismissed.
    dismissed_at: Option<String>,
}

impl From<&Signal> for SignalView {
    fn from(signal: &Signal) -> Self {
        let decided_as =
            |status| signal.decided_at.filter(|_| signal.status == status).map(|at| at.to_string());
        let about = signal.about.clone();
        Self {
            id: signal.id.to_string(),
            object: "fraud_signal",
            r#type: signal.kind.clone(),
            severity: signal.severity,
            status: signal.status,
            description: about.description,
            user_id: about.user,
            device_id: about.device,
            ip_address: about.ip,
            verification_id: about.verification,
            details: about.details.unwrap_or_default(),
            notes: signal.notes.clone(),
            event_id: signal.event.map(|event| event.to_string()),
            created_at: signal.created_at.to_string(),
            updated_at: signal.decided_at.unwrap_or(signal.created_at).to_string(),
            confirmed_at: decided_as(SignalStatus::Confirmed),
            dismissed_at: decided_as(SignalStatus::Dismissed),
        }
    }
}

/// The same as JSON, for webhooks.
pub(crate) fn shown(signal: &Signal) -> Value {
    serde_json::to_value(SignalView::from(signal)).unwrap_or_default()
}
