//! Everything that can be known of an event before its history is read: reference data, and what the client sent.

use compact_str::{CompactString, ToCompactString, format_compact};
use domain::{
    Behavior, Device, Email, Entity, EntityHasher, EntityKind, Event, Fact, Facts, Missing, More, Place,
    Realm, Timestamp,
    facts::{behavior, device, email, event, ip, transaction, user},
};
use intel::{Intel, UserAgent};
use portcullis_domain as domain;
use portcullis_engine::{emulator, mouse_path};
use portcullis_intel as intel;
use portcullis_store::Touch;
use smallvec::SmallVec;

use crate::{
    assess::hides_place,
    sensors::{add_claims, add_sensors},
};

/// The purpose under which mailbox names are hashed, apart from those of devices and all entity keys.
const MAILBOX_NAME: u8 = 201;

/// An event with what reference data says of it.
pub(crate) struct Enriched {
    pub(crate) facts: Box<Facts>,
    pub(crate) touch: Touch,
    pub(crate) place: Option<Place>,
}

impl Enriched {
    /// Looks everything up; what can not be had is noted as missing, never guessed.
    pub(crate) fn of(
        event: &Event,
        realm: Realm,
        now: Timestamp,
        intel: &Intel,
        hasher: &EntityHasher,
    ) -> Self {
        let mut enriching = Enriching {
            facts: Box::new(Facts::unknown()),
            entities: SmallVec::new(),
            realm,
            now,
            intel,
            hasher,
        };
        enriching.facts.set(event::TYPE, event.event_type.name());
        enriching.add_user(event.user.as_deref());
        enriching.add_ip(event);
        enriching.add_device(event.device.as_ref());
        enriching.add_email(event.email.as_ref());
        enriching.add_behavior(event.behavior.as_ref());
        enriching.add_session(event);
        enriching.add_emulator();
        enriching.add_more(event.more.as_deref());
        let Enriching { facts, entities, .. } = enriching;
        let place = place(&facts);
        let position = event.sensors.as_ref().and_then(|sensors| sensors.position);
        let touch =
            Touch { event_type: event.event_type, at: None, entities, place, position, verdict: None };
        Self { facts, touch, place }
    }
}

struct Enriching<'a> {
    facts: Box<Facts>,
    entities: SmallVec<[(EntityKind, domain::EntityKey); 6]>,
    realm: Realm,
    now: Timestamp,
    intel: &'a Intel,
    hasher: &'a EntityHasher,
}

impl Enriching<'_> {
    fn add_entity(&mut self, kind: EntityKind, value: impl Into<CompactString>) {
        let key = self.hasher.key(self.realm, &Entity::new(kind, value));
        self.entities.push((kind, key));
    }

    fn add_user(&mut self, user: Option<&str>) {
        if let Some(user) = user {
            self.add_entity(EntityKind::User, user);
        }
    }

    fn add_ip(&mut self, event: &Event) {
        let Some(address) = event.ip else { return };
        let known = self.intel.ip(address);
        let facts = &mut self.facts;
        facts.set(ip::ADDRESS, address.to_compact_string());
        known.put_into(facts);
        let offset = facts.get(ip::TIMEZONE).map(|zone| self.intel.utc_offset_min(zone, self.now));
        facts.put(ip::UTC_OFFSET_MIN, flatten(offset));
        let country = facts.known(ip::COUNTRY_CODE).map(CompactString::from);
        self.add_entity(EntityKind::Ip, domain::ip::visitor_network(address).to_compact_string());
        if let Some(country) = country {
            self.add_entity(EntityKind::Country, country);
        }
    }

    fn add_device(&mut self, sent: Option<&Device>) {
        self.facts.set(device::IS_SENT, sent.is_some());
        let Some(sent) = sent else { return };
        let agent = sent.user_agent.as_deref().map(|text| self.intel.user_agent(text));
        write_device(&mut self.facts, sent);
        // Facts are kept in the open, and the fingerprint follows a person from site to site.
        let fingerprint = sent.client_fingerprint.as_deref().filter(|text| !text.is_empty());
        let fingerprint = fingerprint.map(|text| self.hasher.fingerprint(self.realm, text));
        self.facts.put(device::CLIENT_FINGERPRINT, Fact::from_option(fingerprint, Missing::NotSent));
        if let Some(agent) = &agent {
            agent.put_into(&mut self.facts);
        }
        let offset = sent.timezone.as_deref().map(|zone| self.intel.utc_offset_min(zone, self.now));
        self.facts.put(device::UTC_OFFSET_MIN, flatten(Fact::from_option(offset, Missing::NotSent)));
        if sent.identity.is_some() {
            // The store finds out which device it is.
            return;
        }
        if let Some(hash) = device_hash(self.hasher, self.realm, sent, agent.as_deref()) {
            self.facts.set(device::HASH, hash.clone());
            self.add_entity(EntityKind::Device, hash);
        }
    }

    fn add_email(&mut self, sent: Option<&Email>) {
        let Some(sent) = sent else { return };
        let known = self.intel.email(sent);
        let facts = &mut self.facts;
        facts.set(email::DOMAIN, sent.domain());
        known.put_into(facts);
        let hash = self.hasher.name(self.realm, MAILBOX_NAME, known.mailbox.as_bytes());
        facts.set(email::NORMALIZED_HASH, hash);
        self.add_entity(EntityKind::Mailbox, known.mailbox);
    }

    /// What only a mobile client's session has.
    fn add_session(&mut self, event: &Event) {
        if let Some(sensors) = &event.sensors {
            add_sensors(&mut self.facts, sensors, self.now, self.intel);
        }
        if let Some(claims) = &event.claims {
            add_claims(&mut self.facts, claims);
        }
        if let Some(session) = &event.session {
            self.add_entity(EntityKind::Session, session.clone());
            self.add_entity(EntityKind::Realm, event.dialect.name());
        }
    }

    /// An emulator is one by its app's word or by its looks: one that is made to hide says that it is a phone.
    fn add_emulator(&mut self) {
        let told = self.facts.known(device::IS_EMULATOR);
        let looks = emulator::looks_emulated(&self.facts);
        let is_emulator = if looks == Some(true) { looks } else { told.or(looks) };
        self.facts.put(device::IS_EMULATOR, Fact::from_option(is_emulator, Missing::NotSent));
    }

    fn add_more(&mut self, sent: Option<&More>) {
        let Some(sent) = sent else { return };
        if let Some(phone) = &sent.phone {
            self.add_entity(EntityKind::Phone, phone.clone());
        }
        if let Some(document) = &sent.document {
            self.add_entity(EntityKind::Document, document.clone());
        }
        let facts = &mut self.facts;
        facts.set_details(sent.metadata.clone());
        facts.put(event::ACTION, Fact::from_option(sent.action.clone(), Missing::NotSent));
        facts.put(transaction::AMOUNT, Fact::from_option(sent.amount, Missing::NotSent));
        facts.put(transaction::CURRENCY, Fact::from_option(sent.currency.clone(), Missing::NotSent));
        facts.put(user::AGE_DAYS, Fact::from_option(sent.user_age_days, Missing::NotSent));
        let verifications = Fact::from_option(sent.user_verifications, Missing::NotSent);
        facts.put(user::VERIFICATION_COUNT, verifications);
    }

    fn add_behavior(&mut self, sent: Option<&Behavior>) {
        self.facts.set(behavior::IS_SENT, sent.is_some());
        let Some(sent) = sent else { return };
        let facts = &mut self.facts;
        let completion_ms = sent
            .form_submitted_at
            .zip(sent.form_started_at)
            .map(|(submitted, started)| submitted.millis_since(started));
        facts.put(behavior::COMPLETION_MS, Fact::from_option(completion_ms, Missing::NotSent));
        let ahead = sent.form_submitted_at.map(|submitted| submitted.millis_since(self.now));
        facts.put(behavior::SUBMITTED_AHEAD_MS, Fact::from_option(ahead, Missing::NotSent));
        facts.put(behavior::KEYSTROKES, Fact::from_option(sent.keystroke_count, Missing::NotSent));
        let keys_per_second = match sent.keystroke_count.zip(completion_ms) {
            Some((keys, millis @ 1..)) => Fact::Known(keys as f64 * 1_000.0 / millis as f64),
            Some(_) => Fact::Missing(Missing::NotApplicable),
            None => Fact::Missing(Missing::NotSent),
        };
        facts.put(behavior::KEYS_PER_SECOND, keys_per_second);
        let Some(points) = &sent.mouse_path else { return };
        facts.set(behavior::MOUSE_POINTS, points.len() as i64);
        facts.set(behavior::MOUSE_POINTS_CUT, i64::from(sent.mouse_points_sent) - points.len() as i64);
        let path = mouse_path::analyze(points);
        let mut put =
            |key, value: Option<f64>| facts.put(key, Fact::from_option(value, Missing::NotApplicable));
        put(behavior::MOUSE_STRAIGHTNESS, path.straightness);
        put(behavior::MOUSE_MEAN_SPEED, path.mean_speed);
        put(behavior::MOUSE_SPEED_VARIATION, path.speed_variation);
        put(behavior::MOUSE_INTERVAL_VARIATION, path.interval_variation);
        put(behavior::MOUSE_MIN_INTERVAL_MS, path.min_interval_ms);
        facts.put(behavior::MOUSE_IS_ORDERED, Fact::from_option(path.is_ordered, Missing::NotApplicable));
        // The history of a path that has a fingerprint says more.
        facts.set_missing(behavior::MOUSE_PATH_REPLAYED, Missing::NotApplicable);
        if let Some(fingerprint) = path.fingerprint {
            self.add_entity(
                EntityKind::MousePath,
                format_compact!("{:032x}", u128::from_be_bytes(fingerprint)),
            );
        }
    }
}

/// A zone that no table has is as good as not found.
fn flatten<T>(fact: Fact<Option<T>>) -> Fact<T> {
    match fact {
        Fact::Known(value) => Fact::from_option(value, Missing::NotFound),
        Fact::Missing(reason) => Fact::Missing(reason),
    }
}

fn write_device(facts: &mut Facts, sent: &Device) {
    let texts = [
        (device::USER_AGENT, &sent.user_agent),
        (device::PLATFORM, &sent.platform),
        (device::LANGUAGE, &sent.language),
        (device::TIMEZONE, &sent.timezone),
        (device::WEBGL_VENDOR, &sent.webgl_vendor),
        (device::WEBGL_RENDERER, &sent.webgl_renderer),
    ];
    for (key, text) in texts {
        facts.put(key, Fact::from_option(text.clone(), Missing::NotSent));
    }
    let screen = sent.screen.unwrap_or_default();
    let numbers = [
        (device::SCREEN_WIDTH, screen.width),
        (device::SCREEN_HEIGHT, screen.height),
        (device::PIXEL_RATIO, screen.pixel_ratio),
        (device::MEMORY_GIB, sent.memory_gib),
    ];
    for (key, number) in numbers {
        facts.put(key, Fact::from_option(number, Missing::NotSent));
    }
    facts.put(device::HARDWARE_CONCURRENCY, Fact::from_option(sent.hardware_concurrency, Missing::NotSent));
}

/// Fewer attributes than these would make one device of half the world.
const LEAST_ATTRIBUTES: usize = 4;

/// The hash of a device: of its client fingerprint, else of its stable attributes when enough are known.
fn device_hash(
    hasher: &EntityHasher,
    realm: Realm,
    sent: &Device,
    agent: Option<&UserAgent>,
) -> Option<CompactString> {
    if let Some(fingerprint) = sent.client_fingerprint.as_deref().filter(|text| !text.is_empty()) {
        return Some(hasher.fingerprint(realm, fingerprint));
    }
    let screen = sent.screen.unwrap_or_default();
    let screen = screen
        .width
        .zip(screen.height)
        .map(|(width, height)| format_compact!("{width}x{height}@{}", screen.pixel_ratio.unwrap_or(1.0)));
    let attributes = [
        sent.webgl_vendor.clone(),
        sent.webgl_renderer.clone(),
        screen,
        sent.platform.clone(),
        sent.hardware_concurrency.map(|cores| cores.to_compact_string()),
        sent.timezone.clone(),
        agent.and_then(|agent| agent.browser.clone().known()),
        agent.and_then(|agent| agent.os.clone().known()),
    ];
    let known = attributes.iter().filter(|attribute| attribute.is_some()).count();
    let texts: Vec<&str> =
        attributes.iter().map(|attribute| attribute.as_deref().unwrap_or_default()).collect();
    let name = || format!("attributes\u{0}{}", texts.join("\u{0}"));
    (known >= LEAST_ATTRIBUTES).then(|| hasher.device(realm, &name()))
}

fn place(facts: &Facts) -> Option<Place> {
    let (latitude, longitude) = facts.known(ip::LATITUDE).zip(facts.known(ip::LONGITUDE))?;
    (!hides_place(facts)).then_some(Place { latitude, longitude })
}
