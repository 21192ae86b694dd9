//! `location.improbable_travel`: the account moved faster than airliners fly.

use super::travel;
use crate::signals::{Doc, Signal};

/// Faster than this, km/h, is no airliner, whatever the wind.
const MAX_SPEED_KMH: f64 = 1_600.0;

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "location.improbable_travel",
    title: "The account moved faster than airliners fly",
    doc: Doc {
        why: "When an account is used here and, an hour later, on another continent, two people are using it.",
        quiet: "Quiet up to 1,600 km/h, and at any speed over 200 km or less. Unknown for the first event of an account, and when either end hides its place: private address, VPN, proxy, Tor.",
        wrong: "VPNs and relays that are not listed, roaming, satellite and airline links put people far from where they are.",
        source: "1,600 km/h is the product's default; 200 km exceeds the usual error of city tables.",
    },
    evaluate: |facts, _| travel::faster_than(MAX_SPEED_KMH, facts),
    explain: |facts, _| travel::told(MAX_SPEED_KMH, facts),
};
