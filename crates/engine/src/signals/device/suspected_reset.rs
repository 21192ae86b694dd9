//! `device.suspected_reset`: the device was started within the last minute, as after a reset.

use super::uptime;
use crate::signals::{Doc, Signal};

/// So soon after the start, s, people are still unlocking their phones.
const MIN_UPTIME_S: f64 = 60.0;

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "device.suspected_reset",
    title: "The device seems to have been reset",
    doc: Doc {
        why: "Farms wipe a device between two identities, and a wiped device starts anew: an app that \
              reports within the first minute was hardly opened by a person.",
        quiet: "Quiet from one minute on. `device.short_uptime` fires as well whenever this does. Unknown \
                when the uptime is not sent.",
        wrong: "Apps that open by themselves when the phone starts, and the rare person who is that fast.",
        source: "60 s is the product's default.",
    },
    evaluate: |facts, _| uptime::below(MIN_UPTIME_S, facts),
    explain: |facts, _| uptime::told(MIN_UPTIME_S, facts),
};
