//! Questions to the event log.

use domain::{
    CheckStatus, Dialect, EntityKey, EntityKind, EventId, EventType, Outcome, Timestamp,
    facts::event as event_facts,
};
use portcullis_domain as domain;
use portcullis_engine::answered;
use smallvec::SmallVec;

use crate::StoredEvent;

/// Which events to list, newest first. What is `None` or empty does not narrow.
#[derive(Clone, Debug)]
pub struct EventQuery {
    /// The most events to return.
    pub limit: usize,
    /// Only events recorded before this one.
    pub before: Option<EventId>,
    /// Only events recorded after this one.
    pub after: Option<EventId>,
    /// Only events recorded at or after this time.
    pub from: Option<Timestamp>,
    /// Only events recorded before this time.
    pub to: Option<Timestamp>,
    /// Only events of this type.
    pub event_type: Option<EventType>,
    /// Only events with this outcome.
    pub outcome: Option<Outcome>,
    /// Only events of all of these users, devices, addresses and mailboxes.
    pub entities: SmallVec<[EntityKey; 3]>,
    /// Only events that came through this API.
    pub dialect: Option<Dialect>,
    /// Only events that the caller named so.
    pub action: Option<String>,
    /// Only events that were answered with this word, where rules decide.
    pub answer: Option<String>,
    /// Only events that the rule with this code fired on.
    pub fired: Option<String>,
    /// Only the newest event of each user, device or address: of each entity of this kind.
    pub newest_of: Option<EntityKind>,
}

impl EventQuery {
    /// The newest `limit` events.
    pub fn newest(limit: usize) -> Self {
        Self {
            limit,
            before: None,
            after: None,
            from: None,
            to: None,
            event_type: None,
            outcome: None,
            entities: SmallVec::new(),
            dialect: None,
            action: None,
            answer: None,
            fired: None,
            newest_of: None,
        }
    }

    /// Whether every event under the one key that is searched is wanted.
    pub(crate) fn is_answered_by_its_key(&self) -> bool {
        let looks_inside = self.event_type.is_some()
            || self.dialect.is_some()
            || self.action.is_some()
            || self.answer.is_some()
            || self.fired.is_some()
            || self.newest_of.is_some();
        !looks_inside && self.entities.len() + usize::from(self.outcome.is_some()) <= 1
    }

    pub(crate) fn matches(&self, event: &StoredEvent) -> bool {
        let decision = &event.decision;
        self.event_type.is_none_or(|wanted| wanted == decision.event_type)
            && self.dialect.is_none_or(|wanted| wanted == decision.dialect)
            && self
                .action
                .as_deref()
                .is_none_or(|wanted| decision.facts.known(event_facts::ACTION) == Some(wanted))
            && self
                .answer
                .as_deref()
                .is_none_or(|wanted| answered(&event.policy, &decision.assessment.checks) == Some(wanted))
            && self.fired.as_deref().is_none_or(|wanted| has_fired(event, wanted))
            && self.outcome.is_none_or(|wanted| wanted == decision.outcome())
            && self.entities.iter().all(|wanted| event.touch.entities.iter().any(|(_, key)| key == wanted))
    }
}

/// Whether the rule with this code fired; for a service's own rules, the one that has this label.
fn has_fired(event: &StoredEvent, wanted: &str) -> bool {
    let fired = event.decision.assessment.checks.iter().filter(|check| check.status == CheckStatus::Fired);
    let mut rules = fired.filter_map(|check| event.policy.rules.get(usize::from(check.rule)));
    rules.any(|rule| rule.code == wanted || (rule.custom.is_some() && rule.label == wanted))
}
