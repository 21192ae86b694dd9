//! Webhooks as JSON.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{Mode, Timestamp};
use portcullis_domain as domain;
use portcullis_store::{
    DeliveryState, NewWebhook, Webhook, WebhookChange, WebhookDelivery, WebhookSecret, WebhookType,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::{checked_note, keep_error, nullable};
use crate::{
    error::{FieldError, Problem},
    webhook_url::WebhookUrl,
};

/// Where a client wants to be told of what happens.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Webhook)]
pub(crate) struct WebhookView {
    /// Its id.
    #[schema(example = "whk_0kc1f5c3hslz")]
    id: String,
    /// Where messages are sent, with POST.
    #[schema(example = "https://example.com/hooks/fraud")]
    url: String,
    /// What it is for.
    description: String,
    /// What it is told of.
    #[schema(value_type = Vec<String>, example = json!(["fraud.device.blocked"]))]
    types: Vec<WebhookType>,
    /// Whether it is told anything. An answer of 410 switches it off.
    enabled: bool,
    /// When it was made.
    created_at: String,
    /// When it was last changed.
    updated_at: String,
}

impl From<&Webhook> for WebhookView {
    fn from(webhook: &Webhook) -> Self {
        Self {
            id: webhook.id.to_string(),
            url: webhook.url.clone(),
            description: webhook.description.clone(),
            types: webhook.types.clone(),
            enabled: webhook.enabled,
            created_at: webhook.created_at.to_string(),
            updated_at: webhook.updated_at.to_string(),
        }
    }
}

/// A webhook that was just made, with its secret.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct MadeWebhook {
    /// The webhook.
    #[serde(flatten)]
    pub(super) webhook: WebhookView,
    /// What its messages are signed with. It is shown this once.
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    pub(super) secret: String,
}

/// A webhook's new secret.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NewSecret {
    /// What its messages are signed with. It is shown this once.
    pub(super) secret: String,
    /// Until when they are signed with the secret before it too.
    pub(super) old_secret_valid_until: String,
}

/// A secret in the form that Standard Webhooks libraries take.
pub(super) fn secret_text(secret: &WebhookSecret) -> String {
    format!("whsec_{}", STANDARD.encode(secret.expose()))
}

/// A webhook to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(as = NewWebhook)]
pub(crate) struct NewWebhookBody {
    /// Where messages are sent: https, on the public internet, at most 2,048 characters.
    #[schema(example = "https://example.com/hooks/fraud")]
    url: String,
    /// What it is for, at most 500 characters.
    description: Option<String>,
    /// What it is told of, at least one: fraud.signal.detected, fraud.device.blocked, fraud.rule.triggered,
    /// fraud.review.opened.
    #[schema(value_type = Vec<String>, example = json!(["fraud.device.blocked"]))]
    types: Vec<WebhookType>,
    /// Whether it is told anything; true when left out.
    enabled: Option<bool>,
}

impl NewWebhookBody {
    pub(super) fn check(self, allow_private: bool) -> Result<NewWebhook, Problem> {
        let mut errors = Vec::new();
        let url = keep_error(check_url(&self.url, allow_private), &mut errors);
        let description = keep_error(check_description(self.description.as_deref()), &mut errors);
        let types = keep_error(check_types(self.types), &mut errors);
        let (Some(url), Some(description), Some(types)) = (url, description, types) else {
            return Err(Problem::invalid(errors));
        };
        Ok(NewWebhook { url, description, types, enabled: self.enabled.unwrap_or(true) })
    }
}

/// A change of a webhook: what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(as = WebhookChange)]
pub(crate) struct WebhookChangeBody {
    /// Where messages are sent.
    url: Option<String>,
    /// What it is for; null for nothing.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<String>)]
    description: Option<Option<String>>,
    /// What it is told of.
    #[schema(value_type = Option<Vec<String>>)]
    types: Option<Vec<WebhookType>>,
    /// Whether it is told anything. What was not sent yet waits while it is off.
    enabled: Option<bool>,
}

impl WebhookChangeBody {
    pub(super) fn check(self, allow_private: bool) -> Result<WebhookChange, Problem> {
        let mut errors = Vec::new();
        let url = self.url.map(|url| keep_error(check_url(&url, allow_private), &mut errors));
        let description =
            self.description.map(|text| keep_error(check_description(text.as_deref()), &mut errors));
        let types = self.types.map(|types| keep_error(check_types(types), &mut errors));
        if !errors.is_empty() {
            return Err(Problem::invalid(errors));
        }
        Ok(WebhookChange {
            url: url.flatten(),
            description: description.flatten(),
            types: types.flatten(),
            enabled: self.enabled,
        })
    }
}

fn check_url(text: &str, allow_private: bool) -> Result<String, FieldError> {
    let url = WebhookUrl::parse(text, allow_private).map_err(|message| FieldError::new("/url", message))?;
    Ok(url.as_str().to_owned())
}

fn check_description(text: Option<&str>) -> Result<String, FieldError> {
    let note = checked_note(text).map_err(|message| FieldError::new("/description", message))?;
    Ok(note.unwrap_or_default())
}

fn check_types(mut types: Vec<WebhookType>) -> Result<Vec<WebhookType>, FieldError> {
    types.sort_unstable();
    types.dedup();
    if types.is_empty() || types.contains(&WebhookType::Test) {
        return Err(FieldError::new("/types", "must name at least one type of fraud.*, and no other"));
    }
    Ok(types)
}

/// One message to a webhook.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookDelivery)]
pub(crate) struct DeliveryView {
    /// The message's id, as in the header `webhook-id`.
    #[schema(example = "msg_0kc1f5c3hslz")]
    id: String,
    /// What it tells of.
    #[schema(value_type = String, example = "fraud.device.blocked")]
    r#type: WebhookType,
    /// The id of what it is about.
    subject: String,
    /// The data that is from: live or test.
    #[schema(value_type = String, example = "live")]
    mode: Mode,
    /// pending, delivered or failed.
    #[schema(value_type = String, example = "delivered")]
    state: DeliveryState,
    /// How often it was tried, since it was last to be sent again.
    attempts: u32,
    /// When the message was written.
    created_at: String,
    /// When it is tried next; null when it is not.
    next_attempt_at: Option<String>,
    /// When the last attempt began; null before the first one.
    last_attempt_at: Option<String>,
    /// The status of the answer to it; null without one.
    last_status: Option<u16>,
    /// Why it failed.
    last_error: Option<String>,
    /// How long it took.
    last_duration_ms: Option<u32>,
    /// When it was delivered or given up.
    ended_at: Option<String>,
}

impl From<WebhookDelivery> for DeliveryView {
    fn from(delivery: WebhookDelivery) -> Self {
        let text = |at: Option<Timestamp>| at.map(|at| at.to_string());
        Self {
            id: delivery.message.to_string(),
            r#type: delivery.kind,
            subject: delivery.subject,
            mode: delivery.mode,
            state: delivery.state,
            attempts: delivery.attempts,
            created_at: delivery.created_at.to_string(),
            next_attempt_at: text(delivery.next_at),
            last_attempt_at: text(delivery.last_at),
            last_status: delivery.last_status,
            last_error: delivery.last_error,
            last_duration_ms: delivery.last_duration_ms,
            ended_at: text(delivery.ended_at),
        }
    }
}

/// A message that is on its way.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Posted {
    /// Its id, as in the header `webhook-id` and in the log of deliveries.
    #[schema(example = "msg_0kc1f5c3hslz")]
    pub(super) id: String,
}
