//! What one event adds.

use domain::{Decision, EntityKey, EntityKind, EventId, EventType, Outcome, Place, Timestamp, varint};
use portcullis_domain as domain;
use smallvec::SmallVec;

use super::grid::{put_place, take_place};
use crate::{Error, sessions::Verdict};

/// Whether history is kept of this kind itself, not only links to it.
const fn is_remembered(kind: EntityKind) -> bool {
    !matches!(kind, EntityKind::Country)
}

/// A recorded event, beside what it touches.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Happened {
    pub(crate) id: EventId,
    pub(crate) at: Timestamp,
    /// What was decided.
    pub(crate) outcome: Outcome,
}

/// What one event adds to history.
#[derive(Clone, Debug, PartialEq)]
pub struct Touch {
    /// What happened.
    pub event_type: EventType,
    /// When, if the event says so; otherwise the store's time when the event is taken.
    pub at: Option<Timestamp>,
    /// What it was about, at most one entity of each kind.
    pub entities: SmallVec<[(EntityKind, EntityKey); 6]>,
    /// Where it happened, when the address does not hide that.
    pub place: Option<Place>,
    /// Where the device says it was.
    pub position: Option<Place>,
    /// What was concluded of the session; set when the event has been decided.
    pub verdict: Option<Verdict>,
}

impl Touch {
    /// The entities that history is kept of.
    pub(crate) fn remembered(&self) -> impl Iterator<Item = (EntityKind, EntityKey)> {
        self.entities.iter().copied().filter(|&(kind, _)| is_remembered(kind))
    }

    pub(crate) fn key(&self, kind: EntityKind) -> Option<EntityKey> {
        self.entities.iter().find(|(known, _)| *known == kind).map(|&(_, key)| key)
    }

    /// Adds what was concluded, when that is remembered: of sessions it is.
    pub(crate) fn conclude(&mut self, decision: &Decision) {
        if self.key(EntityKind::Session).is_some() {
            self.verdict = Some(Verdict::of(decision));
        }
    }

    /// The stored form. `at` is the time the event was given, `recorded` that of its id.
    pub(crate) fn encode(&self, at: Timestamp, recorded: Timestamp, out: &mut Vec<u8>) {
        out.push(self.event_type as u8);
        varint::put_signed(out, at.millis_since(recorded));
        out.push(self.entities.len() as u8);
        for (kind, key) in &self.entities {
            out.push(*kind as u8);
            out.extend_from_slice(&key.as_u64().to_le_bytes());
        }
        put_place(self.place.map(Into::into), out);
        // Most events have neither.
        if self.position.is_some() || self.verdict.is_some() {
            put_place(self.position.map(Into::into), out);
            if let Some(verdict) = &self.verdict {
                verdict.encode(out);
            }
        }
    }

    /// Reads the stored form; `at` is then always there.
    pub(crate) fn decode(recorded: Timestamp, bytes: &mut &[u8]) -> Result<Self, Error> {
        const DAMAGED: Error = Error::Damaged("touch");
        let event_type = EventType::from_code(varint::take_byte(bytes)?).ok_or(DAMAGED)?;
        let at = recorded.plus_millis(varint::take_signed(bytes)?);
        let mut entities = SmallVec::new();
        for _ in 0..varint::take_byte(bytes)? {
            let kind = EntityKind::from_code(varint::take_byte(bytes)?).ok_or(DAMAGED)?;
            entities.push((kind, EntityKey::from_u64(u64::from_le_bytes(varint::take_array(bytes)?))));
        }
        let place = take_place(bytes)?.map(Into::into);
        let position = if bytes.is_empty() { None } else { take_place(bytes)?.map(Into::into) };
        let verdict = if bytes.is_empty() { None } else { Some(Verdict::decode(bytes)?) };
        Ok(Self { event_type, at: Some(at), entities, place, position, verdict })
    }
}
