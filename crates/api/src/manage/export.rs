//! Lists as tables of comma-separated values.

use super::{
    directory::{DeviceView, Figures, UserView},
    events::EventSummary,
};
use crate::csv::{Cell, Csv};
use portcullis_domain::Label;

/// The columns of an event.
const EVENT: [&str; 23] = [
    "id",
    "at",
    "dialect",
    "type",
    "action",
    "decision",
    "answer",
    "score",
    "band",
    "fired",
    "user",
    "email",
    "ip",
    "countryCode",
    "city",
    "device",
    "deviceId",
    "deviceUuid",
    "deviceType",
    "browser",
    "os",
    "outcome",
    "outcomeAt",
];

/// The columns of what is known of a user or device, before its newest event's.
const FIGURES: [&str; 5] = ["firstSeen", "ageDays", "lastSeen", "events", "denials"];

/// The event log.
pub(super) fn events(events: &[EventSummary]) -> Csv {
    let mut table = Csv::new(&EVENT);
    for event in events {
        table.row(of_event(event));
    }
    table
}

/// Users, each with its newest event.
pub(super) fn users(users: &[UserView]) -> Csv {
    let last = EVENT.map(last);
    let names: Vec<_> =
        [&["user"][..], &FIGURES, &["devices", "ips"], &last.each_ref().map(String::as_str)].concat();
    let mut table = Csv::new(&names);
    for user in users {
        let known = [Cell::from(&user.user)].into_iter().chain(of_figures(&user.figures));
        let known = known.chain([user.devices.into(), user.ips.into()]);
        table.row(known.chain(of_event(&user.last)));
    }
    table
}

/// Devices, each with its newest event.
pub(super) fn devices(devices: &[DeviceView]) -> Csv {
    let last = EVENT.map(last);
    let names: Vec<_> =
        [&["device"][..], &FIGURES, &["users", "ips"], &last.each_ref().map(String::as_str)].concat();
    let mut table = Csv::new(&names);
    for device in devices {
        let known = [Cell::from(&device.device)].into_iter().chain(of_figures(&device.figures));
        let known = known.chain([device.users.into(), device.ips.into()]);
        table.row(known.chain(of_event(&device.last)));
    }
    table
}

/// The name of a column of the newest event.
fn last(name: &str) -> String {
    format!("last.{name}")
}

fn of_figures(figures: &Figures) -> [Cell; 5] {
    [
        (&figures.first_seen).into(),
        figures.age_days.into(),
        (&figures.last_seen).into(),
        figures.events.into(),
        figures.denials.into(),
    ]
}

/// A label as it is reported.
fn label(label: Label) -> Cell {
    let text = serde_json::to_value(label).ok();
    text.as_ref().and_then(serde_json::Value::as_str).map_or(Cell::Empty, Cell::from)
}

fn of_event(event: &EventSummary) -> [Cell; 23] {
    let outcome = event.outcome.as_ref();
    [
        (&event.id).into(),
        (&event.at).into(),
        event.dialect.into(),
        event.r#type.name().into(),
        (&event.action).into(),
        event.decision.name().into(),
        (&event.answer).into(),
        event.score.into(),
        (&event.band).into(),
        (&event.fired.join(" ")).into(),
        (&event.user).into(),
        (&event.email).into(),
        (&event.ip).into(),
        (&event.country_code).into(),
        (&event.city).into(),
        (&event.device).into(),
        (&event.device_id).into(),
        (&event.device_uuid).into(),
        (&event.device_type).into(),
        (&event.browser).into(),
        (&event.os).into(),
        outcome.map_or(Cell::Empty, |outcome| label(outcome.outcome)),
        outcome.map_or(Cell::Empty, |outcome| (&outcome.at).into()),
    ]
}
