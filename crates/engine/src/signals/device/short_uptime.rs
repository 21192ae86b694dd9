//! `device.short_uptime`: the device was started just now.

use super::uptime;
use crate::signals::{Doc, Signal};

/// Phones run for days, s: hardly anyone starts one and opens an app within five minutes.
const MIN_UPTIME_S: f64 = 300.0;

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "device.short_uptime",
    title: "The device was started just now",
    doc: Doc {
        why: "Emulators and farm phones are started for one job and stopped after it; people's phones run \
              for days.",
        quiet: "Quiet from five minutes on. Below one minute `device.suspected_reset` fires as well. Unknown \
                when the uptime is not sent.",
        wrong: "Phones after an update, an empty battery or a crash, and people who switch theirs off at \
                night.",
        source: "300 s is the product's default.",
    },
    evaluate: |facts, _| uptime::below(MIN_UPTIME_S, facts),
    explain: |facts, _| uptime::told(MIN_UPTIME_S, facts),
};
