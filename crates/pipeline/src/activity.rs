//! How much the device, the address and the account of an event did, and how much of that was refused, as facts.

use domain::{
    EntityKind, Facts,
    facts::{Int, Key, history as keys, links},
};
use portcullis_domain as domain;
use portcullis_store::{EntityHistory, History, Window};

/// The windows that are told; the fourth figure is that of all time.
const WINDOWS: [Window; 3] = [Window::M10, Window::H1, Window::H24];

/// The facts about one kind of entity, by window.
struct Figures {
    of: EntityKind,
    events: [Key<Int>; 4],
    denials: [Key<Int>; 4],
}

const FIGURES: [Figures; 3] = [
    Figures {
        of: EntityKind::Device,
        events: [
            keys::DEVICE_EVENTS_10M,
            keys::DEVICE_EVENTS_1H,
            keys::DEVICE_EVENTS_24H,
            keys::DEVICE_EVENTS_ALL,
        ],
        denials: [
            keys::DEVICE_DENIALS_10M,
            keys::DEVICE_DENIALS_1H,
            keys::DEVICE_DENIALS_24H,
            keys::DEVICE_DENIALS_ALL,
        ],
    },
    Figures {
        of: EntityKind::Ip,
        events: [keys::IP_EVENTS_10M, keys::IP_EVENTS_1H, keys::IP_EVENTS_24H, keys::IP_EVENTS_ALL],
        denials: [keys::IP_DENIALS_10M, keys::IP_DENIALS_1H, keys::IP_DENIALS_24H, keys::IP_DENIALS_ALL],
    },
    Figures {
        of: EntityKind::User,
        events: [keys::USER_EVENTS_10M, keys::USER_EVENTS_1H, keys::USER_EVENTS_24H, keys::USER_EVENTS_ALL],
        denials: [
            keys::USER_DENIALS_10M,
            keys::USER_DENIALS_1H,
            keys::USER_DENIALS_24H,
            keys::USER_DENIALS_ALL,
        ],
    },
];

/// Adds the figures. They are told only of events whose client seals what it sends: only their dialect speaks of them,
/// and they would be a twentieth of any other event.
pub(crate) fn add_activity(facts: &mut Facts, history: &History<'_>) {
    if history.is_replayed().is_none() {
        return;
    }
    for figures in &FIGURES {
        if let Some(known) = history.of(figures.of) {
            add_figures(facts, figures, known);
        }
    }
    if let Some(known) = history.of(EntityKind::Device) {
        facts.set(links::IPS_ON_DEVICE, known.linked_with_this(EntityKind::Ip));
    }
    if let Some(known) = history.of(EntityKind::Ip) {
        facts.set(links::DEVICES_ON_IP, known.linked_with_this(EntityKind::Device));
    }
}

fn add_figures(facts: &mut Facts, figures: &Figures, known: EntityHistory<'_>) {
    let [of_windows @ .., ever] = figures.events;
    for (key, window) in of_windows.into_iter().zip(WINDOWS) {
        facts.set(key, known.events_of_any_type_with_this(window));
    }
    facts.set(ever, known.total_with_this());
    let [of_windows @ .., ever] = figures.denials;
    for (key, window) in of_windows.into_iter().zip(WINDOWS) {
        facts.set(key, known.denials(window));
    }
    facts.set(ever, known.total_denials());
}
