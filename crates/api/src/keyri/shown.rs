//! What of `instance` rules can look at: all of it but what is only decided by them.

use std::sync::Arc;

use domain::{Decision, EventId, facts::Value};
use intel::Intel;
use portcullis_domain as domain;
use portcullis_engine::{Plan, rules::details};
use portcullis_intel as intel;
use portcullis_pipeline::Show;
use portcullis_store::Found;

use super::{
    portrait::Painter,
    response::{Judged, show},
};

/// What there is only after the decision, and where in `instance`.
const DECIDED: [(&str, &[&str]); 5] = [
    ("", &["uuid", "state", "signals", "points"]),
    ("/changeHistory/device", &["state"]),
    ("/changeHistory/user", &["state"]),
    ("/instanceDeltas", &["state"]),
    ("/userModel", &["state"]),
];

/// Tells rules what `instance` will say of an event: the same function writes it for the answer.
pub(super) fn shown(painter: Painter, intel: Arc<Intel>) -> Show {
    Show(Box::new(move |decision, plan, found, names| tell(&painter, &intel, decision, plan, found, names)))
}

fn tell(
    painter: &Painter,
    intel: &Intel,
    decision: &Decision,
    plan: &Plan,
    found: &Found,
    names: &[Box<str>],
) -> Vec<(String, Value)> {
    let Some(trace) = &found.trace else { return Vec::new() };
    let painted = painter.paint(decision, found.device.as_ref(), trace);
    // It has no id yet, and that is not told.
    let id = EventId::first_at(decision.at);
    let judged = Judged { id, decision, plan, found, trace, painted: &painted, intel };
    let mut instance = show(&judged, &painter.0);
    for (place, decided) in DECIDED {
        if let Some(members) = instance.pointer_mut(place).and_then(serde_json::Value::as_object_mut) {
            members.retain(|name, _| !decided.contains(&name.as_str()));
        }
    }
    let Some(instance) = instance.as_object() else { return Vec::new() };
    let values = names.iter().filter_map(|name| Some((name.to_string(), details::shown(instance, name)?)));
    values.collect()
}
