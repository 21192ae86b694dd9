//! The ids of webhooks and of the messages to them.

use portcullis_domain::EventId;

use super::super::short_id::short_id;

short_id!(
    /// The id of a webhook.
    WebhookId,
    "whk_"
);
short_id!(
    /// The id of a message to webhooks, the same in every attempt to deliver it.
    MessageId,
    "msg_"
);

impl MessageId {
    /// As it is stored.
    pub(super) const fn number(self) -> i64 {
        self.0 as i64
    }

    /// From how it is stored.
    pub(super) const fn from_number(number: i64) -> Self {
        Self(number as u64)
    }

    /// What its body is sealed under: given once, as the id itself.
    pub(super) const fn seal(self) -> EventId {
        EventId::from_u64(self.0)
    }
}
