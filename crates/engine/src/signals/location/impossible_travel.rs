//! `location.impossible_travel`: the account is in two places that nobody travels between so fast.

use super::travel;
use crate::signals::{Doc, Signal};

/// An airliner's ground speed, km/h, that with the ways to and from the airport no journey reaches door to door.
const MAX_SPEED_KMH: f64 = 900.0;

/// The signal.
pub static SIGNAL: Signal = Signal {
    code: "location.impossible_travel",
    title: "The account moved faster than anyone travels",
    doc: Doc {
        why: "When an account is used here and, an hour later, on another continent, two people are using it.",
        quiet: "Quiet up to 900 km/h, and at any speed over 200 km or less. Unknown for the first event of an \
                account, and when either end hides its place: private address, VPN, Tor.",
        wrong: "VPNs and relays that are not listed, roaming, satellite and airline links put people far from where \
                they are; whole countries are sometimes placed at their capital.",
        source: "900 km/h is the product's default; 200 km exceeds the three-quarter error of the city table \
                 (158 km on 6,000 random addresses).",
    },
    evaluate: |facts, _| travel::faster_than(MAX_SPEED_KMH, facts),
    explain: |facts, _| travel::told(MAX_SPEED_KMH, facts),
};
