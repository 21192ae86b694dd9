//! Everything remembered of one entity, and its stored form.

use domain::{Dialect, EntityKey, EntityKind, EventId, EventType, Outcome, Timestamp, varint};
use portcullis_domain as domain;
use smallvec::SmallVec;

use super::{
    grid::{GridPlace, put_place, take_place},
    touch::{Happened, Touch},
};
use crate::{
    Error,
    distinct::Distinct,
    sessions::{DeviceRecord, RECENT},
    window::Counter,
};

/// Which kinds of entity remember which other kinds they were seen with.
const LINKS: [(EntityKind, EntityKind); 9] = [
    (EntityKind::Device, EntityKind::User),
    (EntityKind::Device, EntityKind::Ip),
    (EntityKind::Ip, EntityKind::User),
    (EntityKind::Ip, EntityKind::Device),
    (EntityKind::Mailbox, EntityKind::User),
    (EntityKind::MousePath, EntityKind::User),
    (EntityKind::User, EntityKind::Device),
    (EntityKind::User, EntityKind::Ip),
    (EntityKind::User, EntityKind::Country),
];

/// Whether the events of this kind that were refused are counted.
const fn counts_denials(kind: EntityKind) -> bool {
    matches!(kind, EntityKind::User | EntityKind::Device | EntityKind::Ip)
}

/// Everything remembered of one entity.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct State {
    pub(super) first_seen: Timestamp,
    pub(super) counters: SmallVec<[(EventType, Counter); 1]>,
    links: SmallVec<[Links; 2]>,
    pub(super) last_place: Option<(Timestamp, GridPlace)>,
    /// What few entities have.
    pub(super) more: Option<Box<More>>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct More {
    pub(super) last_position: Option<(Timestamp, GridPlace)>,
    records: SmallVec<[(Dialect, DeviceRecord); 1]>,
    /// The events that were refused.
    pub(super) denials: Counter,
    /// The devices that were seen last and the last event of each, oldest first, at most [`RECENT`].
    devices: Vec<(EntityKey, EventId)>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Links {
    of: EntityKind,
    pub(super) event_type: EventType,
    pub(super) seen: Distinct,
}

impl State {
    pub(crate) fn new(at: Timestamp) -> Self {
        Self {
            first_seen: at,
            counters: SmallVec::new(),
            links: SmallVec::new(),
            last_place: None,
            more: None,
        }
    }

    /// Adds what `touch`, that of the event `happened`, says of this entity, which is of kind `kind`.
    pub(crate) fn apply(&mut self, kind: EntityKind, touch: &Touch, happened: Happened) {
        let Happened { id, at, outcome } = happened;
        self.first_seen = self.first_seen.min(at);
        self.counter_mut(touch.event_type).add(at);
        for &(on, of) in LINKS.iter().filter(|(on, _)| *on == kind) {
            debug_assert_eq!(on, kind);
            if let Some(key) = touch.key(of) {
                self.links_mut(of, touch.event_type).add(key, at);
            }
        }
        if kind == EntityKind::User
            && let Some(place) = touch.place
            && self.last_place.is_none_or(|(earlier, _)| earlier <= at)
        {
            self.last_place = Some((at, place.into()));
        }
        if outcome == Outcome::Block && counts_denials(kind) {
            self.more_mut().denials.add(at);
        }
        match kind {
            EntityKind::Device => self.apply_to_device(touch, id, at),
            EntityKind::Realm => self.apply_to_realm(touch, id),
            _ => {}
        }
    }

    fn apply_to_device(&mut self, touch: &Touch, id: EventId, at: Timestamp) {
        if let Some(position) = touch.position {
            let last = &mut self.more_mut().last_position;
            if last.is_none_or(|(earlier, _)| earlier <= at) {
                *last = Some((at, position.into()));
            }
        }
        if let (Some(verdict), Some(session)) = (touch.verdict, touch.key(EntityKind::Session)) {
            let records = &mut self.more_mut().records;
            let place = records.iter().position(|(dialect, _)| *dialect == verdict.dialect);
            let place = place.unwrap_or_else(|| {
                records.push((verdict.dialect, DeviceRecord::new(at)));
                records.len() - 1
            });
            records[place].1.add(session, verdict, id, at);
        }
    }

    fn apply_to_realm(&mut self, touch: &Touch, id: EventId) {
        let Some(device) = touch.key(EntityKind::Device) else { return };
        let devices = &mut self.more_mut().devices;
        devices.retain(|(known, _)| *known != device);
        devices.push((device, id));
        if devices.len() > RECENT {
            devices.remove(0);
        }
    }

    fn more_mut(&mut self) -> &mut More {
        self.more.get_or_insert_default()
    }

    /// What became of the device's sessions in this dialect.
    pub(crate) fn record(&self, dialect: Dialect) -> Option<&DeviceRecord> {
        let records = &self.more.as_ref()?.records;
        records.iter().find(|(known, _)| *known == dialect).map(|(_, record)| record)
    }

    /// The devices that were seen last and the last event of each, oldest first.
    pub(crate) fn devices(&self) -> &[(EntityKey, EventId)] {
        self.more.as_ref().map_or(&[], |more| &more.devices)
    }

    /// What is known in figures.
    pub(crate) fn record_of_entity(&self) -> EntityRecord {
        let linked = |of| distinct_values(self, of, None) as u64;
        EntityRecord {
            first_seen: self.first_seen,
            events: self.counters.iter().map(|(_, counter)| counter.total()).sum(),
            denials: self.more.as_ref().map_or(0, |more| more.denials.total()),
            users: linked(EntityKind::User),
            devices: linked(EntityKind::Device),
            ips: linked(EntityKind::Ip),
        }
    }

    pub(super) fn counter(&self, event_type: EventType) -> Option<&Counter> {
        self.counters.iter().find(|(known, _)| *known == event_type).map(|(_, counter)| counter)
    }

    fn counter_mut(&mut self, event_type: EventType) -> &mut Counter {
        let place = self.counters.iter().position(|(known, _)| *known == event_type).unwrap_or_else(|| {
            self.counters.push((event_type, Counter::default()));
            self.counters.len() - 1
        });
        &mut self.counters[place].1
    }

    fn links_mut(&mut self, of: EntityKind, event_type: EventType) -> &mut Distinct {
        let place = self.links.iter().position(|links| links.of == of && links.event_type == event_type);
        let place = place.unwrap_or_else(|| {
            self.links.push(Links { of, event_type, seen: Distinct::default() });
            self.links.len() - 1
        });
        &mut self.links[place].seen
    }

    pub(super) fn links(&self, of: EntityKind) -> impl Iterator<Item = &Links> {
        self.links.iter().filter(move |links| links.of == of)
    }

    /// Appends the stored form.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        let base = self.first_seen.as_millis();
        varint::put_signed(out, base);
        varint::put(out, self.counters.len() as u64);
        for (event_type, counter) in &self.counters {
            out.push(*event_type as u8);
            counter.encode(base, out);
        }
        varint::put(out, self.links.len() as u64);
        for links in &self.links {
            out.push(links.of as u8);
            out.push(links.event_type as u8);
            links.seen.encode(base, out);
        }
        put_place(self.last_place.map(|(_, place)| place), out);
        if let Some((at, _)) = self.last_place {
            varint::put_signed(out, at.as_millis() - base);
        }
        if let Some(more) = &self.more {
            more.encode(base, out);
        }
    }

    pub(crate) fn decode(mut bytes: &[u8]) -> Result<Self, Error> {
        const DAMAGED: Error = Error::Damaged("history");
        let bytes = &mut bytes;
        let base = varint::take_signed(bytes)?;
        let mut state = Self::new(Timestamp::from_millis(base));
        for _ in 0..varint::take_length(bytes)? {
            let event_type = EventType::from_code(varint::take_byte(bytes)?).ok_or(DAMAGED)?;
            state.counters.push((event_type, Counter::decode(base, bytes)?));
        }
        for _ in 0..varint::take_length(bytes)? {
            let of = EntityKind::from_code(varint::take_byte(bytes)?).ok_or(DAMAGED)?;
            let event_type = EventType::from_code(varint::take_byte(bytes)?).ok_or(DAMAGED)?;
            state.links.push(Links { of, event_type, seen: Distinct::decode(base, bytes)? });
        }
        if let Some(place) = take_place(bytes)? {
            let at = Timestamp::from_millis(base.wrapping_add(varint::take_signed(bytes)?));
            state.last_place = Some((at, place));
        }
        if !bytes.is_empty() {
            state.more = Some(Box::new(More::decode(base, bytes)?));
        }
        if bytes.is_empty() { Ok(state) } else { Err(DAMAGED) }
    }
}

impl More {
    fn encode(&self, base: i64, out: &mut Vec<u8>) {
        put_place(self.last_position.map(|(_, place)| place), out);
        if let Some((at, _)) = self.last_position {
            varint::put_signed(out, at.as_millis() - base);
        }
        varint::put(out, self.records.len() as u64);
        for (dialect, record) in &self.records {
            out.push(*dialect as u8);
            record.encode(base, out);
        }
        self.denials.encode(base, out);
        varint::put(out, self.devices.len() as u64);
        for (device, event) in &self.devices {
            out.extend_from_slice(&device.as_u64().to_le_bytes());
            out.extend_from_slice(&event.as_u64().to_le_bytes());
        }
    }

    fn decode(base: i64, bytes: &mut &[u8]) -> Result<Self, Error> {
        let mut more = Self::default();
        if let Some(place) = take_place(bytes)? {
            let at = Timestamp::from_millis(base.wrapping_add(varint::take_signed(bytes)?));
            more.last_position = Some((at, place));
        }
        for _ in 0..varint::take_length(bytes)? {
            let dialect = Dialect::from_code(varint::take_byte(bytes)?).ok_or(Error::Damaged("history"))?;
            more.records.push((dialect, DeviceRecord::decode(base, dialect, bytes)?));
        }
        more.denials = Counter::decode(base, bytes)?;
        for _ in 0..varint::take_length(bytes)? {
            let device = EntityKey::from_u64(u64::from_le_bytes(varint::take_array(bytes)?));
            more.devices.push((device, EventId::from_u64(u64::from_le_bytes(varint::take_array(bytes)?))));
        }
        Ok(more)
    }
}

/// What is known of a user, a device or an address, in figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntityRecord {
    /// When it was first seen.
    pub first_seen: Timestamp,
    /// Events there ever were.
    pub events: u64,
    /// Those of them that were refused.
    pub denials: u64,
    /// Different users it was seen with; exact to 1,024, as the next two.
    pub users: u64,
    /// Different devices.
    pub devices: u64,
    /// Different addresses.
    pub ips: u64,
}

/// How many different values, other than `except`, the sets of all event types have together.
pub(super) fn distinct_values(state: &State, of: EntityKind, except: Option<EntityKey>) -> usize {
    let mut sets: SmallVec<[_; 4]> = state.links(of).map(|links| links.seen.values().peekable()).collect();
    let except = except.map(EntityKey::as_u64);
    let mut count = 0;
    while let Some(smallest) = sets.iter_mut().filter_map(|set| set.peek().copied()).min() {
        count += usize::from(Some(smallest) != except);
        for set in &mut sets {
            set.next_if_eq(&smallest);
        }
    }
    count
}
