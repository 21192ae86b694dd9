//! What is remembered of each entity, and what a new event may read of it.
//!
//! A [`Touch`] is all that an event adds to history: it is stored beside the event, so history can always be computed
//! again from the events alone. A [`History`] is the state before the event; its methods named `…_with_this` add the
//! event itself, because an event counts in its own decision.

use domain::{
    Decision, Dialect, EntityKey, EntityKind, EventId, EventType, Outcome, Place, Timestamp, varint,
};
use portcullis_domain as domain;
use smallvec::SmallVec;

use crate::{
    DeviceUser, Error, Found, FoundDuplicates, SeenDevice, VelocityOutcome,
    companions::Met,
    distinct::Distinct,
    sessions::{DeviceRecord, RECENT, Verdict},
    window::{Counter, Window},
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

/// Whether history is kept of this kind itself, not only links to it.
const fn is_remembered(kind: EntityKind) -> bool {
    !matches!(kind, EntityKind::Country)
}

/// Whether the events of this kind that were refused are counted.
const fn counts_denials(kind: EntityKind) -> bool {
    matches!(kind, EntityKind::User | EntityKind::Device | EntityKind::Ip)
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

/// Everything remembered of one entity.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct State {
    first_seen: Timestamp,
    counters: SmallVec<[(EventType, Counter); 1]>,
    links: SmallVec<[Links; 2]>,
    last_place: Option<(Timestamp, GridPlace)>,
    /// What few entities have.
    more: Option<Box<More>>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct More {
    last_position: Option<(Timestamp, GridPlace)>,
    records: SmallVec<[(Dialect, DeviceRecord); 1]>,
    /// The events that were refused.
    denials: Counter,
    /// The devices that were seen last and the last event of each, oldest first, at most [`RECENT`].
    devices: Vec<(EntityKey, EventId)>,
}

#[derive(Clone, Debug, PartialEq)]
struct Links {
    of: EntityKind,
    event_type: EventType,
    seen: Distinct,
}

/// A place to a ten-thousandth of a degree (11 m), which is finer than any address can be located.
#[derive(Clone, Copy, Debug, PartialEq)]
struct GridPlace {
    latitude: i32,
    longitude: i32,
}

const GRID_PER_DEGREE: f64 = 10_000.0;

impl From<Place> for GridPlace {
    fn from(place: Place) -> Self {
        let to_grid = |degrees: f64| (degrees * GRID_PER_DEGREE).round() as i32;
        Self { latitude: to_grid(place.latitude), longitude: to_grid(place.longitude) }
    }
}

impl From<GridPlace> for Place {
    fn from(grid: GridPlace) -> Self {
        let to_degrees = |grid: i32| f64::from(grid) / GRID_PER_DEGREE;
        Self { latitude: to_degrees(grid.latitude), longitude: to_degrees(grid.longitude) }
    }
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

    fn counter(&self, event_type: EventType) -> Option<&Counter> {
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

    fn links(&self, of: EntityKind) -> impl Iterator<Item = &Links> {
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

fn put_place(place: Option<GridPlace>, out: &mut Vec<u8>) {
    match place {
        None => out.push(0),
        Some(place) => {
            out.push(1);
            out.extend_from_slice(&place.latitude.to_le_bytes());
            out.extend_from_slice(&place.longitude.to_le_bytes());
        }
    }
}

fn take_place(bytes: &mut &[u8]) -> Result<Option<GridPlace>, Error> {
    match varint::take_byte(bytes)? {
        0 => Ok(None),
        1 => Ok(Some(GridPlace {
            latitude: i32::from_le_bytes(varint::take_array(bytes)?),
            longitude: i32::from_le_bytes(varint::take_array(bytes)?),
        })),
        _ => Err(Error::Damaged("place")),
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
    touch: &'a Touch,
    at: Timestamp,
    state: Option<&'a State>,
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

/// How many different values, other than `except`, the sets of all event types have together.
fn distinct_values(state: &State, of: EntityKind, except: Option<EntityKey>) -> usize {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn touch(event_type: EventType, entities: &[(EntityKind, u64)]) -> Touch {
        let entities = entities.iter().map(|&(kind, key)| (kind, EntityKey::from_u64(key))).collect();
        Touch {
            event_type,
            at: None,
            entities,
            place: Some(Place { latitude: 52.52, longitude: 13.405 }),
            position: None,
            verdict: None,
        }
    }

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn allowed(millis: i64) -> Happened {
        Happened { id: EventId::from_u64(1), at: at(millis), outcome: Outcome::Allow }
    }

    #[test]
    fn what_was_refused_counts_for_users_devices_and_addresses() {
        let login = touch(EventType::Login, &[(EntityKind::User, 1)]);
        for (kind, expected) in [(EntityKind::User, (1, 2)), (EntityKind::Mailbox, (0, 0))] {
            let mut state = State::new(at(0));
            for (millis, outcome) in
                [(1, Outcome::Block), (700_000, Outcome::Block), (700_001, Outcome::Review)]
            {
                state.apply(kind, &login, Happened { outcome, ..allowed(millis) });
            }
            let known = EntityHistory { touch: &login, at: at(700_002), state: Some(&state) };
            assert_eq!((known.denials(Window::M10), known.total_denials()), expected, "{kind:?}");
            assert_eq!(state.record_of_entity().denials, expected.1 as u64);
        }
    }

    #[test]
    fn the_event_itself_counts() {
        let signup = touch(EventType::Signup, &[(EntityKind::User, 1), (EntityKind::Device, 2)]);
        let history = History::new(&signup, at(1_000), &[None, None], None);
        let device = history.of(EntityKind::Device).unwrap();
        assert!(device.is_new());
        assert_eq!(device.events_with_this(EventType::Signup, Window::H1), 1);
        assert_eq!(device.events_with_this(EventType::Login, Window::H1), 0);
        assert_eq!(device.linked_with_this(EntityKind::User), 1);
        assert_eq!(device.was_seen_with(EntityKind::User), Some(false));
        assert!(history.of(EntityKind::Ip).is_none());
    }

    #[test]
    fn a_user_seen_in_two_event_types_counts_once() {
        let mut state = State::new(at(0));
        for event_type in [EventType::Signup, EventType::Login] {
            state.apply(EntityKind::Device, &touch(event_type, &[(EntityKind::User, 1)]), allowed(10));
        }
        let other = touch(EventType::Login, &[(EntityKind::User, 2)]);
        state.apply(EntityKind::Device, &other, allowed(20));
        let login = touch(EventType::Login, &[(EntityKind::User, 3), (EntityKind::Device, 9)]);
        let states = [None, Some(&state)];
        let device = History::new(&login, at(30), &states, None).of(EntityKind::Device).unwrap();
        assert_eq!(device.linked_with_this(EntityKind::User), 3);
        assert_eq!(device.linked_in_window_with_this(EntityKind::User, EventType::Login, Window::M10), 3);
        assert_eq!(device.linked_in_window_with_this(EntityKind::User, EventType::Signup, Window::M10), 1);
        assert_eq!(device.total_with_this(), 4);
    }

    #[test]
    fn a_late_event_moves_the_first_sighting_but_not_the_last_place() {
        let mut state = State::new(at(100));
        state.apply(EntityKind::User, &touch(EventType::Login, &[]), allowed(100));
        let mut late = touch(EventType::Login, &[]);
        late.place = Some(Place { latitude: 0.0, longitude: 0.0 });
        state.apply(EntityKind::User, &late, allowed(50));
        assert_eq!(state.first_seen, at(50));
        assert_eq!(state.last_place.unwrap().0, at(100));
    }

    prop_compose! {
        fn any_touch()(login: bool, entities in prop::collection::vec((1..9u8, 0..9u64), 0..6), place in prop::option::of((-90.0..90.0f64, -180.0..180.0f64)), position in prop::option::of((-90.0..90.0f64, -180.0..180.0f64)), verdict in prop::option::of((-5..200i32, 0..4u8, any::<u32>()))) -> Touch {
            Touch {
                event_type: if login { EventType::Login } else { EventType::Signup },
                at: None,
                entities: entities.iter().map(|&(kind, key)| (EntityKind::from_code(kind).unwrap(), EntityKey::from_u64(key))).collect(),
                place: place.map(|(latitude, longitude)| Place { latitude, longitude }),
                position: position.map(|(latitude, longitude)| Place { latitude, longitude }),
                verdict: verdict.map(|(score, band, labels)| Verdict { dialect: Dialect::Fraudsense, score, band, labels }),
            }
        }
    }

    proptest! {
        #[test]
        fn stored_forms_read_back(kind in prop::sample::select(&EntityKind::ALL[..]), touches in prop::collection::vec((any_touch(), 0..1_000_000i64), 1..120)) {
            let mut state = State::new(at(touches[0].1));
            for (touch, time) in &touches {
                let outcome = if time % 3 == 0 { Outcome::Block } else { Outcome::Allow };
                state.apply(kind, touch, Happened { outcome, ..allowed(*time) });
                let mut out = Vec::new();
                touch.encode(at(*time), at(500), &mut out);
                let read = Touch::decode(at(500), &mut out.as_slice()).unwrap();
                prop_assert_eq!(read.at, Some(at(*time)));
                prop_assert_eq!(&read.entities, &touch.entities);
                let mut again = Vec::new();
                read.encode(at(*time), at(500), &mut again);
                prop_assert_eq!(out, again);
            }
            let mut out = Vec::new();
            state.encode(&mut out);
            prop_assert_eq!(State::decode(&out).unwrap(), state);
        }

        #[test]
        fn decoding_never_panics(bytes: Vec<u8>) {
            let _ = State::decode(&bytes);
            let _ = Touch::decode(at(0), &mut bytes.as_slice());
        }
    }
}
