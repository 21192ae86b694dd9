//! What the history of an event's entities says, as facts.

use compact_str::{CompactString, ToCompactString as _};
use domain::{
    EntityKind, EventType, Fact, Facts, Missing, Place, Realm, RuleAction, Timestamp,
    facts::{behavior, client, device, duplicates, links, location, session, user, velocity},
};
use portcullis_domain as domain;
use portcullis_engine::geo;
use portcullis_store::{
    EntityHistory, FoundDuplicates, History, Labels, SampleKind, VelocityOutcome, Window,
};

use crate::{activity::add_activity, assess::hides_place};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// Adds to `facts` what was remembered before the event; `place` is where the event happened, when it shows that.
pub(crate) fn add_history(facts: &mut Facts, history: &History<'_>, place: Option<Place>) {
    if let Some(known) = history.of(EntityKind::Device) {
        add_device(facts, known);
        add_movement(facts, history, known);
    }
    if let Some(seen) = history.device() {
        facts.set(device::TIMES_SEEN, seen.times_seen as i64);
        let confidence = seen.matched.as_ref().map(|matched| matched.confidence);
        facts.put(device::MATCH_CONFIDENCE, Fact::from_option(confidence, Missing::NotApplicable));
    }
    if let Some(attempt) = history.attempt() {
        add_attempt(facts, attempt);
    }
    if let Some(found) = history.duplicates() {
        add_duplicates(facts, found);
    }
    if let Some(is_replayed) = history.is_replayed() {
        facts.set(client::IS_REPLAYED, is_replayed);
    }
    add_activity(facts, history);
    add_burst(facts, history);
    if let Some(known) = history.of(EntityKind::Session) {
        facts.set(session::SUBMISSIONS_1M, known.events_of_any_type_with_this(Window::M1));
    }
    if let Some(known) = history.of(EntityKind::Ip) {
        add_ip(facts, known);
    }
    if let Some(known) = history.of(EntityKind::User) {
        add_user(facts, known, history.at());
        add_travel(facts, history, known, place);
    }
    if let Some(known) = history.of(EntityKind::Mailbox) {
        facts.set(links::USERS_ON_MAILBOX, known.linked_with_this(EntityKind::User));
    }
    if let Some(known) = history.of(EntityKind::MousePath) {
        facts.set(behavior::MOUSE_PATH_REPLAYED, known.linked_with_this(EntityKind::User) > 1);
    }
}

/// A burst of events is looked for in this time.
const BURST_MS: i64 = 10_000;

/// The larger of the events of the account and of the device in the last 10 seconds.
fn add_burst(facts: &mut Facts, history: &History<'_>) {
    let known = [EntityKind::User, EntityKind::Device].into_iter().filter_map(|kind| history.of(kind));
    if let Some(most) = known.map(|known| known.recent_events_with_this(BURST_MS)).max() {
        facts.set(velocity::EVENTS_10S, most);
    }
}

/// The rules that an attempt is beyond, and what they ask for.
fn add_attempt(facts: &mut Facts, attempt: &VelocityOutcome) {
    let mut exceeded = CompactString::default();
    for triggered in attempt.triggered.iter().filter(|triggered| triggered.counts()) {
        if !exceeded.is_empty() {
            exceeded.push(' ');
        }
        exceeded.push_str(&triggered.rule.id.to_compact_string());
    }
    facts.set(velocity::EXCEEDED, exceeded);
    for (key, counts) in [(velocity::CONSEQUENCE, true), (velocity::WATCHED_CONSEQUENCE, false)] {
        let of_this_kind = attempt.triggered.iter().filter(|triggered| triggered.counts() == counts);
        let strictest = of_this_kind.map(|triggered| triggered.rule.terms.on_exceed.action()).max();
        let name = strictest.map(RuleAction::name);
        facts.put(key, Fact::from_option(name, Missing::NotApplicable).map(CompactString::const_new));
    }
}

/// How many other accounts were verified with the same; verifications of unknown accounts are one each.
fn add_duplicates(facts: &mut Facts, found: &FoundDuplicates) {
    for (key, is_face) in [(duplicates::DOCUMENT, false), (duplicates::FACE, true)] {
        let of_kind =
            found.matches.iter().filter(|duplicate| (duplicate.kind == SampleKind::Face) == is_face);
        let others = of_kind.filter(|duplicate| !duplicate.same_user);
        let mut accounts: Vec<_> = others
            .map(|duplicate| {
                (duplicate.user.as_deref(), duplicate.user.is_none().then_some(&*duplicate.verification))
            })
            .collect();
        accounts.sort_unstable();
        accounts.dedup();
        facts.set(key, accounts.len() as i64);
    }
}

/// What people decided of signals about the account or its device: of the one that was decided more often about.
pub(crate) fn add_labels(facts: &mut Facts, history: &History<'_>, realm: Realm, labels: &Labels) {
    let keys = [EntityKind::User, EntityKind::Device].into_iter().filter_map(|kind| history.key(kind));
    let most = keys.map(|key| labels.of(realm, key)).max_by_key(|(fraud, cleared)| fraud + cleared);
    if let Some((fraud, cleared)) = most {
        facts.set(user::FRAUD_LABELS, i64::from(fraud));
        facts.set(user::CLEARED_LABELS, i64::from(cleared));
    }
}

fn add_device(facts: &mut Facts, known: EntityHistory<'_>) {
    facts.set(device::IS_NEW, known.is_new());
    facts.set(velocity::DAILY_COUNT, known.events_of_any_type_with_this(Window::H24));
    facts.set(device::FIRST_SEEN_MS, known.first_seen().as_millis());
    facts.set(links::USERS_ON_DEVICE, known.linked_with_this(EntityKind::User));
    let created = known.linked_by_type_with_this(EntityKind::User, EventType::Signup);
    facts.set(links::SIGNUP_USERS_ON_DEVICE, created);
    facts.set(velocity::SIGNUPS_PER_DEVICE_1H, known.events_with_this(EventType::Signup, Window::H1));
}

/// How far and fast the device went since it last told its position.
fn add_movement(facts: &mut Facts, history: &History<'_>, known: EntityHistory<'_>) {
    let here = facts.known(location::LATITUDE).zip(facts.known(location::LONGITUDE));
    let (Some((latitude, longitude)), Some((then, there))) = (here, known.last_position()) else {
        return;
    };
    let distance_km = geo::distance_km(there, Place { latitude, longitude });
    facts.set(location::TRAVEL_DISTANCE_KM, distance_km);
    facts.set(location::TRAVEL_SPEED_KMH, geo::speed_kmh(distance_km, history.at().millis_since(then)));
}

fn add_ip(facts: &mut Facts, known: EntityHistory<'_>) {
    facts.set(links::USERS_ON_IP, known.linked_with_this(EntityKind::User));
    facts.set(velocity::SIGNUPS_PER_IP_1H, known.events_with_this(EventType::Signup, Window::H1));
    let users = known.linked_in_window_with_this(EntityKind::User, EventType::Login, Window::M10);
    facts.set(velocity::USERS_PER_IP_10M, users);
}

fn add_user(facts: &mut Facts, known: EntityHistory<'_>, at: Timestamp) {
    facts.set(user::IS_KNOWN, !known.is_new());
    // What the tenant says of its own accounts goes before what was seen of them.
    if facts.known(user::AGE_DAYS).is_none() {
        facts.set(user::AGE_DAYS, at.millis_since(known.first_seen()) / DAY_MS);
    }
    if facts.known(user::VERIFICATION_COUNT).is_none() {
        facts.set(user::VERIFICATION_COUNT, known.total_of_type_with_this(EventType::Verification));
    }
    facts.set(velocity::DAILY_COUNT, known.events_of_any_type_with_this(Window::H24));
    facts.put(
        user::KNOWS_DEVICE,
        Fact::from_option(known.was_seen_with(EntityKind::Device), Missing::NotSent),
    );
    let knows_country = match known.was_seen_with(EntityKind::Country) {
        None => Fact::Missing(Missing::NotFound),
        Some(_) if !known.was_seen_with_any(EntityKind::Country) => Fact::Missing(Missing::NotApplicable),
        Some(seen) => Fact::Known(seen),
    };
    facts.put(user::KNOWS_COUNTRY, knows_country);
    facts.set(links::DEVICES_OF_USER, known.linked_with_this(EntityKind::Device));
    facts.set(links::IPS_OF_USER, known.linked_with_this(EntityKind::Ip));
}

fn add_travel(facts: &mut Facts, history: &History<'_>, known: EntityHistory<'_>, place: Option<Place>) {
    let (Some(here), Some((then, there))) = (place, known.last_place()) else {
        let reason = if hides_place(facts) { Missing::NotApplicable } else { Missing::NotFound };
        facts.set_missing(user::TRAVEL_DISTANCE_KM, reason);
        facts.set_missing(user::TRAVEL_SPEED_KMH, reason);
        return;
    };
    let distance_km = geo::distance_km(there, here);
    facts.set(user::TRAVEL_DISTANCE_KM, distance_km);
    facts.set(user::TRAVEL_SPEED_KMH, geo::speed_kmh(distance_km, history.at().millis_since(then)));
}
