//! A review with the event that it is about.

use domain::{EventType, facts::device};
use portcullis_domain as domain;
use portcullis_store::{DeviceId, Review, ReviewStatus, StoredEvent};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::judgment::Judgment;

/// Something that waits for a person's decision, or did.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FraudshieldReview)]
pub(crate) struct ReviewView {
    /// Its id.
    #[schema(example = "rev_0k8z3v1q9a2b4")]
    pub(crate) id: String,
    /// Always `review`.
    #[schema(example = "review")]
    object: &'static str,
    /// What became of it: open, approved or rejected.
    #[schema(value_type = String, example = "open")]
    status: ReviewStatus,
    /// The event.
    #[schema(example = "cm0k8z3v1q9a2b4")]
    event_id: String,
    /// What happened.
    #[schema(value_type = String, example = "login")]
    r#type: EventType,
    /// The account.
    user_id: Option<String>,
    /// The device.
    device_id: Option<String>,
    #[serde(flatten)]
    judgment: Judgment,
    /// The words of whoever decided.
    notes: Option<String>,
    /// The id of the API key or user that decided.
    resolved_by: Option<String>,
    /// Since when it waits.
    created_at: String,
    /// When it was decided.
    resolved_at: Option<String>,
}

impl ReviewView {
    pub(crate) fn new(review: Review, event: &StoredEvent) -> Self {
        let (decision, subject) = (&event.decision, &event.decision.subject);
        let ours = decision.facts.known(device::HASH).and_then(DeviceId::of_hash);
        Self {
            id: review.id.to_string(),
            object: "review",
            status: review.status,
            event_id: event.id.to_string(),
            r#type: decision.event_type,
            user_id: subject.user.as_ref().map(ToString::to_string),
            device_id: ours.map(|id| id.to_string()),
            judgment: Judgment::of(event),
            notes: review.notes,
            resolved_by: review.resolved_by,
            created_at: review.opened_at.to_string(),
            resolved_at: review.resolved_at.map(|at| at.to_string()),
        }
    }
}
