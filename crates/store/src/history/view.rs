//! What an event may read of the past.

use domain::{EntityKey, EntityKind, EventType, Place, Timestamp};
use portcullis_domain as domain;

use super::{
    state::{State, distinct_values},
    touch::Touch,
};
use crate::{
    DeviceUser, Found, FoundDuplicates, SeenDevice, VelocityOutcome,
    companions::Met,
    window::{Counter, Window},
};

/// What was known of an event's entities before it.
pub struct History<'a> {
    touch: &'a Touch,
    at: Timestamp,
    states: &'a [Option<&'a State>],
    met: Option<&'a Met>,
}

impl std::fmt::Debug for History<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("History")
    }
}

impl<'a> History<'a> {
    /// `states` in the order of the touch's remembered entities.
    pub(crate) const fn new(
        touch: &'a Touch,
        at: Timestamp,
        states: &'a [Option<&'a State>],
        met: Option<&'a Met>,
    ) -> Self {
        Self { touch, at, states, met }
    }

    /// The event's time.
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// The device that was looked up for the event, this one counted; `None` when none was, or none is known.
    pub fn device(&self) -> Option<&'a SeenDevice> {
        self.met?.device.as_ref().map(|resolved| &resolved.device)
    }

    /// What the tenant's velocity rules say of the attempt; its counts are not taken yet.
    pub fn attempt(&self) -> Option<&'a VelocityOutcome> {
        self.met?.attempt.as_ref().map(|judged| &judged.outcome)
    }

    /// What earlier verifications came with too; `None` when the event brought nothing to look for.
    pub fn duplicates(&self) -> Option<&'a FoundDuplicates> {
        self.met?.verification.as_ref().map(|(_, found)| found)
    }

    /// What is known of the device and the account before the event is decided, this one counted among the users of the
    /// device; who these are only when that was asked for.
    pub fn found(&self, user: Option<&str>) -> Found {
        let Some(met) = self.met else { return Found::default() };
        let mut users = met.users.clone();
        if let (Some(_), Some(user)) = (self.device(), user) {
            count_user(&mut users, user, self.at);
        }
        let trace = met.trace.as_ref().map(|trace| trace.found.clone());
        Found { device: self.device().cloned(), users, trace, ..Found::default() }
    }

    /// The key of the event's entity of this kind.
    pub fn key(&self, kind: EntityKind) -> Option<EntityKey> {
        self.touch.key(kind)
    }

    /// Whether what the client sealed was sent before, or is stale; `None` where clients seal nothing.
    pub fn is_replayed(&self) -> Option<bool> {
        self.met?.trace.as_ref().map(|trace| trace.found.is_replayed)
    }

    /// The event's entity of this kind, when it has one.
    pub fn of(&self, kind: EntityKind) -> Option<EntityHistory<'a>> {
        let place = self.touch.remembered().position(|(known, _)| known == kind)?;
        Some(EntityHistory { touch: self.touch, at: self.at, state: self.states[place] })
    }
}

/// What was known of one entity of an event.
#[derive(Clone, Copy, Debug)]
pub struct EntityHistory<'a> {
    pub(super) touch: &'a Touch,
    pub(super) at: Timestamp,
    pub(super) state: Option<&'a State>,
}

impl EntityHistory<'_> {
    /// Whether it was never seen before.
    pub const fn is_new(&self) -> bool {
        self.state.is_none()
    }

    /// When it was first seen: this event's time when it is new.
    pub fn first_seen(&self) -> Timestamp {
        self.state.map_or(self.at, |state| state.first_seen.min(self.at))
    }

    /// Events of this type in the window, this one included if it is of that type.
    pub fn events_with_this(&self, event_type: EventType, window: Window) -> i64 {
        let before = self.state.and_then(|state| state.counter(event_type));
        let before = before.map_or(0, |counter| counter.count(window, self.at));
        before as i64 + i64::from(self.touch.event_type == event_type)
    }

    /// Events of any type in the window, this one included.
    pub fn events_of_any_type_with_this(&self, window: Window) -> i64 {
        let counters = self.state.into_iter().flat_map(|state| &state.counters);
        let before: u64 = counters.map(|(_, counter)| counter.count(window, self.at)).sum();
        before as i64 + 1
    }

    /// Events of any type in the last `millis`, this one included; of each type at most [`EXACT`](crate::EXACT).
    pub fn recent_events_with_this(&self, millis: i64) -> i64 {
        let counters = self.state.into_iter().flat_map(|state| &state.counters);
        let before: u64 = counters.map(|(_, counter)| counter.count_recent(millis, self.at)).sum();
        before as i64 + 1
    }

    /// Different entities of kind `of` it was ever seen with in events of this type, the event's own included; exact to
    /// 1,024.
    pub fn linked_by_type_with_this(&self, of: EntityKind, event_type: EventType) -> i64 {
        let this = self.touch.key(of).filter(|_| self.touch.event_type == event_type);
        let except = this.unwrap_or(EntityKey::from_u64(u64::MAX));
        let links = self.state.into_iter().flat_map(|state| state.links(of));
        let before: u64 = links
            .filter(|links| links.event_type == event_type)
            .map(|links| links.seen.count_since(i64::MIN, except))
            .sum();
        before as i64 + i64::from(this.is_some())
    }

    /// Events of this type there ever were, this one included if it is of that type.
    pub fn total_of_type_with_this(&self, event_type: EventType) -> i64 {
        let before = self.state.and_then(|state| state.counter(event_type));
        before.map_or(0, Counter::total) as i64 + i64::from(self.touch.event_type == event_type)
    }

    /// Events of any type there ever were, this one included.
    pub fn total_with_this(&self) -> i64 {
        let before =
            self.state.map_or(0, |state| state.counters.iter().map(|(_, counter)| counter.total()).sum());
        before as i64 + 1
    }

    /// Events that were refused in the window. What becomes of this one is not decided yet.
    pub fn denials(&self, window: Window) -> i64 {
        self.refused().map_or(0, |refused| refused.count(window, self.at)) as i64
    }

    /// Events that were ever refused, this one not among them.
    pub fn total_denials(&self) -> i64 {
        self.refused().map_or(0, Counter::total) as i64
    }

    fn refused(&self) -> Option<&Counter> {
        Some(&self.state?.more.as_ref()?.denials)
    }

    /// Different entities of kind `of` it was ever seen with, the event's own included; exact to 1,024.
    pub fn linked_with_this(&self, of: EntityKind) -> i64 {
        let this = self.touch.key(of);
        let before = self.state.map_or(0, |state| distinct_values(state, of, this));
        before as i64 + i64::from(this.is_some())
    }

    /// Different entities of kind `of` it was seen with in events of this type in the window, the event's own
    /// included; exact to 1,024.
    pub fn linked_in_window_with_this(&self, of: EntityKind, event_type: EventType, window: Window) -> i64 {
        let this = self.touch.key(of).filter(|_| self.touch.event_type == event_type);
        let except = this.unwrap_or(EntityKey::from_u64(u64::MAX));
        let start = self.at.plus_millis(-window.millis()).as_millis();
        let links = self.state.into_iter().flat_map(|state| state.links(of));
        let before: u64 = links
            .filter(|links| links.event_type == event_type)
            .map(|links| links.seen.count_since(start, except))
            .sum();
        before as i64 + i64::from(this.is_some())
    }

    /// Whether it was seen before with the event's entity of kind `of`; `None` when the event has none.
    pub fn was_seen_with(&self, of: EntityKind) -> Option<bool> {
        let key = self.touch.key(of)?;
        Some(self.state.is_some_and(|state| state.links(of).any(|links| links.seen.contains(key))))
    }

    /// Whether it was seen before with any entity of kind `of`.
    pub fn was_seen_with_any(&self, of: EntityKind) -> bool {
        self.state.is_some_and(|state| state.links(of).any(|links| links.seen.len() > 0))
    }

    /// Where it was last seen, and when.
    pub fn last_place(&self) -> Option<(Timestamp, Place)> {
        self.state?.last_place.map(|(at, place)| (at, place.into()))
    }

    /// Where the device last said it was, and when.
    pub fn last_position(&self) -> Option<(Timestamp, Place)> {
        self.state?.more.as_ref()?.last_position.map(|(at, place)| (at, place.into()))
    }
}

fn count_user(users: &mut Vec<DeviceUser>, user: &str, at: Timestamp) {
    if let Some(known) = users.iter_mut().find(|known| known.user == user) {
        known.times_seen += 1;
        known.last_seen = known.last_seen.max(at);
    } else {
        users.push(DeviceUser { user: user.into(), first_seen: at, last_seen: at, times_seen: 1 });
    }
}
