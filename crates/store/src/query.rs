//! Questions to the event log.

use domain::{EntityKey, EventId, EventType, Outcome, Timestamp};
use portcullis_domain as domain;
use smallvec::SmallVec;

use crate::StoredEvent;

/// Which events to list, newest first. What is `None` or empty does not narrow.
#[derive(Clone, Debug)]
pub struct EventQuery {
    /// The most events to return.
    pub limit: usize,
    /// Only events recorded before this one.
    pub before: Option<EventId>,
    /// Only events recorded at or after this time.
    pub from: Option<Timestamp>,
    /// Only events recorded before this time.
    pub to: Option<Timestamp>,
    /// Only events of this type.
    pub event_type: Option<EventType>,
    /// Only events with this outcome.
    pub outcome: Option<Outcome>,
    /// Only events of all of these users, devices and addresses.
    pub entities: SmallVec<[EntityKey; 3]>,
}

impl EventQuery {
    /// The newest `limit` events.
    pub fn newest(limit: usize) -> Self {
        Self {
            limit,
            before: None,
            from: None,
            to: None,
            event_type: None,
            outcome: None,
            entities: SmallVec::new(),
        }
    }

    /// Whether every event under the one key that is searched is wanted.
    pub(crate) fn is_answered_by_its_key(&self) -> bool {
        self.event_type.is_none() && self.entities.len() + usize::from(self.outcome.is_some()) <= 1
    }

    pub(crate) fn matches(&self, event: &StoredEvent) -> bool {
        self.event_type.is_none_or(|wanted| wanted == event.decision.event_type)
            && self.outcome.is_none_or(|wanted| wanted == event.decision.outcome())
            && self.entities.iter().all(|wanted| event.touch.entities.iter().any(|(_, key)| key == wanted))
    }
}
